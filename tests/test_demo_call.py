"""The demo call is what it says it is: small, true to its script, spaced for the budget, and timed by its own audio."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import yaml

from cornerman.demo_call import (
    NEAR_MISS_SORTS,
    SAMPLE_RATE,
    SPEAKERS,
    Line,
    NearMiss,
    Planted,
    Recording,
    Speaker,
    load_recording,
    resource,
    samples,
)

TOOL = Path(__file__).parents[1] / "tools" / "make_demo_call.py"
MAX_BYTES = 3_000_000
BUDGET_SECONDS = 20.0
FADE = 0.1  # seconds round a line in which its first and last sounds fade
SPOKEN_LEVEL = 10 ** (-40 / 20) * 32768  # root mean square no spoken line falls under


@pytest.fixture(scope="module")
def recording() -> Recording:
    return load_recording()


def level(track: np.ndarray, start: float, end: float) -> float:
    """Root mean square of a stretch given in seconds."""
    stretch = track[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)].astype(np.float64)
    return float(np.sqrt(np.mean(stretch**2)))


def spoken_at(recording: Recording, speaker: Speaker, start: float, end: float) -> list[Line]:
    return [line for line in recording.lines if line.speaker == speaker and line.start < end and start < line.end]


def test_audio_ships_small() -> None:
    sizes = [len(resource(f"{speaker}.flac").read_bytes()) for speaker in SPEAKERS]
    assert all(sizes)
    assert sum(sizes) < MAX_BYTES


def test_timeline_says_what_the_script_says(recording: Recording) -> None:
    script = yaml.safe_load(resource("script.yaml").read_text(encoding="utf-8"))["lines"]
    assert [(line.speaker, line.text) for line in recording.lines] == [(row["speaker"], row["text"]) for row in script]
    assert [(mark.line, mark.kind, mark.quote) for mark in recording.planted] == [
        (number, row["planted"]["kind"], row["planted"]["quote"])
        for number, row in enumerate(script)
        if "planted" in row
    ]
    assert [(mark.line, mark.kind, mark.sort, mark.quote) for mark in recording.near_misses] == [
        (number, row["near_miss"]["kind"], row["near_miss"]["sort"], row["near_miss"]["quote"])
        for number, row in enumerate(script)
        if "near_miss" in row
    ]


def test_pauses_are_the_ones_the_script_asks_for(recording: Recording) -> None:
    script = yaml.safe_load(resource("script.yaml").read_text(encoding="utf-8"))
    assert recording.lines[0].start == pytest.approx(script["lead_in"], abs=0.002)
    for row, (before, line) in zip(script["lines"][1:], pairwise(recording.lines), strict=True):
        assert line.start - before.end == pytest.approx(row["pause_before"], abs=0.002)
    assert recording.duration - recording.lines[-1].end == pytest.approx(script["tail"], abs=0.002)


def test_check_agrees_with_what_is_committed() -> None:
    checked = subprocess.run([sys.executable, TOOL, "--check"], capture_output=True, text=True, timeout=60, check=False)
    assert checked.returncode == 0, checked.stderr


def test_call_is_about_three_and_a_half_minutes(recording: Recording) -> None:
    assert 210 <= recording.duration <= 235


def test_planted_moments_are_spaced_so_that_the_budget_admits_them(recording: Recording) -> None:
    assert len(recording.planted) >= 10
    gaps = [after.trigger_end - before.trigger_end for before, after in pairwise(recording.planted)]
    assert min(gaps) >= BUDGET_SECONDS


def test_other_side_stays_silent_after_a_trigger_long_enough_for_a_nudge(recording: Recording) -> None:
    for mark in recording.planted:
        other: Speaker = "rep" if mark.speaker == "prospect" else "prospect"
        assert not spoken_at(recording, other, mark.trigger_start, mark.trigger_end + 2.0), mark.quote


def test_only_a_compliance_moment_is_planted_in_the_reps_mouth(recording: Recording) -> None:
    assert {mark.kind for mark in recording.planted if mark.speaker == "rep"} == {"compliance"}
    assert {mark.speaker for mark in recording.planted if mark.kind != "compliance"} == {"prospect"}


def test_near_misses_are_as_many_and_of_every_sort(recording: Recording) -> None:
    assert len(recording.near_misses) >= len(recording.planted)
    for sort in NEAR_MISS_SORTS:
        assert sum(mark.sort == sort for mark in recording.near_misses) >= 2, sort


def test_marks_lie_inside_the_line_they_are_quoted_from(recording: Recording) -> None:
    marks: list[Planted | NearMiss] = [*recording.planted, *recording.near_misses]
    for mark in marks:
        line = recording.lines[mark.line]
        assert mark.speaker == line.speaker
        assert line.start <= mark.trigger_start < mark.trigger_end <= line.end
        plain = "".join(letter for letter in line.text.lower() if letter not in ".,?!")
        assert f" {mark.quote} " in f" {plain} "


@pytest.mark.parametrize("speaker", SPEAKERS)
def test_tracks_last_as_long_as_the_timeline_says(recording: Recording, speaker: Speaker) -> None:
    track = samples(speaker)
    assert track.dtype == np.int16
    assert track.ndim == 1
    assert len(track) == round(recording.duration * SAMPLE_RATE)
    assert np.abs(track.astype(np.int32)).max() < 32767


@pytest.mark.parametrize("speaker", SPEAKERS)
def test_speaker_is_heard_in_own_lines_and_nowhere_else(recording: Recording, speaker: Speaker) -> None:
    track = samples(speaker)
    silence = np.ones(len(track), dtype=bool)
    for line in recording.lines:
        if line.speaker == speaker:
            assert level(track, line.start, line.end) > SPOKEN_LEVEL, line.text
            assert level(track, line.start, line.start + 0.3) > SPOKEN_LEVEL / 4, line.text
            assert level(track, line.end - 0.3, line.end) > SPOKEN_LEVEL / 4, line.text
            silence[round((line.start - FADE) * SAMPLE_RATE) : round((line.end + FADE) * SAMPLE_RATE)] = False
    assert not track[silence].any()


def test_both_voices_are_equally_loud(recording: Recording) -> None:
    loudness = []
    for speaker in SPEAKERS:
        track = samples(speaker)
        loudness.append(np.mean([level(track, line.start, line.end) for line in spoken_at(recording, speaker, 0, 1e9)]))
    assert max(loudness) / min(loudness) < 10 ** (3 / 20)


@pytest.mark.parametrize("seconds", [0.0, 0.25])
def test_trigger_words_are_spoken_when_the_timeline_says(recording: Recording, seconds: float) -> None:
    for mark in recording.planted:
        track = samples(mark.speaker)
        assert level(track, mark.trigger_start + seconds, mark.trigger_start + seconds + 0.25) > SPOKEN_LEVEL, (
            mark.quote
        )
