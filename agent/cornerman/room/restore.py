"""What a coach that takes over learns from the call's earlier segments: consent, attention, and what the budget had
spent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cornerman.contract import wire
from cornerman.events import Restored
from cornerman.record.reading import Segment


@dataclass(slots=True)
class Earlier:
    """What earlier segments tell. An identity that withdrew is declined, whatever came before."""

    consent: dict[str, wire.ConsentState] = field(default_factory=dict)
    attention: wire.Attention = "live"
    spent: list[tuple[str, float]] = field(default_factory=list)

    @property
    def restored(self) -> Restored:
        """The budget's part as an event."""
        return Restored(tuple(self.spent))


def earlier_of(segments: Sequence[Segment]) -> Earlier:
    """Reads the state that outlives a coach from the journal's lines."""
    earlier = Earlier()
    for segment in segments:
        for line in segment.lines:
            if line.get("in") == "consent":
                earlier.consent[line["identity"]] = line["state"]
            elif line.get("in") == "control":
                earlier.attention = line["attention"]
            elif line.get("out") == "nudge" and line["rev"] == 0:
                earlier.spent.append((line["card"], line["decided"]))
    return earlier
