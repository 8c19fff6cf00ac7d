"""Plays a tape to the very same coach, on a clock that stands still between inputs.

In: a tape and a playbook. Out: every decision with its time and the turn it is about. Wakes are fed at exactly the
times the coach names; the rep is there and every card is shown to them a constant time after it was decided. The same
tape and playbook give the same decisions in any process.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from cornerman.coach import Coach, CoachSettings
from cornerman.coach.moments import Detector
from cornerman.events import Decision, Delivery, Event, Evidence, Held, Moment, MomentWithdrawn, Nudge, Wake
from cornerman.playbook import Playbook
from cornerman.replay.call_file import RecordedCall
from cornerman.replay.tape import Made, Place, Tape, Timed

SHOWN_AFTER = 0.05
"""Seconds from a nudge's decision to the rep's client saying that it is shown."""
MOST_WAKES_AT_ONCE = 100
"""A coach that asks to be woken at the same time again and again would keep the clock from going on."""


@dataclass(frozen=True, slots=True)
class Book:
    """A playbook ready to be played under; its phrases are compiled once for all calls."""

    playbook: Playbook
    detector: Detector
    interval: float
    burst: int

    @classmethod
    def of(cls, playbook: Playbook, interval: float | None = None, burst: int | None = None) -> Book:
        """`interval` (seconds) and `burst` are the operator's where the playbook's are not to count."""
        budget = playbook.budget
        return cls(playbook, Detector(playbook), interval or budget.interval_s, burst or budget.burst)


@dataclass(frozen=True, slots=True)
class Played:
    """A tape played under one playbook, with every decision in order."""

    call: str
    segment: int
    hours: float
    made: tuple[Made, ...]
    recorded: RecordedCall | None
    purged: int

    @property
    def fires(self) -> Mapping[int, frozenset[str]]:
        """Kinds noticed in each turn. What was withdrawn later was noticed all the same."""
        found: dict[int, set[str]] = {}
        for one in self.made:
            if isinstance(one.decision, Moment) and one.turn is not None:
                found.setdefault(one.turn, set()).add(one.decision.kind)
        return {turn: frozenset(kinds) for turn, kinds in found.items()}

    @property
    def nudges(self) -> tuple[tuple[Made, Nudge], ...]:
        """The first revision of every nudge."""
        return tuple(
            (one, one.decision) for one in self.made if isinstance(one.decision, Nudge) and not one.decision.rev
        )

    @property
    def withdrawn(self) -> int:
        """Nudges that had to be withdrawn, even those that came back."""
        nudges = (one.decision for one in self.made if isinstance(one.decision, Nudge))
        return len({nudge.id for nudge in nudges if nudge.status == "withdrawn"})

    @property
    def held(self) -> int:
        """Drafts noted, not delivered."""
        return sum(isinstance(one.decision, Held) for one in self.made)


def play(tape: Tape, book: Book) -> Played:
    """Plays a tape from its start."""
    coach = Coach(book.playbook, CoachSettings(book.interval, book.burst, tape.segment), book.detector)
    made = tuple(placed(_Clock(coach).run(tape.inputs()), tape))
    return Played(tape.call, tape.segment, tape.hours, made, tape.recorded, tape.purged)


@dataclass(slots=True)
class _Clock:
    """Feeds a coach its inputs, and in between what is due: wakes, and cards becoming visible."""

    coach: Coach
    now: float = 0.0
    wake_at: float | None = None
    shown: deque[Timed] = field(default_factory=deque)
    wakes_at_once: int = 0

    def run(self, inputs: Iterable[Timed]) -> Iterator[tuple[float, Decision]]:
        for timed in inputs:
            yield from self._due(timed.now)
            yield from self._step(timed.event, timed.now)

    def _due(self, until: float) -> Iterator[tuple[float, Decision]]:
        """Everything due up to a time, in the order of time; a wake before what happens at the same time."""
        while True:
            wake = self.wake_at if self.wake_at is not None and self.wake_at <= until else None
            shown = self.shown[0].now if self.shown and self.shown[0].now <= until else None
            if wake is not None and (shown is None or wake <= shown):
                yield from self._wake(max(wake, self.now))
            elif shown is not None:
                yield from self._step(self.shown.popleft().event, shown)
            else:
                return

    def _wake(self, at: float) -> Iterator[tuple[float, Decision]]:
        self.wakes_at_once = self.wakes_at_once + 1 if at == self.now else 0
        if self.wakes_at_once > MOST_WAKES_AT_ONCE:
            raise RuntimeError(f"the coach asks again and again to be woken at {at} s")
        yield from self._step(Wake(), at)

    def _step(self, event: Event, now: float) -> Iterator[tuple[float, Decision]]:
        self.now = now
        decisions = self.coach.hear(event, now)
        self.wake_at = decisions.wake_at
        for decision in decisions.made:
            if isinstance(decision, Nudge):
                self.shown.append(Timed(now + SHOWN_AFTER, Delivery(decision.id, decision.rev, "shown")))
            yield now, decision


def placed(decisions: Iterable[tuple[float, Decision]], tape: Tape) -> Iterator[Made]:
    """Decisions with the turns they are about. A held draft and a withdrawal are about the turn of their moment."""
    places: dict[str, Place] = {}
    for at, decision in decisions:
        place: Place | None = None
        if isinstance(decision, Moment):
            place = places[decision.id] = tape.place(decision.evidence.turn)
        elif isinstance(decision, MomentWithdrawn | Held):
            place = places.get(decision.moment)
        elif cause := _turn_of(decision.because):
            place = tape.place(cause)
        yield Made(at, decision, place.turn if place else None, place.words_before if place else 0)


def _turn_of(because: tuple[Evidence, ...]) -> str:
    return because[0].turn if because else ""
