"""What two playbooks would have said in the same calls, and how they differ.

In: calls played under both. Out: counts for each call and in sum, the nudges only one of them gave, and, where calls
are labelled, precision and recall. The same calls and playbooks give the same text, byte for byte.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from cornerman.events import Moment, Nudge
from cornerman.replay.score import SCORED_KINDS, Agreement, Score, score
from cornerman.replay.tape import Made
from cornerman.replay.virtual import Played

NOTHING = "-"
WORDS_ALONE = "words alone: phrases decide, no model is asked"
NAME_WIDTH, FIGURE_WIDTH = 34, 12


@dataclass(frozen=True, slots=True)
class Totals:
    """What one playbook made of some calls."""

    hours: float
    moments: Counter[str]
    nudges: Counter[str]
    withdrawn: int
    held: int
    score: Score

    @classmethod
    def of(cls, played: Sequence[Played]) -> Totals:
        """Of calls played under one playbook."""
        return cls(
            hours=sum(one.hours for one in played),
            moments=Counter(
                made.decision.kind for one in played for made in one.made if isinstance(made.decision, Moment)
            ),
            nudges=Counter(nudge.kind for one in played for _, nudge in one.nudges),
            withdrawn=sum(one.withdrawn for one in played),
            held=sum(one.held for one in played),
            score=score(played),
        )

    @property
    def nudges_per_hour(self) -> float | None:
        """None where the calls have no length."""
        return self.nudges.total() / self.hours if self.hours else None

    @property
    def withdrawn_share(self) -> float | None:
        """Share of nudges that had to be withdrawn; None where there are none."""
        return self.withdrawn / self.nudges.total() if self.nudges.total() else None


@dataclass(frozen=True, slots=True)
class Compared:
    """One call under two playbooks."""

    first: Played
    second: Played

    @property
    def only_first(self) -> tuple[str, ...]:
        """Nudges the second did not give, one sentence each."""
        return _without(self.first, self.second)

    @property
    def only_second(self) -> tuple[str, ...]:
        """Nudges the first did not give."""
        return _without(self.second, self.first)


def _without(these: Played, those: Played) -> tuple[str, ...]:
    """Nudges of `these` that `those` do not have: of another turn, kind, card or wording."""
    left = Counter(_said(made, nudge) for made, nudge in those.nudges)
    found = []
    for made, nudge in these.nudges:
        said = _said(made, nudge)
        if left[said]:
            left[said] -= 1
        else:
            found.append(said)
    return tuple(found)


def _said(made: Made, nudge: Nudge) -> str:
    return f'turn {NOTHING if made.turn is None else made.turn}, {nudge.kind}: "{nudge.headline}" ({nudge.card})'


def report(calls: Sequence[Compared], first: str, second: str, how: str = WORDS_ALONE) -> Iterator[str]:
    """The report, line by line; `first` and `second` name the playbooks, `how` says by what they noticed."""
    yield how
    yield f"A: {first}"
    yield f"B: {second}"
    for call in calls:
        yield ""
        yield from _of_call(call)
    yield ""
    yield f"in sum: {len(calls)} calls"
    a, b = Totals.of([one.first for one in calls]), Totals.of([one.second for one in calls])
    yield from _table(a, b)
    yield from _agreement_by_kind(a.score, b.score)


def _of_call(call: Compared) -> Iterator[str]:
    segment = f", segment {call.first.segment}" if call.first.segment > 1 else ""
    yield f"call {call.first.call}{segment}"
    if call.first.purged:
        yield f"  words of {call.first.purged} inputs were purged: nothing is noticed in them"
    yield from _table(Totals.of([call.first]), Totals.of([call.second]))
    yield from (f"  only A: {said}" for said in call.only_first)
    yield from (f"  only B: {said}" for said in call.only_second)


def _table(a: Totals, b: Totals) -> Iterator[str]:
    yield _row("", "A", "B")
    yield from _counts("moments", a.moments, b.moments)
    yield from _counts("nudges", a.nudges, b.nudges)
    yield _row("nudges per hour", _figure(a.nudges_per_hour), _figure(b.nudges_per_hour))
    yield _row("nudges withdrawn", _share_of(a), _share_of(b))
    yield _row("held", str(a.held), str(b.held))
    if a.score.calls:
        yield from _agreement("", a.score.micro, b.score.micro)


def _counts(what: str, a: Counter[str], b: Counter[str]) -> Iterator[str]:
    yield _row(what, str(a.total()), str(b.total()))
    yield from (_row(f"  {kind}", str(a[kind]), str(b[kind])) for kind in sorted({*a, *b}))


def _agreement_by_kind(a: Score, b: Score) -> Iterator[str]:
    for kind in SCORED_KINDS:
        if _counted(a.kinds[kind]) or _counted(b.kinds[kind]):
            yield from _agreement(f" {kind}", a.kinds[kind], b.kinds[kind])


def _agreement(kind: str, a: Agreement, b: Agreement) -> Iterator[str]:
    shares: Iterable[tuple[str, Callable[[Agreement], float | None]]] = (
        ("precision", lambda one: one.precision),
        ("recall", lambda one: one.recall),
    )
    for name, share in shares:
        yield _row(f"{name}{kind}", _percent(share(a)), _percent(share(b)))


def _counted(agreement: Agreement) -> bool:
    return any((agreement.hits, agreement.false_alarms, agreement.misses, agreement.excused))


def _row(what: str, a: str, b: str) -> str:
    return f"  {what:<{NAME_WIDTH}}{a:>{FIGURE_WIDTH}}{b:>{FIGURE_WIDTH}}"


def _figure(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.1f}"


def _percent(value: float | None) -> str:
    return NOTHING if value is None else f"{100 * value:.1f} %"


def _share_of(totals: Totals) -> str:
    return f"{totals.withdrawn} ({_percent(totals.withdrawn_share)})" if totals.nudges else str(totals.withdrawn)
