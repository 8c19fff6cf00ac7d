"""Playbooks that have something ready for any time, for tests of what is offered and answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scenes import playbook as playbook_of

from cornerman.playbook import (
    Card,
    ChecklistItem,
    Compliance,
    Disclosure,
    GaugeDefinition,
    MomentDefinition,
    Playbook,
    StageGuidance,
    StageSign,
)
from cornerman.playbook.kinds import STAGES, GaugeKind
from cornerman_client.contract import Source

SALE_LINE = "we answer mail all day"
SALE = ChecklistItem(
    "work",
    "Work",
    "Ask what they do",
    Source(id="work", title="Work", locator="playbook.yaml#work"),
    heard=("we answer mail",),
)
"""Found out by `SALE_LINE`: from then on the coach knows that this is a sales call."""


def _source(name: str) -> Source:
    return Source(id=name, title=name.title(), locator=f"playbook.yaml#{name}")


def gauge(name: GaugeKind, limit: float, *, window_s: float = 0.0, ttl_s: float = 15.0) -> GaugeDefinition:
    """A gauge whose card has its name."""
    return GaugeDefinition(
        id=name,
        gauge=name,
        side="above",
        limit=limit,
        window_s=window_s,
        card=name,
        priority=300,
        cooldown_s=60.0,
        per_call=3,
        ttl_s=ttl_s,
        locator="gauges.yaml:1",
    )


def prepared(
    *moments: MomentDefinition,
    checklist: Sequence[ChecklistItem] = (),
    disclosures: Sequence[Disclosure] = (),
    gauges: Sequence[GaugeDefinition] = (),
    signs: Sequence[StageSign] = (),
    offers: bool = True,
) -> Playbook:
    """A playbook with two lines for every stage, and a card for each disclosure and gauge."""
    book = playbook_of(*moments)
    names = [one.card for one in (*disclosures, *gauges)]
    cards = {name: Card(name, f"Say something about {name}", "", _source(name)) for name in names}
    stages = {
        stage: StageGuidance(stage, (f"First line of {stage}", f"Second line of {stage}"), _source(f"stage-{stage}"))
        for stage in STAGES
    }
    return replace(
        book,
        cards={**book.cards, **cards},
        stages=stages,
        checklist=tuple(checklist),
        compliance=Compliance((), tuple(disclosures)),
        gauges=tuple(gauges),
        signs=tuple(signs),
        budget=replace(book.budget, offers=offers),
    )
