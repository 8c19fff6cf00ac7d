"""A provider that owes an answer hangs; one that has nothing to answer does not."""

from __future__ import annotations

from typing import Literal

import pytest
from hearing.standing import Clock, standing_provider

from cornerman.hearing.pulse import LONGEST_UTTERANCE, Pulse

Answers = Literal["always", "utterances"]

FRAME = 0.02


def pulse(answers: Answers, clock: Clock, *, hangs_after: float | None = 5.0) -> Pulse:
    return Pulse(standing_provider("some", hangs_after=hangs_after, answers=answers), clock)


def send(one: Pulse, clock: Clock, seconds: float, *, speech: bool) -> None:
    for _ in range(round(seconds / FRAME)):
        clock.now += FRAME
        one.sent(FRAME, speech=speech)


def test_a_word_that_nobody_answers_is_a_hang_where_everything_is_answered() -> None:
    clock = Clock()
    one = pulse("always", clock)
    send(one, clock, 0.3, speech=True)
    clock.now += 4.5
    assert not one.hangs
    clock.now += 0.3
    assert one.hangs
    one.answered()
    assert not one.hangs


def test_silence_wants_no_answer_but_not_for_ever() -> None:
    clock = Clock()
    one = pulse("always", clock)
    send(one, clock, 19.0, speech=False)
    assert not one.hangs
    send(one, clock, 1.5, speech=False)
    assert one.hangs


def test_a_long_utterance_is_no_hang_where_its_end_is_answered() -> None:
    clock = Clock()
    one = pulse("utterances", clock)
    send(one, clock, 0.3, speech=True)
    one.answered()
    one.utterance(True)
    send(one, clock, LONGEST_UTTERANCE - 1, speech=True)
    assert not one.hangs
    clock.now += 5.1
    assert one.hangs, "it ended and nothing came"


def test_an_utterance_whose_beginning_was_not_noticed_is_a_hang() -> None:
    clock = Clock()
    one = pulse("utterances", clock)
    send(one, clock, 4.9, speech=True)
    assert not one.hangs
    send(one, clock, 0.2, speech=True)
    assert one.hangs


@pytest.mark.parametrize("answers", ["always", "utterances"])
def test_who_tells_itself_is_not_judged(answers: Answers) -> None:
    clock = Clock()
    one = pulse(answers, clock, hangs_after=None)
    send(one, clock, 100.0, speech=True)
    assert not one.hangs


def test_it_has_not_been_felt_before_the_first_answer() -> None:
    one = pulse("always", Clock())
    assert not one.felt
    one.answered()
    assert one.felt
