"""What hearing counts: what speech providers are sent, how they fail, how soon words are there."""

from __future__ import annotations

from cornerman.metrics.series import Metric

_PARTIAL = (0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0)

_STT_SECONDS = Metric("cornerman_stt_seconds", "Seconds of audio sent to a speech provider.", ["provider"])
_STT_FAILURES = Metric("cornerman_stt_failures", "Attempts and streams that failed.", ["provider", "kind"])
_STT_TAKEOVERS = Metric(
    "cornerman_stt_takeovers", "Times one provider went on for another.", ["from_provider", "to_provider"]
)
_BREAKER_OPENINGS = Metric(
    "cornerman_stt_breaker_openings", "Times a provider was left alone after failures in a row.", ["provider"]
)
_REPLAYED = Metric("cornerman_audio_replayed_seconds", "Seconds of audio sent once more after a failure.", ["provider"])
_WITHHELD = Metric(
    "cornerman_audio_withheld_seconds", "Seconds of silence not sent to a provider, to save its cost.", ["provider"]
)
_DROPPED = Metric("cornerman_audio_dropped_seconds", "Seconds of audio that no provider heard and none will.")
_PARTIAL_DELAY = Metric(
    "cornerman_partial_delay_seconds", "From a word's end to its first being told.", ["provider"], buckets=_PARTIAL
)


def stt_seconds(provider: str, seconds: float) -> None:
    """Audio was sent to a provider, for the first time or again."""
    _STT_SECONDS.add(seconds, provider)


def stt_failure(provider: str, kind: str) -> None:
    """An attempt or a stream failed; `kind` is a word of a fixed few, never the provider's message."""
    _STT_FAILURES.add(1, provider, kind)


def stt_takeover(from_provider: str, to_provider: str) -> None:
    """Another provider goes on with a participant's audio."""
    _STT_TAKEOVERS.add(1, from_provider, to_provider)


def breaker_opened(provider: str) -> None:
    """The provider is left alone for a while; `Breaker.failed` tells when to count this."""
    _BREAKER_OPENINGS.add(1, provider)


def audio_replayed(provider: str, seconds: float) -> None:
    """Of the audio sent, how much had been sent before."""
    _REPLAYED.add(seconds, provider)


def audio_withheld(provider: str, seconds: float) -> None:
    """Audio was not sent because it was silent or muted."""
    _WITHHELD.add(seconds, provider)


def audio_dropped(seconds: float) -> None:
    """Audio was lost because a queue was full or nobody could hear it in time."""
    _DROPPED.add(seconds)


def partial_delay(provider: str, seconds: float) -> None:
    """How long after its end a word was first told."""
    _PARTIAL_DELAY.add(seconds, provider)
