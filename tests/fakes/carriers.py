"""Snippets of a real voice that carry tone-coded words, so that a voice activity detector takes them for speech.

In: the recorded demo call. Out: loops of voiced speech without anything above 1.7 kHz, at unit loudness. Promise: they
are found by the detector itself in whatever recording is shipped, the same ones in every process, best first.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
from livekit.local_inference import VAD, VAD_WINDOW_SAMPLES
from numpy.typing import NDArray

from cornerman.demo_call import SAMPLE_RATE, SPEAKERS, samples
from cornerman.errors import CornermanError

SNIPPET = 16 * VAD_WINDOW_SAMPLES
"""Samples of one snippet: 0.51 s."""

MOST_CARRIERS = 10
_SEARCHED = 90 * SAMPLE_RATE
_HIGHEST = 1_700.0
_TRIAL_WORD = 4_800
_TRIAL_TONES = ((2_200.0, 2_560.0), (2_800.0, 3_520.0))

Signal = NDArray[np.float64]


@cache
def carriers() -> tuple[Signal, ...]:
    """The best snippets at `SAMPLE_RATE`, root mean square 1; takes half a second once a process."""
    found = sorted(_candidates(), key=_liking, reverse=True)[:MOST_CARRIERS]
    if not found:
        raise CornermanError("the demo call has no half second of steady voice; tone-coded words cannot be made of it")
    return tuple(found)


def speech_probability(signal: NDArray[np.int16]) -> Signal:
    """What a fresh detector thinks of each 32 ms window of 16 kHz samples."""
    detector = VAD()
    windows = range(0, len(signal) - VAD_WINDOW_SAMPLES + 1, VAD_WINDOW_SAMPLES)
    return np.array([detector.predict(signal[at : at + VAD_WINDOW_SAMPLES]) for at in windows])


def _candidates() -> Iterator[Signal]:
    """Stretches that are voice throughout and hardly change in loudness."""
    for speaker in SPEAKERS:
        track = samples(speaker)[:_SEARCHED]
        probability = speech_probability(track)
        for window in range(0, len(probability) - 16, 4):
            if probability[window : window + 16].min() > 0.8:
                at = window * VAD_WINDOW_SAMPLES
                low = _low_passed(track[at : at + SNIPPET].astype(np.float64))
                loudness = np.sqrt((low[: len(low) // 640 * 640].reshape(-1, 640) ** 2).mean(axis=1))
                if loudness.min() > 0.25 * loudness.max():
                    yield low / np.sqrt((low**2).mean())


def _low_passed(signal: Signal) -> Signal:
    spectrum = np.fft.rfft(signal)
    frequency = np.fft.rfftfreq(len(signal), 1 / SAMPLE_RATE)
    return np.fft.irfft(spectrum / (1 + np.exp((frequency - _HIGHEST) / 25)), len(signal))


def _liking(snippet: Signal) -> float:
    """How surely the detector takes this snippet with tones on top for speech, at once and after a pause."""
    moment = np.arange(_TRIAL_WORD) / SAMPLE_RATE
    likings = []
    for tones in _TRIAL_TONES:
        code = sum((np.sin(2 * np.pi * tone * moment) for tone in tones), start=np.zeros(_TRIAL_WORD))
        word = 4_000 * snippet[:_TRIAL_WORD] + 900 * code
        trial = np.concatenate([np.zeros(8_000), word, np.zeros(1_920), word])
        probability = speech_probability(trial.clip(-32_768, 32_767).astype(np.int16))
        middle = (np.arange(len(probability)) + 0.5) * VAD_WINDOW_SAMPLES
        first = probability[(middle >= 8_512) & (middle < 12_800)]
        second = probability[middle >= 15_020]
        likings.append((first > 0.5).mean() + (second > 0.5).mean() + 0.2 * first.min() + 0.2 * second.min())
    return float(min(likings))
