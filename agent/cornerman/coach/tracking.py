"""How the call goes, beside what is said in it: its gauges, its stage, what was found out and what was disclosed.

In: events, and completed turns with the moments that stand in them. Out: decisions to be noted, appended to the list
handed in, and what is worth a card: gauges that passed their limit, and disclosures that were missed.
"""

from __future__ import annotations

from collections.abc import Iterable

from cornerman.coach.checklist import Checklist
from cornerman.coach.disclosures import Disclosures
from cornerman.coach.drafting import Drafting
from cornerman.coach.gauges import Gauges
from cornerman.coach.stage import Stages
from cornerman.coach.transcript import Utterance
from cornerman.events import Decision, Draft, Event, Evidence, Figures, Moment, MomentWithdrawn, Restored, Stage, Tick
from cornerman.playbook import Disclosure, Playbook
from cornerman.playbook.kinds import COMPLIANCE_KIND


class Tracking:
    """One call's gauges, stage and lists."""

    def __init__(self, playbook: Playbook) -> None:
        self.gauges = Gauges(playbook.gauges, playbook.language)
        self.stages = Stages(playbook)
        self.checklist = Checklist(playbook)
        self.disclosures = Disclosures(playbook)
        self._drafting = Drafting(playbook)
        self._crossed = 0
        self._reminded = 0
        self._missed: dict[str, str] = {}
        self.selling = False
        """Whether anything of a sale was heard yet: a moment, a stage beyond the first, an item found out."""

    @property
    def stage(self) -> Stage:
        """Where the call stands."""
        return self.stages.current

    def resume(self, earlier: Restored) -> None:
        """Goes on where an earlier coach of this call left off. The gauges begin anew."""
        self.stages.resume(earlier.stage)
        self.checklist.resume(item for name, item in earlier.ticked if name == "checklist")
        self.selling = bool(earlier.spent or earlier.ticked or earlier.furthest != "opening")
        disclosed = [item for name, item in earlier.ticked if name == "disclosures"]
        self.disclosures.resume(disclosed, earlier.reminded, earlier.furthest)

    def hear(self, event: Event, now: float) -> None:
        """Takes in one event; words and voices only of those who may be heard."""
        self.gauges.hear(event, now)

    def crossed(self, now: float, made: list[Decision]) -> list[Draft]:
        """The cards of gauges that have passed their limit by now."""
        drafts: list[Draft] = []
        for crossing in self.gauges.due(now):
            self._crossed += 1
            definition = crossing.definition
            moment = Moment(f"g{self._crossed}", definition.gauge, definition.id, crossing.reading)
            made.append(moment)
            drafts.append(self._drafting.crossed(moment, definition, now))
        return drafts

    def completed(
        self, utterance: Utterance, moments: Iterable[Moment], now: float, made: list[Decision]
    ) -> tuple[list[Draft], tuple[Tick, ...]]:
        """Takes in a completed turn. Returns the cards of disclosures missed, and the disclosures made in this turn."""
        found = self.checklist.hear(utterance)
        made.extend(found)
        disclosed = self.disclosures.hear(utterance)
        made.extend(disclosed)
        missed: list[tuple[Disclosure, Evidence]] = []
        change = self.stages.hear(utterance, moments, now)
        self.selling = self.selling or bool(found) or change is not None
        if change is not None:
            made.append(change)
            if change.evidence is not None:
                missed += [(one, change.evidence) for one in self.disclosures.missed(change)]
        missed += self.disclosures.missed_at_goodbye(utterance)
        return [self._remind(one, evidence, now, made) for one, evidence in missed], disclosed

    def forget(self, turns: list[str], made: list[Decision]) -> list[str]:
        """Drops what purged turns told; returns the ids of moments that rested on them."""
        self.stages.forget(turns)
        made.extend(self.checklist.forget(turns))
        made.extend(self.disclosures.forget(turns))
        gone = [moment for moment, turn in self._missed.items() if turn in turns]
        for moment in gone:
            del self._missed[moment]
            made.append(MomentWithdrawn(moment, "purged"))
        return gone

    def figures(self, now: float) -> Figures:
        """The gauges of the whole call."""
        return Figures(self.gauges.figures(now))

    def _remind(self, disclosure: Disclosure, evidence: Evidence, now: float, made: list[Decision]) -> Draft:
        self._reminded += 1
        moment = Moment(f"d{self._reminded}", COMPLIANCE_KIND, disclosure.id, evidence)
        self._missed[moment.id] = evidence.turn
        made.append(moment)
        return self._drafting.missed(moment, disclosure, now)
