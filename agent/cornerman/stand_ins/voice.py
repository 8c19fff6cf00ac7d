"""Somebody who talks: a participant that publishes a microphone and plays recorded speech into it at real pace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
from livekit import rtc
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
FRAME = SAMPLE_RATE // 20
QUEUE_MS = 100
"""How far the source buffers ahead, in milliseconds: what is played reaches the room at most this late."""


class Voice:
    """A microphone in a room. Silence is played whenever nothing else is, as a real microphone does."""

    def __init__(self, room: rtc.Room) -> None:
        self.room = room
        self._source = rtc.AudioSource(SAMPLE_RATE, 1, queue_size_ms=QUEUE_MS)
        self._track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
        self.publication: rtc.LocalTrackPublication | None = None

    async def publish(self) -> None:
        """Publishes the microphone."""
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        self.publication = await self.room.local_participant.publish_track(self._track, options)

    async def unpublish(self) -> None:
        """Takes the microphone away; `publish` brings a new one."""
        if self.publication is not None:
            await self.room.local_participant.unpublish_track(self.publication.sid)
            self._source = rtc.AudioSource(SAMPLE_RATE, 1, queue_size_ms=QUEUE_MS)
            self._track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
            self.publication = None

    async def play(self, samples: NDArray[np.int16]) -> None:
        """Plays mono samples at 16 kHz; returns when the last frame is handed over, in real time."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        for index, start in enumerate(range(0, len(samples), FRAME)):
            block = np.zeros(FRAME, dtype=np.int16)
            chunk = samples[start : start + FRAME]
            block[: len(chunk)] = chunk
            await self._source.capture_frame(rtc.AudioFrame(block.tobytes(), SAMPLE_RATE, 1, FRAME))
            ahead = started + (index + 1) * FRAME / SAMPLE_RATE - loop.time()
            if ahead > 0:
                await asyncio.sleep(ahead)

    async def silence(self, seconds: float) -> None:
        """Plays silence."""
        await self.play(np.zeros(int(seconds * SAMPLE_RATE), dtype=np.int16))

    async def aclose(self) -> None:
        """Releases the microphone."""
        await self._source.aclose()


@asynccontextmanager
async def joined(url: str, token: str) -> AsyncIterator[rtc.Room]:
    """A room joined without subscribing to anything, left at the end."""
    room = rtc.Room()
    await room.connect(url, token, rtc.RoomOptions(auto_subscribe=False))
    try:
        yield room
    finally:
        await room.disconnect()
