"""What to do about a room: leave it, look again, bring a new coach, remove one that was replaced.

In: rooms as seen, and what the heartbeats tell. Out: a `Verdict` each. Synchronous; time is given, nothing is random,
so that every decision can be tested. Promises: a takeover only of a coach that is known to be dead, or that nobody
reports and that is not in the room; one at a time for each room, later ones further apart; none where nobody is, none
where no worker has a place, and at most `at_once` at the same time.

The server's list of dispatches is the memory that all watchdogs share, and that outlives them: a dispatch that takes
over from a coach tells every watchdog that one is on its way.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Literal

from cornerman.config.watching import WatchSettings
from cornerman.watch.seen import DispatchSeen, JobSeen, RoomSeen
from cornerman.watch.standing import Standing, Standings

Reason = Literal[
    "coached",
    "replaced",
    "left on purpose",
    "never came",
    "nobody is there",
    "not known yet",
    "on its way",
    "waits for its try",
    "no worker has a place",
    "waits for its turn",
    "the coach died",
    "too early",
    "gone",
]

LOOK_AGAIN = 0.5
LOOK_LATER = 2.0
"""Seconds between looks at a room that needs a coach, and at one that can wait."""
STAGGER = 0.8
"""Seconds over which watchdogs that stand beside each other spread their tries for one room, so that the later one
sees what the earlier one did."""
LIVES_FOR = 120.0
"""Seconds after which a new coach counts as one that stays; one that dies sooner is replaced later and later."""
MOST_ROOMS = 10_000


@dataclass(frozen=True, slots=True)
class TakeOver:
    """A coach to ask for: in whose place, with which job's metadata, and which other ghosts go first."""

    of: str
    job: str
    metadata: str = field(repr=False)
    ghosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """`again`: seconds until the next look, None where there is nothing more to do. `remove`: identities of coaches
    that were replaced. `give_up`: dispatches nobody answered.
    """

    reason: Reason
    again: float | None = None
    remove: tuple[str, ...] = ()
    give_up: tuple[str, ...] = ()
    takeover: TakeOver | None = None


@dataclass(slots=True)
class _Tries:
    """What was tried for a room."""

    first_seen: dict[str, float] = field(default_factory=dict)
    tries: int = 0
    next_try: float = 0.0
    asked_at: float | None = None
    due: float | None = None


@dataclass(frozen=True, slots=True)
class _Job:
    seen: JobSeen
    dispatch: DispatchSeen
    standing: Standing


class Judge:
    """One watchdog's judgement. `started`: when this watchdog began; `name`: its own, for the stagger."""

    def __init__(self, settings: WatchSettings, standings: Standings, started: float, name: str) -> None:
        self._settings = settings
        self._standings = standings
        self._quiet_until = started + settings.grace
        self._name = name
        self._rooms: dict[str, _Tries] = {}
        self._before: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._others = False

    def others_watch(self) -> None:
        """Workers report to other watchdogs too."""
        self._others = True

    def judge(self, seen: RoomSeen | None, room: str, now: float) -> Verdict:
        """What to do about a room; None: there is no such room any more."""
        if seen is None:
            return self._done(room, now, "gone")
        tries = self._tries_of(room, now)
        for dispatch in seen.dispatches:
            tries.first_seen.setdefault(dispatch.id, now)
            for job in dispatch.jobs:
                tries.first_seen.setdefault(job.id, now)
        jobs = [
            _Job(job, dispatch, self._standings.of(job.id, now))
            for dispatch in seen.dispatches
            for job in dispatch.jobs
        ]
        return self._judge(seen, [job for job in jobs if job.standing != "yielded"], tries, now)

    def asked(self, room: str, dispatch: str, now: float) -> None:
        """A new coach was asked for."""
        self._tries_of(room, now).first_seen[dispatch] = now
        self._tried(room, now)

    def not_asked(self, room: str, now: float) -> None:
        """Asking failed."""
        self._tried(room, now)

    @property
    def waiting(self) -> int:
        """Rooms that are being dealt with."""
        return len(self._rooms)

    def _judge(self, seen: RoomSeen, jobs: list[_Job], tries: _Tries, now: float) -> Verdict:
        replaced = _replaced(seen, jobs)
        alive = [job for job in jobs if job.standing == "alive" and job.seen.identity not in replaced]
        if alive:
            return self._coached(seen, jobs, replaced, tries, now)
        latest = _latest(jobs)
        if latest is None:
            return self._done(seen.name, now, "never came")
        if latest.standing == "left":
            return self._done(seen.name, now, "left on purpose")
        if latest.standing == "unknown":
            if now < self._quiet_until:
                return Verdict("too early", LOOK_LATER)
            if latest.seen.identity in seen.coaches:
                del self._rooms[seen.name]  # the next sweep looks at it again
                return Verdict("not known yet")
            if now - tries.first_seen[latest.seen.id] < self._settings.grace:
                return Verdict("not known yet", LOOK_AGAIN)
        old = ({job.seen.identity for job in jobs if job.standing == "dead"} | replaced) - {latest.seen.identity}
        return self._bereft(seen, latest, tuple(sorted(old & seen.coaches)), tries, now)

    def _coached(
        self, seen: RoomSeen, jobs: list[_Job], replaced: frozenset[str], tries: _Tries, now: float
    ) -> Verdict:
        dead = {job.seen.identity for job in jobs if job.standing == "dead"}
        remove = tuple(sorted((replaced | dead) & seen.coaches))
        still = any(job.standing == "alive" and job.seen.identity in replaced for job in jobs)
        if remove or still:
            return Verdict("replaced", LOOK_AGAIN, remove=remove)
        return self._done(seen.name, now, "coached")

    def _bereft(self, seen: RoomSeen, latest: _Job, ghosts: tuple[str, ...], tries: _Tries, now: float) -> Verdict:
        settings = self._settings
        if not seen.humans:
            return Verdict("nobody is there", LOOK_LATER)
        coming = [one for one in seen.dispatches if one.takes_over == latest.seen.identity and not one.jobs]
        if any(now - tries.first_seen[one.id] < settings.arrives_within for one in coming):
            return Verdict("on its way", LOOK_AGAIN)
        give_up = tuple(one.id for one in coming)
        if now < tries.next_try:
            return Verdict("waits for its try", LOOK_AGAIN, give_up=give_up)
        if not self._standings.free(now):
            return Verdict("no worker has a place", LOOK_AGAIN, give_up=give_up)
        if self._under_way(now) >= settings.at_once:
            return Verdict("waits for its turn", LOOK_AGAIN, give_up=give_up)
        if tries.due is None:
            tries.due = now + self._stagger(seen.name)
        if now < tries.due:
            return Verdict("waits for its turn", tries.due - now, give_up=give_up)
        takeover = TakeOver(latest.seen.identity, latest.seen.id, latest.dispatch.metadata, ghosts)
        return Verdict("the coach died", LOOK_AGAIN, give_up=give_up, takeover=takeover)

    def _tries_of(self, room: str, now: float) -> _Tries:
        """A coach that dies soon after it came counts with what was tried before it."""
        tries = self._rooms.get(room)
        if tries is None:
            tries = self._rooms[room] = _Tries()
            before, asked_at = self._before.get(room, (0, 0.0))
            if before and now - asked_at < LIVES_FOR:
                tries.tries, tries.next_try = before, asked_at + self._wait(before)
        return tries

    def _tried(self, room: str, now: float) -> None:
        tries = self._tries_of(room, now)
        tries.tries += 1
        tries.next_try = now + self._wait(tries.tries)
        tries.asked_at = now
        tries.due = None
        self._before[room] = (tries.tries, now)
        self._before.move_to_end(room)
        while len(self._before) > MOST_ROOMS:
            self._before.popitem(last=False)

    def _wait(self, tries: int) -> float:
        return min(self._settings.arrives_within * 2.0 ** min(tries - 1, 20), self._settings.longest_wait)

    def _under_way(self, now: float) -> int:
        within = self._settings.arrives_within
        return sum(1 for one in self._rooms.values() if one.asked_at is not None and now - one.asked_at < within)

    def _stagger(self, room: str) -> float:
        if not self._others:
            return 0.0
        digest = hashlib.sha256(f"{self._name} {room}".encode()).digest()
        return STAGGER * int.from_bytes(digest[:4], "big") / 2**32

    def _done(self, room: str, now: float, reason: Reason) -> Verdict:
        self._rooms.pop(room, None)
        self._standings.settled(room, now)
        return Verdict(reason)


def _replaced(seen: RoomSeen, jobs: list[_Job]) -> frozenset[str]:
    """Coaches whose successor has come: it is reported, or in the room."""
    return frozenset(
        job.dispatch.takes_over
        for job in jobs
        if job.dispatch.takes_over is not None and (job.standing == "alive" or job.seen.identity in seen.coaches)
    )


def _latest(jobs: list[_Job]) -> _Job | None:
    """The job nobody was asked to take over from, or whose successor has no job yet; of several the last to start."""
    succeeded = {job.dispatch.takes_over for job in jobs}
    standing = [job for job in jobs if job.seen.identity not in succeeded]
    return max(standing, key=lambda job: (job.seen.started, job.seen.id), default=None)
