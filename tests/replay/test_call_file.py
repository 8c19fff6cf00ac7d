"""A call file is played as it stands, or refused with the file, the place and what to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded_calls import PEOPLE, call_of, label, turn, write_call

from cornerman.replay.call_file import CallFileError, read_call, spread

SAYS = turn(0, "ben", "that is too expensive", 0.0)


def test_a_call_is_read(tmp_path: Path) -> None:
    labels = [label(1, "price_objection", ["trust_concern"], ["none"])]
    file = write_call(
        tmp_path / "a.json", turn(0, "anna", "hello", 0.5), turn(1, "ben", "too much", 2.0), labels=labels
    )
    call = read_call(file)
    assert [(speaker.identity, speaker.role) for speaker in call.speakers] == [("anna", "rep"), ("ben", "prospect")]
    assert [[word.text for word in one.words] for one in call.turns] == [["hello"], ["too", "much"]]
    assert call.labels is not None
    assert call.labels[0].also == {"trust_concern"}
    assert call.hours == pytest.approx(2.5 / 3600)


def test_words_without_times_are_spread_by_their_letters() -> None:
    short, long = spread("a extraordinary", 10.0, 19.0)
    assert (short.start, long.end) == (10.0, 19.0)
    assert short.end == long.start
    assert (long.end - long.start) / (short.end - short.start) == pytest.approx(7.0)


def test_words_with_times_keep_them(tmp_path: Path) -> None:
    words = [{"text": "too", "start": 1.0, "end": 1.2}, {"text": "much", "start": 3.0, "end": 3.5}]
    call = read_call(write_call(tmp_path / "a.json", turn(0, "ben", "too much", 1.0, 3.5, words=words)))
    assert [(word.text, word.start, word.end) for word in call.turns[0].words] == [
        ("too", 1.0, 1.2),
        ("much", 3.0, 3.5),
    ]


@given(st.text(max_size=60), st.floats(0, 1e5), st.floats(0, 100))
def test_spread_words_are_in_order_and_within_their_turn(text: str, start: float, seconds: float) -> None:
    words = spread(text, start, start + seconds)
    times = [time for word in words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert all(start - 1e-3 <= time <= start + seconds + 1e-3 for time in times)


def test_a_turn_without_length_is_said_all_at_once(tmp_path: Path) -> None:
    call = read_call(write_call(tmp_path / "a.json", turn(0, "ben", "too much", 3.0, 3.0)))
    assert [(word.start, word.end) for word in call.turns[0].words] == [(3.0, 3.0), (3.0, 3.0)]


def test_a_call_without_turns_is_a_call(tmp_path: Path) -> None:
    call = read_call(write_call(tmp_path / "a.json"))
    assert (call.turns, call.hours) == ((), 0.0)


def test_turns_are_in_order_of_time_whatever_their_place_in_the_file(tmp_path: Path) -> None:
    file = write_call(tmp_path / "a.json", turn(0, "ben", "second", 9.0), turn(1, "anna", "first", 1.0))
    assert [one.index for one in read_call(file).turns] == [1, 0]


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ({"ben": "prospect"}, {"rep": "rep", "ben": "prospect"}),
        ({"rep": "prospect"}, {"rep_": "rep", "rep": "prospect"}),
        ({"anna": "rep", "carl": "rep"}, {"anna": "rep", "carl": "colleague"}),
        ({"anna": "rep", "dora": "other"}, {"anna": "rep", "dora": "observer"}),
    ],
)
def test_there_is_exactly_one_rep(tmp_path: Path, roles: dict[str, str], expected: dict[str, str]) -> None:
    people = [{"identity": identity, "role": role} for identity, role in roles.items()]
    call = read_call(write_call(tmp_path / "a.json", participants=people))
    assert {speaker.identity: speaker.role for speaker in call.speakers} == expected


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ([], "it holds a list, not a cornerman.call/1 object"),
        ({"id": "x"}, "it names no format"),
        (call_of(format="cornerman.call/2"), "its format is 'cornerman.call/2'; this version plays"),
        (call_of(turn(0, "ben", "x", 5.0, 4.0)), "turn 0: it ends at 4.0 s, before it starts at 5.0 s; correct"),
        (call_of(turn(0, "ben", "x", -1.0)), "turns.0.start: Input should be greater than or equal to 0"),
        (call_of(turn(0, "ben", "x", float("nan"), 1.0)), "turns.0.start: Input should be a finite number"),
        (call_of(turn(0, "ben", "x", 1.7e12)), "turns.0.start: Input should be less than or equal to 1000000"),
        (call_of(turn(0, "zoe", "x", 0.0)), "turn 0: its speaker 'zoe' is no participant"),
        (call_of(SAYS, SAYS), "turns: 2 turns have the number 0; number them"),
        (call_of(participants=[*PEOPLE, PEOPLE[0]]), "participants: 'anna' is listed 2 times"),
        (call_of(participants=[{"identity": "eve", "role": "boss"}]), "participants.0.role: Input should be 'rep'"),
        (call_of(SAYS, labels=[label(7, "none")]), "labels: there is no turn 7"),
        (call_of(SAYS, labels=[label(0, "none"), label(0, "none")]), "labels: turn 0 has 2 labels"),
        (call_of(id="../up"), "id: '../up' cannot name a file"),
        (call_of(id=""), "id: String should have at least 1 character"),
        ({**call_of(), "turns": "none"}, "turns: Input should be a valid list"),
        (call_of({"i": "0", "speaker": "ben", "start": 0, "end": 1}), "turns.0.i: Input should be a valid integer"),
        (
            call_of(turn(0, "ben", "x", 0.0, 9.0, words=[{"text": "x", "start": 2.0, "end": 1.0}])),
            "turn 0: word 0 (2.0 to 1.0 s) goes back in time",
        ),
        (
            call_of(
                turn(
                    0,
                    "ben",
                    "x",
                    0.0,
                    9.0,
                    words=[{"text": w, "start": s, "end": 5.0} for w, s in (("a", 3), ("b", 2))],
                )
            ),
            "turn 0: word 1 (2.0 to 5.0 s) goes back in time",
        ),
    ],
)
def test_what_cannot_be_played_is_refused(tmp_path: Path, call: Any, says: str) -> None:
    file = tmp_path / "broken.json"
    file.write_text(json.dumps(call))
    with pytest.raises(CallFileError) as refused:
        read_call(file)
    assert str(file) in str(refused.value)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'{"format": "cornerman.call/1", "title": "Caf\xe9"}', "byte 44 is not UTF-8; save the file as UTF-8"),
        (b'{"format": \n nothing}', "not JSON at line 2, column 2"),
        (b"", "not JSON at line 1, column 1"),
        (b"[" * 100_000, "nested too deep"),
    ],
)
def test_what_is_no_json_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "broken.json"
    file.write_bytes(content)
    with pytest.raises(CallFileError, match=says):
        read_call(file)


def test_every_fault_is_listed(tmp_path: Path) -> None:
    file = write_call(tmp_path / "a.json", turn(0, "zoe", "x", 5.0, 4.0), turn(0, "ben", "x", 0.0))
    with pytest.raises(CallFileError) as refused:
        read_call(file)
    assert len(refused.value.faults) == 3


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CallFileError, match="the file cannot be read: No such file"):
        read_call(tmp_path / "nowhere.json")


def test_a_byte_order_mark_and_invisible_signs_are_no_words(tmp_path: Path) -> None:
    file = write_call(tmp_path / "a.json", turn(0, "ben", "too\u202e much \u200b \x07", 0.0))
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert [word.text for word in read_call(file).turns[0].words] == ["too", "much"]
