"""Counts how well what was noticed agrees with labels.

In: played calls and their labels. Out: hits, false alarms and misses for each kind, and precision, recall and F1 of
them. One fire of a kind in a turn counts. A fire of the labelled kind is a hit; one of a kind that is also true or
acceptable is neither hit nor mistake; any other is a false alarm, in turns of the rep too. A label without a hit is a
miss, unless silence is acceptable (`none`): then it is excused. Only kinds the labels can tell apart are scored:
a commitment counts as a buying signal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from cornerman.replay.call_file import Label, RecordedCall
from cornerman.replay.virtual import Played

SCORED_KINDS: Final = (
    "price_objection",
    "discount_request",
    "competitor_mention",
    "trust_concern",
    "timing_stall",
    "buying_signal",
    "price_question",
    "authority",
    "requirement",
)
COUNTS_AS: Final = {"commitment": "buying_signal"}
NONE: Final = "none"
PLACES = 4


@dataclass(slots=True)
class Agreement:
    """Counts of one kind, or of all together. The shares are None where there is nothing to divide."""

    hits: int = 0
    false_alarms: int = 0
    misses: int = 0
    excused: int = 0

    @property
    def precision(self) -> float | None:
        """Share of fires that were right."""
        return _share(self.hits, self.hits + self.false_alarms)

    @property
    def recall(self) -> float | None:
        """Share of labels that were noticed."""
        return _share(self.hits, self.hits + self.misses)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of the two."""
        return _share(2 * self.hits, 2 * self.hits + self.false_alarms + self.misses)

    def add(self, other: Agreement) -> None:
        """Adds another's counts."""
        self.hits += other.hits
        self.false_alarms += other.false_alarms
        self.misses += other.misses
        self.excused += other.excused


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, PLACES) if whole else None


@dataclass(slots=True)
class Score:
    """Agreement of any number of labelled calls, by kind."""

    kinds: dict[str, Agreement] = field(default_factory=lambda: {kind: Agreement() for kind in SCORED_KINDS})
    calls: int = 0

    @property
    def micro(self) -> Agreement:
        """All kinds together, each case counting the same."""
        total = Agreement()
        for one in self.kinds.values():
            total.add(one)
        return total


def score(played: Iterable[Played]) -> Score:
    """The score of those calls that have labels."""
    result = Score()
    for one in played:
        if one.recorded is not None and one.recorded.labels is not None:
            result.calls += 1
            _score_call(one, one.recorded, one.recorded.labels, result.kinds)
    return result


def scored(kinds: Iterable[str]) -> frozenset[str]:
    """Kinds as the labels name them, those that labels do not know left out."""
    return frozenset(COUNTS_AS.get(kind, kind) for kind in kinds) & frozenset(SCORED_KINDS)


def _score_call(played: Played, call: RecordedCall, labels: Iterable[Label], kinds: dict[str, Agreement]) -> None:
    label_of = {label.turn: label for label in labels}
    fires = played.fires
    for turn in call.turns:
        label = label_of.get(turn.index, Label(turn.index, NONE))
        fired = scored(fires.get(turn.index, frozenset()))
        for kind in fired - label.also - label.acceptable - {label.moment}:
            kinds[kind].false_alarms += 1
        if label.moment not in kinds:
            continue
        if label.moment in fired:
            kinds[label.moment].hits += 1
        elif NONE in label.acceptable:
            kinds[label.moment].excused += 1
        else:
            kinds[label.moment].misses += 1
