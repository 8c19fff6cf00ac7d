"""What an author may write in gauges.yaml: which gauge is worth a word to the rep, and the card to show then.

As `schema`, of which it is a part.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, model_validator

from cornerman.playbook.kinds import GaugeKind
from cornerman.playbook.schema import Written
from cornerman.playbook.values import CardId, Count, Detail, Headline, Identifier, Priority, Seconds, Text, TimeToLive

Limit = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=3_600)]
Window = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=60, le=7_200)]


class GaugePart(Written):
    """One gauge with its limit, and the card to show when the limit is passed. What is left out has a usual value."""

    model_config = ConfigDict(
        json_schema_extra={
            "not": {"required": ["above", "below"]},
            "oneOf": [{"required": ["card"]}, {"required": ["headline", "detail", "reason"]}],
        }
    )

    id: Identifier
    gauge: GaugeKind
    """talk_ratio (0 to 1), monologue and dead_air (seconds), interruption and questions (how many), pace (words a
    minute), patience (seconds the rep waits before answering)."""
    above: Limit | None = None
    """The card is due when the value passes this limit; default: the usual one of the gauge."""
    below: Limit | None = None
    """The card is due when the value falls below this limit."""
    window_s: Window | None = None
    """Seconds of the call the value is measured over (for pace: seconds of speaking); default: the gauge's usual ones.
    monologue and dead_air have none."""
    card: CardId | None = None
    """The card to show, like plays/ask-back; or write headline, detail and reason here."""
    headline: Headline | None = None
    """6 to 12 words, read at a glance while listening."""
    detail: Detail | None = None
    reason: Text | None = None
    """Why it matters; the rep can open it."""
    priority: Priority = 300
    """0 to 1000; below the usual 500 of moments, so that what was said goes first."""
    cooldown_s: Seconds = 600.0
    """Seconds before the card may return."""
    per_call: Count = 2
    """How often the card may be shown in a call."""
    ttl_s: TimeToLive = 30.0
    """Seconds after which it is too late to show it; it waits for the end of a turn."""

    @model_validator(mode="after")
    def _show_one_card(self) -> GaugePart:
        written = [self.headline, self.detail, self.reason]
        if self.card is not None and any(written):
            raise ValueError("the entry names a card and writes one, too; remove card, or headline, detail and reason")
        if self.card is None and not all(written):
            raise ValueError("the entry has no card to show; name one (card), or write headline, detail and reason")
        return self
