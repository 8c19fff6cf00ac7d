"""Interruptions and patience: how the rep takes turns from prospects."""

from __future__ import annotations

import pytest

from .scripted import Script, gauge

LATE = pytest.mark.parametrize("late", [0.0, 0.4, 1.0])


@LATE
def test_breaking_in_while_a_prospect_goes_on_is_an_interruption(late: float) -> None:
    script = Script(late=late).voice("pat", 0, 10).voice("rep", 8, 15).play(20)

    assert script.reading("interruptions") == 1
    assert script.figure("prospect_interruptions") == 0


@LATE
@pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param(9.5, 15, id="their last half second"),
        pytest.param(0.4, 15, id="both began together"),
        pytest.param(4, 4.9, id="a backchannel"),
        pytest.param(10.3, 15, id="after they stopped"),
    ],
)
def test_what_interrupts_nobody(start: float, end: float, late: float) -> None:
    script = Script(late=late).voice("pat", 0, 10).voice("rep", start, end).play(20)

    assert script.reading("interruptions") == 0


def test_a_second_try_soon_after_is_the_same_interruption() -> None:
    script = Script().voice("pat", 0, 40).voice("rep", 5, 7).voice("rep", 8, 12).voice("rep", 30, 33).play(45)

    assert script.reading("interruptions") == 2


def test_colleagues_are_not_interrupted_and_prospects_interrupt_the_rep() -> None:
    script = Script(cast={"rep": "rep", "pat": "prospect", "kim": "colleague"})
    script.voice("kim", 0, 10).voice("rep", 5, 20).voice("pat", 15, 25).play(30)

    assert script.reading("interruptions") == 0
    assert script.figure("prospect_interruptions") == 1


def test_a_long_overlap_is_judged_while_both_still_speak() -> None:
    script = Script(gauge("interruption", 0, 60)).voice("pat", 0, 30).voice("rep", 10, 30).play(13)

    assert script.told == [(12.0001, "interruption", 1.0)]


def test_the_limit_counts_the_window_and_comes_back_with_it() -> None:
    script = Script(gauge("interruption", 1, 100))
    for start in (0, 20, 40, 200, 220):
        script.voice("pat", start, start + 10).voice("rep", start + 5, start + 8)
    script.play(300)

    assert [(at, value) for at, _, value in script.told] == [(27.0001, 2.0), (227.0001, 2.0)]


def waits(script: Script, *gaps: float) -> Script:
    """Exchanges in which the rep waits so long; a negative wait overlaps."""
    at = 0.0
    for gap in gaps:
        script.voice("pat", at, at + 5).voice("rep", at + 5 + gap, at + 15)
        at += 20
    return script.play(at)


@LATE
def test_patience_is_the_mean_wait_after_a_prospect_stopped(late: float) -> None:
    script = waits(Script(late=late), 0.2, 0.4, 0.6, 0.8, 1.0)

    assert script.reading("patience_s") == 0.6
    assert script.figure("patience_s") == 0.6


def test_an_overlap_in_the_last_half_second_is_no_wait_at_all() -> None:
    assert waits(Script(), -0.4, -0.4, 1, 1, 1).reading("patience_s") == 0.6


def test_there_is_no_patience_before_five_waits() -> None:
    assert waits(Script(), 1, 1, 1, 1).reading("patience_s") is None


def test_pauses_of_the_call_backchannels_and_answers_of_others_are_no_waits() -> None:
    script = Script(cast={"rep": "rep", "pat": "prospect", "kim": "colleague"})
    script.voice("pat", 0, 5).voice("rep", 30, 40)  # a pause of the call
    script.voice("pat", 40.5, 41).voice("rep", 42, 50)  # they said no more than "mhm"
    script.voice("pat", 60, 65).voice("kim", 65.5, 69).voice("rep", 70, 80)  # somebody else answered
    script.voice("rep", 80.7, 85)  # the rep goes on
    waits_from = 100.0
    for wait in (1, 1, 1, 1, 1):
        script.voice("pat", waits_from, waits_from + 5).voice("rep", waits_from + 5 + wait, waits_from + 15)
        waits_from += 20
    script.play(waits_from)

    assert script.reading("patience_s") == 1


def test_a_backchannel_of_the_rep_ends_no_wait() -> None:
    script = Script()
    for start in range(0, 100, 20):
        script.voice("pat", start, start + 5).voice("rep", start + 5.2, start + 5.6).voice("rep", start + 7, start + 15)
    script.play(100)

    assert script.reading("patience_s") == 2


def test_answering_at_once_again_and_again_passes_the_limit_once() -> None:
    script = waits(Script(gauge("patience", 0.2)), *[0.1] * 8)

    ((_, name, value),) = script.told
    assert (name, value) == ("patience", 0.1)
