"""What the coach decides on what it hears."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cornerman.contract import wire
from cornerman.events.causes import Cause, Evidence
from cornerman.events.inputs import Stage, TickedList


@dataclass(frozen=True, slots=True)
class Moment:
    """Something worth noticing. Noted before the budget decides about a nudge.

    `evidence` is what it was noticed by: words, a gauge, or the rep's question. `confidence` is the scorer's, 0 to 1;
    1 where nothing was weighed.
    """

    id: str
    kind: str
    definition: str
    evidence: Cause
    confidence: float = 1.0

    @property
    def turn(self) -> str:
        """The turn whose words it was noticed in; empty where it was not noticed in words."""
        return self.evidence.turn if isinstance(self.evidence, Evidence) else ""


@dataclass(frozen=True, slots=True)
class MomentWithdrawn:
    """The words of a moment were revised or purged."""

    moment: str
    reason: Literal["revised", "purged"]


@dataclass(frozen=True, slots=True)
class MeaningRequest:
    """Asks for a clause to be compared with the examples of the moments this role may cause. `id` names the clause in
    this revision of it and no other.
    """

    id: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class AdviceRequest:
    """Asks the reasoning lane for better words, because of a turn, the rep's question or the screen. It takes the place
    of the request before. `early`: the turn is not over yet; its words so far are `cause`.
    """

    id: str
    cause: Cause
    early: bool = False


@dataclass(frozen=True, slots=True)
class AdviceKept:
    """The turn of an early request ended with the very words it was made for: its answer counts."""

    request: str


@dataclass(frozen=True, slots=True)
class AdviceDropped:
    """The answer to a request is not wanted any more."""

    request: str


@dataclass(frozen=True, slots=True)
class Act:
    """The rep confirmed the action of a card: it is to be carried out, once."""

    nudge: str
    action: str


@dataclass(frozen=True, slots=True)
class StageChange:
    """The call has come to another stage; `evidence` is what told, None at the start."""

    stage: Stage
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class Tick:
    """An item of a list was dealt with, by these words. The lists: `checklist`, `disclosures`."""

    checklist: TickedList
    item: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Untick:
    """An item's words were revised or purged: it is open again."""

    checklist: TickedList
    item: str
    reason: Literal["revised", "purged"]


@dataclass(frozen=True, slots=True)
class Figures:
    """The conversation gauges of the whole call, at its end; names and units as in the state message."""

    values: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A card that wants to be said, because of a moment. `expires` is when saying it would be too late.

    `at_turn_end`: it waits until nobody is in the middle of a turn. `asked`: the rep asked for it. `advised` and `saw`
    as in `Nudge`, where its very words are advice.
    """

    moment: Moment
    card: str
    headline: str
    detail: str
    sources: tuple[wire.Source, ...]
    priority: int
    critical: bool
    cooldown: float
    per_call: int
    ttl: float
    heard: float
    expires: float
    at_turn_end: bool = False
    asked: bool = False
    advised: str = ""
    saw: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Nudge:
    """A draft the budget admitted, or a later revision of it. Cannot be built without cause and support.

    `final`: no more words are on their way. `advised` names the `Advice` its words are of, empty where they are the
    playbook's; `saw` are then the participants whose words that rests on.
    """

    id: str
    rev: int
    status: wire.NudgeStatus
    kind: str
    card: str
    headline: str
    detail: str
    priority: int
    critical: bool
    expires: float
    because: tuple[Cause, ...]
    sources: tuple[wire.Source, ...]
    spoken: float
    heard: float
    decided: float
    final: bool = True
    advised: str = ""
    action: wire.Action | None = None
    saw: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.because:
            raise ValueError("a nudge needs what caused it")
        if not self.sources:
            raise ValueError("a nudge needs what supports it")
        if any(isinstance(cause, Evidence) and not cause.quote.strip() for cause in self.because):
            raise ValueError("a nudge needs the words that caused it")


@dataclass(frozen=True, slots=True)
class Held:
    """A draft that was noted but not delivered, with the reason; `because`: the rep's words that made it needless."""

    moment: str
    kind: str
    card: str
    reason: str
    because: Evidence | None = None


Decision = (
    Moment
    | MomentWithdrawn
    | MeaningRequest
    | AdviceRequest
    | AdviceKept
    | AdviceDropped
    | Act
    | StageChange
    | Tick
    | Untick
    | Figures
    | Nudge
    | Held
)


@dataclass(frozen=True, slots=True)
class Decisions:
    """What the coach decided on one event, in order, and when it wants to be woken next (None: not at all)."""

    made: tuple[Decision, ...]
    wake_at: float | None
