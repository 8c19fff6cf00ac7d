"""What a coach that takes over learns from the call's earlier segments.

In: segments as read back. Out: consent, attention, what the budget had spent, and cards the rep may still see.
A card whose words were purged is not restored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cornerman.contract import wire
from cornerman.events import Evidence, Nudge, Partial, Restored, Turn, Word
from cornerman.record.reading import Segment


@dataclass(slots=True)
class Earlier:
    """What earlier segments tell. `cards` are the latest live revisions by id."""

    consent: dict[str, wire.ConsentState] = field(default_factory=dict)
    attention: wire.Attention = "live"
    spent: list[tuple[str, float]] = field(default_factory=list)
    cards: dict[str, Nudge] = field(default_factory=dict)

    @property
    def restored(self) -> Restored:
        """The budget's part as an event."""
        return Restored(tuple(self.spent))


def earlier_of(segments: Sequence[Segment]) -> Earlier:
    """Reads the state that outlives a coach from the journal."""
    earlier = Earlier()
    for segment in segments:
        for line in segment.lines:
            if line.get("in") == "consent":
                earlier.consent[line["identity"]] = line["state"]
            elif line.get("in") == "control":
                earlier.attention = line["attention"]
            elif line.get("out") == "nudge" and line["rev"] == 0:
                earlier.spent.append((line["card"], line["decided"]))
        _restore_cards(segment, earlier.cards)
    return earlier


def _restore_cards(segment: Segment, cards: dict[str, Nudge]) -> None:
    words: dict[str, tuple[Word, ...]] = {}
    for heard in segment.heard():
        if isinstance(heard.event, Partial | Turn):
            words[heard.event.turn] = heard.event.words
    for line in segment.lines:
        if line.get("out") != "nudge":
            continue
        because = [_evidence(part, words) for part in line["because"]]
        if line["status"] != "live" or not all(because):
            cards.pop(line["id"], None)
        else:
            cards[line["id"]] = _nudge(line, tuple(part for part in because if part is not None))


def _evidence(fields: Mapping[str, Any], words: Mapping[str, tuple[Word, ...]]) -> Evidence | None:
    spoken = words.get(fields["turn"], ())[fields["first"] : fields["last"] + 1]
    return Evidence(quote=" ".join(word.text for word in spoken), **fields) if spoken else None


def _nudge(line: Mapping[str, Any], because: tuple[Evidence, ...]) -> Nudge:
    fields = {key: value for key, value in line.items() if key not in ("out", "because", "sources")}
    sources = tuple(wire.Source.model_validate(source) for source in line["sources"])
    return Nudge(because=because, sources=sources, **fields)
