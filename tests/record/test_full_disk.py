"""A line that does not fit is not there at all: what was written before and after it can be read and replayed."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from scenes import definition, playbook, spoken

from cornerman.coach import Coach, CoachSettings
from cornerman.errors import JournalError
from cornerman.events import Attendance, Event, Partial, Turn
from cornerman.record.appending import append_whole
from cornerman.record.journal import Journal
from cornerman.record.reading import segments_of
from cornerman.replay import replay_call

BOOK = playbook(definition("price", "too expensive"))
HEADER = {"playbook": {"digest": BOOK.digest}, "budget": {"interval": 20.0, "burst": 2}}
BEFORE: list[tuple[Event, float]] = [
    (Attendance("prospect", "Tom", "prospect", True), 0.2),
    (Partial("t1", "prospect", "prospect", spoken("that is", 1.0)), 2.0),
]
MEANWHILE: list[tuple[Event, float]] = [
    (Partial("t1", "prospect", "prospect", spoken("that is too expensive", 1.0)), 2.3),
    (Partial("t1", "prospect", "prospect", spoken("that is too expensive for", 1.0)), 2.6),
]
AFTER: list[tuple[Event, float]] = [
    (Turn("t1", "prospect", "prospect", spoken("that is too expensive for us", 1.0), 1.0, 2.8, 0.9), 3.1)
]


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """The kernel's limit; a write that meets it takes what fits, and the next one nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def write(journal: Journal, coach: Coach, heard: list[tuple[Event, float]]) -> int:
    """Inputs and what is decided upon them, as the driver writes them; how many lines did not fit."""
    missing = 0
    for event, now in heard:
        try:
            journal.hear(event, now)
        except OSError:
            missing += 1
        for decision in coach.hear(event, now).made:
            try:
                journal.decide(decision)
            except OSError:
                missing += 1
    return missing


def test_a_journal_that_has_no_room_to_begin_says_so_and_holds_no_file(tmp_path: Path) -> None:
    before = set(Path("/proc/self/fd").iterdir())
    with no_file_longer_than(10), pytest.raises(JournalError, match="a writable folder with room"):
        Journal(tmp_path / "call", HEADER)
    assert set(Path("/proc/self/fd").iterdir()) == before
    Journal(tmp_path / "call", HEADER).close()
    assert [segment.number for segment in segments_of(tmp_path / "call")][-1] == 2


@pytest.mark.parametrize("room", [0, 1, 25])
@pytest.mark.parametrize("which", ["events-1.jsonl", "words-1-1.jsonl"])
def test_lines_that_do_not_fit_damage_no_others(tmp_path: Path, which: str, room: int) -> None:
    journal, coach = Journal(tmp_path, HEADER), Coach(BOOK, CoachSettings())
    assert write(journal, coach, BEFORE) == 0
    with no_file_longer_than((tmp_path / which).stat().st_size + room):
        assert write(journal, coach, MEANWHILE) > 0
    assert write(journal, coach, AFTER) == 0
    journal.note({"sent": {}})
    journal.close()
    (segment,) = segments_of(tmp_path)
    heard = list(segment.heard())
    assert [one.event for one in heard if one.now < 2.1] == [event for event, _ in BEFORE]
    assert heard[-1].event == AFTER[0][0]
    assert [one.complete for one in heard if one.now < 2.0] == [True]
    assert not heard[-1].complete
    assert any(line.get("lost", 0) > 0 for line in segment.lines)
    (replayed,) = replay_call(tmp_path, BOOK)
    assert replayed.difference is None


def test_a_line_is_appended_whole_or_not_at_all(tmp_path: Path) -> None:
    with (tmp_path / "file").open("ab", buffering=0) as file:
        append_whole(file.fileno(), b"one\n")
        with no_file_longer_than(6), pytest.raises(OSError, match="No space left"):
            append_whole(file.fileno(), b"two\n")
        append_whole(file.fileno(), b"three\n")
    assert (tmp_path / "file").read_bytes() == b"one\nthree\n"
