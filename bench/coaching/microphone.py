"""A microphone of somebody in a conversation, played at real pace.

In: words, or samples at `SAMPLE_RATE`. Out: a published track.
"""

from __future__ import annotations

import asyncio
import time

import numpy as np
from fakes.tones import speak
from livekit import rtc
from numpy.typing import NDArray

from bench.coaching.said import GAP, WORD
from cornerman.stand_ins.voice import SAMPLE_RATE

FRAME = 0.02
QUEUE_MS = 60


class Microphone:
    """A microphone in a room."""

    def __init__(self, room: rtc.Room) -> None:
        self._room = room
        self._source = rtc.AudioSource(SAMPLE_RATE, 1, queue_size_ms=QUEUE_MS)
        self._track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)

    async def publish(self) -> None:
        """Publishes it."""
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await self._room.local_participant.publish_track(self._track, options)

    async def play(self, samples: NDArray[np.int16]) -> None:
        """Plays at real pace."""
        length = round(FRAME * SAMPLE_RATE)
        began = time.monotonic()
        for number, start in enumerate(range(0, len(samples), length)):
            wait = began + number * FRAME - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            block = np.zeros(length, dtype=np.int16)
            chunk = samples[start : start + length]
            block[: len(chunk)] = chunk
            await self._source.capture_frame(rtc.AudioFrame(block.tobytes(), SAMPLE_RATE, 1, length))

    async def say(self, words: tuple[str, ...]) -> None:
        """Says words."""
        samples, _ = speak(list(words), rate=SAMPLE_RATE, word=WORD, gap=GAP)
        await self.play(samples)

    async def aclose(self) -> None:
        """Releases it."""
        await self._source.aclose()
