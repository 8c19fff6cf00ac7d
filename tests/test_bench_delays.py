"""Delays are told from what both sides noted: known notes give known delays, and what was lost is counted as lost."""

from __future__ import annotations

from typing import Any

import pytest

from bench.delays import delays_of


def answer(*, pushed: list[tuple[float | None, float]], told: list[tuple[float, str]]) -> dict[str, Any]:
    return {"since": 0.0, "until": 100.0, "traces": [{"tag": "a", "pushed": pushed, "told": told}]}


def record(**noted: Any) -> dict[str, Any]:
    return {"tag": "a", "arrivals": [], "said": [], "heard": [], **noted}


def test_a_partial_is_matched_with_the_interim_that_caused_it() -> None:
    said = [(1.0, "interim", "that is"), (1.3, "interim", "that is too"), (1.6, "final", "that is too")]
    told = [(1.004, "that is"), (1.302, "That is too"), (1.61, "that is too")]
    found = delays_of(answer(pushed=[], told=told), [record(said=said)])
    assert found.partials == pytest.approx([4.0, 2.0])
    assert found.lost == 0


def test_words_of_the_turn_so_far_may_stand_before_those_of_the_interim() -> None:
    said = [(1.0, "interim", "too expensive"), (2.0, "final", "too expensive")]
    found = delays_of(answer(pushed=[], told=[(1.001, "that is too expensive")]), [record(said=said)])
    assert found.partials == pytest.approx([1.0])


@pytest.mark.parametrize("told", [[], [(1.4, "that is")], [(1.1, "something else")]])
def test_an_interim_whose_words_do_not_leave_in_time_is_lost(told: list[tuple[float, str]]) -> None:
    said = [(1.0, "interim", "that is"), (1.3, "interim", "that is too"), (1.6, "final", "that is too")]
    found = delays_of(answer(pushed=[], told=[*told, (1.5, "that is too")]), [record(said=said)])
    assert found.lost >= 1


def test_audio_counts_from_a_frames_coming_to_its_last_sample_being_there() -> None:
    pushed: list[tuple[float | None, float]] = [(10.00, 0.02), (10.02, 0.02), (10.04, 0.02)]
    arrivals = [(10.041, 0.05), (10.09, 0.06)]
    found = delays_of(answer(pushed=pushed, told=[]), [record(arrivals=arrivals, heard=[(0.0, 0.06)])])
    assert found.audio == pytest.approx([41.0, 21.0, 50.0])


def test_silence_that_came_from_nobody_moves_the_stream_on_but_is_not_counted() -> None:
    pushed: list[tuple[float | None, float]] = [(None, 1.0), (10.00, 0.02)]
    arrivals = [(9.0, 1.0), (10.005, 1.02)]
    found = delays_of(answer(pushed=pushed, told=[]), [record(arrivals=arrivals, heard=[(1.0, 1.02)])])
    assert found.audio == pytest.approx([5.0])


def test_the_first_sound_after_a_long_silence_is_an_onset() -> None:
    pushed: list[tuple[float | None, float]] = [(10 + 0.1 * number, 0.1) for number in range(40)]
    arrivals = [(10 + 0.1 * number + 0.03, 0.1 * (number + 1)) for number in range(40)]
    heard = [(0.1, 0.3), (0.4, 0.6), (3.0, 3.3)]
    found = delays_of(answer(pushed=pushed, told=[]), [record(arrivals=arrivals, heard=heard)])
    assert found.onsets == pytest.approx([30.0])
