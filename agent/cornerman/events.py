"""What flows through the coach: the events it hears and the decisions it makes.

All times are seconds since the call began, rounded to a tenth of a millisecond. Everything here is frozen and
comparable, holds no live object, and can be written to a journal and read back unchanged. Ids are counters, never
random.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from cornerman.contract import Role, wire

Stage = Literal["opening", "discovery", "presentation", "negotiation", "closing"]
TickedList = Literal["checklist", "disclosures"]
DeliveryOutcome = Literal["shown", "hidden", "dropped", "unknown", "absent", "no_client", "expired"]


@dataclass(frozen=True, slots=True)
class Word:
    """One word as heard; `start` and `end` in seconds since the call began."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Attendance:
    """Somebody came or left. Roles come from the job's metadata, never from what a participant says of itself."""

    identity: str
    name: str
    role: Role
    present: bool


@dataclass(frozen=True, slots=True)
class Speaking:
    """A participant's voice started or stopped at `at`."""

    identity: str
    active: bool
    at: float


@dataclass(frozen=True, slots=True)
class Partial:
    """An unfinished turn: all its words so far. A later partial of the same turn replaces this one."""

    turn: str
    identity: str
    role: Role
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """A completed turn. `confidence` is the recogniser's, 0 to 1; 0 where it gives none. No words: nothing was said
    after all.
    """

    turn: str
    identity: str
    role: Role
    words: tuple[Word, ...]
    start: float
    end: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Wake:
    """The moment a `wake_at` named; stamped exactly that."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one revision of a nudge. `code` is the RPC error's, 0 where there was none."""

    nudge: str
    rev: int
    outcome: DeliveryOutcome
    code: int = 0


@dataclass(frozen=True, slots=True)
class Feedback:
    """What the rep did with a card."""

    nudge: str
    feedback: wire.FeedbackKind


@dataclass(frozen=True, slots=True)
class Control:
    """How much the rep wants to hear."""

    attention: wire.Attention


@dataclass(frozen=True, slots=True)
class Consent:
    """A participant's consent changed. `how` says by what: metadata, attribute, rep or restored."""

    identity: str
    state: wire.ConsentState
    how: str


@dataclass(frozen=True, slots=True)
class Purge:
    """Everything this participant said is to be forgotten."""

    identity: str


@dataclass(frozen=True, slots=True)
class Restored:
    """What earlier segments of this call came to. `spent`: when each nudge of each card was sent; `ticked`: lists and
    their items that were dealt with; `reminded`: disclosures the rep was reminded of; `stage`: the last one, and
    `furthest` the one that lies furthest on.
    """

    spent: tuple[tuple[str, float], ...]
    ticked: tuple[tuple[TickedList, str], ...] = ()
    reminded: tuple[str, ...] = ()
    stage: Stage = "opening"
    furthest: Stage = "opening"


@dataclass(frozen=True, slots=True)
class Ask:
    """The rep asks the coach something; `ask` is the question's id. Its words are not the deterministic coach's."""

    ask: str


NOTHING_LIKE: Final = -1.0
"""The similarity where there is nothing to be similar to."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How near a clause comes to what a moment's examples mean, and to what its counterexamples mean: the highest
    cosine similarity to either, -1 to 1; `NOTHING_LIKE` where it has none.
    """

    definition: str
    like: float
    unlike: float


@dataclass(frozen=True, slots=True)
class MeaningResult:
    """The answer to a `MeaningRequest`. One for a clause that was revised or purged meanwhile counts for nothing."""

    request: str
    likeness: tuple[Likeness, ...]


@dataclass(frozen=True, slots=True)
class CallEnd:
    """The call is over; what still waits is held."""

    reason: str


Event = (
    Attendance
    | Speaking
    | Partial
    | Turn
    | Wake
    | Delivery
    | Feedback
    | Control
    | Consent
    | Purge
    | Restored
    | Ask
    | MeaningResult
    | CallEnd
)


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


Cause = Evidence | Reading | Question


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

    `at_turn_end`: it waits until nobody is in the middle of a turn. `asked`: the rep asked for it.
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


@dataclass(frozen=True, slots=True)
class Nudge:
    """A draft the budget admitted, or a later revision of it. Cannot be built without cause and support."""

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


Decision = Moment | MomentWithdrawn | MeaningRequest | StageChange | Tick | Untick | Figures | Nudge | Held


@dataclass(frozen=True, slots=True)
class Decisions:
    """What the coach decided on one event, in order, and when it wants to be woken next (None: not at all)."""

    made: tuple[Decision, ...]
    wake_at: float | None
