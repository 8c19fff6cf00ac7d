"""Pace: the rep's words a minute, over the last minute of speaking and over the call."""

from __future__ import annotations

import pytest

from cornerman.coach.gauges.pace import speaking_time
from cornerman.events import Purge, Turn, Word

from .scripted import Script, gauge, spoken


def test_pace_is_words_over_the_time_they_took() -> None:
    script = Script().turn("rep", 0, 30, "word " * 75).play(31)

    assert script.reading("pace_wpm") == 150
    assert script.figure("pace_wpm") == 150


def test_what_others_say_and_partials_do_not_count() -> None:
    script = Script().turn("rep", 0, 30, "word " * 75).turn("pat", 30, 60, "word " * 300).play(61)

    assert script.reading("pace_wpm") == 150


def test_only_the_last_minute_of_speaking_counts_lately() -> None:
    script = Script()
    for start in range(0, 120, 30):
        script.turn("rep", start, start + 30, "word " * (60 if start < 60 else 100))
    script.play(130)

    assert script.reading("pace_wpm") == 200
    assert script.figure("pace_wpm") == 160


def test_long_pauses_are_no_speaking() -> None:
    words = (*spoken("one two three four", 0, 2), *spoken("five six seven eight", 10, 12))

    assert speaking_time(words) == 4


@pytest.mark.parametrize(
    "words",
    [
        pytest.param((), id="none"),
        pytest.param((Word("a", 5, 5), Word("b", 5, 5)), id="no length"),
        pytest.param((Word("a", 5, 4), Word("b", 3, 2)), id="reversed"),
        pytest.param((Word("a", float("nan"), float("nan")),), id="no numbers"),
    ],
)
def test_words_without_a_time_take_none(words: tuple[Word, ...]) -> None:
    assert speaking_time(words) == 0


def test_overlapping_and_endless_words_take_what_can_be() -> None:
    assert speaking_time((Word("a", 0, 1), Word("b", 0.5, 1.5), Word("c", 1.2, 1.3))) == 1.5
    assert speaking_time((Word("a", 0, float("inf")),)) == 2


def test_times_a_recogniser_made_up_are_not_counted() -> None:
    script = Script().turn("rep", 0, 30, "word " * 75).turn("rep", 31, 32, "word " * 40).play(40)

    assert script.reading("pace_wpm") == 150


def test_a_turn_heard_twice_counts_once_and_a_purge_forgets() -> None:
    turn = Turn("t", "rep", "rep", spoken("word " * 75, 0, 30), 0, 30, 1.0)
    script = Script().heard(31, turn).heard(32, turn).heard(33, turn).play(34)
    assert script.figure("pace_wpm") == 150
    assert script.reading("questions") == 0

    script.heard(35, Purge("rep")).play(36)
    assert script.reading("pace_wpm") is None
    assert script.reading("questions") is None
    assert "questions" not in dict(script.gauges.figures(36))


def test_speaking_too_fast_for_a_minute_passes_the_limit_once() -> None:
    script = Script(gauge("pace", 190))
    for start in range(0, 300, 30):
        script.turn("rep", start, start + 30, "word " * 100)
    script.play(310)

    ((at, name, value),) = script.told
    assert (at, name, value) == (30.5, "pace", 200)
