"""The names a playbook may use: kinds of moment, stages of a call and who may say a line.

Constants only. The kinds are the design's; a playbook declares further kinds of its own under `kinds` in playbook.yaml.
"""

from __future__ import annotations

from typing import Literal

Stage = Literal["opening", "discovery", "presentation", "negotiation", "closing"]
SpeakerRole = Literal["prospect", "rep", "colleague"]

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
GAUGE_KINDS = frozenset({"monologue", "dead_air", "talk_ratio", "interruption", "pace"})
COMPLIANCE_KIND = "compliance"
SCREEN_KIND = "screen"
RESERVED_KINDS = WORD_KINDS | GAUGE_KINDS | {COMPLIANCE_KIND, SCREEN_KIND, "answer", "stage"}
