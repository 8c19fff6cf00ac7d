"""Cuts a stream of audio into utterances by the local voice detector.

In: 16 kHz mono audio in pieces of any size. Out: what happened, in order: the voice started, an utterance is whole,
the voice stopped. Positions are samples since the stream began. Synchronous; about 30 us for each 32 ms of audio.

Promises that every sample from an utterance's start to the end of the voice is in exactly one utterance; that an
utterance is at most `longest` long, cut where it is quietest near that length; and that what is kept while nobody
speaks does not grow.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from livekit import local_inference
from numpy.typing import NDArray

from cornerman.providers.transcriber import SAMPLE_RATE

WINDOW_SAMPLES = local_inference.VAD_WINDOW_SAMPLES
WINDOW_BYTES = WINDOW_SAMPLES * 2
WINDOW_SECONDS = WINDOW_SAMPLES / SAMPLE_RATE

SPEECH_PROBABILITY = 0.5
"""A window counts as voice from here up; two in a row start an utterance."""
SILENCE_PROBABILITY = 0.35
"""A window counts as silence below this."""
VOICED_WINDOWS_TO_START = 2
CUT_SEARCH_SECONDS = 5.0
"""How far before the longest length the quietest place is looked for; at most a third of that length."""
QUIET_WINDOWS = 3
"""A quiet place is judged over about 0.1 s: a single quiet window is found inside words too."""


class VoiceDetector(Protocol):
    def predict(self, pcm: NDArray[np.int16]) -> float: ...


@dataclass(frozen=True, slots=True)
class VoiceStarted:
    position: int


@dataclass(frozen=True, slots=True)
class VoiceStopped:
    """`position`: where the voice ended. `settled`: all before this was heard and will not be needed again."""

    position: int
    settled: int


@dataclass(frozen=True, slots=True)
class Utterance:
    """`voiced`: the stretches with voice in them, as samples from the utterance's own start."""

    number: int
    start: int
    pcm: bytes
    voiced: tuple[tuple[int, int], ...]

    @property
    def seconds(self) -> float:
        return len(self.pcm) / 2 / SAMPLE_RATE

    @property
    def end(self) -> int:
        return self.start + len(self.pcm) // 2


Step = VoiceStarted | Utterance | VoiceStopped


@dataclass(frozen=True, slots=True)
class _Window:
    pcm: bytes
    voiced: bool
    power: float


class UtteranceCutter:
    """`silence` ends an utterance, `prefix` is heard from before the voice was noticed (the detector notices it up to
    0.24 s late), `longest` is an utterance's greatest length; all in seconds."""

    def __init__(self, voice: VoiceDetector, *, silence: float, prefix: float, longest: float) -> None:
        self._voice = voice
        self._end_windows = max(1, round(silence / WINDOW_SECONDS))
        self._most_windows = max(3 * QUIET_WINDOWS, int(longest / WINDOW_SECONDS))
        self._before: deque[_Window] = deque(maxlen=round(prefix / WINDOW_SECONDS) + VOICED_WINDOWS_TO_START)
        self._rest = bytearray()
        self._position = 0
        self._voiced_windows = 0
        self._silent_windows = 0
        self._windows: list[_Window] | None = None
        self._start = 0
        self._noticed = 0
        self._voice_end = 0
        self._number = 0

    # -- the utterance under way --

    @property
    def number(self) -> int | None:
        """Of the utterance under way, while there is one."""
        return None if self._windows is None else self._number

    @property
    def voice_seconds(self) -> float:
        """How long the utterance under way has grown since its voice was noticed."""
        return 0.0 if self._windows is None else (self._position - self._noticed) / SAMPLE_RATE

    @property
    def nearly_over(self) -> bool:
        """Whether half of the silence that ends an utterance has passed."""
        return 2 * self._silent_windows >= self._end_windows

    def growing(self) -> Utterance | None:
        """The utterance under way as it is now."""
        return None if self._windows is None else self._utterance(self._windows)

    # -- audio --

    def hear(self, pcm: bytes) -> list[Step]:
        """What `pcm` completes."""
        steps: list[Step] = []
        self._rest += pcm
        whole = len(self._rest) - len(self._rest) % WINDOW_BYTES
        audio = bytes(self._rest[:whole])
        del self._rest[:whole]
        for at in range(0, whole, WINDOW_BYTES):
            steps += self._hear_window(audio[at : at + WINDOW_BYTES])
        return steps

    def flush(self) -> list[Step]:
        """End the utterance under way, if there is one, with all audio so far."""
        if self._windows is None:
            return []
        if self._rest:
            # too short for the detector; what a voice was saying it probably says on
            voiced = self._silent_windows == 0
            self._windows.append(_Window(bytes(self._rest), voiced, 0.0))
            self._position += len(self._rest) // 2
            self._rest.clear()
            if voiced:
                self._voice_end = self._position
        return self._end()

    def _hear_window(self, pcm: bytes) -> list[Step]:
        samples = np.frombuffer(pcm, dtype=np.int16)
        probability = self._voice.predict(samples)
        self._position += WINDOW_SAMPLES
        speaking = self._windows is not None
        voiced = probability >= (SILENCE_PROBABILITY if speaking else SPEECH_PROBABILITY)
        loud = samples.astype(np.float32)
        window = _Window(pcm, voiced, float(loud @ loud))
        return self._follow(window) if speaking else self._await_voice(window)

    def _await_voice(self, window: _Window) -> list[Step]:
        self._before.append(window)
        self._voiced_windows = self._voiced_windows + 1 if window.voiced else 0
        if self._voiced_windows < VOICED_WINDOWS_TO_START:
            return []
        began = self._position - self._voiced_windows * WINDOW_SAMPLES
        self._begin(list(self._before), noticed=began)
        self._before.clear()
        return [VoiceStarted(began)]

    def _follow(self, window: _Window) -> list[Step]:
        assert self._windows is not None
        self._windows.append(window)
        if window.voiced:
            self._silent_windows = 0
            self._voice_end = self._position
        else:
            self._silent_windows += 1
        if self._silent_windows >= self._end_windows:
            return self._end()
        if len(self._windows) >= self._most_windows:
            return self._cut()
        return []

    # -- utterances --

    def _begin(self, windows: list[_Window], *, noticed: int) -> None:
        self._windows = windows
        self._start = self._position - len(windows) * WINDOW_SAMPLES
        self._noticed = noticed
        self._voice_end = self._position
        self._silent_windows = 0
        self._number += 1

    def _end(self) -> list[Step]:
        assert self._windows is not None
        utterance = self._utterance(self._windows)
        self._windows = None
        self._voiced_windows = 0
        self._silent_windows = 0
        stopped = VoiceStopped(self._voice_end, utterance.end)
        # the rest after a cut may hold the last silence only
        return [utterance, stopped] if utterance.voiced else [stopped]

    def _cut(self) -> list[Step]:
        """The voice goes on: the next utterance begins with the very next sample."""
        assert self._windows is not None
        at = self._quietest(self._windows)
        utterance = self._utterance(self._windows[:at])
        silent_windows, voice_end = self._silent_windows, self._voice_end
        rest = self._windows[at:]
        self._begin(rest, noticed=self._position - len(rest) * WINDOW_SAMPLES)
        self._silent_windows, self._voice_end = silent_windows, voice_end
        return [utterance] if utterance.voiced else []

    def _quietest(self, windows: list[_Window]) -> int:
        """How many windows to cut off: up to the middle of the quietest place, the last such."""
        search = min(round(CUT_SEARCH_SECONDS / WINDOW_SECONDS), len(windows) // 3)
        powers = np.array([window.power for window in windows[-search:]])
        smooth = np.convolve(powers, np.ones(QUIET_WINDOWS), mode="valid")
        quietest = len(smooth) - 1 - int(np.argmin(smooth[::-1]))
        return len(windows) - search + quietest + QUIET_WINDOWS // 2 + 1

    def _utterance(self, windows: list[_Window]) -> Utterance:
        voiced: list[tuple[int, int]] = []
        at = 0
        for window in windows:
            after = at + len(window.pcm) // 2
            if window.voiced:
                if voiced and voiced[-1][1] == at:
                    voiced[-1] = (voiced[-1][0], after)
                else:
                    voiced.append((at, after))
            at = after
        return Utterance(self._number, self._start, b"".join(window.pcm for window in windows), tuple(voiced))
