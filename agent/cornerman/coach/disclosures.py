"""What the seller has to say in a call, and whether it was said in time.

In: completed turns and changes of stage. Out: a `Tick` where a disclosure is made, and each disclosure that was missed,
once a call: when the call moves on past the stage it was due in, or when somebody says goodbye. One that belongs to a
stage the call never came to is not due: nobody has to explain a contract's renewal in a first conversation.
"""

from __future__ import annotations

from collections.abc import Iterable

from cornerman.coach.answers import goodbyes_of
from cornerman.coach.checklist import SELLERS
from cornerman.coach.sayings import sayings_of
from cornerman.coach.transcript import Utterance
from cornerman.events import Evidence, Stage, StageChange, Tick, Untick
from cornerman.playbook import Disclosure, Playbook
from cornerman.playbook.kinds import STAGES


class Disclosures:
    """The required disclosures of one call."""

    def __init__(self, playbook: Playbook) -> None:
        self._required = playbook.compliance.disclosures
        self._sayings = sayings_of(playbook, (one.phrases for one in self._required))
        self._goodbyes = sayings_of(playbook, (goodbyes_of(playbook),))
        self._made: dict[str, Evidence] = {}
        self._before: frozenset[str] = frozenset()
        self._told: set[str] = set()
        self._reached = 0

    def resume(self, items: Iterable[str], told: Iterable[str], stage: Stage) -> None:
        """Goes on where an earlier coach of this call left off: these were made, of those the rep was told, and the
        call had come to this stage.
        """
        self._before = frozenset(items)
        self._told = set(told)
        self._reached = _index(stage)

    def hear(self, utterance: Utterance) -> tuple[Tick, ...]:
        """Takes in a completed turn; returns the disclosures made in it. A colleague's words count like the rep's."""
        if utterance.role not in SELLERS:
            return ()
        found = {said.group: said for said in self._sayings.said(utterance)}
        ticks = [
            Tick("disclosures", one.id, utterance.evidence(found[index].first, found[index].last))
            for index, one in enumerate(self._required)
            if index in found and not self._done(one)
        ]
        self._made.update((tick.item, tick.evidence) for tick in ticks)
        return tuple(ticks)

    def forget(self, turns: Iterable[str]) -> tuple[Untick, ...]:
        """Opens again what the words of purged turns ticked; the rep is not reminded of it a second time."""
        forgotten = set(turns)
        gone = [one.id for one in self._required if one.id in self._made and self._made[one.id].turn in forgotten]
        for item in gone:
            del self._made[item]
        return tuple(Untick("disclosures", item, "purged") for item in gone)

    def ticked(self) -> dict[str, bool]:
        """Each disclosure in the playbook's order, and whether it was made."""
        return {one.id: self._done(one) for one in self._required}

    def missed(self, change: StageChange) -> tuple[Disclosure, ...]:
        """Those whose stage lies behind the call now and that were not made, each once."""
        self._reached = max(self._reached, STAGES.index(change.stage))
        return self._tell(one for one in self._required if one.stage and _index(one.stage) < self._reached)

    def missed_at_goodbye(self, utterance: Utterance) -> tuple[tuple[Disclosure, Evidence], ...]:
        """Those due before the end that were not made, each once, when somebody says goodbye in this turn."""
        said = self._goodbyes.said(utterance)
        if not said:
            return ()
        evidence = utterance.evidence(said[0].first, said[0].last)
        due = (one for one in self._required if one.stage is None or _index(one.stage) <= self._reached)
        return tuple((one, evidence) for one in self._tell(due))

    def _done(self, disclosure: Disclosure) -> bool:
        return disclosure.id in self._made or disclosure.id in self._before

    def _tell(self, due: Iterable[Disclosure]) -> tuple[Disclosure, ...]:
        missed = tuple(one for one in due if not self._done(one) and one.id not in self._told)
        self._told.update(one.id for one in missed)
        return missed


def _index(stage: Stage) -> int:
    return STAGES.index(stage)
