"""Somebody who talks: a participant that publishes a microphone and plays recorded speech into it at real pace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
from livekit import rtc
from numpy.typing import NDArray

from cornerman_client.encryption import room_options

SAMPLE_RATE = 16_000
FRAMES_A_SECOND = 20
QUEUE_MS = 100
"""How far the source buffers ahead, in milliseconds: what is played reaches the room at most this late."""


class Voice:
    """A microphone in a room. Silence is played whenever nothing else is, as a real microphone does.

    `rate`: samples a second, 8,000 for a telephone; `source`: what the track says it is.
    """

    def __init__(
        self,
        room: rtc.Room,
        *,
        rate: int = SAMPLE_RATE,
        source: rtc.TrackSource.ValueType = rtc.TrackSource.SOURCE_MICROPHONE,
    ) -> None:
        self.room = room
        self.rate = rate
        self._says_it_is = source
        self._source, self._track = self._made()
        self.publication: rtc.LocalTrackPublication | None = None

    def _made(self) -> tuple[rtc.AudioSource, rtc.LocalAudioTrack]:
        source = rtc.AudioSource(self.rate, 1, queue_size_ms=QUEUE_MS)
        return source, rtc.LocalAudioTrack.create_audio_track("microphone", source)

    async def publish(self) -> None:
        """Publishes the microphone."""
        options = rtc.TrackPublishOptions(source=self._says_it_is)
        self.publication = await self.room.local_participant.publish_track(self._track, options)

    async def unpublish(self) -> None:
        """Takes the microphone away; `publish` brings a new one."""
        if self.publication is not None:
            await self.room.local_participant.unpublish_track(self.publication.sid)
            await self._source.aclose()
            self._source, self._track = self._made()
            self.publication = None

    def mute(self) -> None:
        """Switches the microphone off; what is played meanwhile reaches nobody."""
        self._track.mute()

    def unmute(self) -> None:
        """Switches the microphone on again."""
        self._track.unmute()

    async def play(self, samples: NDArray[np.int16]) -> None:
        """Plays mono samples at this microphone's rate; returns when the last frame is handed over, in real time."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        length = self.rate // FRAMES_A_SECOND
        for index, start in enumerate(range(0, len(samples), length)):
            block = np.zeros(length, dtype=np.int16)
            chunk = samples[start : start + length]
            block[: len(chunk)] = chunk
            await self._source.capture_frame(rtc.AudioFrame(block.tobytes(), self.rate, 1, length))
            ahead = started + (index + 1) / FRAMES_A_SECOND - loop.time()
            if ahead > 0:
                await asyncio.sleep(ahead)

    async def silence(self, seconds: float) -> None:
        """Plays silence."""
        await self.play(np.zeros(int(seconds * self.rate), dtype=np.int16))

    async def aclose(self) -> None:
        """Releases the microphone."""
        await self._source.aclose()


@asynccontextmanager
async def joined(url: str, token: str, key: str | None = None) -> AsyncIterator[rtc.Room]:
    """A room joined without subscribing to anything, left at the end; `key`: that of an end-to-end encrypted one."""
    room = rtc.Room()
    await room.connect(url, token, room_options(key, auto_subscribe=False))
    try:
        yield room
    finally:
        await room.disconnect()
