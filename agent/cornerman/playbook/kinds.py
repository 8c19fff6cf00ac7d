"""The names a playbook may use: kinds of moment, stages of a call and who may say a line.

Constants only. The kinds are the design's; a playbook declares further kinds of its own under `kinds` in playbook.yaml.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

from cornerman.events import Stage as Stage

SpeakerRole = Literal["prospect", "rep", "colleague"]
GaugeKind = Literal["monologue", "dead_air", "talk_ratio", "interruption", "pace", "questions", "patience"]

STAGES: tuple[Stage, ...] = ("opening", "discovery", "presentation", "negotiation", "closing")

WORD_KINDS = frozenset(
    {
        "price_objection",
        "price_question",
        "discount_request",
        "competitor_mention",
        "trust_concern",
        "timing_stall",
        "authority",
        "requirement",
        "buying_signal",
        "commitment",
    }
)
GAUGE_KINDS: frozenset[str] = frozenset(get_args(GaugeKind))
COMPLIANCE_KIND = "compliance"
SCREEN_KIND = "screen"
ANSWER_KIND = "answer"
STAGE_KIND = "stage"
CHECKLIST_KIND = "checklist"
ADVICE_KIND = "advice"
RESERVED_KINDS = (
    WORD_KINDS | GAUGE_KINDS | {COMPLIANCE_KIND, SCREEN_KIND, ANSWER_KIND, STAGE_KIND, CHECKLIST_KIND, ADVICE_KIND}
)
KIND_STAGES: Final[dict[str, Stage]] = {
    "requirement": "discovery",
    "price_question": "negotiation",
    "price_objection": "negotiation",
    "discount_request": "negotiation",
    "buying_signal": "closing",
    "commitment": "closing",
}
"""The stage a kind of moment belongs to, unless a playbook's signs say otherwise. The other kinds tell none."""
