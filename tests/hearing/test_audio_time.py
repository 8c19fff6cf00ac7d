"""Frames are stamped with when they were spoken, and a stream's seconds lead back to it, whatever happened between."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cornerman.hearing.audio_time import LONGEST_MEMORY, TOLERANCE, WINDOW, TimeMap, TrackClock

FRAME = 0.02
LATENCY = 0.08
ROUNDING = 0.001

Happening = tuple[str, float]
"""What befalls a track after two seconds: `stall`, `pause`, or `steady` for so many seconds."""

happenings = st.lists(
    st.one_of(
        st.tuples(st.just("stall"), st.floats(0.02, 3.0)),
        st.tuples(st.just("pause"), st.floats(0.1, 600.0)),
        st.tuples(st.just("steady"), st.floats(0.0, 2.0)),
    ),
    max_size=6,
)


def frames_of(story: list[Happening], jitters: list[float]) -> list[tuple[float, float, bool]]:
    """When each frame was spoken and when it arrived, and whether a pause had just ended."""
    frames: list[tuple[float, float, bool]] = []
    spoken, stalled_until = 0.0, 0.0
    since_pause = WINDOW
    for what, seconds in [("steady", 0.0), *story]:
        if what == "stall":
            stalled_until = spoken + LATENCY + seconds
        elif what == "pause":
            spoken += seconds
            since_pause = 0
        for _ in range(round((2.0 + (seconds if what != "pause" else 0.0)) / FRAME)):
            late = jitters[len(frames) % len(jitters)]
            frames.append((spoken, max(spoken + FRAME + LATENCY + late, stalled_until), since_pause < WINDOW + 8))
            spoken += FRAME
            since_pause += 1
    return frames


@given(happenings, st.lists(st.floats(0.0, 0.01), min_size=1, max_size=40))
@example([("stall", 1.5), ("steady", 1.0), ("pause", 10.0), ("stall", 3.0)], [0.0, 0.01])
def test_a_frame_is_stamped_with_when_it_was_spoken(story: list[Happening], jitters: list[float]) -> None:
    clock = TrackClock()
    for number, (spoken, arrived, resuming) in enumerate(frames_of(story, jitters)):
        error = clock.stamp(FRAME, arrived) - (spoken + LATENCY)
        if not resuming and number >= len(jitters):
            assert -ROUNDING <= error <= TOLERANCE + max(jitters) + ROUNDING


def test_a_frame_that_waited_at_the_very_beginning_is_set_right_by_the_next_ones() -> None:
    clock = TrackClock()
    late = [clock.stamp(FRAME, arrived) for arrived in (1.0, 1.0, 1.0, 0.1 + 4 * FRAME)]
    assert late[-1] == pytest.approx(0.1 + 3 * FRAME)


def test_a_track_that_paused_goes_on_at_its_new_time_within_a_third_of_a_second() -> None:
    clock = TrackClock()
    for number in range(100):
        clock.stamp(FRAME, (number + 1) * FRAME)
    resumed = [clock.stamp(FRAME, 12.0 + (number + 1) * FRAME) - (12.0 + number * FRAME) for number in range(100)]
    right = [abs(error) <= TOLERANCE for error in resumed]
    assert right.index(True) * FRAME <= 0.33
    assert all(right[right.index(True) :])


def test_a_clock_that_runs_a_little_fast_or_slow_is_followed() -> None:
    for drift in (1 + 2e-4, 1 - 2e-4):
        clock = TrackClock()
        for number in range(15_000):
            arrived = (number + 1) * FRAME * drift
            assert clock.stamp(FRAME, arrived) == pytest.approx(arrived - FRAME, abs=TOLERANCE + ROUNDING)


Sending = tuple[str, float, float]
"""`sent` so many seconds after so much skipped silence, or `filled` with so many seconds."""

sendings = st.lists(
    st.one_of(
        st.tuples(st.just("sent"), st.floats(0.02, 5.0), st.floats(0.0, 60.0)),
        st.tuples(st.just("filled"), st.floats(0.01, 2.0), st.just(0.0)),
    ),
    max_size=30,
)


@given(sendings, st.floats(0.0, 3600.0))
def test_a_moment_of_a_stream_is_the_call_time_at_which_it_was_sent(sent: list[Sending], began: float) -> None:
    times = TimeMap()
    at = began
    truth: list[tuple[float, float]] = []
    for what, seconds, skipped in sent:
        if what == "filled":
            times.filled(seconds)
            continue
        at += skipped
        for _ in range(max(round(seconds / FRAME), 1)):
            truth.append((times.seconds + FRAME / 2, at + FRAME / 2))
            times.sent(at, FRAME)
            at += FRAME
    for streamed, called in truth:
        assert times.call_time(streamed) == pytest.approx(called, abs=TOLERANCE + ROUNDING)


@given(sendings)
def test_silence_that_was_filled_in_is_no_time_at_all(sent: list[Sending]) -> None:
    times = TimeMap()
    times.sent(10.0, 1.0)
    end = 11.0
    for what, seconds, skipped in sent:
        if what == "filled":
            before = times.seconds
            times.filled(seconds)
            for part in (0.1, 0.5, 0.9):
                assert times.call_time(before + part * seconds) == pytest.approx(end, abs=TOLERANCE + ROUNDING)
        else:
            times.sent(end + skipped, seconds)
            end = end + seconds + (skipped if skipped > TOLERANCE else 0.0)


@given(st.lists(st.tuples(st.floats(-2.0, 5.0), st.floats(0.0, 1.0), st.booleans()), min_size=1, max_size=40))
def test_call_time_never_runs_backwards_even_where_stamps_did(sent: list[tuple[float, float, bool]]) -> None:
    times = TimeMap()
    at = 10.0
    for step, seconds, filled in sent:
        at = max(at + step, 0.0)
        times.sent(at, seconds)
        at += seconds
        if filled:
            times.filled(0.1)
    moments = [times.call_time(times.seconds * part / 200) for part in range(201)]
    assert all(before <= after for before, after in pairwise(moments))


def test_before_anything_was_sent_a_moment_is_itself() -> None:
    assert TimeMap().call_time(1.25) == 1.25


def test_what_it_remembers_is_bounded_and_the_newest_stay_right() -> None:
    times = TimeMap()
    for number in range(2 * LONGEST_MEMORY):
        times.sent(number * 10.0, 1.0)
    assert times.call_time(times.seconds - 0.5) == pytest.approx((2 * LONGEST_MEMORY - 1) * 10.0 + 0.5)
    assert len(times._streamed) == len(times._called) == LONGEST_MEMORY
