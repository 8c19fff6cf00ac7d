"""Words that a machine can hear without a model: a real voice with two tones on top that name the word.

In: words of `VOCABULARY`. Out: samples with the true times of each word (`speak`), and an ear that finds the words and
their times in samples again (`ToneEar`), in whatever pieces they come. Promise: what is heard was in the audio: a word
cut away is lost, audio fed twice is heard twice, audio of another participant is another word. The tones, 2.2 to
3.52 kHz, pass Opus, the telephone's 8 kHz and resampling; the voice makes detectors of speech open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from cornerman.demo_call import SAMPLE_RATE
from fakes.carriers import carriers

VOCABULARY: tuple[str, ...] = (
    # Enough for moments of the sample playbook: "that is too expensive for us", "can you give us a discount", ...
    *("that", "is", "too", "expensive", "for", "us", "can", "you", "give", "a", "discount"),
    *("we", "are", "also", "looking", "at", "northstar", "need", "single", "sign", "on"),
    *("how", "much", "does", "it", "cost", "worried", "about", "security", "not", "our", "budget", "tight"),
    *("let", "come", "back", "to", "this", "next", "quarter", "my", "boss", "has", "approve"),
    # And words that mean nothing to it.
    *("the", "report", "week", "and", "team", "yes", "good", "thanks", "meeting", "friday", "hello"),
)

TONES = tuple(2_200.0 + 120.0 * step for step in range(12))
# Neighbours are left out: a codec smears one tone into the next.
_PAIRS = tuple((low, high) for low, high in combinations(range(len(TONES)), 2) if high - low > 1)
_WORD_OF = dict(zip(_PAIRS, VOCABULARY, strict=True))
_PAIR_OF = {word: pair for pair, word in _WORD_OF.items()}

CARRIER_LEVEL = 4_000.0
"""Root mean square of the voice, of 32,768."""
TONE_LEVEL = 900.0
"""Amplitude of each tone: audible to the ear below, and little enough for a speech detector."""
_RAMP = 0.01


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word and where it stands in the samples, in seconds."""

    text: str
    start: float
    end: float


def speak(
    words: Sequence[str] | str,
    *,
    rate: int = 16_000,
    word: float = 0.3,
    gap: float = 0.12,
    lead: float = 0.0,
    tail: float = 0.0,
) -> tuple[NDArray[np.int16], tuple[Spoken, ...]]:
    """Samples of `words` (a string is split at spaces), and when each is spoken.

    `word`, `gap`, `lead` and `tail` are seconds: of each word, of silence after each but the last, and of silence
    before and after all. Raises ValueError for a word that is not in `VOCABULARY`.
    """
    texts = words.split() if isinstance(words, str) else list(words)
    unknown = [text for text in texts if text not in _PAIR_OF]
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: not in fakes.tones.VOCABULARY, nobody could hear it")
    total = lead + len(texts) * word + max(0, len(texts) - 1) * gap + tail
    signal = np.zeros(round(total * rate), dtype=np.int16)
    spoken = []
    for position, text in enumerate(texts):
        start = lead + position * (word + gap)
        sounded = _sounded(text, rate, round(word * rate))
        at = round(start * rate)
        signal[at : at + len(sounded)] = sounded[: len(signal) - at]
        spoken.append(Spoken(text=text, start=start, end=start + word))
    return signal, tuple(spoken)


def _sounded(text: str, rate: int, length: int) -> NDArray[np.int16]:
    moment = np.arange(length) / rate
    voices = carriers()
    voice = voices[VOCABULARY.index(text) % len(voices)]
    # There and back again, so that a word may be longer than the snippet without a click.
    loop = np.concatenate([voice, voice[::-1]])
    signal = CARRIER_LEVEL * np.interp(moment * SAMPLE_RATE, np.arange(len(loop)), loop, period=len(loop))
    for tone in _PAIR_OF[text]:
        signal += TONE_LEVEL * np.sin(2 * np.pi * TONES[tone] * moment + tone)
    signal *= np.minimum(1.0, np.minimum(moment, moment[::-1]) / _RAMP)
    sounded: NDArray[np.int16] = signal.clip(-32_768, 32_767).astype(np.int16)
    return sounded


@dataclass(frozen=True, slots=True)
class Heard:
    """A word found in the audio, in seconds since the ear's first sample; `complete` once its end was heard."""

    text: str
    start: float
    end: float
    complete: bool


@dataclass(slots=True)
class _Run:
    """Frames in a row that carry one code."""

    pair: tuple[int, int]
    times: list[float] = field(default_factory=list)
    powers: list[float] = field(default_factory=list)
    missed: int = 0

    def heard(self, *, complete: bool) -> Heard:
        # A frame whose middle is on the word's edge has a quarter of the power: half of it is in the word.
        floor = 0.25 * float(np.median(self.powers))
        inside = [time for time, power in zip(self.times, self.powers, strict=True) if power >= floor]
        return Heard(text=_WORD_OF[self.pair], start=inside[0], end=inside[-1], complete=complete)


class ToneEar:
    """Hears the words in a stream of 16-bit mono PCM at `rate` samples a second, given in pieces of any size.

    A code must last `shortest` seconds to be a word: more than half a word, so that a word cut in two is never heard
    twice. A word is complete about 60 ms after its end and `under_way` as soon as it is certain.
    """

    WINDOW = 0.025
    """Seconds; one over it is a third of the tones' distance, so that a Hann window keeps them apart."""
    HOP = 0.01
    QUIETEST_TONE = 20.0
    QUIETEST_VOICE = 250.0
    _HOLE = 3

    def __init__(self, rate: int, *, shortest: float = 0.17) -> None:
        self.rate = rate
        self.shortest = shortest
        self.taken = 0
        """Samples taken so far."""
        self.voiced = False
        """Whether the last frame had a voice's energy, whatever it said."""
        self.voiced_since: float | None = None
        """When the present voice began, in seconds, if there is one."""
        self.voiced_until: float | None = None
        """When a voice was last heard, in seconds."""
        self._window = round(self.WINDOW * rate)
        self._hop = round(self.HOP * rate)
        hann = np.hanning(self._window + 1)[:-1]
        phase = 2 * np.pi * np.outer(np.arange(self._window) / rate, TONES)
        self._basis = (hann[:, None] * np.hstack([np.cos(phase), np.sin(phase)])) * (2 / hann.sum())
        self._half_sample = b""
        self._kept: NDArray[np.int16] = np.zeros(0, dtype=np.int16)
        self._frames = 0
        self._run: _Run | None = None

    @property
    def position(self) -> float:
        """Seconds of audio taken so far."""
        return self.taken / self.rate

    @property
    def silence(self) -> float:
        """Seconds since a voice was last heard; since the beginning if there was none."""
        return self.position - (self.voiced_until or 0.0)

    @property
    def busy(self) -> bool:
        """Whether a code is being heard, or has just been, that may become a word."""
        return self._run is not None

    @property
    def under_way(self) -> Heard | None:
        """The word being spoken, as soon as it is certain that it will count."""
        if self._run is None or not self._counts(self._run):
            return None
        return self._run.heard(complete=False)

    def push(self, pcm16: bytes) -> list[Heard]:
        """Take audio; the words whose end it showed, in order."""
        raw = self._half_sample + pcm16
        whole = len(raw) // 2 * 2
        self._half_sample = raw[whole:]
        fresh = np.frombuffer(raw[:whole], dtype="<i2")
        self.taken += len(fresh)
        self._kept = np.concatenate([self._kept, fresh])
        count = (len(self._kept) - self._window) // self._hop + 1
        if count <= 0:
            return []
        frames = np.lib.stride_tricks.sliding_window_view(self._kept, self._window)[:: self._hop].astype(np.float64)
        self._kept = self._kept[count * self._hop :].copy()
        projected = frames @ self._basis
        powers = projected[:, : len(TONES)] ** 2 + projected[:, len(TONES) :] ** 2
        energies = (frames**2).mean(axis=1)
        return [word for power, energy in zip(powers, energies, strict=True) for word in self._frame(power, energy)]

    def finish(self) -> list[Heard]:
        """The word that the end of the audio cut off, if enough of it was there to count."""
        return self._ended()

    def _frame(self, powers: NDArray[np.float64], energy: float) -> list[Heard]:
        time = (self._frames * self._hop + self._window / 2) / self.rate
        self._frames += 1
        self._note_voice(time, energy)
        pair = _code(powers, energy)
        run = self._run
        if run is not None and pair == run.pair:
            run.missed = 0
        elif run is not None:
            run.missed += 1
            if run.missed <= self._HOLE:
                return []
        ended = self._ended() if run is not None and pair != run.pair else []
        if pair is not None:
            self._run = self._run or _Run(pair)
            self._run.times.append(time)
            self._run.powers.append(float(powers[pair[0]] + powers[pair[1]]))
        return ended

    def _note_voice(self, time: float, energy: float) -> None:
        voiced = bool(energy > self.QUIETEST_VOICE**2)
        if voiced:
            self.voiced_since = self.voiced_since if self.voiced else time
            self.voiced_until = time
        else:
            self.voiced_since = None
        self.voiced = voiced

    def _ended(self) -> list[Heard]:
        run, self._run = self._run, None
        return [run.heard(complete=True)] if run is not None and self._counts(run) else []

    def _counts(self, run: _Run) -> bool:
        """Whether this code lasted long enough, and was there in most frames of that time."""
        lasted = run.times[-1] - run.times[0]
        return lasted >= self.shortest - 1e-9 and len(run.times) >= 0.7 * lasted / self.HOP


def _code(powers: NDArray[np.float64], energy: float) -> tuple[int, int] | None:
    """The two tones that stand out of this frame, if just two do, and are more than a trace of what is to be heard."""
    order = np.argsort(powers)
    first, second, third = (float(powers[order[-rank]]) for rank in (1, 2, 3))
    stands_out = second > 5 * third and first < 20 * second and first + second > 0.75 * powers.sum()
    audible = second > ToneEar.QUIETEST_TONE**2 and (first + second) / 2 > 0.006 * energy
    if not (stands_out and audible):
        return None
    low, high = sorted((int(order[-1]), int(order[-2])))
    return (low, high) if (low, high) in _WORD_OF else None
