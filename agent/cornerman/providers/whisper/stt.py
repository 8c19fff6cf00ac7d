"""The neural engine as livekit's streaming `stt.STT`: one object for each speaker, one host for all."""

from __future__ import annotations

from collections.abc import Sequence

from cornerman.language_tags import base_language
from cornerman.providers.segmented import SegmentedSTT
from cornerman.providers.transcriber import Transcript
from cornerman.providers.whisper.exchange import Question
from cornerman.providers.whisper.host import WhisperHost

LONGEST_UTTERANCE = 25.0
"""Seconds; the model hears 30 at a time."""


class WhisperTranscriber:
    """Asks `host` for one speaker. `language` is a tag such as `en-US`, or empty to let the model find out for each
    utterance; `terms` are names to expect."""

    def __init__(self, host: WhisperHost, *, language: str = "", terms: Sequence[str] = ()) -> None:
        self._host = host
        self._language = base_language(language)
        self._terms = ", ".join(terms)

    async def transcribe(self, pcm: bytes, *, final: bool) -> Transcript | None:
        """See `WhisperHost.transcribe`."""
        return await self._host.transcribe(Question(pcm, final, self._language, self._terms))

    async def aclose(self) -> None:
        """Nothing: the host is shared, and closed by whoever made it."""


def whisper_stt(
    host: WhisperHost,
    *,
    language: str = "",
    terms: Sequence[str] = (),
    interim_every: float = 1.0,
    silence: float = 0.35,
    longest: float = LONGEST_UTTERANCE,
) -> SegmentedSTT:
    """A streaming recogniser for one speaker. The deadline is the host's, with as much again for waiting."""
    return SegmentedSTT(
        WhisperTranscriber(host, language=language, terms=terms),
        interim_every=interim_every,
        silence=silence,
        longest=min(longest, LONGEST_UTTERANCE),
        deadline=2 * host.settings.deadline,
        language=language,
        model=host.folder.name,
        provider="whisper",
    )
