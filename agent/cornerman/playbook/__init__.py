"""A company's playbook: what to notice, what to say then, and what supports it. Knows no call.

`load_playbook(folder)` gives a frozen, checked `Playbook`, or `cornerman.errors.PlaybookError` with every fault at
file and line. `Shelf` gives the same to a worker that goes on while playbooks are changed.
"""

from cornerman.playbook.loader import load_playbook
from cornerman.playbook.model import (
    COMPETITOR_CARD,
    Budget,
    Card,
    ChecklistItem,
    Competitor,
    Compliance,
    Criterion,
    Disclosure,
    DiscountRule,
    Discounts,
    ForbiddenClaim,
    GaugeDefinition,
    MomentDefinition,
    Playbook,
    PlaybookTest,
    Product,
    Rubric,
    Said,
    Section,
    StageGuidance,
    StageSign,
)
from cornerman.playbook.shelf import Shelf

__all__ = [
    "COMPETITOR_CARD",
    "Budget",
    "Card",
    "ChecklistItem",
    "Competitor",
    "Compliance",
    "Criterion",
    "Disclosure",
    "DiscountRule",
    "Discounts",
    "ForbiddenClaim",
    "GaugeDefinition",
    "MomentDefinition",
    "Playbook",
    "PlaybookTest",
    "Product",
    "Rubric",
    "Said",
    "Section",
    "Shelf",
    "StageGuidance",
    "StageSign",
    "load_playbook",
]
