"""A screen that somebody shares: painted on, as still or as lively as a test needs."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import suppress
from types import TracebackType

from livekit import rtc
from seeing.screens import frame, slide

WITHIN = 15.0


class SharedScreen:
    """What the rep shares. Owns a task that paints, so many times a second, what it `shows`."""

    def __init__(self, room: rtc.Room, *, fps: float = 2.0, source: rtc.TrackSource.ValueType | None = None) -> None:
        self._room = room
        self._fps = fps
        self._kind = rtc.TrackSource.SOURCE_SCREENSHARE if source is None else source
        self._source = rtc.VideoSource(1280, 720)
        self._painting: asyncio.Task[None] | None = None
        self.publication: rtc.LocalTrackPublication | None = None
        self.shows = [frame(slide(1))]
        """Painted one after the other, over and over."""

    async def share(self) -> None:
        track = rtc.LocalVideoTrack.create_video_track("screen", self._source)
        self._painting = asyncio.create_task(self._paint(), name="test.paint")
        options = rtc.TrackPublishOptions(source=self._kind, simulcast=False)
        async with asyncio.timeout(WITHIN):
            self.publication = await self._room.local_participant.publish_track(track, options)

    async def stop(self) -> None:
        assert self.publication is not None
        await self._room.local_participant.unpublish_track(self.publication.sid)

    @property
    def was_subscribed(self) -> bool:
        """Whether anybody ever subscribed, as the server told the rep."""
        assert self.publication is not None
        return self.publication._first_subscription.done()

    async def __aenter__(self) -> SharedScreen:
        await self.share()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        if self._painting is not None:
            self._painting.cancel()
            with suppress(asyncio.CancelledError):
                await self._painting
        await self._source.aclose()

    async def _paint(self) -> None:
        for moment in itertools.count():
            self._source.capture_frame(self.shows[moment % len(self.shows)])
            await asyncio.sleep(1 / self._fps)
