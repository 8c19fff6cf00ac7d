"""The local detector says when somebody speaks; silence and music are nobody."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from fakes.tones import speak
from hypothesis import given, settings
from hypothesis import strategies as st
from livekit.local_inference import VAD_WINDOW_SAMPLES
from numpy.typing import NDArray
from stage_music import hold_music

from cornerman.hearing.voice import SAMPLE_RATE, WINDOW_SECONDS, VoiceActivity

SILENCE = 0.4
WORDS = "we need the report"


@pytest.fixture
def voice() -> Iterator[VoiceActivity]:
    one = VoiceActivity(SILENCE)
    yield one
    one.close()


def changes(voice: VoiceActivity, samples: NDArray[np.int16], frame: int = 320) -> list[tuple[bool, float]]:
    """Each start and stop with the seconds at which it was noticed."""
    found = []
    for start in range(0, len(samples), frame):
        if voice.push(samples[start : start + frame]):
            found.append((voice.active, (start + frame) / SAMPLE_RATE))
    return found


def test_a_voice_starts_soon_after_it_sounds_and_stops_after_its_silence(voice: VoiceActivity) -> None:
    samples, spoken = speak(WORDS, lead=0.5, tail=1.0)
    (started, start), (stopped, stop) = changes(voice, samples)
    assert (started, stopped) == (True, False)
    assert spoken[0].start <= start <= spoken[0].start + 0.3
    assert stop - spoken[-1].end + 2 * WINDOW_SECONDS >= SILENCE
    assert stop - spoken[-1].end <= SILENCE + 0.25


def test_pauses_between_words_are_still_but_do_not_stop_it(voice: VoiceActivity) -> None:
    samples, spoken = speak(WORDS, gap=0.3)
    still = 0
    for start in range(0, len(samples), 320):
        voice.push(samples[start : start + 320])
        if start / SAMPLE_RATE > spoken[0].start + 0.3:
            assert voice.active
            still += voice.still
    assert still > 0


def test_the_pause_is_how_long_it_has_been_still(voice: VoiceActivity) -> None:
    samples, _ = speak(WORDS)
    changes(voice, samples)
    before = voice.pause
    changes(voice, np.zeros(round(0.2 * SAMPLE_RATE), dtype=np.int16))
    assert before < voice.pause <= 0.2 + 2 * WINDOW_SECONDS


@pytest.mark.parametrize("level", [0, 40])
def test_silence_and_the_noise_of_a_room_are_no_voice(voice: VoiceActivity, level: int) -> None:
    noise = np.random.default_rng(1).normal(0.0, level, 5 * SAMPLE_RATE).astype(np.int16)
    assert changes(voice, noise) == []
    assert voice.still


@pytest.mark.parametrize("lead", range(0, VAD_WINDOW_SAMPLES, 64))
def test_music_on_hold_is_no_voice_wherever_its_first_beat_falls(voice: VoiceActivity, lead: int) -> None:
    """Samples of silence before it move its beats against the detector's windows."""
    assert changes(voice, np.concatenate([np.zeros(lead, dtype=np.int16), hold_music(10.0)])) == []


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 3_000), min_size=1, max_size=5))
def test_it_does_not_matter_in_what_pieces_the_audio_comes(sizes: list[int]) -> None:
    samples, _ = speak("we need", lead=0.3, tail=0.8)
    whole, pieces = VoiceActivity(SILENCE), VoiceActivity(SILENCE)
    states = []
    for start in range(0, len(samples), 512):
        whole.push(samples[start : start + 512])
        states.append((min(start + 512, len(samples)), whole.active))
    taken, turn = 0, 0
    while taken < len(samples):
        piece = samples[taken : taken + sizes[turn % len(sizes)]]
        pieces.push(piece)
        taken += len(piece)
        turn += 1
        windows = taken // 512
        assert pieces.active == (states[windows - 1][1] if windows else False)
    whole.close()
    pieces.close()
