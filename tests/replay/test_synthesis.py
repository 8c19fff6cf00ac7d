"""Partials as they would have come live: word by word, late by a constant, turns ended by silence or the cap."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded_calls import turn, write_call

from cornerman.events import Attendance, CallEnd, Consent, Partial, Speaking, Turn
from cornerman.replay.call_file import RecordedCall, Speaker, SpokenTurn, read_call, spread
from cornerman.replay.synthesis import HANGS_UP_AFTER, HEARD_AFTER, Pacing, tape_of
from cornerman.replay.tape import Place, Timed

SPEAKERS = (Speaker("anna", "Anna", "rep"), Speaker("ben", "Ben", "prospect"))


def said(index: int, identity: str, text: str, start: float, end: float) -> SpokenTurn:
    return SpokenTurn(index, identity, start, end, spread(text, start, end))


def heard(*turns: SpokenTurn, pacing: Pacing | None = None) -> list[Timed]:
    """What the coach would hear, without who came."""
    call = RecordedCall("call", "en", SPEAKERS, tuple(sorted(turns, key=lambda one: one.start)))
    timed = list(tape_of(call, pacing or Pacing()).inputs())
    return [one for one in timed if not isinstance(one.event, Attendance | Consent)]


def words(timed: Timed) -> list[str]:
    assert isinstance(timed.event, Partial | Turn)
    return [word.text for word in timed.event.words]


def test_each_word_is_heard_a_little_after_it_was_said() -> None:
    inputs = heard(said(0, "ben", "ab cd", 1.0, 3.0))
    partials = [one for one in inputs if isinstance(one.event, Partial)]
    assert [words(one) for one in partials] == [["ab"], ["ab", "cd"]]
    assert [one.now for one in partials] == [2.0 + HEARD_AFTER, 3.0 + HEARD_AFTER]


@pytest.mark.parametrize(("silence", "ends"), [(0.5, 3.5), (0.1, 3.0 + HEARD_AFTER)])
def test_a_turn_ends_after_the_silence_and_not_before_its_last_word_is_heard(silence: float, ends: float) -> None:
    (ended,) = [
        one for one in heard(said(0, "ben", "ab cd", 1.0, 3.0), pacing=Pacing(silence)) if type(one.event) is Turn
    ]
    assert (ended.now, words(ended)) == (ends, ["ab", "cd"])


def test_voices_sound_from_start_to_end_of_turns() -> None:
    inputs = heard(said(0, "anna", "x", 1.0, 2.0), said(1, "anna", "y", 1.5, 3.0), said(2, "ben", "z", 2.0, 2.0))
    voices = [one.event for one in inputs if isinstance(one.event, Speaking)]
    assert voices == [Speaking("anna", True, 1.0), Speaking("anna", False, 3.0)]


def test_turns_that_overlap_interleave() -> None:
    inputs = heard(said(0, "ben", "one two", 0.0, 4.0), said(1, "anna", "but wait", 1.5, 3.0))
    spoken = [(one.event.identity, words(one)[-1]) for one in inputs if isinstance(one.event, Partial)]
    assert spoken == [("ben", "one"), ("anna", "but"), ("anna", "wait"), ("ben", "two")]


def test_finals_alone_come_when_they_would_with_partials() -> None:
    turns = (said(0, "ben", "one two", 0.0, 4.0), said(1, "anna", "but wait", 1.5, 3.0))
    finals = heard(*turns, pacing=Pacing(finals_only=True))
    assert not [one for one in finals if isinstance(one.event, Partial)]
    assert finals == [one for one in heard(*turns) if not isinstance(one.event, Partial)]


def test_a_monologue_is_cut_at_the_cap_and_every_part_knows_its_turn() -> None:
    call = RecordedCall("call", "en", SPEAKERS, (said(7, "ben", " ".join(["word"] * 100), 0.0, 100.0),))
    tape = tape_of(call, Pacing(longest=30.0))
    turns = [one.event for one in tape.inputs() if isinstance(one.event, Turn)]
    assert [len(one.words) for one in turns] == [30, 30, 30, 10]
    assert [tape.place(one.turn) for one in turns] == [Place(7, 0), Place(7, 30), Place(7, 60), Place(7, 90)]


def test_a_call_without_turns_only_begins_and_ends() -> None:
    assert heard() == [Timed(HANGS_UP_AFTER, CallEnd("the recording is over"))]


def test_one_speaker_alone_is_heard_and_the_rep_is_there(tmp_path: Path) -> None:
    file = write_call(
        tmp_path / "a.json", turn(0, "ben", "hello", 0.0), participants=[{"identity": "ben", "role": "prospect"}]
    )
    events = [one.event for one in tape_of(read_call(file), Pacing()).inputs()]
    assert Attendance("rep", "", "rep", True) in events
    assert any(isinstance(event, Turn) and event.identity == "ben" for event in events)


def test_a_turn_in_which_nothing_is_said_is_no_turn() -> None:
    assert not [one for one in heard(said(0, "ben", "", 1.0, 2.0)) if isinstance(one.event, Partial | Turn)]


MOMENTS = st.floats(0, 200)
TURNS = st.lists(
    st.tuples(st.sampled_from(["anna", "ben"]), st.integers(0, 40), MOMENTS, st.floats(0, 60)), min_size=0, max_size=12
)


@given(TURNS, st.booleans())
def test_whatever_the_times_every_word_is_heard_in_order_and_the_clock_never_goes_back(
    given_turns: list[tuple[str, int, float, float]], finals_only: bool
) -> None:
    turns = [
        said(index, who, " ".join(f"w{word}" for word in range(count)), start, start + seconds)
        for index, (who, count, start, seconds) in enumerate(given_turns)
    ]
    call = RecordedCall("call", "en", SPEAKERS, tuple(sorted(turns, key=lambda one: one.start)))
    tape = tape_of(call, Pacing(finals_only=finals_only))
    inputs = list(tape.inputs())
    assert [one.now for one in inputs] == sorted(one.now for one in inputs)
    assert list(tape.inputs()) == inputs
    ended: dict[str, Turn] = {}
    for one in inputs:
        if isinstance(one.event, Partial):
            assert one.event.turn not in ended
        elif isinstance(one.event, Turn):
            ended[one.event.turn] = one.event
    for spoken in turns:
        parts = [event for name, event in ended.items() if tape.place(name).turn == spoken.index]
        parts.sort(key=lambda event: tape.place(event.turn).words_before)
        assert tuple(word for part in parts for word in part.words) == spoken.words
