"""A gauge's limit: passed once, and again only after the value has clearly come back.

A definition and values go in, crossings come out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cornerman.events import Reading
from cornerman.playbook import GaugeDefinition

COME_BACK: Final = 0.1
"""Share of the limit by which a value must have come back before it can pass the limit anew: less, and a value that
trembles at its limit would be told again and again."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """A gauge has passed its limit."""

    definition: GaugeDefinition
    reading: Reading


class Limit:
    """Watches one definition."""

    def __init__(self, definition: GaugeDefinition) -> None:
        self.definition = definition
        self.armed = True
        """Whether the next value beyond the limit is a crossing."""

    def passed(self, value: float) -> bool:
        """Whether this value is a new crossing."""
        limit = self.definition.limit
        above = self.definition.side == "above"
        if value > limit if above else value < limit:
            crossed, self.armed = self.armed, False
            return crossed
        back = limit * (1 - COME_BACK if above else 1 + COME_BACK)
        if value <= back if above else value >= back:
            self.armed = True
        return False
