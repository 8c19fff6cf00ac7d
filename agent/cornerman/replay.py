"""Replays a call's journal through the very same coach and says whether it decides the same, byte for byte.

In: a call's folder (or one segment of it) and the playbook it was coached with. Out: the decisions made now beside
those made live. Where words were purged, the decisions that rested on them cannot be made again; they are counted, not
compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cornerman.coach import Coach, CoachSettings
from cornerman.errors import JournalError
from cornerman.events import Decision
from cornerman.playbook import Playbook
from cornerman.record.codec import decision_fields, to_line
from cornerman.record.reading import Segment, segments_of


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where the replay decided otherwise; `live` and `now` are journal lines, empty where there is
    none.
    """

    at: float
    live: str
    now: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """One segment replayed. `decisions` are journal lines as decided now."""

    segment: int
    inputs: int
    purged: int
    decisions: tuple[str, ...]
    difference: Difference | None
    same_playbook: bool
    shown: int
    withdrawn: int


def replay_call(folder: Path, playbook: Playbook) -> tuple[Replayed, ...]:
    """Replays every segment of a call.

    Raises:
        JournalError: the folder holds no journal, or a damaged one.
    """
    if not folder.is_dir():
        raise JournalError(f"{folder} is no folder: give the folder of a call, as named under journal.path")
    segments = segments_of(folder)
    if not segments:
        raise JournalError(f"{folder} holds no events-*.jsonl: it is not the journal of a call")
    return tuple(_replay(segment, playbook) for segment in segments)


def _replay(segment: Segment, playbook: Playbook) -> Replayed:
    header = segment.header
    budget = header["budget"]
    coach = Coach(playbook, CoachSettings(budget["interval"], budget["burst"], segment.number))
    decisions: list[str] = []
    difference: Difference | None = None
    inputs = purged = 0
    for heard in segment.heard():
        inputs += 1
        if heard.event is None:
            purged += 1
            continue
        now = tuple(decision_line(decision) for decision in coach.hear(heard.event, heard.now).made)
        decisions.extend(now)
        if difference is None and not purged:
            difference = _first_difference(heard.now, heard.decided, now)
    same = header["playbook"]["digest"] == playbook.digest
    return Replayed(segment.number, inputs, purged, tuple(decisions), difference, same, coach.shown, coach.withdrawn)


def decision_line(decision: Decision) -> str:
    """A decision as its journal line, without the line's end."""
    return to_line(decision_fields(decision)).rstrip("\n")


def _first_difference(at: float, live: tuple[str, ...], now: tuple[str, ...]) -> Difference | None:
    for before, after in _pairs(live, now):
        if before != after:
            return Difference(at, before, after)
    return None


def _pairs(live: tuple[str, ...], now: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for index in range(max(len(live), len(now))):
        yield live[index] if index < len(live) else "", now[index] if index < len(now) else ""


def write_decisions(replayed: tuple[Replayed, ...], file: Path) -> None:
    """Writes the decisions as JSON lines, one file for a call."""
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps({"segment": one.segment, **json.loads(line)}) for one in replayed for line in one.decisions]
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
