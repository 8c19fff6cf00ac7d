"""Watchdogs, workers and a room, played step by step: whatever dies, hangs or is cut off, one coach is left in the end,
and never are there two for long.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st
from watched_rooms import METADATA, ROOM, SETTINGS, STARTED

from cornerman.watch.beat import Beat, Coached, Ended, How
from cornerman.watch.judgement import Judge, Verdict
from cornerman.watch.seen import DispatchSeen, JobSeen, RoomSeen
from cornerman.watch.standing import Standings

STEP = 0.5
GHOST_LINGERS = 40
JOINS_AFTER = 3
QUIET = 160
"""Steps: how long a dead coach is listed, a new one takes to join, and nothing more happens at the end."""
TWO_FOR_AT_MOST = 12
PLACES = 3


@dataclass
class Job:
    number: int
    of: str | None
    dispatch: str
    worker: int
    joins_at: int
    joined: bool = False
    ended: How | None = None

    @property
    def name(self) -> str:
        return f"AJ_{self.number:04}"

    @property
    def identity(self) -> str:
        return f"cornerman-{self.name}"


@dataclass
class Worker:
    number: int
    powered: bool = True
    hung: bool = False
    count: int = 0
    sent_away: list[Job] = field(default_factory=list)

    @property
    def runs(self) -> bool:
        return self.powered and not self.hung


@dataclass
class Dispatch:
    id: str
    of: str | None
    jobs: list[Job] = field(default_factory=list)


class Dog:
    """A watchdog's mind, restarted at times."""

    def __init__(self, name: str, now: float) -> None:
        self.name = name
        self.standings = Standings(SETTINGS.dead_after)
        self.judge = Judge(SETTINGS, self.standings, now, name)
        self.judge.others_watch()


class World:
    """One room with two people in it, and all that is round it."""

    def __init__(self) -> None:
        self.step = 0
        self.workers = [Worker(0), Worker(1)]
        self.dogs = [Dog("one", STARTED), Dog("two", STARTED)]
        self.cut: set[tuple[int, str]] = set()
        self.dispatches: list[Dispatch] = []
        self.jobs: list[Job] = []
        self.listed: dict[str, int] = {}
        self.ghosts: dict[str, int] = {}
        self.asked = 0
        self.ask(None)

    @property
    def now(self) -> float:
        return STARTED + self.step * STEP

    def coaching(self) -> list[Job]:
        """Jobs whose process runs and whose coach is in the room."""
        return [job for job in self.jobs if self._lives(job) and job.joined and job.identity in self.listed]

    def run(self) -> None:
        """Everything that happens in one step."""
        self.step += 1
        for worker in self.workers:
            if worker.runs:
                self._work(worker)
        seen = self._seen()
        verdicts = [dog.judge.judge(seen, ROOM, self.now) for dog in self.dogs]  # both look before either acts
        for dog, verdict in zip(self.dogs, verdicts, strict=True):
            self._carry_out(dog, verdict)
        for identity, since in list(self.ghosts.items()):
            if self.step - since > GHOST_LINGERS:
                del self.ghosts[identity]
                self.listed.pop(identity, None)

    def ask(self, of: str | None) -> str:
        self.asked += 1
        dispatch = Dispatch(f"AD_{self.asked}", of)
        self.dispatches.append(dispatch)
        able = [worker for worker in self.workers if worker.runs and self._load(worker) < PLACES]
        if able:
            chosen = min(able, key=self._load)
            job = Job(len(self.jobs), of, dispatch.id, chosen.number, self.step + JOINS_AFTER)
            self.jobs.append(job)
            dispatch.jobs.append(job)
        return dispatch.id

    def send_away(self, identity: str) -> None:
        """The server removes a participant: its process ends as soon as it runs."""
        self.listed.pop(identity, None)
        for job in self.jobs:
            if job.identity == identity and job.ended is None and self.workers[job.worker].powered:
                self.workers[job.worker].sent_away.append(job)

    def lose_power(self, worker: Worker) -> None:
        worker.powered = False
        self._leave_ghosts(worker)

    def hang(self, worker: Worker) -> None:
        if worker.powered and not worker.hung:
            worker.hung = True
            self._leave_ghosts(worker)

    def wake(self, worker: Worker) -> None:
        """Its coaches go on, and join again where the server has given them up; as the client was seen to do."""
        worker.hung = False
        for job in [job for job in self.jobs if job.worker == worker.number and self._lives(job) and job.joined]:
            self.ghosts.pop(job.identity, None)
            if job not in worker.sent_away:
                self.listed.setdefault(job.identity, self.step)

    def crash(self) -> None:
        """The processes of all coaches that run."""
        for job in self.coaching():
            job.ended = "crashed"
            self.ghosts[job.identity] = self.step

    def _leave_ghosts(self, worker: Worker) -> None:
        for job in self.jobs:
            if job.worker == worker.number and job.identity in self.listed:
                self.ghosts[job.identity] = self.step

    def _work(self, worker: Worker) -> None:
        for job in worker.sent_away:
            self._end(job, "left")
        worker.sent_away.clear()
        for job in [job for job in self.jobs if job.worker == worker.number and self._lives(job) and not job.joined]:
            if self.step >= job.joins_at:
                self._join(job)
        worker.count += 1
        own = [job for job in self.jobs if job.worker == worker.number]
        running = [job for job in own if job.ended is None]
        told = Beat(
            worker=f"worker-{worker.number}",
            count=worker.count,
            free=max(0, PLACES - len(running)),
            watchdogs=2,
            jobs=tuple(
                Coached(job=job.name, room=ROOM, dispatch=job.dispatch, identity=job.identity) for job in running
            ),
            ended=tuple(Ended(job=job.name, room=ROOM, how=job.ended) for job in own if job.ended is not None),
        )
        for dog in self.dogs:
            if (worker.number, dog.name) not in self.cut:
                dog.standings.heard(told, self.now)

    def _join(self, job: Job) -> None:
        job.joined = True
        if job.of is not None:
            self.send_away(job.of)
        others = [identity for identity in self.listed if identity != job.of]
        self.listed[job.identity] = self.step
        if others:
            self._end(job, "yielded")

    def _end(self, job: Job, how: How) -> None:
        if job.ended is None:
            job.ended = how
        self.listed.pop(job.identity, None)
        self.dispatches = [one for one in self.dispatches if one.id != job.dispatch]

    def _carry_out(self, dog: Dog, verdict: Verdict) -> None:
        for name in verdict.give_up:
            for dispatch in [one for one in self.dispatches if one.id == name]:
                self.dispatches.remove(dispatch)
                for job in dispatch.jobs:
                    self.send_away(job.identity)
        for identity in verdict.remove:
            self.send_away(identity)
        if verdict.takeover is not None:
            for identity in verdict.takeover.ghosts:
                self.send_away(identity)
            dog.judge.asked(ROOM, self.ask(verdict.takeover.of), self.now)

    def _seen(self) -> RoomSeen:
        return RoomSeen(
            ROOM,
            2,
            frozenset(self.listed),
            tuple(
                DispatchSeen(
                    one.id, METADATA, one.of, tuple(JobSeen(job.name, job.identity, job.number) for job in one.jobs)
                )
                for one in self.dispatches
            ),
        )

    def _lives(self, job: Job) -> bool:
        return job.ended is None and self.workers[job.worker].runs

    def _load(self, worker: Worker) -> int:
        return sum(1 for job in self.jobs if job.worker == worker.number and job.ended is None)


EVENTS = ("lose power", "hang", "wake", "crash", "cut", "join", "restart a watchdog", "a new worker")


def happen(world: World, event: str, which: int) -> None:
    worker = world.workers[which % len(world.workers)]
    dog = world.dogs[which % 2]
    match event:
        case "lose power":
            world.lose_power(worker)
        case "hang":
            world.hang(worker)
        case "wake":
            world.wake(worker)
        case "crash":
            world.crash()
        case "cut":
            world.cut.add((worker.number, dog.name))
        case "join":
            world.cut.clear()
        case "restart a watchdog":
            world.dogs[which % 2] = Dog(dog.name, world.now)
        case "a new worker":
            world.workers.append(Worker(len(world.workers)))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 5), st.integers(0, 80)), max_size=8),
)
def test_one_coach_is_left_in_the_end_and_never_two_for_long(history: list[tuple[str, int, int]]) -> None:
    world = World()
    two_for = 0

    def go_on(steps: int) -> None:
        nonlocal two_for
        for _ in range(steps):
            world.run()
            two_for = two_for + 1 if len(world.coaching()) > 1 else 0
            assert two_for <= TWO_FOR_AT_MOST, f"two coaches at step {world.step}"

    go_on(10)
    for event, which, steps in history:
        happen(world, event, which)
        go_on(steps)
    world.cut.clear()
    world.workers.append(Worker(len(world.workers)))
    go_on(QUIET)
    coaching = world.coaching()
    assert len(coaching) == 1
    before = world.asked
    go_on(QUIET)
    assert world.coaching() == coaching, "and it stays"
    assert world.asked == before
    assert world.asked <= 1 + 6 * (1 + len(history)), "no storm"
