"""What a coach that takes over learns from the call's earlier segments.

In: segments as read back. Out: consent, attention, what the budget had spent, where the call stood, what was ticked,
and cards the rep may still see. A card whose words were purged is not restored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cornerman.contract import wire
from cornerman.events import (
    Advice,
    Cause,
    Evidence,
    Nudge,
    Partial,
    Question,
    Reading,
    Restored,
    Seen,
    Stage,
    TickedList,
    Turn,
    Word,
)
from cornerman.playbook.kinds import ANSWER_KIND, COMPLIANCE_KIND, STAGES
from cornerman.record.reading import Segment


@dataclass(slots=True)
class Earlier:
    """What earlier segments tell. `cards` are the latest live revisions by id."""

    consent: dict[str, wire.ConsentState] = field(default_factory=dict)
    attention: wire.Attention = "live"
    spent: list[tuple[str, float]] = field(default_factory=list)
    cards: dict[str, Nudge] = field(default_factory=dict)
    ticked: dict[tuple[TickedList, str], None] = field(default_factory=dict)
    reminded: dict[str, None] = field(default_factory=dict)
    stages: list[Stage] = field(default_factory=list)

    @property
    def restored(self) -> Restored:
        """The coach's part as an event."""
        stages: list[Stage] = ["opening", *self.stages]
        furthest = max(stages, key=STAGES.index)
        return Restored(tuple(self.spent), tuple(self.ticked), tuple(self.reminded), stages[-1], furthest)


def earlier_of(segments: Sequence[Segment]) -> Earlier:
    """Reads the state that outlives a coach from the journal."""
    earlier = Earlier()
    for segment in segments:
        for line in segment.lines:
            if line.get("in") == "consent":
                earlier.consent[line["identity"]] = line["state"]
            elif line.get("in") == "control":
                earlier.attention = line["attention"]
            else:
                _take_in(line, earlier)
        _restore_cards(segment, earlier.cards)
    return earlier


def _take_in(line: Mapping[str, Any], earlier: Earlier) -> None:
    """One decision that outlives the coach. Answers are not among what the budget had spent: they cost nothing."""
    match line.get("out"):
        case "nudge" if line["rev"] == 0 and line["kind"] != ANSWER_KIND:
            earlier.spent.append((line["card"], line["decided"]))
        case "moment" if line["kind"] == COMPLIANCE_KIND:
            earlier.reminded[line["definition"]] = None
        case "stagechange":
            earlier.stages.append(line["stage"])
        case "tick":
            earlier.ticked[line["checklist"], line["item"]] = None
        case "untick":
            earlier.ticked.pop((line["checklist"], line["item"]), None)


def _restore_cards(segment: Segment, cards: dict[str, Nudge]) -> None:
    words: dict[str, tuple[Word, ...]] = {}
    written: dict[str, Advice] = {}
    for heard in segment.heard():
        if isinstance(heard.event, Partial | Turn):
            words[heard.event.turn] = heard.event.words
        elif isinstance(heard.event, Advice):
            written[heard.event.name] = heard.event
    for line in segment.lines:
        if line.get("out") != "nudge":
            continue
        because = [_cause(part, words) for part in line["because"]]
        advice = written.get(line.get("advised", ""))
        if line["status"] == "withdrawn" or not all(because) or (line.get("advised") and advice is None):
            cards.pop(line["id"], None)
        else:
            before = cards.get(line["id"])
            cards[line["id"]] = _nudge(line, tuple(part for part in because if part is not None), advice, before)


def _cause(fields: Mapping[str, Any], words: Mapping[str, tuple[Word, ...]]) -> Cause | None:
    """What a journal line names as a cause; None where its words were purged."""
    if "gauge" in fields:
        return Reading(**fields)
    if "ask" in fields:
        return Question(**fields)
    if "hash" in fields:
        return Seen(**fields)
    spoken = words.get(fields["turn"], ())[fields["first"] : fields["last"] + 1]
    return Evidence(quote=" ".join(word.text for word in spoken), **fields) if spoken else None


def _nudge(line: Mapping[str, Any], because: tuple[Cause, ...], advice: Advice | None, before: Nudge | None) -> Nudge:
    """A card as it stood. Its words are the last that will come, and who carried its action out is gone. Where advice
    had a headline only so far, the detail is that of the revision before.
    """
    apart = ("out", "because", "sources", "saw", "action", "status", "final")
    fields = {key: value for key, value in line.items() if key not in apart}
    if advice is not None:
        stays = before.detail if before is not None and advice.status != "final" else ""
        fields |= {"headline": advice.headline, "detail": advice.detail or stays}
    sources = tuple(wire.Source.model_validate(source) for source in line["sources"])
    return Nudge(because=because, sources=sources, saw=tuple(line.get("saw", ())), status="live", **fields)
