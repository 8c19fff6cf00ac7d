"""The rep's screen share through a real server: what is subscribed when, and which frames come of it.

The rep is a participant with a video source that is painted on, as still or as lively as a test needs.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from live.conftest import Join
from livekit import rtc
from seeing.screens import BAR, INK, frame, pixels, scrolled, slide
from shared_screen import SharedScreen

from cornerman.config import ScreenSettings
from cornerman.events import ScreenChange
from cornerman.seeing import Frame, KeptFrames, Region, SeeingError, Watcher

WITHIN = 15.0
LONG_PAGE = slide(4, lines=42, height=2000)


@dataclass
class Eye:
    """The coach's side: a room that subscribes to nothing, and a watcher wired to it as a call wires it."""

    room: rtc.Room
    watcher: Watcher
    changes: list[ScreenChange]
    now: Callable[[], float]
    consent: list[bool]
    subscriptions: list[str] = field(default_factory=list)

    @property
    def publication(self) -> rtc.RemoteTrackPublication:
        return next(iter(self.room.remote_participants["rep"].track_publications.values()))

    async def sees(self) -> Frame:
        """The good frame, once there is one."""
        async with asyncio.timeout(WITHIN):
            while (good := self.watcher.latest()) is None:
                await asyncio.sleep(0.02)
        return good

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(WITHIN):
            while not condition():
                await asyncio.sleep(0.02)

    def kinds(self) -> list[str]:
        return [change.change for change in self.changes]


@asynccontextmanager
async def looking(
    join: Join, settings: ScreenSettings | None = None, *, keep: KeptFrames | None = None
) -> AsyncIterator[Eye]:
    """A coach in the room."""
    start = time.monotonic()
    room, changes, consent = rtc.Room(), list[ScreenChange](), [True]

    def now() -> float:
        return time.monotonic() - start

    watcher = Watcher(
        settings or ScreenSettings(), may_see=lambda: consent[0], now=now, changed=changes.append, keep=keep
    )
    eye = Eye(room, watcher, changes, now, consent)

    def subscribed(track: rtc.Track, publication: rtc.RemoteTrackPublication, owner: rtc.RemoteParticipant) -> None:
        eye.subscriptions.append(publication.sid)
        watcher.subscribed(track, publication)

    room.on("track_subscribed", subscribed)
    room.on("track_unsubscribed", lambda track, publication, owner: watcher.unsubscribed(track, publication))

    room.on("track_published", lambda publication, owner: watcher.offer(publication))
    room.on("track_unpublished", lambda publication, owner: watcher.withdraw(publication.sid))
    room.on("track_muted", lambda owner, publication: watcher.muted(publication.sid, True))
    room.on("track_unmuted", lambda owner, publication: watcher.muted(publication.sid, False))
    await join("coach", into=room, options=rtc.RoomOptions(auto_subscribe=False))
    try:
        yield eye
    finally:
        await watcher.aclose()


@asynccontextmanager
async def sharing(
    join: Join, *, fps: float = 2.0, source: rtc.TrackSource.ValueType | None = None
) -> AsyncIterator[SharedScreen]:
    """A rep who shares."""
    screen = SharedScreen(await join("rep"), fps=fps, source=source)
    try:
        await screen.share()
        yield screen
    finally:
        await screen.aclose()


async def published(eye: Eye) -> None:
    await eye.until(
        lambda: "rep" in eye.room.remote_participants and bool(eye.room.remote_participants["rep"].track_publications)
    )


async def test_nothing_is_subscribed_until_somebody_points_and_then_a_frame_comes(join: Join) -> None:
    async with looking(join) as eye, sharing(join) as screen:
        await published(eye)
        assert eye.watcher.latest() is None
        assert not screen.was_subscribed
        pointed = eye.now()
        eye.watcher.pointing(pointed)
        seen = await eye.sees()
        assert screen.was_subscribed
        assert seen.at >= pointed
        assert max(seen.width, seen.height) == 1024
        shown = pixels(seen.jpeg).reshape(-1, 3).astype(int)
        for colour in (BAR, INK, (255, 255, 255)):
            assert (np.abs(shown - np.array(colour)).max(axis=1) < 24).sum() > 200, colour


async def test_it_is_given_back_when_nothing_needs_it_any_more(join: Join) -> None:
    async with looking(join) as eye, sharing(join):
        await published(eye)
        eye.watcher.need(1.0)
        seen = await eye.sees()
        eye.watcher.need(0.0)
        await eye.until(lambda: not eye.publication.subscribed)
        assert not eye.watcher.watching
        last = eye.watcher.latest()
        assert last is not None
        assert last.hash == seen.hash


async def test_each_new_slide_is_told_and_is_the_frame_from_then_on(join: Join) -> None:
    async with looking(join) as eye, sharing(join, fps=5.0) as screen:
        await published(eye)
        eye.watcher.need(1.0, presenting=True)
        await eye.sees()
        assert eye.kinds() == []
        for number in (2, 3):
            before = eye.watcher.latest()
            assert before is not None
            screen.shows = [frame(slide(number))]
            await eye.until(lambda number=number: len(eye.changes) == number - 1)  # type: ignore[misc]
            assert (await eye.sees()).hash == eye.changes[-1].hash != before.hash
        assert eye.kinds() == ["new", "new"]


async def test_what_keeps_moving_gives_no_frame_and_is_not_kept_subscribed(join: Join) -> None:
    async with looking(join) as eye, sharing(join, fps=15.0) as screen:
        screen.shows = scrolling = [frame(scrolled(LONG_PAGE, 40 * step).crop((0, 0, 1280, 720))) for step in range(28)]
        await published(eye)
        eye.watcher.need(1.0)
        await eye.until(lambda: len(eye.subscriptions) >= 3)
        assert eye.watcher.latest() is None
        screen.shows = scrolling[:1]
        assert await eye.sees()


async def test_without_consent_nothing_is_subscribed_whatever_is_wanted(join: Join) -> None:
    async with looking(join) as eye, sharing(join) as screen:
        eye.consent[0] = False
        await published(eye)
        eye.watcher.offer(eye.publication)
        eye.watcher.need(5.0)
        eye.watcher.pointing(eye.now())
        with pytest.raises(SeeingError, match="no screen is shared"):
            await eye.watcher.detail()
        assert not screen.was_subscribed
        eye.consent[0] = True
        eye.watcher.offer(eye.publication)
        assert await eye.sees()


async def test_withdrawal_unsubscribes_at_once_and_leaves_no_picture(join: Join, tmp_path: Path) -> None:
    async with looking(join, keep=KeptFrames(tmp_path / "kept")) as eye, sharing(join):
        await published(eye)
        eye.watcher.need(1.0)
        await eye.sees()
        assert eye.watcher.attach(points=True) is not None
        await eye.until(lambda: len(list((tmp_path / "kept").glob("*.jpg"))) == 1)
        eye.consent[0] = False
        eye.watcher.forget()
        assert eye.watcher.latest() is None
        assert eye.watcher.attach(points=True) is None
        await eye.until(lambda: not eye.publication.subscribed and not list((tmp_path / "kept").iterdir()))


async def test_a_fine_frame_of_a_region_can_be_asked_for_although_nothing_was_watched(join: Join) -> None:
    async with looking(join) as eye, sharing(join) as screen:
        await published(eye)
        fine = await eye.watcher.detail(Region(0.0, 0.5, 0.5, 1.0))
        assert (fine.width, fine.height, fine.detail) == (640, 360, "high")
        original = np.asarray(slide(1))[360:, :640].astype(int)
        assert np.abs(pixels(fine.jpeg).astype(int) - original).mean() < 12
        await screen.stop()
        await eye.until(lambda: not eye.room.remote_participants["rep"].track_publications)
        with pytest.raises(SeeingError, match="no screen is shared"):
            await eye.watcher.detail()


async def test_needs_that_change_faster_than_the_server_answers_end_in_a_frame(join: Join) -> None:
    async with looking(join) as eye, sharing(join, fps=5.0):
        await published(eye)
        for _ in range(25):
            eye.watcher.need(1.0)
            await asyncio.sleep(0.03)
            eye.watcher.need(0.0)
            await asyncio.sleep(0.03)
        eye.watcher.need(1.0)
        assert await eye.sees()
        eye.watcher.need(0.0)
        await eye.until(lambda: not eye.publication.subscribed)


async def test_a_share_that_is_stopped_and_begun_anew_is_seen_again(join: Join) -> None:
    async with looking(join) as eye, sharing(join) as screen:
        await published(eye)
        eye.watcher.need(1.0)
        await eye.sees()
        await screen.stop()
        await eye.until(lambda: eye.watcher.latest() is None)
        again = SharedScreen(screen._room, fps=2.0)
        again.shows = [frame(slide(7))]
        try:
            await again.share()
            assert await eye.sees()
        finally:
            await again.aclose()


async def test_a_camera_is_never_watched(join: Join) -> None:
    async with looking(join) as eye, sharing(join, source=rtc.TrackSource.SOURCE_CAMERA) as camera:
        await published(eye)
        eye.watcher.need(1.0)
        eye.watcher.offer(eye.publication)
        with pytest.raises(SeeingError):
            await eye.watcher.detail()
        assert not camera.was_subscribed


async def test_by_the_policy_off_nothing_is_watched(join: Join) -> None:
    async with looking(join, ScreenSettings(policy="off")) as eye, sharing(join) as screen:
        await published(eye)
        eye.watcher.need(1.0)
        with pytest.raises(SeeingError):
            await eye.watcher.detail()
        assert not screen.was_subscribed


async def test_a_rep_who_leaves_while_watched_leaves_nothing_running(join: Join) -> None:
    async with looking(join) as eye:
        rep = await join("rep")
        screen = SharedScreen(rep)
        await screen.share()
        await published(eye)
        eye.watcher.need(1.0)
        await eye.sees()
        await rep.disconnect()
        await screen.aclose()
        await eye.until(lambda: "rep" not in eye.room.remote_participants)
        await eye.until(lambda: eye.watcher.latest() is None)
