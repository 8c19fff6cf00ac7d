"""A small world for the watchdog's judgement: workers that beat, rooms with people, a server that hands out jobs.

Time is a number. Nothing here sends anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from cornerman.config.watching import WatchSettings
from cornerman.watch.beat import Beat, Coached, Ended, How
from cornerman.watch.judgement import Judge, Verdict
from cornerman.watch.seen import DispatchSeen, JobSeen, RoomSeen
from cornerman.watch.standing import Standings

SETTINGS = WatchSettings()
METADATA = '{"v":1,"rep":"maya"}'
STARTED = 1000.0
AFTER_GRACE = STARTED + SETTINGS.grace + 1
ROOM = "call"


def job(number: int, *, room: str = ROOM) -> Coached:
    """A job, whose dispatch and coach are named after its number."""
    return Coached(job=f"AJ_{number}", room=room, dispatch=f"AD_{number}", identity=f"cornerman-AJ_{number}")


def beat(
    count: int,
    *jobs: Coached,
    worker: str = "worker-one",
    free: int = 4,
    ended: Sequence[tuple[Coached, How]] = (),
    **more: bool | int,
) -> Beat:
    """A heartbeat."""
    told = tuple(Ended(job=one.job, room=one.room, how=how) for one, how in ended)
    return Beat.model_validate(
        {"worker": worker, "count": count, "jobs": jobs, "free": free, "ended": told, "agent_name": "cornerman", **more}
    )


def dispatch(number: int, *, takes_over: int | None = None, jobs: int = 1) -> DispatchSeen:
    """A dispatch and the job that came of it, or none."""
    one = job(number)
    seen = tuple(JobSeen(one.job, one.identity, number) for _ in range(jobs))
    return DispatchSeen(one.dispatch, METADATA, job(takes_over).identity if takes_over is not None else None, seen)


def room(*dispatches: DispatchSeen, there: Sequence[int] = (), humans: int = 2, name: str = ROOM) -> RoomSeen:
    """A room; `there`: numbers of the jobs whose coaches are listed, alive or ghosts."""
    return RoomSeen(name, humans, frozenset(job(number).identity for number in there), dispatches)


@dataclass
class Watched:
    """A watchdog's mind, with a worker that can take calls."""

    settings: WatchSettings = SETTINGS
    name: str = "watchdog"
    standings: Standings = field(init=False)
    judge: Judge = field(init=False)

    def __post_init__(self) -> None:
        self.standings = Standings(self.settings.dead_after)
        self.judge = Judge(self.settings, self.standings, STARTED, self.name)
        self._other = 0

    def hear(self, told: Beat, now: float) -> bool:
        return self.standings.heard(told, now)

    def room_for_more(self, now: float, *jobs: Coached, free: int = 4) -> None:
        """Another worker is alive and has places."""
        self._other += 1
        self.hear(beat(self._other, *jobs, worker="worker-two", free=free), now)

    def judges(self, seen: RoomSeen | None, now: float) -> Verdict:
        return self.judge.judge(seen, ROOM, now)


def moved(seen: RoomSeen, *, there: Sequence[int]) -> RoomSeen:
    """The same room with other coaches listed."""
    return replace(seen, coaches=frozenset(job(number).identity for number in there))
