"""The lines of tests.yaml, said to the coach word by word as a recogniser would bring them.

In: a playbook. Out: for each line what was noticed, for a moment or to the end, and which lines did not go as wanted.
A silent line fails by anything noticed on the way, even if later words took it back: the rep would have seen it. Where
there is a model, silent lines must be silent by meaning too, and lines that only meaning can notice are said; any other
line must fire by words alone, for so it has to where there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cornerman.coach import Coach, CoachSettings
from cornerman.coach.moments import Detector
from cornerman.events import (
    Attendance,
    Consent,
    Decision,
    Event,
    Evidence,
    MeaningRequest,
    MeaningResult,
    Moment,
    MomentWithdrawn,
    Partial,
    Turn,
    Word,
)
from cornerman.playbook import Playbook, PlaybookTest, Said
from cornerman.providers.embedding import Compares

WORD_SECONDS = 0.3
"""A word and the pause behind it: 200 words a minute."""
PAUSE_SECONDS = 1.0
"""Between two lines."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was noticed in a line: all of it, and those moments that stood when it was over."""

    ever: tuple[Moment, ...]
    standing: tuple[Moment, ...]


class Listener:
    """A coach that hears lines, each in a call of its own."""

    def __init__(self, playbook: Playbook, comparison: Compares | None = None) -> None:
        self._playbook = playbook
        self._detector = Detector(playbook)
        self._comparison = comparison

    def hear(self, test: PlaybookTest) -> Heard:
        """Says the context in whole turns, then the line word by word."""
        comparison = self._comparison if test.silent or test.meaning else None
        coach = Coach(self._playbook, CoachSettings(by_meaning=comparison is not None), self._detector)
        now = 0.0
        made: list[Decision] = []
        for event, at in _call(test):
            now = max(now, at)
            made.extend(_decided(coach, event, now, comparison))
        line = str(len(test.context))
        noticed = [one for one in made if isinstance(one, Moment) and _turn_of(one) == line]
        gone = {one.moment for one in made if isinstance(one, MomentWithdrawn)}
        return Heard(tuple(noticed), tuple(one for one in noticed if one.id not in gone))


def failure(test: PlaybookTest, heard: Heard) -> str | None:
    """How the line went wrong and how to mend it; None when it went as wanted."""
    line = f'{test.line.role}: "{test.line.text}"'
    if test.silent:
        if not heard.ever:
            return None
        fired = "; ".join(f"{one.definition} fired on '{_quote_of(one)}'" for one in _once(heard.ever))
        return f"{line} should stay silent, but {fired}; add a negative phrase to the moment, or correct the line"
    names = {one.definition for one in heard.standing} | {one.kind for one in heard.standing}
    missing = [name for name in test.fires if name not in names]
    if not missing:
        return None
    stood = ", ".join(one.definition for one in _once(heard.standing)) or "nothing"
    wrong = f"{line} should fire {', '.join(missing)}, but {stood} did"
    more = "an example" if test.meaning else "a phrase"
    return f"{wrong}; add {more} to the moment, or correct the line"


def _decided(coach: Coach, event: Event, now: float, comparison: Compares | None) -> Iterator[Decision]:
    """What the coach decides on an event, and on the meanings it asks for because of it."""
    for decision in coach.hear(event, now).made:
        yield decision
        if isinstance(decision, MeaningRequest) and comparison is not None:
            said = decision.evidence
            meant = MeaningResult(decision.id, comparison.compare(said.quote, said.role))
            yield from _decided(coach, meant, now, comparison)


def _turn_of(moment: Moment) -> str:
    return moment.evidence.turn if isinstance(moment.evidence, Evidence) else ""


def _quote_of(moment: Moment) -> str:
    return moment.evidence.quote if isinstance(moment.evidence, Evidence) else ""


def _once(moments: tuple[Moment, ...]) -> list[Moment]:
    return list({one.definition: one for one in reversed(moments)}.values())[::-1]


def _call(test: PlaybookTest) -> Iterator[tuple[Event, float]]:
    """The events of a call in which everybody consented and the lines are said."""
    lines = (*test.context, test.line)
    for role in sorted({"rep", *(said.role for said in lines)}):
        yield Attendance(role, role, role, True), 0.0
        yield Consent(role, "granted", "metadata"), 0.0
    start = PAUSE_SECONDS
    for index, said in enumerate(lines):
        words = _words(said, start)
        end = words[-1].end if words else start
        if index == len(lines) - 1:
            for count in range(1, len(words) + 1):
                yield Partial(str(index), said.role, said.role, words[:count]), words[count - 1].end
        yield Turn(str(index), said.role, said.role, words, start, end, 1.0), end
        start = end + PAUSE_SECONDS


def _words(said: Said, start: float) -> tuple[Word, ...]:
    return tuple(
        Word(text, round(start + index * WORD_SECONDS, 4), round(start + (index + 0.8) * WORD_SECONDS, 4))
        for index, text in enumerate(said.text.split())
    )
