"""What heartbeats tell of coaches: alive, dead, gone on purpose, or nothing.

In: beats, each with the time it came in. Out: the standing of any job, the rooms whose coach died, and how many calls
the living workers could take. Synchronous; reads no clock.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal

from cornerman.watch.beat import Beat, Coached, How

Standing = Literal["alive", "dead", "left", "yielded", "unknown"]

MOST_ENDED = 20_000
"""Ended jobs remembered; the oldest are forgotten first."""
FORGOTTEN_AFTER = 3600.0
"""Seconds after which a silent worker, and the calls it had, are forgotten: no call waits so long for a coach."""
_OF: dict[How, Standing] = {"left": "left", "yielded": "yielded", "crashed": "dead"}


@dataclass(slots=True)
class _Worker:
    """The last beat of a worker, and when it came."""

    beat: Beat
    at: float


class Standings:
    """`dead_after`: seconds of silence after which a worker counts as dead."""

    def __init__(self, dead_after: float) -> None:
        self._dead_after = dead_after
        self._workers: dict[str, _Worker] = {}
        self._holders: dict[str, str] = {}
        self._ended: OrderedDict[str, Standing] = OrderedDict()
        self._bereft: dict[str, str] = {}
        self._gone: OrderedDict[str, None] = OrderedDict()

    def heard(self, beat: Beat, now: float) -> bool:
        """Takes a beat in. One that is out of order or comes again is not: False."""
        before = self._workers.get(beat.worker)
        if beat.worker in self._gone or (before is not None and beat.count <= before.beat.count):
            return False
        for ended in beat.ended:
            self._end(ended.job, ended.room, _OF[ended.how])
        held = {coached.job for coached in beat.jobs}
        for coached in before.beat.jobs if before is not None else ():
            if coached.job not in held and coached.job not in self._ended:
                self._end(coached.job, coached.room, "left" if beat.goodbye else "dead")
        if beat.goodbye:
            for coached in beat.jobs:
                self._end(coached.job, coached.room, "left")
            self._part(beat.worker)
            return True
        for coached in beat.jobs:
            if self._ended.pop(coached.job, None) is not None:
                self._bereft[coached.job] = coached.room  # it came back, and another may have its call by now
            self._holders[coached.job] = beat.worker
        self._workers[beat.worker] = _Worker(beat, now)
        return True

    def of(self, job: str, now: float) -> Standing:
        """How a job stands."""
        ended = self._ended.get(job)
        if ended is not None:
            return ended
        worker = self._workers.get(self._holders.get(job, ""))
        if worker is None:
            return "unknown"
        return "alive" if self._lives(worker, now) else "dead"

    def bereft(self, now: float) -> set[str]:
        """Rooms to look at: a coach died there, or one that was given up came back."""
        rooms = set(self._bereft.values())
        for worker in self._workers.values():
            if not self._lives(worker, now):
                rooms |= {coached.room for coached in worker.beat.jobs}
        return rooms

    def coached(self, now: float) -> dict[str, Coached]:
        """The call of each room that a living worker coaches."""
        living = (worker for worker in self._workers.values() if self._lives(worker, now))
        return {coached.room: coached for worker in living for coached in worker.beat.jobs}

    def free(self, now: float) -> int:
        """How many calls the living workers could take more."""
        return sum(worker.beat.free for worker in self._takers(now))

    def workers(self, now: float) -> tuple[int, int]:
        """How many are alive, and how many fell silent."""
        living = sum(1 for worker in self._workers.values() if self._lives(worker, now))
        return living, len(self._workers) - living

    def last_sign(self, job: str) -> float | None:
        """When the worker that has this job was heard last."""
        worker = self._workers.get(self._holders.get(job, ""))
        return worker.at if worker is not None else None

    def settled(self, room: str, now: float) -> None:
        """Nothing is to be done about this room any more: its dead are not told of again."""
        for job in [job for job, at in self._bereft.items() if at == room]:
            del self._bereft[job]
        for worker in self._workers.values():
            if self._lives(worker, now) or all(coached.room != room for coached in worker.beat.jobs):
                continue
            for coached in worker.beat.jobs:
                if coached.room == room:
                    self._remember(coached.job, "dead")
            jobs = tuple(coached for coached in worker.beat.jobs if coached.room != room)
            worker.beat = worker.beat.model_copy(update={"jobs": jobs})

    def was_blind(self, since: float, now: float) -> None:
        """From `since` to `now` heartbeats may have been missed: whoever was heard not long before has another while to
        be heard again.
        """
        for worker in self._workers.values():
            if since - worker.at < 2 * self._dead_after:
                worker.at = max(worker.at, now)

    def tidy(self, now: float) -> None:
        """Forgets what is long past."""
        for name, worker in list(self._workers.items()):
            if now - worker.at > FORGOTTEN_AFTER:
                for coached in worker.beat.jobs:
                    self._remember(coached.job, "dead")
                self._part(name)

    def _lives(self, worker: _Worker, now: float) -> bool:
        return now - worker.at < self._dead_after

    def _takers(self, now: float) -> list[_Worker]:
        return [one for one in self._workers.values() if self._lives(one, now) and not one.beat.draining]

    def _end(self, job: str, room: str, standing: Standing) -> None:
        if job in self._ended:
            return
        self._remember(job, standing)
        if standing == "dead":
            self._bereft[job] = room

    def _remember(self, job: str, standing: Standing) -> None:
        self._ended[job] = standing
        while len(self._ended) > MOST_ENDED:
            self._ended.popitem(last=False)

    def _part(self, worker: str) -> None:
        for job in [job for job, holder in self._holders.items() if holder == worker]:
            del self._holders[job]
        self._workers.pop(worker, None)
        self._gone[worker] = None
        while len(self._gone) > MOST_ENDED:
            self._gone.popitem(last=False)
