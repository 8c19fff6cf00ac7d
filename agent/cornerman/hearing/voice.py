"""Whether somebody speaks: a local voice activity detector over one track's audio. Music and noise are not speech.

In: samples at 16 kHz. Out: the voice starting and stopping. A window of 32 ms takes the detector about 20 microseconds,
so it runs where the audio arrives.
"""

from __future__ import annotations

import numpy as np
from livekit.local_inference import VAD, VAD_WINDOW_SAMPLES
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
WINDOW_SECONDS = VAD_WINDOW_SAMPLES / SAMPLE_RATE
STARTS = 0.5
STOPS = 0.35
"""Probabilities of speech, the detector's usual ones: above the first a voice may have started, below the second it is
still."""
SURE = 1.0
"""What the windows' probabilities must exceed STARTS by, added up, before a voice has started. A clear voice takes
three windows, 0.1 s. One alone is not enough: the first beat of hold music, or torn audio, looks like a voice for up to
four, and would cost seconds at a provider and words that nobody said."""


class VoiceActivity:
    """The detector of one track. `silence`: seconds without a voice after which it has stopped."""

    def __init__(self, silence: float) -> None:
        self._detector = VAD()
        self._silence = silence
        self._window = np.zeros(VAD_WINDOW_SAMPLES, dtype=np.int16)
        self._filled = 0
        self._still = 0.0
        self._evidence = 0.0
        self.active = False
        self.still = True
        """No voice in the newest window."""

    def push(self, samples: NDArray[np.int16]) -> bool:
        """Takes in samples; returns whether the voice started or stopped (`active` says which)."""
        before = self.active
        taken = 0
        while taken < len(samples):
            count = min(VAD_WINDOW_SAMPLES - self._filled, len(samples) - taken)
            self._window[self._filled : self._filled + count] = samples[taken : taken + count]
            self._filled += count
            taken += count
            if self._filled == VAD_WINDOW_SAMPLES:
                self._filled = 0
                self._judge(float(self._detector.predict(self._window)))
        return self.active != before

    @property
    def pause(self) -> float:
        """Seconds of stillness since the last voice."""
        return self._still

    def close(self) -> None:
        """Releases the detector."""
        self._detector.close()

    def _judge(self, probability: float) -> None:
        self.still = probability < (STOPS if self.active else STARTS)
        if not self.active:
            self._evidence = max(0.0, self._evidence + probability - STARTS)
            self.active = self._evidence >= SURE
        if self.active and not self.still:
            self._still = 0.0
        elif self.active:
            self._still += WINDOW_SECONDS
            if self._still >= self._silence:
                self.active = False
                self._evidence = 0.0


def rehearse() -> None:
    """Shows the detector a window, so that processes forked from this one share what it loads."""
    voice = VoiceActivity(WINDOW_SECONDS)
    voice.push(np.zeros(VAD_WINDOW_SAMPLES, dtype=np.int16))
    voice.close()
