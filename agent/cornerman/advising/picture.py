"""The call as the reasoning lane knows it: what was said, what was noticed and shown, where the call stands.

In: every input of the coach and what it decided, in order. Out: the turns of the last while, the cards, the stage.
Words of somebody whose words are to be forgotten are gone from here at once. Times are seconds since the call began.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cornerman.contract import Role, wire
from cornerman.events import (
    Attendance,
    Control,
    Decision,
    Event,
    Moment,
    MomentWithdrawn,
    Nudge,
    Partial,
    Purge,
    Speaking,
    Stage,
    StageChange,
    Tick,
    Turn,
    Untick,
)

MOST_TURNS = 2_000
"""Turns that are known; beyond them the oldest is forgotten. A call of three hours has fewer."""


@dataclass(frozen=True, slots=True)
class SaidTurn:
    """A turn as known so far. `name` is what people call the speaker, empty where nobody said."""

    turn: str
    identity: str
    role: Role
    name: str
    text: str
    start: float
    end: float
    complete: bool


class Picture:
    """One call's picture. `role_of` tells what part somebody has; `names` are those whoever dispatched the job gave."""

    def __init__(self, names: dict[str, str], role_of: Callable[[str], Role]) -> None:
        self.stage: Stage = "opening"
        self.attention: wire.Attention = "live"
        self.dealt_with: set[str] = set()
        """Items of the checklist."""
        self._listed = dict(names)
        self._names: dict[str, str] = {}
        self._turns: OrderedDict[str, SaidTurn] = OrderedDict()
        self._moments: dict[str, Moment] = {}
        self._nudges: OrderedDict[str, Nudge] = OrderedDict()
        self._speaking: set[str] = set()
        self._role_of = role_of

    @property
    def people(self) -> frozenset[str]:
        """What the people in the call are called."""
        return frozenset(name for name in (*self._listed.values(), *self._names.values()) if name)

    @property
    def speakers(self) -> tuple[str, ...]:
        """Everybody whose words are known."""
        return tuple(sorted({turn.identity for turn in self._turns.values()}))

    @property
    def turns(self) -> Sequence[SaidTurn]:
        """Every turn that is known, in the order they began."""
        return tuple(self._turns.values())

    @property
    def prospect_speaking(self) -> bool:
        """Whether a prospect's voice is heard."""
        return any(self._role_of(identity) == "prospect" for identity in self._speaking)

    @property
    def shown(self) -> frozenset[str]:
        """Ids of the sources whose cards the rep was shown."""
        return frozenset(source.id for nudge in self._nudges.values() for source in nudge.sources)

    def follow(self, event: Event, made: Sequence[Decision]) -> None:
        """Takes in one input of the coach and what it decided."""
        match event:
            case Partial() | Turn():
                self._hear(event)
            case Attendance():
                self._names[event.identity] = event.name
                self._speaking.discard(event.identity)
            case Speaking():
                (self._speaking.add if event.active else self._speaking.discard)(event.identity)
            case Control():
                self.attention = event.attention
            case Purge():
                self._forget(event.identity)
        for decision in made:
            self._decided(decision)

    def turn(self, turn: str) -> SaidTurn | None:
        """A turn as known so far."""
        return self._turns.get(turn)

    def recent(self, now: float, seconds: float) -> tuple[SaidTurn, ...]:
        """What was said within the last `seconds`, in the order it began."""
        return tuple(turn for turn in self._turns.values() if turn.text and turn.end >= now - seconds)

    def moments_in(self, turn: str) -> tuple[Moment, ...]:
        """The moments that stand in a turn."""
        return tuple(moment for moment in self._moments.values() if moment.turn == turn)

    def card_in(self, turn: str) -> Nudge | None:
        """The newest card that the words of a turn brought."""
        for nudge in reversed(self._nudges.values()):
            if nudge.status != "withdrawn" and any(getattr(cause, "turn", "") == turn for cause in nudge.because):
                return nudge
        return None

    def name_of(self, identity: str) -> str:
        """What somebody is called; empty where nobody said."""
        return self._listed.get(identity) or self._names.get(identity, "")

    def _hear(self, event: Partial | Turn) -> None:
        known = self._turns.get(event.turn)
        if (known is not None and known.complete) or event.role == "observer":
            return
        words = event.words
        if not words:
            self._turns.pop(event.turn, None)
            return
        self._turns[event.turn] = SaidTurn(
            event.turn,
            event.identity,
            event.role,
            self.name_of(event.identity),
            " ".join(word.text for word in words),
            words[0].start,
            words[-1].end,
            isinstance(event, Turn),
        )
        if len(self._turns) > MOST_TURNS:
            self._turns.popitem(last=False)

    def _decided(self, decision: Decision) -> None:
        match decision:
            case Moment():
                self._moments[decision.id] = decision
            case MomentWithdrawn():
                self._moments.pop(decision.moment, None)
            case Nudge():
                self._nudges[decision.id] = decision
            case StageChange():
                self.stage = decision.stage
            case Tick(checklist="checklist"):
                self.dealt_with.add(decision.item)
            case Untick(checklist="checklist"):
                self.dealt_with.discard(decision.item)

    def _forget(self, identity: str) -> None:
        gone = {name for name, turn in self._turns.items() if turn.identity == identity}
        for name in gone:
            del self._turns[name]
        self._moments = {name: moment for name, moment in self._moments.items() if moment.turn not in gone}
        for name, nudge in list(self._nudges.items()):
            if identity in nudge.saw or any(getattr(cause, "identity", "") == identity for cause in nudge.because):
                del self._nudges[name]
        self._speaking.discard(identity)
