"""What has to be found out in a call, and what already was: the playbook's checklist ticks itself.

In: completed turns. Out: a `Tick` with the words, at most once an item as long as these words stand. Two things tick
an item: one of its roles says one of its `heard` phrases (not in a question), or the prospect answers a question of the
seller's that holds one of its `asked` phrases. What is denied or only reported does not tick.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cornerman.coach.answers import ANSWER_WITHIN, Answers
from cornerman.coach.sayings import sayings_of
from cornerman.coach.transcript import Utterance
from cornerman.events import Evidence, Stage, Tick, Untick
from cornerman.playbook import ChecklistItem, Playbook

SELLERS: Final = frozenset({"rep", "colleague"})


@dataclass(frozen=True, slots=True)
class _Asked:
    """Items the seller asked about last, in which turn, and when the question was over."""

    turn: str
    items: tuple[str, ...]
    end: float


class Checklist:
    """The checklist of one call."""

    def __init__(self, playbook: Playbook) -> None:
        self._items = playbook.checklist
        self._heard = sayings_of(playbook, (item.heard for item in self._items))
        self._asked = sayings_of(playbook, (item.asked for item in self._items), meant=False)
        self._answers = Answers(playbook)
        self._ticks: dict[str, Evidence] = {}
        self._before: frozenset[str] = frozenset()
        self._offered: set[str] = set()
        self._waiting: _Asked | None = None

    def resume(self, items: Iterable[str]) -> None:
        """Goes on where an earlier coach of this call left off: these items are dealt with."""
        self._before = frozenset(items)

    def hear(self, utterance: Utterance) -> tuple[Tick, ...]:
        """Takes in a completed turn; returns what it ticks, in the playbook's order."""
        found = self._told(utterance)
        if utterance.role == "prospect":
            found = self._answered(utterance) | found
        elif utterance.role in SELLERS:
            self._ask(utterance)
        ticks = [
            Tick("checklist", item.id, found[item.id])
            for item in self._items
            if item.id in found and not self._done(item)
        ]
        self._ticks.update((tick.item, tick.evidence) for tick in ticks)
        return tuple(ticks)

    def forget(self, turns: Iterable[str]) -> tuple[Untick, ...]:
        """Opens again what the words of purged turns ticked."""
        forgotten = set(turns)
        if self._waiting is not None and self._waiting.turn in forgotten:
            self._waiting = None
        gone = [item.id for item in self._items if item.id in self._ticks and self._ticks[item.id].turn in forgotten]
        for item in gone:
            del self._ticks[item]
        return tuple(Untick("checklist", item, "purged") for item in gone)

    def ticked(self) -> dict[str, bool]:
        """Each item in the playbook's order, and whether it was dealt with."""
        return {item.id: self._done(item) for item in self._items}

    def next_open(self, stage: Stage | None = None) -> ChecklistItem | None:
        """The next item to offer, which counts as offered from now on: none comes twice in a call.

        In the playbook's order; those of the present stage first, then those of no stage, then the others.
        """
        left = [item for item in self._items if not self._done(item) and item.id not in self._offered]
        if not left:
            return None
        chosen = min(left, key=lambda item: 1 if item.stage is None else 0 if item.stage == stage else 2)
        self._offered.add(chosen.id)
        return chosen

    def _done(self, item: ChecklistItem) -> bool:
        return item.id in self._ticks or item.id in self._before

    def _told(self, utterance: Utterance) -> dict[str, Evidence]:
        return {
            self._items[said.group].id: utterance.evidence(said.first, said.last)
            for said in self._heard.said(utterance)
            if utterance.role in self._items[said.group].roles and not said.asks
        }

    def _ask(self, utterance: Utterance) -> None:
        asked = self._asked.said(utterance)
        if asked:
            items = tuple(self._items[said.group].id for said in asked)
            self._waiting = _Asked(utterance.turn, items, utterance.words[-1].end)

    def _answered(self, utterance: Utterance) -> dict[str, Evidence]:
        """The items this turn answers. To acknowledge or to ask back leaves the question open, an evasion ends it."""
        waiting = self._waiting
        if waiting is None or not utterance.words:
            return {}
        if utterance.words[0].start - waiting.end > ANSWER_WITHIN:
            self._waiting = None
            return {}
        answer = self._answers.judge(utterance)
        if answer == "none":
            return {}
        self._waiting = None
        if answer == "evasive":
            return {}
        return dict.fromkeys(waiting.items, self._answers.evidence(utterance))
