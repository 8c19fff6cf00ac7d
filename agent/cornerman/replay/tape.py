"""A call as the coach hears it: timed inputs, and the way back from a turn's id to the number people know it by.

Every source of a replay (journal, call file, recording) ends up as a `Tape`; `virtual.play` is what plays one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cornerman.events import Decision, Event
from cornerman.replay.call_file import RecordedCall


@dataclass(frozen=True, slots=True)
class Timed:
    """An input and when it is heard; `now` in seconds since the call began."""

    now: float
    event: Event


@dataclass(frozen=True, slots=True)
class Place:
    """Where a turn the coach heard stands in its source: the turn's number, and how many of that turn's words were
    heard in earlier parts of it, where the length cap had cut it.
    """

    turn: int
    words_before: int = 0


@dataclass(frozen=True, slots=True)
class Tape:
    """One call to play. `inputs` starts anew each time it is called and holds no more than one input at a time; `hours`
    from the first word to the last; `recorded` is the call where it is known turn by turn, for its labels.
    """

    call: str
    hours: float
    inputs: Callable[[], Iterable[Timed]]
    place: Callable[[str], Place]
    segment: int = 1
    recorded: RecordedCall | None = None
    purged: int = 0


@dataclass(frozen=True, slots=True)
class Made:
    """One decision with its time, and the turn it is about where it is about one; `words_before` as in `Place`."""

    at: float
    decision: Decision
    turn: int | None
    words_before: int
