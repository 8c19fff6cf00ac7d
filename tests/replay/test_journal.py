"""A journal under the playbook it was coached with, and under another one."""

from __future__ import annotations

from pathlib import Path

from recorded_calls import lines_of
from scenes import definition, playbook, spoken

from cornerman.coach import Coach, CoachSettings
from cornerman.events import Attendance, Consent, Delivery, Event, Feedback, Partial, Turn, Wake
from cornerman.playbook import Playbook
from cornerman.record.journal import Journal
from cornerman.replay import replay_call, write_decisions

PRICE = definition("price", "too expensive")
LATER = definition("later", "next quarter", kind="timing_stall", priority=100)
LIVE = playbook(PRICE)


def other(*moments: str) -> Playbook:
    """Another playbook: its digest is another one too."""
    known = {"price": PRICE, "later": LATER}
    book = playbook(*(known[name] for name in moments))
    object.__setattr__(book, "digest", "1" * 64)
    return book


def write(folder: Path, events: list[tuple[Event, float]]) -> Path:
    """The journal of a call that was coached live with LIVE."""
    header = {"playbook": {"digest": LIVE.digest}, "budget": {"interval": 20.0, "burst": 1}}
    journal = Journal(folder, header)
    coach = Coach(LIVE, CoachSettings(20.0, 1, journal.segment))
    for event, now in events:
        journal.hear(event, now)
        for decision in coach.hear(event, now).made:
            journal.decide(decision)
    journal.close()
    return folder


CALL: list[tuple[Event, float]] = [
    (Attendance("rep", "Maya", "rep", True), 0.1),
    (Attendance("prospect", "Tom", "prospect", True), 0.2),
    (Consent("prospect", "granted", "rep"), 0.3),
    (Partial("t7", "prospect", "prospect", spoken("hello", 1.0)), 1.5),
    (Turn("t7", "prospect", "prospect", spoken("hello", 1.0), 1.0, 1.3, 0.9), 1.9),
    (Partial("t9", "prospect", "prospect", spoken("too expensive", 2.0)), 3.0),
    (Delivery("1-1", 0, "shown"), 3.1),
    (Turn("t9", "prospect", "prospect", spoken("too expensive for next quarter", 2.0), 2.0, 3.5, 0.9), 4.0),
    (Feedback("1-1", "dismissed"), 5.0),
    (Wake(), 6.0),
]


def test_turns_are_numbered_as_they_were_heard(tmp_path: Path) -> None:
    replayed = replay_call(write(tmp_path / "call", CALL), LIVE)
    write_decisions(replayed, tmp_path / "out.jsonl")
    assert [(line["type"], line["turn"], line["segment"]) for line in lines_of(tmp_path / "out.jsonl")] == [
        ("moment", 1, 1),
        ("nudge", 1, 1),
    ]


def test_another_playbook_decides_on_its_own_clock(tmp_path: Path) -> None:
    """Its wakes are its own; what the rep did with the cards of the live call is left out."""
    folder = write(tmp_path / "call", CALL)
    (one,) = replay_call(folder, other("price", "later"))
    assert (one.same_playbook, one.difference, one.shown) == (False, None, 2)
    said = [(made.at, type(made.decision).__name__) for made in one.made]
    assert said == [(3.0, "Moment"), (3.0, "Nudge"), (4.0, "Moment"), (4.0, "Nudge")]
    (silent,) = replay_call(folder, other())
    assert (silent.decisions, silent.shown) == ((), 0)


def test_words_that_were_purged_are_counted_and_not_missed(tmp_path: Path) -> None:
    folder = write(tmp_path / "call", CALL)
    for file in folder.glob("words-*"):
        file.unlink()
    (one,) = replay_call(folder, other("price"))
    assert (one.purged, one.decisions) == (4, ())
