"""Keeps the moments of every turn in step with its words: new ones, ones taken away, ones whose words moved.

In: a turn's newest revision. Out: what changed. A moment stands as long as the words do; nothing here knows budgets or
cards.
"""

from __future__ import annotations

from dataclasses import dataclass

from cornerman.coach.moments import Detection, Detector
from cornerman.coach.transcript import Utterance
from cornerman.events import Evidence, Moment


@dataclass(frozen=True, slots=True)
class Noticed:
    """A moment with where it came from: the definition's index and the competitor or product it names."""

    moment: Moment
    definition: int
    named: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What a revision did: moments that are new, ids of moments gone, and moments whose quote reads differently now."""

    new: tuple[Noticed, ...]
    gone: tuple[str, ...]
    moved: tuple[tuple[str, Evidence], ...]


class Noticing:
    """The standing moments of one call."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._standing: dict[str, dict[tuple[int, str], Moment]] = {}
        self._count = 0

    def revise(self, utterance: Utterance) -> Changes:
        """Judges the turn afresh and tells what changed against the revision before."""
        before = self._standing.get(utterance.turn, {})
        after: dict[tuple[int, str], Moment] = {}
        new: list[Noticed] = []
        moved: list[tuple[str, Evidence]] = []
        for detection in self._detector.detect(utterance):
            key = (detection.definition, detection.named)
            evidence = utterance.evidence(detection.first, detection.last)
            known = before.get(key)
            if known is None:
                moment = self._mint(detection, evidence)
                new.append(Noticed(moment, *key))
            else:
                moment = Moment(known.id, known.kind, known.definition, evidence)
                if known.evidence.quote != evidence.quote or known.evidence.first != evidence.first:
                    moved.append((known.id, evidence))
            after[key] = moment
        gone = tuple(moment.id for key, moment in before.items() if key not in after)
        if after or before:
            self._standing[utterance.turn] = after
        return Changes(tuple(new), gone, tuple(moved))

    def forget(self, turn: str) -> tuple[str, ...]:
        """Drops a purged turn; returns the ids of the moments that stood in it."""
        return tuple(moment.id for moment in self._standing.pop(turn, {}).values())

    def _mint(self, detection: Detection, evidence: Evidence) -> Moment:
        self._count += 1
        definition = self._detector.definitions[detection.definition]
        return Moment(f"m{self._count}", definition.kind, definition.id, evidence)
