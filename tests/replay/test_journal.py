"""A journal under the playbook it was coached with, and under another one."""

from __future__ import annotations

from pathlib import Path

import pytest
from advised_scenes import LOG, SECTION
from recorded_calls import lines_of
from scenes import definition, playbook, spoken

from cornerman.coach import Coach, CoachSettings
from cornerman.events import (
    Acted,
    Advice,
    Ask,
    Attendance,
    Consent,
    Delivery,
    Event,
    Feedback,
    Partial,
    Purge,
    ScreenChange,
    Turn,
    Wake,
)
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


def write(folder: Path, events: list[tuple[Event, float]], *, early: bool | None = None) -> Path:
    """The journal of a call that was coached live with LIVE; `early`: there was a lane, and it was asked early."""
    header: dict[str, object] = {"playbook": {"digest": LIVE.digest}, "budget": {"interval": 20.0, "burst": 1}}
    if early is not None:
        header["advising"] = {"models": ["told"], "early": early}
    journal = Journal(folder, header)
    coach = Coach(LIVE, CoachSettings(20.0, 1, journal.segment, advised=early is not None, early=bool(early)))
    for event, now in events:
        journal.hear(event, now)
        for decision in coach.hear(event, now).made:
            journal.decide(decision)
        if isinstance(event, Purge):
            journal.purge(event.identity)
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


# -- a call with a reasoning lane --

EARLY = "that is too expensive."
ADVISED: list[tuple[Event, float]] = [
    *CALL[:3],
    (Partial("t1", "prospect", "prospect", spoken(EARLY, 1.0)), 2.5),
    (Advice("1-r1", 1, "final", "Zebra finds it dear", "Ask it.", (SECTION,), LOG, ("prospect",)), 2.6),
    (Turn("t1", "prospect", "prospect", spoken(EARLY, 1.0), 1.0, 2.3, 0.9), 3.0),
    (Feedback("1-1", "confirm"), 4.0),
    (Acted(LOG.id, True), 4.5),
    (ScreenChange("error", 30.0, "0f0f"), 30.0),
    (Ask("1-q1"), 31.0),
    (Partial("t2", "prospect", "prospect", spoken("we answer mail all day.", 60.0)), 62.0),
    (Advice("1-r3", 1, "silent", saw=("prospect",)), 62.5),
    (Partial("t2", "prospect", "prospect", spoken("we answer mail all day.", 60.0)), 63.0),
    (Turn("t2", "prospect", "prospect", spoken("we answer mail all day long", 60.0), 60.0, 62.0, 0.9), 64.0),
]


@pytest.mark.parametrize("early", [True, False])
def test_a_call_with_advice_replays_byte_for_byte(tmp_path: Path, early: bool) -> None:
    (replayed,) = replay_call(write(tmp_path / "call", ADVISED, early=early), LIVE)
    assert (replayed.difference, replayed.same_playbook, replayed.purged) == (None, True, 0)
    kinds = [type(one.decision).__name__ for one in replayed.made]
    assert ("AdviceKept" in kinds, "AdviceDropped" in kinds, "Act" in kinds) == (early, early, True)


def test_its_lines_tell_what_was_asked_and_hold_no_word_of_a_model(tmp_path: Path) -> None:
    folder = write(tmp_path / "call", ADVISED, early=True)
    write_decisions(replay_call(folder, LIVE), tmp_path / "out.jsonl")
    lines = lines_of(tmp_path / "out.jsonl")
    assert [(one["type"], one["turn"]) for one in lines if one["type"] not in ("moment", "figures")] == [
        ("advice_request", 0),
        ("nudge", 0),
        ("advice_kept", 0),
        ("nudge_revised", 0),
        ("act", None),
        ("nudge_revised", 0),
        ("advice_request", None),
        ("advice_request", None),
        ("advice_request", 1),
        ("advice_dropped", 1),
        ("advice_request", 1),
    ]
    asked = [one for one in lines if one["type"] == "advice_request"]
    assert [one.get("words", one.get("frame", one.get("ask"))) for one in asked] == [
        *([0, 3], "0f0f", "1-q1", [0, 4], [0, 5])
    ]
    assert [one["early"] for one in asked] == [True, False, False, True, False]
    cards = [one for one in lines if one["type"].startswith("nudge")]
    assert [(one.get("headline"), one.get("advised")) for one in cards] == [
        ("Say something about price", None),
        (None, "1-r1/1"),
        (None, "1-r1/1"),
    ]
    assert "zebra" not in (tmp_path / "out.jsonl").read_text().lower()


def test_after_a_purge_the_rest_is_played_without_what_was_made_of_the_words(tmp_path: Path) -> None:
    events = [*ADVISED, (Purge("prospect"), 70.0)]
    folder = write(tmp_path / "call", events, early=True)
    (replayed,) = replay_call(folder, LIVE)
    assert (replayed.purged, replayed.difference) == (7, None)
    assert not any(one.decision for one in replayed.made if getattr(one.decision, "advised", ""))
    assert list(folder.glob("texts-*")) == list(folder.glob("words-*")) == []


def test_under_another_playbook_what_a_model_said_of_the_live_call_is_left_out(tmp_path: Path) -> None:
    folder = write(tmp_path / "call", ADVISED, early=True)
    (played,) = replay_call(folder, other("price"))
    assert (played.same_playbook, played.shown) == (False, 1)
    assert {type(one.decision).__name__ for one in played.made} == {"Moment", "Nudge"}
