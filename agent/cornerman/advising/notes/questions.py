"""Which questions of a call are still open.

In: completed turns, read. Out: questions that were put off, or, where a buyer asked, not answered at all. Anybody may
answer: colleagues on either side ask each other, or answer for each other. A reply that only acknowledges leaves a
question waiting; one that says something answers it. Whether it answers well is not judged. What answered a question
stays answered when the answer is purged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cornerman.advising.notes.heard import side_of
from cornerman.advising.notes.reading import Reading
from cornerman.coach.answers import ANSWER_WITHIN
from cornerman.events import Evidence

OVERDUE: Final = ANSWER_WITHIN + 30.0
"""Seconds after a question from which on no answer can be on its way: it may be as long as a turn can be."""
QUESTION_WORDS: Final = 40
"""Words of a question that are quoted, the last ones."""


@dataclass(slots=True)
class Asked:
    """A question somebody asked. `waiting` while it may still be answered; `put_off` is the evasion, if any."""

    evidence: Evidence
    over: float
    waiting: bool = True
    answered: bool = False
    put_off: Evidence | None = None

    def is_open(self, now: float) -> bool:
        """Whether it is worth a note by now."""
        unanswered = side_of(self.evidence.role) == "buyer" and (not self.waiting or now - self.over > OVERDUE)
        return not self.answered and (self.put_off is not None or unanswered)


class Questions:
    """The questions of one call."""

    def __init__(self) -> None:
        self._asked: list[Asked] = []

    def hear(self, reading: Reading) -> None:
        """Takes in a completed turn: as a reply to the questions of others, and with its own."""
        utterance = reading.utterance
        for asked in self._asked:
            if asked.waiting and asked.evidence.identity != utterance.identity:
                _reply(asked, reading)
        over = utterance.words[-1].end
        for line in reading.lines:
            if line.asks:
                first = max(line.first, line.last - QUESTION_WORDS + 1)
                self._asked.append(Asked(utterance.evidence(first, line.last), over))

    def end(self) -> None:
        """The call is over: nothing is answered any more."""
        for asked in self._asked:
            asked.waiting = False

    def open(self, now: float) -> list[Asked]:
        """The questions that stand open, in order; asking changes nothing."""
        return [asked for asked in self._asked if asked.is_open(now)]

    def forget(self, identity: str) -> None:
        """Drops what this participant asked and what they put off."""
        self._asked = [asked for asked in self._asked if asked.evidence.identity != identity]
        for asked in self._asked:
            if asked.put_off is not None and asked.put_off.identity == identity:
                asked.put_off = None
                asked.waiting = False


def _reply(asked: Asked, reading: Reading) -> None:
    if reading.utterance.words[0].start - asked.over > ANSWER_WITHIN:
        asked.waiting = False
        return
    if reading.answer == "none":
        return
    asked.waiting = False
    if reading.answer == "evasive":
        asked.put_off = reading.reply()
    else:
        asked.answered = True
