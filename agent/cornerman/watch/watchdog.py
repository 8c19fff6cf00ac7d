"""One watchdog: takes heartbeats in, looks at rooms that may have lost their coach, and has new coaches come.

In: heartbeats from the page, the server's rooms. Out: dispatches and removals; log lines; counts. Promises: nothing is
decided after it was blind (the server did not answer) or asleep (the machine did not let it run), before workers had
time to be heard again; a room is looked at by one task at a time; all tasks end with `aclose`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import AsyncIterator
from functools import partial

from cornerman.config.watching import WatchSettings
from cornerman.errors import ConfigError
from cornerman.watch.beat import Beat
from cornerman.watch.counts import Counts
from cornerman.watch.judgement import Judge, TakeOver, Verdict
from cornerman.watch.rooms import RefusedError, Rooms, UnreachableError
from cornerman.watch.standing import Standings

logger = logging.getLogger(__name__)

TICK = 0.2
ASLEEP = 2.0
"""Seconds a tick may be late before this watchdog counts as having slept."""
LOOKS_AT_ONCE = 8
TROUBLE_AGAIN = 1.0
"""Seconds until a room is looked at again that could not be."""
UNSEEN = 60.0
"""Seconds after which a watchdog that does not get to see the rooms says that it is not ready."""


class Watchdog:
    """Watches over the coaches of one LiveKit server, however many nodes that has."""

    def __init__(self, settings: WatchSettings, rooms: Rooms, agent_name: str, counts: Counts) -> None:
        now = time.monotonic()
        self.standings = Standings(settings.dead_after)
        self.counts = counts
        self._agent_name = agent_name
        self._settings = settings
        self._rooms = rooms
        self._judge = Judge(settings, self.standings, now, uuid.uuid4().hex)
        self._due: dict[str, float] = {}
        self._looking: dict[str, asyncio.Task[None]] = {}
        self._asked: dict[str, float] = {}
        self._reasons: dict[str, str] = {}
        self._blind_since: float | None = None
        self._saw_at = now
        self._sweep_at = now
        self._sweeping: asyncio.Task[None] | None = None

    def heard(self, beat: Beat) -> None:
        """Takes a heartbeat in; those of other agents' workers are not looked at."""
        if beat.agent_name and beat.agent_name != self._agent_name:
            return
        if beat.watchdogs > 1:
            self._judge.others_watch()
        self.counts.beat(self.standings.heard(beat, time.monotonic()))

    @property
    def ready(self) -> bool:
        """Whether the server's rooms can be seen."""
        return time.monotonic() - self._saw_at < max(UNSEEN, 2 * self._settings.sweep_every)

    def facts(self) -> dict[str, int]:
        """How things are, in numbers."""
        now = time.monotonic()
        alive, silent = self.standings.workers(now)
        return {
            "workers": alive,
            "silent_workers": silent,
            "coached_calls": len(self.standings.coached(now)),
            "free_places": self.standings.free(now),
            "rooms_without_coach": len(self._due),
        }

    async def run(self) -> None:
        """Watches until cancelled."""
        before = time.monotonic()
        while True:
            now = time.monotonic()
            if now - before > ASLEEP:
                logger.warning("slept", extra={"seconds": round(now - before, 1)})
                self.standings.was_blind(before, now)
            before = now
            self._step(now)
            await asyncio.sleep(TICK)

    async def aclose(self) -> None:
        """Ends what is under way."""
        tasks = [*self._looking.values(), *([self._sweeping] if self._sweeping else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _step(self, now: float) -> None:
        self.standings.tidy(now)
        for room in self.standings.bereft(now):
            self._due.setdefault(room, now)
        if now >= self._sweep_at and (self._sweeping is None or self._sweeping.done()):
            self._sweep_at = now + self._settings.sweep_every
            self._sweeping = asyncio.create_task(self._sweep(), name="watch.sweep")
        for room, at in sorted(self._due.items(), key=lambda item: item[1]):
            if at > now or len(self._looking) >= LOOKS_AT_ONCE:
                break
            if room not in self._looking:
                task = asyncio.create_task(self._look(room), name="watch.look")
                self._looking[room] = task
                task.add_done_callback(partial(self._looked, room))
        self.counts.now(self.facts())

    def _looked(self, room: str, _task: asyncio.Task[None]) -> None:
        del self._looking[room]

    async def _sweep(self) -> None:
        """Has every room looked at that no living worker says it coaches."""
        try:
            names = await self._rooms.names()
        except UnreachableError as error:
            self._cannot_see(error)
            return
        except RefusedError as error:
            logger.error("cannot list rooms: %s", error)
            return
        self._can_see()
        now = time.monotonic()
        coached = self.standings.coached(now)
        for room in names:
            if room not in coached:
                self._due.setdefault(room, now)

    async def _look(self, room: str) -> None:
        try:
            seen = await self._rooms.look(room)
            self._can_see()
            verdict = self._judge.judge(seen, room, time.monotonic())
            await self._carry_out(room, verdict)
            again = verdict.again
        except UnreachableError as error:
            self._cannot_see(error)
            again = TROUBLE_AGAIN
        except RefusedError as error:
            logger.warning("a room cannot be looked at", extra={"room": room, "error": str(error)})
            again = TROUBLE_AGAIN
        except Exception:
            logger.exception("a room cannot be judged", extra={"room": room})
            again = 10 * TROUBLE_AGAIN
        if again is None:
            self._due.pop(room, None)
            self._reasons.pop(room, None)
        else:
            self._due[room] = time.monotonic() + again

    async def _carry_out(self, room: str, verdict: Verdict) -> None:
        self._tell(room, verdict)
        for dispatch in verdict.give_up:
            await self._rooms.give_up(room, dispatch)
            self.counts.took_over("did not come")
        for identity in verdict.remove:
            if await self._rooms.remove(room, identity):
                logger.info("replaced coach removed", extra={"room": room, "coach": identity})
        if verdict.takeover is not None:
            await self._ask(room, verdict.takeover)

    async def _ask(self, room: str, takeover: TakeOver) -> None:
        sign = self.standings.last_sign(takeover.job)
        try:
            dispatch = await self._rooms.ask(room, takeover)
        except (RefusedError, ConfigError) as error:
            self._judge.not_asked(room, time.monotonic())
            self.counts.took_over("refused")
            logger.error("no coach could be asked for", extra={"room": room, "error": str(error)})
            return
        now = time.monotonic()
        self._judge.asked(room, dispatch, now)
        self._asked.setdefault(room, sign if sign is not None else now)
        self.counts.took_over("asked for")
        logger.warning(
            "coach asked for in place of a dead one",
            extra={"room": room, "dead": takeover.of, "job_id": takeover.job, "dispatch": dispatch},
        )

    def _tell(self, room: str, verdict: Verdict) -> None:
        """Says what is thought of a room when that changes."""
        if self._reasons.get(room) != verdict.reason:
            self._reasons[room] = verdict.reason
            logger.info("room judged", extra={"room": room, "reason": verdict.reason})
        if verdict.again is None:
            asked = self._asked.pop(room, None)
            if asked is not None and verdict.reason == "coached":
                took = time.monotonic() - asked
                self.counts.recovered(took)
                logger.info("call has a coach again", extra={"room": room, "seconds": round(took, 2)})

    def _can_see(self) -> None:
        now = self._saw_at = time.monotonic()
        if self._blind_since is not None:
            self.standings.was_blind(self._blind_since, now)
            logger.warning("the server answers again", extra={"seconds": round(now - self._blind_since, 1)})
            self._blind_since = None

    def _cannot_see(self, error: UnreachableError) -> None:
        if self._blind_since is None:
            self._blind_since = time.monotonic()
            logger.error("rooms cannot be seen: %s", error)


@contextlib.asynccontextmanager
async def watching(watchdog: Watchdog) -> AsyncIterator[asyncio.Task[None]]:
    """Watches inside the block; gives the task, which ends by itself only where something is broken."""
    task = asyncio.create_task(watchdog.run(), name="watch")
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await watchdog.aclose()
