"""Music as a telephone plays it to somebody on hold: chords, a melody and drums, made of numbers.

In: seconds and a sample rate. Out: mono samples, the same every time. No voice is in it: whoever takes it for speech is
wrong.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BEAT = 0.5
"""Seconds; 120 beats a minute."""
CHORDS = ((48, 55, 60, 64), (45, 52, 57, 60), (41, 48, 53, 57), (43, 50, 55, 59))
"""MIDI notes of C, A minor, F and G: the four chords of most waiting."""
MELODY = (76, 79, 77, 76, 74, 72, 74, 76, 72, 69, 72, 74, 71, 74, 79, 77)
LEVEL = 9_000.0
"""Peak, of 32,768: as loud as the people who talk in these tests."""


def hold_music(seconds: float, *, rate: int = 16_000) -> NDArray[np.int16]:
    """So many seconds of it, from the first bar."""
    signal = np.zeros(round(seconds * rate))
    noise = np.random.default_rng(7).standard_normal(rate)
    for beat in range(int(np.ceil(seconds / BEAT))):
        at = round(beat * BEAT * rate)
        if beat % 4 == 0:
            for note in CHORDS[beat // 4 % len(CHORDS)]:
                _mix(signal, at, 0.30 * _string(note, 4 * BEAT, rate))
        _mix(signal, at, 0.55 * _bell(MELODY[beat % len(MELODY)], 2 * BEAT, rate))
        _mix(signal, at, _kick(rate) if beat % 2 == 0 else _snare(noise, rate))
        _mix(signal, at + round(BEAT / 2 * rate), _hat(noise, rate))
    music: NDArray[np.int16] = (LEVEL * signal / np.abs(signal).max()).astype(np.int16)
    return music


def _mix(signal: NDArray[np.float64], at: int, sound: NDArray[np.float64]) -> None:
    part = sound[: max(len(signal) - at, 0)]
    signal[at : at + len(part)] += part


def _moments(seconds: float, rate: int) -> NDArray[np.float64]:
    return np.arange(round(seconds * rate)) / rate


def _frequency(note: int) -> float:
    return float(440.0 * 2 ** ((note - 69) / 12))


def _string(note: int, seconds: float, rate: int) -> NDArray[np.float64]:
    """A held note with overtones and a slow swell."""
    moments = _moments(seconds, rate)
    swell = np.minimum(1.0, moments / 0.15) * np.minimum(1.0, (seconds - moments) / 0.15)
    overtones = range(1, 8)
    sounding = [np.sin(2 * np.pi * _frequency(note) * one * moments) / one**1.5 for one in overtones]
    swollen: NDArray[np.float64] = swell * np.sum(sounding, axis=0)
    return swollen


def _bell(note: int, seconds: float, rate: int) -> NDArray[np.float64]:
    """A struck note that dies away."""
    moments = _moments(seconds, rate)
    frequency = _frequency(note)
    struck = np.sin(2 * np.pi * frequency * moments) + 0.4 * np.sin(2 * np.pi * 2.76 * frequency * moments)
    dying: NDArray[np.float64] = struck * np.exp(-4 * moments) * np.minimum(1.0, moments / 0.005)
    return dying


def _kick(rate: int) -> NDArray[np.float64]:
    moments = _moments(0.2, rate)
    falling: NDArray[np.float64] = np.sin(2 * np.pi * (50 * moments + 4 * (1 - np.exp(-30 * moments))))
    return falling * np.exp(-18 * moments)


def _snare(noise: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    moments = _moments(0.18, rate)
    rattling: NDArray[np.float64] = 0.35 * noise[: len(moments)] * np.exp(-25 * moments)
    return rattling + 0.3 * np.sin(2 * np.pi * 190 * moments) * np.exp(-30 * moments)


def _hat(noise: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    moments = _moments(0.06, rate)
    hissing: NDArray[np.float64] = np.diff(noise[: len(moments) + 1]) * 0.15 * np.exp(-70 * moments)
    return hissing
