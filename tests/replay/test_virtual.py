"""The virtual clock: wakes exactly when asked for, cards shown to a rep who is there, every fire counted."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable

from scenes import definition, playbook, spoken

from cornerman.events import (
    Attendance,
    CallEnd,
    Consent,
    Figures,
    Held,
    Moment,
    MomentWithdrawn,
    Nudge,
    Partial,
    Speaking,
    Turn,
)
from cornerman.playbook import Playbook
from cornerman.replay.call_file import RecordedCall, Speaker, SpokenTurn, spread
from cornerman.replay.lines import line_of
from cornerman.replay.synthesis import Pacing, tape_of
from cornerman.replay.tape import Place, Tape, Timed
from cornerman.replay.virtual import Book, Played, play

BOOK = playbook(
    definition("price", "too expensive", negative=("too expensive to miss",), cooldown_s=1.0, per_call=20),
    definition("later", "next quarter", kind="timing_stall", priority=100, cooldown_s=1.0, per_call=20),
)
PRELUDE = [
    Timed(0.0, Attendance("rep", "Rep", "rep", True)),
    Timed(0.0, Consent("rep", "granted", "test")),
    Timed(0.0, Attendance("prospect", "Prospect", "prospect", True)),
    Timed(0.0, Consent("prospect", "granted", "test")),
]
PLACES: dict[str, Place] = {"t1": Place(4, 2), "t2": Place(5)}


def partial(text: str, at: float, turn: str = "t1") -> Timed:
    return Timed(at, Partial(turn, "prospect", "prospect", spoken(text, at - 1)))


def ended(text: str, at: float, turn: str = "t1") -> Timed:
    words = spoken(text, at - 1)
    return Timed(at, Turn(turn, "prospect", "prospect", words, words[0].start, words[-1].end, 1.0))


def played(*inputs: Timed, book: Playbook = BOOK, budget: tuple[float, int] = (20.0, 2)) -> Played:
    place: Callable[[str], Place] = PLACES.__getitem__
    tape = Tape("call", 1.0, lambda: [*PRELUDE, *inputs], place)
    return play(tape, Book.of(book, *budget))


def sure(line: str) -> float:
    """The confidence in a line; how high it is, the scorer's own tests say."""
    return float(json.loads(line)["confidence"])


def kinds(one: Played) -> list[type]:
    return [type(made.decision) for made in one.made]


def test_a_fire_that_is_withdrawn_still_counts_as_a_fire() -> None:
    one = played(partial("it is too expensive", 2.0), ended("it is too expensive to miss", 3.0))
    assert kinds(one) == [Moment, Nudge, MomentWithdrawn, Nudge]
    assert one.fires == {4: {"price_objection"}}
    assert (len(one.nudges), one.withdrawn) == (1, 1)


def test_a_nudge_that_came_back_had_to_be_withdrawn_all_the_same() -> None:
    one = played(
        partial("it is too expensive", 2.0),
        partial("it is too expensive to miss", 2.5),
        partial("it is too expensive", 2.8),
    )
    assert (len(one.nudges), one.withdrawn) == (1, 1)


def test_the_coach_is_woken_at_exactly_the_time_it_named() -> None:
    one = played(
        partial("too expensive", 2.0),
        ended("next quarter", 5.0, "t2"),
        Timed(60.0, CallEnd("over")),
        budget=(7.0, 1),
    )
    assert [(made.at, nudge.kind) for made, nudge in one.nudges] == [(2.0, "price_objection"), (9.0, "timing_stall")]


def test_nothing_is_said_while_the_rep_speaks() -> None:
    one = played(
        Timed(1.0, Speaking("rep", True, 1.0)), partial("too expensive", 2.0), Timed(4.0, Speaking("rep", False, 4.0))
    )
    assert [made.at for made, _ in one.nudges] == [4.0]


def test_cards_are_shown_and_so_never_given_back() -> None:
    """One that reached nobody would give its token back, and the next would not have to wait."""
    one = played(
        partial("too expensive", 2.0), ended("next quarter", 2.1, "t2"), Timed(3.0, CallEnd("over")), budget=(50.0, 1)
    )
    assert [type(made.decision) for made in one.made] == [Moment, Nudge, Moment, Held, Figures]
    assert one.held == 1


def test_every_decision_names_the_turn_of_the_call() -> None:
    one = played(
        partial("it is too expensive", 2.0),
        ended("next quarter", 2.5, "t2"),
        partial("it is too expensive to miss", 3.0),
        Timed(3.5, CallEnd("over")),
        budget=(50.0, 1),
    )
    assert [(type(made.decision).__name__, made.turn) for made in one.made] == [
        ("Moment", 4),
        ("Nudge", 4),
        ("Moment", 5),
        ("MomentWithdrawn", 4),
        ("Nudge", 4),
        ("Held", 5),
        ("Figures", None),
    ]


def test_lines_name_words_of_the_whole_turn_and_hold_none() -> None:
    moment, nudge, *_ = (line_of(made) for made in played(partial("well too expensive", 2.0)).made)
    assert moment == (
        '{"type": "moment", "at": 2.0, "turn": 4, "kind": "price_objection", "id": "m1", "definition": "price", '
        f'"words": [3, 4], "confidence": {sure(moment)}}}'
    )
    assert nudge == (
        '{"type": "nudge", "at": 2.0, "turn": 4, "kind": "price_objection", "id": "1-1", "rev": 0, "card": "price", '
        '"headline": "Say something about price"}'
    )


def test_a_withdrawal_is_no_second_nudge() -> None:
    one = played(partial("it is too expensive", 2.0), ended("it is too expensive to miss", 3.0))
    assert [line_of(made).split('"')[3] for made in one.made] == [
        "moment",
        "nudge",
        "moment_withdrawn",
        "nudge_withdrawn",
    ]


def test_two_hours_of_talk_take_little_memory() -> None:
    """Partials hold their whole turn; all of them at once would take far more than the call."""
    text = " ".join(["and then the next thing we did was to look at the numbers again"] * 2)
    turns = tuple(
        SpokenTurn(
            index,
            ("anna", "ben")[index % 2],
            11.0 * index,
            11.0 * index + 10,
            spread(text, 11.0 * index, 11.0 * index + 10),
        )
        for index in range(2 * 3600 // 11)
    )
    call = RecordedCall("long", "en", (Speaker("anna", "", "rep"), Speaker("ben", "", "prospect")), turns)
    tracemalloc.start()
    try:
        play(tape_of(call, Pacing()), Book.of(BOOK))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 50 * 2**20
