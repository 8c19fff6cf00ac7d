"""What the coach hears: the inputs of one call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from cornerman.contract import Role, wire

Stage = Literal["opening", "discovery", "presentation", "negotiation", "closing"]
TickedList = Literal["checklist", "disclosures"]
ScreenChangeKind = Literal["new", "held", "error"]
AdviceStatus = Literal["thinking", "words", "final", "silent", "failed"]
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
    """What became of one revision of a nudge. `code` is the RPC error's, 0 where there was none.

    `sent` is when it left, in seconds since the call began, None where it never did; `painted` is how many seconds the
    rep's client needed from its arrival to its being painted, None where the client did not say.
    """

    nudge: str
    rev: int
    outcome: DeliveryOutcome
    code: int = 0
    sent: float | None = None
    painted: float | None = None

    def seen(self, answered: float) -> float | None:
        """When it was painted, as near as can be known, given when the client's answer came; None where it was not, or
        nobody said how long that took. Both in seconds since the call began.

        The answer leaves when the card is painted. Of the round trip's time besides the painting, half is taken to be
        the answer's way.
        """
        if self.outcome != "shown" or self.sent is None or self.painted is None:
            return None
        return answered - max(answered - self.sent - self.painted, 0.0) / 2


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
class ScreenChange:
    """The rep's screen share shows something else (`new`), the same for very long (`held`), or an error (`error`)."""

    change: ScreenChangeKind
    at: float
    hash: str


@dataclass(frozen=True, slots=True)
class Advice:
    """One step of what the reasoning lane has to say to an `AdviceRequest`, already checked against its sources.

    `words` is more of it, `final` the whole, `silent` nothing, `failed` nothing that could be used: the plain card
    stands. Steps of a request count up. `saw` are the participants whose words it may rest on.
    """

    request: str
    step: int
    status: AdviceStatus
    headline: str = ""
    detail: str = ""
    sources: tuple[wire.Source, ...] = ()
    action: wire.Action | None = None
    saw: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What a journal line calls these words by."""
        return f"{self.request}/{self.step}"


@dataclass(frozen=True, slots=True)
class Acted:
    """What became of an action the rep had confirmed."""

    action: str
    done: bool


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
    | ScreenChange
    | Advice
    | Acted
    | CallEnd
)
