"""Watches a screen share in one of three ways, in a process of its own, and tells what that took of the processor.

Ways: `watched` is the product's watcher, told what is wanted as a call tells it; `always` is the textbook's: subscribed
throughout, a JPEG each second, the newest one with every turn; `joined` subscribes to nothing.
"""

from __future__ import annotations

import asyncio
import base64
import io
import resource
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from livekit import rtc
from PIL import Image

from bench.processes import answer_questions
from cornerman.config import ScreenSettings
from cornerman.seeing import Watcher, is_screen, points_at_screen, rate_for

SETTINGS = ScreenSettings()
LARGEST = 1024


class Way(Protocol):
    """How a share is watched."""

    def offer(self, publication: rtc.RemoteTrackPublication) -> None: ...

    def came(self, track: rtc.Track, publication: rtc.RemoteTrackPublication) -> None: ...

    def went(self, track: rtc.Track, publication: rtc.RemoteTrackPublication) -> None: ...

    def situation(self, presenting: bool, speaks: bool) -> None: ...

    def partial(self, text: str) -> None: ...

    def turn(self, text: str, presenting: bool) -> tuple[bytes, float] | None: ...

    async def aclose(self) -> None: ...


class Watched:
    """The product's way."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.changes: list[str] = []
        self._watcher = Watcher(
            SETTINGS, may_see=lambda: True, now=now, changed=lambda change: self.changes.append(change.change)
        )
        self.offer = self._watcher.offer
        self.came = self._watcher.subscribed
        self.went = self._watcher.unsubscribed
        self.aclose = self._watcher.aclose

    def situation(self, presenting: bool, speaks: bool) -> None:
        rate = rate_for(SETTINGS, presenting=presenting, prospect_speaks=speaks)
        self._watcher.need(rate, presenting=presenting)

    def partial(self, text: str) -> None:
        if points_at_screen(text, "en"):
            self._watcher.pointing(self._now())

    def turn(self, text: str, presenting: bool) -> tuple[bytes, float] | None:
        frame = self._watcher.attach(points=points_at_screen(text, "en"), presenting=presenting)
        return (frame.jpeg, self._now() - frame.at) if frame is not None else None


class Always:
    """The textbook's way: one a second, and always the newest one."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._newest: tuple[bytes, float] | None = None
        self._task: asyncio.Task[None] | None = None

    def offer(self, publication: rtc.RemoteTrackPublication) -> None:
        if is_screen(publication):
            publication.set_subscribed(True)

    def came(self, track: rtc.Track, publication: rtc.RemoteTrackPublication) -> None:
        self._task = asyncio.create_task(self._sample(track), name="bench.sample")

    def went(self, track: rtc.Track, publication: rtc.RemoteTrackPublication) -> None:
        pass

    def situation(self, presenting: bool, speaks: bool) -> None:
        pass

    def partial(self, text: str) -> None:
        pass

    def turn(self, text: str, presenting: bool) -> tuple[bytes, float] | None:
        return (self._newest[0], self._now() - self._newest[1]) if self._newest is not None else None

    async def aclose(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _sample(self, track: rtc.Track) -> None:
        due = 0.0
        async for event in rtc.VideoStream.from_track(track=track, capacity=1):
            now = self._now()
            if now >= due:
                due = now + 1.0
                self._newest = await asyncio.to_thread(_jpeg, event.frame), now


def _jpeg(frame: rtc.VideoFrame) -> bytes:
    colours = frame.convert(rtc.VideoBufferType.RGB24)
    image = Image.frombytes("RGB", (colours.width, colours.height), bytes(colours.data))
    image.thumbnail((LARGEST, LARGEST))
    written = io.BytesIO()
    image.save(written, "JPEG", quality=75)
    return written.getvalue()


class Coach:
    """One coach in the room."""

    def __init__(self) -> None:
        start = time.monotonic()
        self._room = rtc.Room()
        self._way: Way | None = None
        self._now: Callable[[], float] = lambda: time.monotonic() - start
        self._presenting = False

    async def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """Does what is asked."""
        match question["do"]:
            case "join":
                await self._join(question["url"], question["token"], question["way"])
            case "situation":
                self._presenting = question["presenting"]
                if self._way is not None:
                    self._way.situation(self._presenting, question["speaks"])
            case "partial" if self._way is not None:
                self._way.partial(question["text"])
            case "turn" if self._way is not None:
                went = self._way.turn(question["text"], self._presenting)
                if went is not None:
                    return {"jpeg": base64.b64encode(went[0]).decode(), "age": went[1]}
            case "changes" if isinstance(self._way, Watched):
                return {"changes": self._way.changes}
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {"processor": used.ru_utime + used.ru_stime, "at": time.monotonic()}

    async def aclose(self) -> None:
        """Leaves."""
        if self._way is not None:
            await self._way.aclose()
        await self._room.disconnect()

    async def _join(self, url: str, token: str, way: str) -> None:
        room = self._room
        if way != "joined":
            found = self._way = Watched(self._now) if way == "watched" else Always(self._now)
            room.on("track_subscribed", lambda track, publication, owner: found.came(track, publication))
            room.on("track_unsubscribed", lambda track, publication, owner: found.went(track, publication))
            room.on("track_published", lambda publication, owner: found.offer(publication))
        await room.connect(url, token, rtc.RoomOptions(auto_subscribe=False))


async def main() -> None:
    """Watches until the bench asks no more."""
    coach = Coach()
    try:
        await answer_questions(coach.answer)
    finally:
        await coach.aclose()


if __name__ == "__main__":
    asyncio.run(main())
