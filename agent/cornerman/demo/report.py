"""What the demo proved: planted moments against nudges, near misses, times, and the witness.

In: the recording's own timeline, the nudges the rep's client showed, the call's journal, the witness's counts. Out: one
report, as JSON and as a table. Time zero of each trigger comes from the recording, never from the recogniser.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

from cornerman.config import load_settings
from cornerman.contract import wire
from cornerman.demo_call import NearMiss, Planted, Recording
from cornerman.events import Delivery, MeaningResult, Turn
from cornerman.record.reading import Segment, segments_of
from cornerman.record.sealing import journal_keys
from cornerman.stand_ins.witness import Testimony

BEFORE, AFTER = 1.0, 1.5
"""How far recognised word times may stray from the recording's, in seconds, for a nudge to count as caused by a
trigger.
"""
ENOUGH = 0.8
"""Share of planted moments that must reach the rep."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A nudge as the rep's client got it: its newest revision, and when revision 0 was acknowledged (recording
    time).
    """

    nudge: wire.Nudge
    acked: float
    offset: float

    @property
    def words(self) -> wire.WordsBecause | None:
        """The words that caused it; None where a gauge did."""
        return next((one for one in self.nudge.because if isinstance(one, wire.WordsBecause)), None)

    def caused_by(self, speaker: str, start: float, end: float) -> bool:
        """True when the words that caused it are this speaker's and lie at these seconds of the recording."""
        words = self.words
        if words is None or words.speaker != speaker:
            return False
        return start - BEFORE <= words.start - self.offset and words.end - self.offset <= end + AFTER


@dataclass(frozen=True, slots=True)
class NudgeLine:
    """One row of the report; times in milliseconds. `quote` is empty where a gauge caused the nudge."""

    kind: str
    headline: str
    quote: str
    sources: list[str]
    own_ms: float
    spoken_to_ack_ms: float | None
    planted: bool


@dataclass(frozen=True, slots=True)
class Report:
    """The whole report; field names are the JSON's."""

    ok: bool
    planted: int
    delivered: int
    near_misses: int
    near_misses_fired: int
    withdrawn: int
    ungrounded: int
    nudges: list[NudgeLine]
    own_ms: dict[str, float]
    spoken_to_ack_ms: dict[str, float]
    meaning: dict[str, Any]
    witness: dict[str, Any]
    journal: str

    def as_json(self) -> dict[str, Any]:
        """Plain values for a script to read."""
        return asdict(self)


def make_report(recording: Recording, shown: Sequence[Shown], journal: Path, testimony: Testimony) -> Report:
    """Puts the evidence together."""
    segment = segments_of(journal, journal_keys(load_settings().journal))[-1]
    own = _own_times(segment)
    said = _said(segment)
    live = [one for one in shown if one.nudge.status != "withdrawn"]
    matches = {one.nudge.id: _planted_of(one, recording.planted) for one in live}
    delivered = {planted for planted in matches.values() if planted is not None}
    fired = sum(any(_is_near_miss(one, near) for one in shown) for near in recording.near_misses)
    lines = [_line(one, matches[one.nudge.id], own.get(one.nudge.id, 0.0)) for one in live]
    ungrounded = sum(one.words is not None and one.words.quote not in said for one in live)
    enough = len(delivered) >= ENOUGH * len(recording.planted)
    return Report(
        ok=enough and fired == 0 and ungrounded == 0 and testimony.clean,
        planted=len(recording.planted),
        delivered=len(delivered),
        near_misses=len(recording.near_misses),
        near_misses_fired=fired,
        withdrawn=len(shown) - len(live),
        ungrounded=ungrounded,
        nudges=lines,
        own_ms=_percentiles(own.values()),
        spoken_to_ack_ms=_percentiles(line.spoken_to_ack_ms for line in lines if line.spoken_to_ack_ms is not None),
        meaning=_meaning(segment),
        witness={"messages": testimony.messages, "bytes": testimony.bytes, "tracks": testimony.tracks},
        journal=str(journal),
    )


def _line(one: Shown, planted: Planted | None, own: float) -> NudgeLine:
    return NudgeLine(
        kind=one.nudge.kind,
        headline=one.nudge.headline,
        quote=one.words.quote if one.words is not None else "",
        sources=[source.locator for source in one.nudge.sources],
        own_ms=round(own, 1),
        spoken_to_ack_ms=round((one.acked - planted.trigger_end) * 1000, 1) if planted is not None else None,
        planted=planted is not None,
    )


def _planted_of(one: Shown, planted: Iterable[Planted]) -> Planted | None:
    return next(
        (
            each
            for each in planted
            if each.kind == one.nudge.kind and one.caused_by(each.speaker, each.trigger_start, each.trigger_end)
        ),
        None,
    )


def _is_near_miss(one: Shown, near: NearMiss) -> bool:
    return one.caused_by(near.speaker, near.trigger_start, near.trigger_end)


def _own_times(segment: Segment) -> dict[str, float]:
    """Milliseconds from the partial heard (or, for a nudge that waited its turn, from its release) to the rep's ack."""
    decided = {
        line["id"]: float(line["decided"]) for line in segment.lines if line.get("out") == "nudge" and line["rev"] == 0
    }
    times = {}
    for heard in segment.heard():
        event = heard.event
        if isinstance(event, Delivery) and event.rev == 0 and event.outcome == "shown":
            times[event.nudge] = (heard.now - decided[event.nudge]) * 1000
    return times


def _meaning(segment: Segment) -> dict[str, Any]:
    """How sentences were compared with examples at the end, and how many were."""
    facts = dict(segment.header.get("meaning", {}))
    for note in segment.notes():
        facts.update(note.get("meaning", {}))
    understood = sum(isinstance(heard.event, MeaningResult) for heard in segment.heard())
    return {**facts, "sentences": understood}


def _said(segment: Segment) -> str:
    """All completed turns as one text."""
    turns = [heard.event for heard in segment.heard() if isinstance(heard.event, Turn)]
    return "\n".join(" ".join(word.text for word in turn.words) for turn in turns)


def _percentiles(values: Iterable[float]) -> dict[str, float]:
    known = sorted(values)
    if len(known) < 2:
        return {"p50": known[0] if known else 0.0, "p95": known[0] if known else 0.0}
    cuts = quantiles(known, n=100, method="inclusive")
    return {"p50": round(cuts[49], 1), "p95": round(cuts[94], 1)}
