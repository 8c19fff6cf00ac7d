"""Holds what a model wrote against what it was offered and what was said: nothing else reaches the rep."""

from cornerman.advising.grounding.card import check_card
from cornerman.advising.grounding.check import check
from cornerman.advising.grounding.evidence import prepare, warm
from cornerman.advising.grounding.forbidden import Forbidden
from cornerman.advising.grounding.offered import Fault, FaultKind, Grounds, Offered, Said, Verdict

__all__ = [
    "Fault",
    "FaultKind",
    "Forbidden",
    "Grounds",
    "Offered",
    "Said",
    "Verdict",
    "check",
    "check_card",
    "prepare",
    "warm",
]
