"""Plays a tape to the very same coach, on a clock that stands still between inputs.

In: a tape and a playbook. Out: every decision with its time and the turn it is about. Wakes are fed at exactly the
times the coach names; the rep is there and every card is shown to them a constant time after it was decided; what a
sentence means is answered a constant time after it was asked, where the playbook comes with a comparison. The same tape
and playbook give the same decisions in any process.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush

from cornerman.coach import Coach, CoachSettings
from cornerman.coach.moments import Detector
from cornerman.events import (
    AdviceDropped,
    AdviceKept,
    AdviceRequest,
    Cause,
    Decision,
    Delivery,
    Event,
    Evidence,
    Held,
    MeaningRequest,
    MeaningResult,
    Moment,
    MomentWithdrawn,
    Nudge,
    StageChange,
    Tick,
    Untick,
    Wake,
)
from cornerman.playbook import Playbook
from cornerman.providers.embedding import Compares
from cornerman.replay.call_file import RecordedCall
from cornerman.replay.tape import Made, Place, Tape, Timed

SHOWN_AFTER = 0.05
"""Seconds from a nudge's decision to the rep's client saying that it is shown."""
MEANT_AFTER = 0.02
"""Seconds from asking what a sentence means to the answer: with room to spare what the model takes for one."""
MOST_WAKES_AT_ONCE = 100
"""A coach that asks to be woken at the same time again and again would keep the clock from going on."""


@dataclass(frozen=True, slots=True)
class Book:
    """A playbook ready to be played under; its phrases are compiled once for all calls. Without a comparison words
    alone decide.
    """

    playbook: Playbook
    detector: Detector
    interval: float
    burst: int
    comparison: Compares | None = None

    @classmethod
    def of(
        cls,
        playbook: Playbook,
        interval: float | None = None,
        burst: int | None = None,
        comparison: Compares | None = None,
    ) -> Book:
        """`interval` (seconds) and `burst` are the operator's where the playbook's are not to count."""
        budget = playbook.budget
        return cls(playbook, Detector(playbook), interval or budget.interval_s, burst or budget.burst, comparison)

    @property
    def by_meaning(self) -> bool:
        """Whether sentences are compared with examples."""
        return self.comparison is not None


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
    settings = CoachSettings(book.interval, book.burst, tape.segment, by_meaning=book.by_meaning)
    clock = _Clock(Coach(book.playbook, settings, book.detector), book.comparison)
    made = tuple(placed(clock.run(tape.inputs()), tape))
    return Played(tape.call, tape.segment, tape.hours, made, tape.recorded, tape.purged)


@dataclass(slots=True)
class _Clock:
    """Feeds a coach its inputs, and in between what is due: wakes, and answers (cards becoming visible, sentences being
    understood), the earliest first and of one time in the order they were caused.
    """

    coach: Coach
    comparison: Compares | None
    now: float = 0.0
    wake_at: float | None = None
    answers: list[tuple[float, int, Event]] = field(default_factory=list)
    answered: int = 0
    wakes_at_once: int = 0

    def run(self, inputs: Iterable[Timed]) -> Iterator[tuple[float, Decision]]:
        for timed in inputs:
            yield from self._due(timed.now)
            yield from self._step(timed.event, timed.now)

    def _due(self, until: float) -> Iterator[tuple[float, Decision]]:
        """Everything due up to a time, in the order of time; a wake before what happens at the same time."""
        while True:
            wake = self.wake_at if self.wake_at is not None and self.wake_at <= until else None
            answer = self.answers[0][0] if self.answers and self.answers[0][0] <= until else None
            if wake is not None and (answer is None or wake <= answer):
                yield from self._wake(max(wake, self.now))
            elif answer is not None:
                yield from self._step(heappop(self.answers)[2], answer)
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
                self._answer(now + SHOWN_AFTER, Delivery(decision.id, decision.rev, "shown"))
            elif isinstance(decision, MeaningRequest) and self.comparison is not None:
                said = decision.evidence
                likeness = self.comparison.compare(said.quote, said.role)
                self._answer(now + MEANT_AFTER, MeaningResult(decision.id, likeness))
            yield now, decision

    def _answer(self, at: float, event: Event) -> None:
        self.answered += 1
        heappush(self.answers, (round(at, 4), self.answered, event))


def placed(decisions: Iterable[tuple[float, Decision]], tape: Tape) -> Iterator[Made]:
    """Decisions with the turns they are about. A held draft and a withdrawal are about the turn of their moment, an
    item that is open again about the turn that had dealt with it. Requests for a meaning are left out: they decide
    nothing.
    """
    places: dict[str, Place | None] = {}
    for at, decision in decisions:
        if isinstance(decision, MeaningRequest):
            continue
        place: Place | None = None
        match decision:
            case Moment():
                place = places[decision.id] = _place_of(decision.evidence, tape)
            case MomentWithdrawn() | Held():
                place = places.get(decision.moment)
            case AdviceRequest():
                place = places[decision.id] = _place_of(decision.cause, tape)
            case AdviceKept() | AdviceDropped():
                place = places.get(decision.request)
            case Tick():
                place = places[f"{decision.checklist} {decision.item}"] = _place_of(decision.evidence, tape)
            case Untick():
                place = places.get(f"{decision.checklist} {decision.item}")
            case StageChange():
                place = _place_of(decision.evidence, tape)
            case Nudge():
                place = _place_of(decision.because[0], tape)
        yield Made(at, decision, place.turn if place else None, place.words_before if place else 0)


def _place_of(cause: Cause | None, tape: Tape) -> Place | None:
    """Where words stand; a gauge or a question of the rep stands in no turn."""
    return tape.place(cause.turn) if isinstance(cause, Evidence) else None
