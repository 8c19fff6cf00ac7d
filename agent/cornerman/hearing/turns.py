"""Cuts one participant's recognised words into turns.

In: interim and final words with call times, speech starting and stopping, others taking over, and the time. Out:
Partials and Turns. A turn ends on the recogniser's final plus silence, on another speaker taking over, or at a length
cap. Words are never lost: an interim whose final does not come is taken as said. Synchronous; the owner calls `tick`
when `due` comes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cornerman.config import TurnSettings
from cornerman.contract import Role
from cornerman.events import Partial, Turn, Word

FINAL_OVERDUE = 6.0
"""Seconds after the last interim when its words are taken as final because the recogniser fell silent."""


class TurnAssembler:
    """The turns of one participant. `mint` gives the next turn id of the call."""

    def __init__(self, identity: str, role: Role, settings: TurnSettings, mint: Callable[[], str]) -> None:
        self._identity = identity
        self._role: Role = role
        self._settings = settings
        self._silence = settings.silence
        self._mint = mint
        self._turn = ""
        self._said: list[Word] = []
        self._interim: tuple[Word, ...] = ()
        self._confidences: list[float] = []
        self._cut_at = -1.0
        self._speaking = False
        self._shown: tuple[Word, ...] = ()
        self.due: float | None = None

    @property
    def pending(self) -> bool:
        """True while words of this turn are a guess."""
        return bool(self._interim)

    def interim(self, words: Sequence[Word], now: float, *, late: bool = False) -> list[Partial | Turn]:
        """Newest guess of the utterance under way; replaces the guess before. `late`: heard from kept audio."""
        fresh = self._fresh(words)
        events = self._split(fresh) if late else []
        self._interim = fresh
        if not self._interim and not self._turn:
            return events
        events += self._partial()
        self.due = now + FINAL_OVERDUE
        return events + self._cap(now)

    def final(
        self, words: Sequence[Word], confidence: float, now: float, *, late: bool = False
    ) -> list[Partial | Turn]:
        """The recogniser's last word on an utterance. `late`: heard from kept audio."""
        said = self._fresh(words)
        self._interim = ()
        split = self._split(said) if late else []
        if not said and not self._turn:
            return split
        self._said.extend(said)
        if said:
            self._confidences.append(confidence)
        events = split + self._partial()
        self.due = now + FINAL_OVERDUE if self._speaking else self._silence_from(now)
        return events + self._cap(now)

    def speech(self, active: bool, now: float) -> None:
        """The participant's voice started or stopped: a turn does not end on silence while it sounds."""
        self._speaking = active
        if active:
            self._silence = self._settings.silence
        if self._turn and not self._interim:
            self.due = now + FINAL_OVERDUE if active else self._silence_from(now)

    def taken_over(self, now: float) -> list[Partial | Turn]:
        """Somebody else speaks: the turn is over, unless this participant speaks on."""
        if self._turn and not self._interim and not self._speaking:
            return self._end()
        return []

    def judged(self, silence: float | None, now: float) -> None:
        """So much silence ends the turn, by the opinion of somebody who listened; None: the usual."""
        self._silence = self._settings.silence if silence is None else silence
        if self._said and not self._interim and not self._speaking:
            self.due = self._silence_from(now)

    def ended(self) -> list[Partial | Turn]:
        """Somebody who knows says that the turn is over. Words that are still a guess are waited for."""
        return self._end() if self._said and not self._interim else []

    def tick(self, now: float) -> list[Partial | Turn]:
        """Ends the turn when it is due."""
        if self.due is None or now < self.due:
            return []
        return self._end() if self._turn else []

    def resumed(self, now: float) -> None:
        """Words that came late have come: the wait for silence begins anew."""
        if self._turn:
            unsure = self._interim or self._speaking
            self.due = now + FINAL_OVERDUE if unsure else now + self._silence

    def give_up(self, before: float) -> list[Partial | Turn]:
        """Audio before this call time will never be heard again: guesses of it stand as they are."""
        if self._interim and self._interim[-1].end <= before:
            return self._end()
        return []

    def close(self) -> list[Partial | Turn]:
        """The participant left or is heard no more: what was said so far is a turn."""
        return self._end() if self._turn else []

    def _fresh(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """Words not yet used up by a turn that was cut at the length cap."""
        return tuple(word for word in words if word.start >= self._cut_at)

    def _split(self, words: Sequence[Word]) -> list[Partial | Turn]:
        """Words that come late do not wait for silence to pass: the silence between them says where a turn ended."""
        if words and self._said and words[0].start - self._said[-1].end > self._settings.silence:
            self._interim = ()
            return self._end()
        return []

    def _partial(self) -> list[Partial | Turn]:
        if not self._turn:
            self._turn = self._mint()
            self._shown = ()
        words = (*self._said, *self._interim)
        if words == self._shown:
            return []
        self._shown = words
        return [Partial(self._turn, self._identity, self._role, words)]

    def _silence_from(self, now: float) -> float:
        last = self._said[-1].end if self._said else now
        return max(now, last + self._silence)

    def _cap(self, now: float) -> list[Partial | Turn]:
        words = (*self._said, *self._interim)
        if not words or words[-1].end - words[0].start < self._settings.max_length:
            return []
        return self._end()

    def _end(self) -> list[Partial | Turn]:
        words = (*self._said, *self._interim)
        confidence = round(sum(self._confidences) / len(self._confidences), 3) if self._confidences else 0.0
        start, end = (words[0].start, words[-1].end) if words else (0.0, 0.0)
        turn = Turn(self._turn, self._identity, self._role, words, start, end, confidence)
        if self._interim:
            # a late final of these words is theirs, not a new turn's, even where it moves them a little
            self._cut_at = (words[-1].start + words[-1].end) / 2
        self._silence = self._settings.silence
        self._turn, self._said, self._interim, self._confidences, self.due = "", [], (), [], None
        return [turn]
