"""Which stage the call is in: opening, discovery, presentation, negotiation or closing.

In: completed turns with the moments that stand in them. Out: a `StageChange` with the words that told, rarely. The
stage moves by evidence alone and not by time; the same turns at the same times give the same stages in any process.

How it is decided. A turn that holds a sign of a stage (a phrase of the playbook's `signs`, or a moment of a kind that
belongs there) counts one for it, however much it says. What was counted fades, to one half in `HALF_LIFE` seconds, and
never adds up to more than `FULL`, so that an hour of discovery does not outweigh what is said now. The call moves to
the stage of a turn when that stage then leads the present one by more than `LEAD`, or by more than `LEAD_BACK` where
that is an earlier one. One sign is never enough, and signs that take turns never move it to and fro: the lead of
either side stays below one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cornerman.coach.sayings import sayings_of
from cornerman.coach.transcript import Utterance
from cornerman.events import Evidence, Moment, Stage, StageChange
from cornerman.playbook import Playbook
from cornerman.playbook.kinds import KIND_STAGES, STAGES

HALF_LIFE: Final = 60.0
"""Seconds in which a sign loses half of its weight. The shorter, the sooner a call that moves on is followed, and the
denser its signs have to be; 60 to 120 make little difference to the development calls.
"""
FULL: Final = 4.0
"""The most that counts for a stage: four signs at once."""
LEAD: Final = 1.0
"""By how much a later stage has to lead: at least two turns that speak for it, and more when others speak against."""
LEAD_BACK: Final = 2.0
"""The same for an earlier stage. People touch on what was, without going back to it."""
FORGOTTEN: Final = 10 * HALF_LIFE
"""Age in seconds at which a sign weighs under a thousandth and is dropped."""


@dataclass(frozen=True, slots=True)
class _Sign:
    turn: str
    stage: Stage
    at: float


class Stages:
    """The stage of one call."""

    def __init__(self, playbook: Playbook) -> None:
        self.current: Stage = "opening"
        self._signs = playbook.signs
        self._sayings = sayings_of(playbook, (sign.phrases for sign in playbook.signs))
        self._kinds = KIND_STAGES | {kind: sign.stage for sign in playbook.signs for kind in sign.kinds}
        self._heard: list[_Sign] = []

    def hear(self, utterance: Utterance, moments: Iterable[Moment], now: float) -> StageChange | None:
        """Takes in a completed turn and the moments that stand in it."""
        told = self._told(utterance, moments)
        if not told:
            return None
        self._heard = [sign for sign in self._heard if now - sign.at < FORGOTTEN]
        self._heard += [_Sign(utterance.turn, stage, now) for stage in told]
        scores = self.scores(now)
        leading = [stage for stage in told if self._leads(stage, scores)]
        if not leading:
            return None
        self.current = max(leading, key=lambda stage: (scores[stage], STAGES.index(stage)))
        return StageChange(self.current, told[self.current])

    def resume(self, stage: Stage) -> None:
        """Goes on where an earlier coach of this call left off."""
        self.current = stage

    def forget(self, turns: Iterable[str]) -> None:
        """Drops what purged turns counted for. The stage stays: it says nothing of their words."""
        forgotten = set(turns)
        self._heard = [sign for sign in self._heard if sign.turn not in forgotten]

    def scores(self, now: float) -> dict[Stage, float]:
        """What counts for each stage at this time."""
        scores: dict[Stage, float] = dict.fromkeys(STAGES, 0.0)
        since: dict[Stage, float] = dict.fromkeys(STAGES, 0.0)
        for sign in self._heard:
            faded = scores[sign.stage] * _fading(sign.at - since[sign.stage])
            scores[sign.stage], since[sign.stage] = min(FULL, faded + 1.0), sign.at
        return {stage: score * _fading(now - since[stage]) for stage, score in scores.items()}

    def _told(self, utterance: Utterance, moments: Iterable[Moment]) -> dict[Stage, Evidence]:
        """The stages this turn speaks for, each with the first words that do."""
        found: list[tuple[Stage, Evidence]] = []
        for said in self._sayings.said(utterance):
            sign = self._signs[said.group]
            if utterance.role in sign.roles:
                found.append((sign.stage, utterance.evidence(said.first, said.last)))
        for moment in moments:
            stage = self._kinds.get(moment.kind)
            if stage is not None and isinstance(moment.evidence, Evidence):
                found.append((stage, moment.evidence))
        told: dict[Stage, Evidence] = {}
        for stage, evidence in sorted(found, key=lambda one: (one[1].first, one[1].last, STAGES.index(one[0]))):
            told.setdefault(stage, evidence)
        return told

    def _leads(self, stage: Stage, scores: dict[Stage, float]) -> bool:
        back = STAGES.index(stage) < STAGES.index(self.current)
        return scores[stage] - scores[self.current] > (LEAD_BACK if back else LEAD)


def _fading(seconds: float) -> float:
    return float(2.0 ** (-seconds / HALF_LIFE))
