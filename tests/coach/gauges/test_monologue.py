"""Monologue: the rep's floor without a break, now and at the longest."""

from __future__ import annotations

import pytest

from cornerman.events import Attendance, Partial, Speaking

from .scripted import Script, gauge, spoken


def test_it_lasts_from_the_first_word_to_the_last_with_short_pauses() -> None:
    script = Script().voice("rep", 10, 20).voice("rep", 22, 40).play(41)

    assert script.reading("monologue_s") == 30
    assert script.figure("longest_monologue_s") == 30


def test_a_long_pause_of_ones_own_ends_it() -> None:
    script = Script().voice("rep", 10, 20).voice("rep", 23.5, 30).play(31)

    assert script.reading("monologue_s") == 6.5
    assert script.reading("longest_monologue_s") == 10
    assert script.play(34).reading("monologue_s") == 0


@pytest.mark.parametrize("late", [0.0, 0.4, 1.0])
def test_a_backchannel_does_not_break_it(late: float) -> None:
    script = Script(late=late).voice("rep", 0, 60).voice("pat", 30, 30.9).play(62)

    assert script.figure("longest_monologue_s") == 60


@pytest.mark.parametrize("late", [0.0, 0.4, 1.0])
def test_another_voice_breaks_it_where_that_began(late: float) -> None:
    script = Script(late=late).voice("rep", 0, 25).voice("pat", 24.8, 28).voice("rep", 28.5, 40).play(42)

    assert script.figure("longest_monologue_s") == 24.8
    assert script.reading("monologue_s") == 11.5


def test_who_is_spoken_over_begins_anew_when_the_other_stops() -> None:
    script = Script().voice("rep", 0, 50).voice("pat", 20, 25).play(51)

    assert script.reading("monologue_s") == 25
    assert script.reading("longest_monologue_s") == 25


def test_who_speaks_over_the_other_begins_when_the_other_stops() -> None:
    script = Script().voice("pat", 0, 20).voice("rep", 10, 45).play(46)

    assert script.reading("monologue_s") == 25


def test_a_colleague_breaks_it_too() -> None:
    script = Script(cast={"rep": "rep", "pat": "prospect", "kim": "colleague"})
    script.voice("rep", 0, 30).voice("kim", 30, 35).voice("rep", 35, 45).play(46)

    assert script.figure("longest_monologue_s") == 30


def test_several_prospects_are_one_side() -> None:
    script = Script(cast={"rep": "rep", "pat": "prospect", "lee": "prospect"})
    script.voice("pat", 0, 30).voice("lee", 29, 60).play(61)

    assert script.figure("prospect_longest_monologue_s") == 60


def test_the_limit_is_passed_on_time_without_any_event() -> None:
    script = Script(gauge("monologue", 8)).voice("rep", 5, 30).play(30)

    assert script.told == [(13.0001, "monologue", 8.0)]
    reading = script.crossings[0][1].reading
    assert (reading.gauge, reading.window, reading.identity) == ("monologue", 8.0, "rep")


def test_the_limit_itself_is_not_passed() -> None:
    assert Script(gauge("monologue", 20)).voice("rep", 5, 25).play(30).told == []


def test_the_next_monologue_is_told_anew() -> None:
    script = Script(gauge("monologue", 8)).voice("rep", 0, 9.5).voice("pat", 10, 15).voice("rep", 15, 24).play(30)

    assert [at for at, _, _ in script.told] == [8.0001, 23.0001]


def test_a_voice_without_a_sign_of_life_does_not_go_on_for_ever() -> None:
    script = Script(gauge("monologue", 20)).heard(5, Speaking("rep", True, 5)).play(200)

    assert script.told == []
    assert script.figure("longest_monologue_s") == 0
    assert script.reading("dead_air_s") == 195


def test_words_are_signs_of_life() -> None:
    script = Script(gauge("monologue", 20)).heard(5, Speaking("rep", True, 5))
    for second in range(6, 40):
        script.heard(second, Partial("t1", "rep", "rep", spoken("so it goes on", 5, second)))
    script.play(40)

    assert script.told == [(25.0001, "monologue", 20.0)]


def test_leaving_while_speaking_ends_it() -> None:
    script = Script(gauge("monologue", 20)).heard(5, Speaking("rep", True, 5))
    script.heard(15, Attendance("rep", "rep", "rep", False)).heard(16, Attendance("rep", "rep", "rep", True))
    script.heard(50, Speaking("rep", False, 50)).play(60)

    assert script.told == []
    assert script.figure("longest_monologue_s") == 10
    assert script.reading("monologue_s") == 0
