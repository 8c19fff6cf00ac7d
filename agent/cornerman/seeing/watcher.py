"""Watches the rep's screen share: says when it is subscribed, and keeps the last good frame of it.

In: the publication while the rep shares and may be watched, how often a frame is wanted, and that somebody points at
the screen. Out: the last good frame, at once; a fine one on request; changes of the screen. Where nothing is wanted,
nothing is subscribed. Looking at pictures and making JPEG is done in one thread of its own.

A share that stands still sends about a picture a second and costs next to nothing while it stays subscribed: to
subscribe anew each time costs more. One that moves is decoded at its full rate, wanted or not: between two looks it
is given back.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from livekit import rtc

from cornerman.config import ScreenSettings
from cornerman.events import ScreenChange
from cornerman.seeing.frame import Frame, Region, SeeingError
from cornerman.seeing.kept_frames import KeptFrames
from cornerman.seeing.picture import Picture
from cornerman.seeing.relevance import Counts, Relevance
from cornerman.seeing.share import Share
from cornerman.seeing.sight import Glance, Sight

logger = logging.getLogger(__name__)

OPEN_SECONDS = 2.0
"""How long a subscription may take; a quarter of a second is usual."""
FIRST_SECONDS = 4.0
"""How long the first picture of a subscription may take. A tab that stands still is sent anew about once a second; a
canvas that nobody paints on never is.
"""
QUIET, FIRST_QUIET = 0.4, 0.7
"""Seconds without a picture after which the one before stands still: what moves sends several in them. The first one
of a subscription is large, and what follows it may be held up.
"""
LOOK_SECONDS = 0.6
"""How long one look may wait for the screen to stand still."""
MOVING = 3.0
"""Pictures a second from which on a share costs more to stay subscribed to than to be subscribed anew."""
RESTLESS_SECONDS = 3.0
"""The least time between two looks at what moved in the last two as well: there is no good frame to be had."""
POINTED_SECONDS = 10.0
"""How long the share is looked at after somebody pointed at it."""
RETRY_SECONDS = 1.0
DETAIL_SECONDS = 5.0
RECENT = 2.0
"""Seconds for which the last picture can still be made a fine frame of."""

T = TypeVar("T")


@dataclass(slots=True)
class _Need:
    """What is wanted now."""

    rate: float = 0.0
    presenting: bool = False
    pointed: float = float("-inf")


class Watcher:
    """The eye on one rep's screen for one call. Owns a thread, and a task for each share that is offered."""

    def __init__(
        self,
        settings: ScreenSettings,
        *,
        may_see: Callable[[], bool],
        now: Callable[[], float],
        changed: Callable[[ScreenChange], None],
        keep: KeptFrames | None = None,
    ) -> None:
        self._settings = settings
        self._may_see = may_see
        self._now = now
        self._changed = changed
        self._keep = keep
        self._relevance = Relevance(settings)
        self._need = _Need()
        self._share: Share | None = None
        self._sight = Sight(settings.held)
        self._watching: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._awake = asyncio.Event()
        self._looked = asyncio.Event()
        self._frame: Frame | None = None
        self._last_look = float("-inf")
        self._restless = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="seeing")
        self.why_not = ""
        """Why there is no frame although one is wanted, in words; empty while all is well."""

    # -- what there is to see --

    def offer(self, publication: rtc.RemoteTrackPublication) -> None:
        """The rep shares a screen; whoever offers it has made sure that it is the rep's. The newest share counts."""
        if self._settings.policy == "off" or not is_screen(publication) or not self._may_see():
            return
        if self._share is not None:
            if self._share.sid == publication.sid:
                return
            self.withdraw(self._share.sid)
        share = self._share = Share(publication, may_see=self._may_see, now=self._now)
        self._watching = asyncio.create_task(self._watch(share, self._sight), name=f"seeing.watch.{share.sid}")

    def withdraw(self, sid: str) -> None:
        """This share ended, or must not be looked at any more. It is given back at once; its frames are dropped."""
        share = self._share
        if share is None or share.sid != sid:
            return
        share.give_back()
        assert self._watching is not None
        self._watching.cancel()
        self._ending.add(self._watching)
        self._watching.add_done_callback(self._ending.discard)
        self._share = self._watching = self._frame = None
        self._last_look = float("-inf")
        self._sight = Sight(self._settings.held)
        self._relevance.forget_slide()
        self.why_not = ""
        self._looked.set()

    def forget(self) -> None:
        """The rep withdrew: nothing of the screen remains, on disk neither."""
        if self._share is not None:
            self.withdraw(self._share.sid)
        if self._keep is not None:
            self._on_disk(self._keep.forget)

    def subscribed(self, track: rtc.Track, publication: rtc.RemoteTrackPublication) -> None:
        """A track of the rep's arrived. One that is not wanted is given back unseen."""
        if self._share is not None and self._share.sid == publication.sid:
            self._share.subscribed(track)
        else:
            publication.set_subscribed(False)

    def unsubscribed(self, track: rtc.Track, publication: rtc.RemoteTrackPublication) -> None:
        """A track went away."""
        if self._share is not None and self._share.sid == publication.sid:
            self._share.unsubscribed(track)

    def muted(self, sid: str, muted: bool) -> None:
        """The share was paused or goes on."""
        if self._share is not None and self._share.sid == sid:
            self._share.muted = muted
            self._awake.set()

    # -- what is wanted --

    def need(self, rate: float, *, presenting: bool = False) -> None:
        """Frames a second that are wanted from now on; 0: none. A slide can be held too long only while presenting."""
        if (rate, presenting) != (self._need.rate, self._need.presenting):
            self._need.rate, self._need.presenting = rate, presenting
            self._awake.set()

    def pointing(self, now: float) -> None:
        """Somebody speaks of what is on the screen: a frame of it is wanted soon, and for some seconds."""
        if now >= self._need.pointed + 1.0:
            self._need.pointed = now
            self._awake.set()

    # -- what was seen --

    @property
    def counts(self) -> Counts:
        """Frames attached and slides pointed at so far."""
        return self._relevance.counts

    @property
    def watching(self) -> bool:
        """Whether the share is subscribed now."""
        return self._share is not None and self._share.is_open

    def latest(self) -> Frame | None:
        """The last good frame of the share as it is, with the time it was last seen to be there. Never waits."""
        return self._frame

    def attach(self, *, points: bool = False, presenting: bool = False) -> Frame | None:
        """The frame that goes with a request, by the policy; None: none does. `points`: the turn or the card does.

        Never waits. It is counted, and kept on disk where that is wanted.
        """
        frame = self._relevance.choose(self._frame, self._now(), points=points, presenting=presenting)
        if frame is not None and self._keep is not None:
            self._on_disk(partial(self._keep.keep, frame))
        return frame

    async def detail(self, region: Region | None = None) -> Frame:
        """What is on the screen now, as finely as a frame can show it, or only a region of it.

        Raises:
            SeeingError: nothing is shared, or no picture of it came in time.
        """
        sight = self._sight
        if self._share is None or not self._may_see():
            raise SeeingError("no screen is shared that may be looked at")
        try:
            async with asyncio.timeout(DETAIL_SECONDS):
                while self._now() - self._last_look > RECENT:
                    self._looked.clear()
                    self._need.pointed = self._now()
                    self._awake.set()
                    await self._looked.wait()
                    if self._sight is not sight:
                        raise SeeingError("the share ended before it could be looked at")
                frame = await self._in_thread(lambda: sight.detail(self._last_look, region))
        except TimeoutError:
            raise SeeingError(f"no picture of the screen came within {DETAIL_SECONDS:g} s") from None
        if frame is None or self._sight is not sight:
            raise SeeingError("the share ended before it could be looked at")
        if self._keep is not None:
            self._on_disk(partial(self._keep.keep, frame))
        return frame

    async def aclose(self) -> None:
        """Gives the share back and ends all that was started."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        if self._share is not None:
            self.withdraw(self._share.sid)
        if self._ending:
            await asyncio.gather(*self._ending, return_exceptions=True)
        await asyncio.to_thread(self._thread.shutdown)

    # -- watching --

    async def _watch(self, share: Share, sight: Sight) -> None:
        began = due = float("-inf")
        self._restless = 0
        try:
            while True:
                self._awake.clear()  # before anything is asked: what changes from here on is not slept through
                if share.muted or not self._rate():
                    await share.close()
                    await self._in_thread(sight.interrupted)
                    await self._until(None)
                elif self._now() < due and self._need.pointed <= began:
                    await self._until(due)
                else:
                    began = self._now()
                    due = began + await self._look_at(share, sight)
        finally:
            await share.close()

    async def _look_at(self, share: Share, sight: Sight) -> float:
        """One look. Returns how long after its beginning the next is due."""
        try:
            still = await self._look(share, sight)
        except SeeingError as error:
            self.why_not = str(error)
            return RETRY_SECONDS
        except Exception as error:  # a picture that cannot be read costs that picture
            logger.warning("a look at the screen failed", extra={"kind": type(error).__name__})
            self.why_not = "the last look at the screen failed"
            return RETRY_SECONDS
        self._restless = 0 if still else self._restless + 1
        if share.rate >= MOVING:
            await share.close()
        rate = self._rate()
        period = 1 / rate if rate else 0.0
        return max(period, RESTLESS_SECONDS) if self._restless > 1 else period

    async def _look(self, share: Share, sight: Sight) -> bool:
        """Looks until the screen is known to stand still, or for as long as a look may take; whether it does."""
        first = not share.is_open
        await share.open(OPEN_SECONDS)
        newest = await share.next(FIRST_SECONDS if first else 0.0)
        if newest is None and first:
            raise SeeingError(f"the share is subscribed, but in {FIRST_SECONDS:g} s no picture of it came")
        until = self._now() + LOOK_SECONDS
        while True:
            at = self._now()
            glance = await self._in_thread(self._glance(sight, newest, at))
            self._saw(glance, at)
            if glance.still or self._now() >= until:
                return glance.still
            newest = await share.next(FIRST_QUIET if first else QUIET)
            first = first and newest is None

    def _glance(self, sight: Sight, newest: tuple[Picture, float] | None, at: float) -> Callable[[], Glance]:
        presenting = self._need.presenting
        if newest is None:
            return lambda: sight.unchanged(at, presenting=presenting)
        return lambda: sight.look(newest[0], at, presenting=presenting)

    def _saw(self, glance: Glance, at: float) -> None:
        self._frame = glance.frame
        self._last_look = at
        self.why_not = ""
        self._looked.set()
        for change in glance.changes:
            self._changed(change)

    def _rate(self) -> float:
        """Frames a second that are wanted now."""
        if self._now() - self._need.pointed < POINTED_SECONDS:
            return max(self._need.rate, self._settings.rate_speaking)
        return self._need.rate

    async def _until(self, due: float | None) -> None:
        """Waits until then, or until something else is wanted."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None if due is None else max(due - self._now(), 0.0)):
                await self._awake.wait()

    def _on_disk(self, work: Callable[[], None]) -> None:
        """In the order given: what is forgotten must not be written afterwards."""
        try:
            self._thread.submit(work)
        except RuntimeError:  # the thread has ended, and with it all that was to be written
            work()

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def is_screen(publication: rtc.RemoteTrackPublication) -> bool:
    """A screen's pictures: not its sound, not a camera."""
    return publication.kind == rtc.TrackKind.KIND_VIDEO and publication.source == rtc.TrackSource.SOURCE_SCREENSHARE
