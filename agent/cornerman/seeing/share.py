"""One screen share as pictures: subscribed while it is open, and the newest picture only.

In: a publication, and its track once the room says that it came. Out: video frames, newest wins; how often they come.
Every wait has an end. A share that is given back is unsubscribed at once, whatever else goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable

from livekit import rtc

from cornerman.seeing.frame import SeeingError
from cornerman.seeing.picture import Picture

logger = logging.getLogger(__name__)

STREAM_END_SECONDS = 1.0
COUNTED, LEAST_COUNTED = 1.5, 0.3
"""Seconds over which arrivals are counted."""
ENOUGH = 3
REST = 0.3
"""Seconds between giving back and subscribing anew: sooner, the server was seen to send nothing for the second."""


class Share:
    """A publication of the rep's screen. Owns a task while it is open; `may_see` is asked before it subscribes."""

    def __init__(
        self, publication: rtc.RemoteTrackPublication, *, may_see: Callable[[], bool], now: Callable[[], float]
    ) -> None:
        self.sid = publication.sid
        self.muted = publication.muted
        self._publication = publication
        self._may_see = may_see
        self._now = now
        self._wanted = False
        self._track: rtc.Track | None = None
        self._stream: rtc.VideoStream | None = None
        self._reader: asyncio.Task[None] | None = None
        self._came = asyncio.Event()
        self._newest: tuple[rtc.VideoFrame, float] | None = None
        self._arrivals: deque[float] = deque(maxlen=200)
        self._opened = 0.0
        self._given_back = float("-inf")

    @property
    def is_open(self) -> bool:
        """Whether pictures can come."""
        return self._reader is not None and not self._reader.done()

    def subscribed(self, track: rtc.Track) -> None:
        """The track came. One that is not wanted any more is given back unseen."""
        if not (self._wanted and self._may_see()):
            self.give_back()
            return
        self._track = track
        self._came.set()

    def unsubscribed(self, track: rtc.Track) -> None:
        """A track went away; it may be the one of a subscription before."""
        if track is not self._track:
            return
        self._track = None
        if self._reader is not None:
            self._reader.cancel()

    async def open(self, within: float) -> None:
        """Subscribes, unless it is open.

        Raises:
            SeeingError: the track did not come within so many seconds, or must not be seen.
        """
        if self.is_open:
            return
        await self.close_stream()
        await asyncio.sleep(max(self._given_back + REST - self._now(), 0.0))
        if not self._may_see():
            raise SeeingError("the screen must not be looked at: its owner has not agreed")
        if self._track is None:
            self._wanted = True
            self._came.clear()
            self._publication.set_subscribed(True)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(within):
                    await self._came.wait()
        if self._track is None:
            self.give_back()
            raise SeeingError(f"the screen share was subscribed but did not come within {within:g} s")
        self._stream = rtc.VideoStream.from_track(track=self._track, capacity=1, format=rtc.VideoBufferType.I420)
        self._opened = self._now()
        self._arrivals.clear()
        self._newest = None
        self._reader = asyncio.create_task(self._read(self._stream), name=f"seeing.read.{self.sid}")

    async def next(self, within: float) -> tuple[Picture, float] | None:
        """The newest picture that was not taken yet and when it came, or None after so many seconds without any."""
        self._came.clear()
        if self._newest is None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(within):
                    await self._came.wait()
        if self._newest is None:
            return None
        (frame, at), self._newest = self._newest, None
        return Picture.from_i420(frame.data, frame.width, frame.height), at

    @property
    def rate(self) -> float:
        """Pictures a second of late, as they came; 0 while there were too few to tell."""
        now = self._now()
        seconds = min(COUNTED, max(now - self._opened, LEAST_COUNTED))
        count = sum(now - at <= seconds for at in self._arrivals)
        return count / seconds if count >= ENOUGH else 0.0

    def give_back(self) -> None:
        """Unsubscribes at once. Nothing of it is looked at from here on; `close` ends what is left."""
        self._wanted = False
        self._track = None
        self._newest = None
        if self._reader is not None:
            self._reader.cancel()
        self._given_back = self._now()
        self._publication.set_subscribed(False)

    async def close(self) -> None:
        """Ends the task, and unsubscribes."""
        try:
            await self.close_stream()
        finally:
            if self._wanted:
                self.give_back()

    async def close_stream(self) -> None:
        """Ends the stream of pictures, if there is one; the subscription stays."""
        reader, stream = self._reader, self._stream
        self._reader = self._stream = None
        if reader is not None:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
        if stream is not None:
            # The end of a stream is waited for where the server took the track away first: it may never come.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STREAM_END_SECONDS):
                    await stream.aclose()

    async def _read(self, stream: rtc.VideoStream) -> None:
        async for event in stream:
            self._newest = event.frame, self._now()
            self._arrivals.append(self._now())
            self._came.set()
