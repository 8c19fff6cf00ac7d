"""Whether a provider is alive: what it answered, held against what it was sent.

In: audio sent, with or without a voice; answers; the provider's own opinion of when somebody speaks. Out: whether it
hangs. Somebody who says nothing proves nothing: only a voice wants an answer, unless the provider answers silence too.
"""

from __future__ import annotations

from collections.abc import Callable

from cornerman.providers.provider import Provider

ANYTHING = 20.0
"""Seconds of audio of any kind that a provider which always answers may leave unanswered."""
LONGEST_UTTERANCE = 60.0
"""Seconds of a voice after which a provider that answers at the end of an utterance counts as hanging too."""


class Pulse:
    """One stream's. `now` in seconds."""

    def __init__(self, provider: Provider, now: Callable[[], float]) -> None:
        self._limit = provider.hangs_after
        self._always = provider.answers == "always"
        self._now = now
        self._answered_at = self._voice_since = self._voice_until = now()
        self._audio = 0.0
        self._voice = 0.0
        self._in_utterance = False
        self.felt = False
        """It has answered at all."""

    def sent(self, seconds: float, *, speech: bool) -> None:
        """Audio was sent."""
        self._audio += seconds
        if speech:
            now = self._now()
            if not self._voice:
                self._voice_since = now
            self._voice += seconds
            self._voice_until = now

    def answered(self) -> None:
        """The provider said something that makes sense."""
        self.felt = True
        self._answered_at = self._now()
        self._audio = self._voice = 0.0

    def utterance(self, active: bool) -> None:
        """The provider says that an utterance began or ended."""
        self._in_utterance = active

    @property
    def hangs(self) -> bool:
        """True when an answer is overdue."""
        if self._limit is None or not self._audio:
            return False
        now = self._now()
        if self._always:
            # a single word would have been answered too, and nobody may ever say more
            unanswered_voice = self._voice > 0 and now - self._voice_since >= self._limit
            return unanswered_voice or (self._audio >= ANYTHING and now - self._answered_at >= ANYTHING)
        if self._in_utterance:
            ended = self._voice > 0 and now - self._voice_until >= self._limit
            return ended or self._voice >= LONGEST_UTTERANCE
        return self._voice >= self._limit and now - self._answered_at >= self._limit
