"""Completed turns and small playbooks for tests of the course of a call: stage, checklist, disclosures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scenes import playbook as playbook_of
from scenes import spoken

from cornerman.coach.transcript import Utterance
from cornerman.contract import Role
from cornerman.playbook import ChecklistItem, Compliance, Disclosure, Playbook, StageSign
from cornerman.playbook.kinds import STAGES, SpeakerRole, Stage
from cornerman_client.contract import Source

ANYBODY: tuple[SpeakerRole, ...] = ("rep", "prospect", "colleague")
WORDS: dict[Stage, str] = {
    "opening": "agenda for today",
    "discovery": "biggest problem",
    "presentation": "share my screen",
    "negotiation": "payment terms",
    "closing": "next step",
}
"""A phrase for each stage; none is part of another."""


def said(text: str, *, turn: str = "t1", who: Role = "prospect", at: float = 0.0) -> Utterance:
    """A completed turn."""
    return Utterance(turn, who, who, spoken(text, at), True)


def signs(roles: tuple[SpeakerRole, ...] = ANYBODY) -> tuple[StageSign, ...]:
    """One phrase for each stage."""
    return tuple(StageSign(stage, roles, (WORDS[stage],), ()) for stage in STAGES)


def item(
    name: str,
    *,
    heard: tuple[str, ...] = (),
    asked: tuple[str, ...] = (),
    roles: tuple[SpeakerRole, ...] = ("prospect",),
    stage: Stage | None = None,
) -> ChecklistItem:
    """An item of a checklist."""
    source = Source(id=name, title=name, locator=f"playbook.yaml#{name}")
    return ChecklistItem(name, name.title(), f"Ask about {name}", source, heard, asked, roles, stage)


def disclosure(name: str, *phrases: str, stage: Stage | None = None) -> Disclosure:
    """Something to be said."""
    return Disclosure(name, name.title(), phrases, stage, f"compliance/{name}", "It is the law.")


def course(
    *,
    signs: tuple[StageSign, ...] = (),
    checklist: Sequence[ChecklistItem] = (),
    disclosures: Sequence[Disclosure] = (),
    goodbyes: tuple[str, ...] = (),
    language: str = "en",
) -> Playbook:
    """A playbook that knows no moments, only the course of a call."""
    return replace(
        playbook_of(),
        signs=signs,
        checklist=tuple(checklist),
        compliance=Compliance((), tuple(disclosures)),
        goodbyes=goodbyes,
        language=language,
    )
