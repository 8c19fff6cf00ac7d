"""What a recogniser that takes whole pieces of audio must be able to do, and what it answers.

`segmented.SegmentedSTT` makes a streaming recogniser of anything that keeps to this. Imports nothing heavy, so that a
recogniser's own process can use it too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

SAMPLE_RATE = 16_000
"""Samples a second of all audio that recognisers here take; mono, 16 bit."""


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word; `start` and `end` in seconds of the audio it was heard in, `confidence` from 0 to 1, or None where the
    engine tells none."""

    text: str
    start: float
    end: float
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said in one piece of audio.

    `words` is None where the engine gives no times. `language` is a code such as "en", or empty where the engine does
    not say; `confidence` from 0 to 1, 0 where it does not say.
    """

    text: str
    words: tuple[TimedWord, ...] | None = None
    language: str = ""
    confidence: float = 0.0


class Transcriber(Protocol):
    """Turns pieces of audio into text. May be asked several things at once; cancelling a question drops it."""

    async def transcribe(self, pcm: bytes, *, final: bool) -> Transcript | None:
        """The words in `pcm` (16 kHz, mono, int16). `final` is false while more of the same utterance is still to
        come.

        None says that a busy engine would rather not work on unfinished audio now; a final always has a Transcript.

        Raises:
            APIError: livekit's APIConnectionError, APIStatusError or APITimeoutError.
        """
        ...

    async def aclose(self) -> None:
        """Ends what this transcriber alone holds."""
        ...
