"""Why something was decided: words, a gauge, a question, or what was seen."""

from __future__ import annotations

from dataclasses import dataclass

from cornerman.contract import Role


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words in a turn that caused something: word indices `first` to `last`, both included."""

    turn: str
    identity: str
    role: Role
    first: int
    last: int
    start: float
    end: float
    quote: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A conversation gauge as it stood at `at`: its value over the last `window` seconds. `identity` is whose it is,
    empty where it is the whole call's.
    """

    gauge: str
    value: float
    window: float
    at: float
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the rep, asked at `at`."""

    ask: str
    at: float


@dataclass(frozen=True, slots=True)
class Seen:
    """A frame of the rep's own screen share, as it stood at `at`."""

    hash: str
    at: float


Cause = Evidence | Reading | Question | Seen
