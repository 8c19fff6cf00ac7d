"""Replays a call's journal through the very same coach and says whether it decides the same, byte for byte.

In: a call's folder and a playbook. Out: under the playbook it was coached with, the decisions made now beside those
made live; under another one, what it would have decided. Where words were purged, the decisions that rested on them
cannot be made again; they are counted, not compared. The same goes for what follows words that were redacted: they are
heard with placeholders in their place.

What sentences mean is an input like any other: under the same playbook the journal's own answers are heard again, and
no model is asked. Where words were purged, requests are numbered otherwise from there on and those answers fit none:
they are left out. Under another playbook the journal's wakes, deliveries, feedback and meanings answer what is not made
any more: they are left out, and the clock, and the model where there is one, are `virtual`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cornerman.coach import Coach, CoachSettings
from cornerman.errors import JournalError
from cornerman.events import Acted, Advice, Decision, Delivery, Feedback, MeaningResult, Partial, Turn, Wake
from cornerman.playbook import Playbook
from cornerman.providers.embedding import Compares
from cornerman.record.codec import decision_fields, to_line
from cornerman.record.reading import Segment, segments_of
from cornerman.record.sealing import NO_KEYS, Keys
from cornerman.replay.lines import line_of, write_lines
from cornerman.replay.tape import Made, Place, Tape, Timed
from cornerman.replay.virtual import Book, Played, placed, play

ANSWERS = (Wake, Delivery, Feedback, MeaningResult, Advice, Acted)
"""Inputs that follow from what was decided live."""


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
    """One segment replayed. `decisions` are journal lines as decided now, `made` the same decisions; `shown` and
    `withdrawn` count nudges, `redacted` inputs that were heard with other words than are kept.
    """

    segment: int
    inputs: int
    purged: int
    decisions: tuple[str, ...]
    difference: Difference | None
    same_playbook: bool
    shown: int
    withdrawn: int
    made: tuple[Made, ...]
    redacted: int = 0


def replay_call(
    folder: Path, playbook: Playbook, comparison: Compares | None = None, keys: Keys = NO_KEYS
) -> tuple[Replayed, ...]:
    """Replays every segment of a call; `comparison` serves those that were coached with another playbook.

    Raises:
        JournalError: the folder holds no journal, or a damaged one.
    """
    same = [(one, one.header["playbook"]["digest"] == playbook.digest) for one in journal_segments(folder, keys)]
    return tuple(_replay(one, playbook) if is_same else _play(one, playbook, comparison) for one, is_same in same)


def journal_segments(folder: Path, keys: Keys = NO_KEYS) -> tuple[Segment, ...]:
    """A call's segments.

    Raises:
        JournalError: the folder holds no journal, or a damaged one.
    """
    if not folder.is_dir():
        raise JournalError(f"{folder} is no folder: give the folder of a call, as named under journal.path")
    segments = segments_of(folder, keys)
    if not segments:
        raise JournalError(f"{folder} holds no events-*.jsonl: it is not the journal of a call")
    return segments


def heard_by_meaning(segment: Segment) -> bool:
    """Whether the coach of a segment asked what sentences mean."""
    return bool(segment.header.get("meaning", {}).get("model"))


def journal_tape(segment: Segment) -> Tape:
    """What was heard in a segment, for a coach that has not heard it before."""
    times: list[float] = []
    numbers: dict[str, int] = {}
    purged = 0
    for heard in segment.heard():
        if isinstance(heard.event, Partial | Turn):
            numbers.setdefault(heard.event.turn, len(numbers))
            times.extend(time for word in heard.event.words for time in (word.start, word.end))
        purged += heard.event is None
    hours = (max(times) - min(times)) / 3600 if times else 0.0
    return Tape(
        segment.folder.name,
        hours,
        partial(_inputs, segment),
        lambda turn: Place(numbers[turn]),
        segment=segment.number,
        purged=purged,
    )


def _inputs(segment: Segment) -> Iterator[Timed]:
    for heard in segment.heard():
        if heard.event is not None and not isinstance(heard.event, ANSWERS):
            yield Timed(heard.now, heard.event)


def _play(segment: Segment, playbook: Playbook, comparison: Compares | None) -> Replayed:
    """Under another playbook."""
    played: Played = play(journal_tape(segment), Book.of(playbook, comparison=comparison))
    return Replayed(
        segment.number,
        inputs=sum(1 for _ in segment.heard()),
        purged=played.purged,
        decisions=tuple(decision_line(one.decision) for one in played.made),
        difference=None,
        same_playbook=False,
        shown=len(played.nudges),
        withdrawn=played.withdrawn,
        made=played.made,
    )


def _replay(segment: Segment, playbook: Playbook) -> Replayed:
    """Under the playbook it was coached with: every input again, wakes and answers too."""
    header = segment.header
    budget = header["budget"]
    advising = header.get("advising", {})
    settings = CoachSettings(
        budget["interval"],
        budget["burst"],
        segment.number,
        by_meaning=heard_by_meaning(segment),
        advised=bool(advising),
        early=bool(advising.get("early")),
    )
    coach = Coach(playbook, settings)
    decided: list[tuple[float, Decision]] = []
    difference: Difference | None = None
    inputs = purged = redacted = 0
    for heard in segment.heard():
        inputs += 1
        if heard.event is None:
            purged += 1
            continue
        if purged and isinstance(heard.event, MeaningResult | Advice):
            continue
        redacted += heard.redacted
        now = coach.hear(heard.event, heard.now).made
        decided.extend((heard.now, decision) for decision in now)
        if difference is None and heard.complete and not purged and not redacted:
            difference = _first_difference(heard.now, heard.decided, tuple(decision_line(one) for one in now))
    return Replayed(
        segment.number,
        inputs,
        purged,
        decisions=tuple(decision_line(decision) for _, decision in decided),
        difference=difference,
        same_playbook=True,
        shown=coach.shown,
        withdrawn=coach.withdrawn,
        made=tuple(placed(decided, journal_tape(segment))),
        redacted=redacted,
    )


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
    write_lines((line_of(made, one.segment) for one in replayed for made in one.made), file)
