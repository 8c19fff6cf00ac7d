"""Look-ups in the background of one call: each once, each with a deadline, all of them ended with the call.

In: what to look up, under a key that is the same for the same question. Out: results, when they are asked for or, late,
by a callback. Promises: a question that is answered or under way is not asked again; one that failed may be, after
`REST` seconds. A generation that is cancelled takes with it what nobody else waits for. At most `RUNNING` look-ups run,
one more is refused; at most `KEPT` answers are kept, the oldest gives way. Nothing that was asked or found is logged.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from cornerman import tracing
from cornerman.errors import CornermanError
from cornerman.plain import plain
from cornerman.tools.errors import ToolError, UnansweredError
from cornerman.tools.result import Found, ToolResult, result_of

logger = logging.getLogger(__name__)

RUNNING: Final = 16
KEPT: Final = 200
REST: Final = 10.0
"""Seconds of the call after which something that failed is worth another attempt."""
ENDS_WITHIN: Final = 5.0
"""Seconds that look-ups are given to end when the call does."""

GIVEN_UP: Final = "It is not looked up any more. Go on without it."

Work = Callable[[], Awaitable[Found]]


@dataclass(frozen=True, slots=True)
class Late:
    """A result that a generation asked for and did not get in time."""

    result: ToolResult
    generation: str


@dataclass(slots=True, eq=False)
class Job:
    """One look-up. `wanted` are the generations that wait for it, `late` those that have been told to go on without;
    `ahead`: it was begun before anybody asked. `saw` are the participants whose words the question was made of.
    """

    tool: str
    key: str
    number: int
    ahead: bool
    failed_at: float = 0.0
    saw: set[str] = field(default_factory=set)
    wanted: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)
    result: ToolResult | None = None
    error: ToolError | None = None
    task: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        return self.result is None and self.error is None


class Runner:
    """The look-ups of one call. `on_late` is called on the event loop and must not raise."""

    def __init__(self, *, deadline: float, now: Callable[[], float], on_late: Callable[[Late], None]) -> None:
        self._deadline = deadline
        self._now = now
        self._on_late = on_late
        self._jobs: dict[str, Job] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._count = 0
        self._closed = False

    def ask(self, tool: str, key: str, work: Work, *, generation: str = "", saw: Iterable[str] = ()) -> Job:
        """The job for this question: the one there is, or a new one. Without a generation it is looked up ahead.

        Raises: UnansweredError: too much is being looked up.
        """
        job = self._jobs.get(key)
        failed = job is not None and isinstance(job.error, UnansweredError)
        if job is None or (failed and self._now() - job.failed_at >= REST):
            job = self._begin(tool, key, work, ahead=not generation, saw={*(job.saw if job else ()), *saw})
        elif job.saw:  # what was asked without anybody's words stays everybody's
            job.saw.update(saw)
        if generation:
            job.wanted.add(generation)
        else:
            job.ahead = True
        return job

    async def settled(self, jobs: Iterable[Job], within: float) -> None:
        """Waits until these are over, at most so many seconds."""
        tasks = [job.task for job in jobs if job.task is not None and not job.task.done()]
        if tasks:
            await asyncio.wait(tasks, timeout=within)

    def known(self, keys: Iterable[str] | None = None) -> tuple[ToolResult, ...]:
        """Results there are, in the order they were asked for; of these keys alone where keys are given."""
        wanted = None if keys is None else set(keys)
        jobs = (job for key, job in self._jobs.items() if wanted is None or key in wanted)
        return tuple(job.result for job in jobs if job.result is not None)

    def jobs(self, keys: Iterable[str]) -> tuple[Job, ...]:
        """The jobs there are of these keys."""
        return tuple(self._jobs[key] for key in keys if key in self._jobs)

    def cancel(self, generation: str) -> None:
        """The generation is over: nothing is told it any more, and what only it waited for is given up."""
        for job in list(self._jobs.values()):
            asked = generation in job.wanted
            job.wanted.discard(generation)
            job.late.discard(generation)
            if asked and job.running and not job.wanted and not job.ahead:
                self._give_up(job)

    def forget(self, identity: str) -> None:
        """Drops what was asked with a participant's words, and what was found by it."""
        for job in [job for job in self._jobs.values() if identity in job.saw]:
            self._give_up(job)

    async def aclose(self) -> None:
        """Ends everything that runs; what is known stays known."""
        self._closed = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=ENDS_WITHIN)

    def _begin(self, tool: str, key: str, work: Work, *, ahead: bool, saw: set[str]) -> Job:
        if self._closed or len(self._tasks) >= RUNNING:
            raise UnansweredError("Too much is being looked up at once. Go on without it.")
        self._jobs.pop(key, None)
        self._make_room()
        self._count += 1
        job = Job(tool, key, self._count, ahead, saw=saw)
        job.task = asyncio.create_task(self._run(job, work), name=f"tool-{tool}-{self._count}")
        self._tasks.add(job.task)
        job.task.add_done_callback(lambda task: self._over(job, task))
        self._jobs[key] = job
        return job

    def _make_room(self) -> None:
        over = [key for key, job in self._jobs.items() if not job.running]
        for key in over[: max(len(self._jobs) - KEPT + 1, 0)]:
            del self._jobs[key]

    def _over(self, job: Job, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if job.running:  # it was cancelled, by whomever: nobody may wait for it
            job.error, job.failed_at = UnansweredError(GIVEN_UP), self._now()

    def _give_up(self, job: Job) -> None:
        if self._jobs.get(job.key) is job:
            del self._jobs[job.key]
        job.wanted.clear()
        job.late.clear()
        job.error = job.error or UnansweredError(GIVEN_UP)
        job.result = None
        if job.task is not None:
            job.task.cancel()

    async def _run(self, job: Job, work: Work) -> None:
        with tracing.span("tool", tool=job.tool) as span:
            found = await self._found(job, work)
            tracing.tell(span, outcome="failed" if isinstance(found, ToolError) else "found")
        if isinstance(found, ToolError):
            job.error, job.failed_at = job.error or found, self._now()
        elif job.error is None:
            job.result = result_of(found, job.tool, job.key, job.number, self._now())
            for generation in sorted(job.late):
                self._on_late(Late(job.result, generation))
        job.wanted.clear()
        job.late.clear()

    async def _found(self, job: Job, work: Work) -> Found | ToolError:
        try:
            async with asyncio.timeout(self._deadline):
                return await work()
        except TimeoutError:
            return UnansweredError(f"Nothing came within {self._deadline:g} seconds. Go on without it.")
        except ToolError as error:
            return error
        except CornermanError as error:
            return UnansweredError(f"It could not be looked up: {plain(str(error), 200)}")
        except Exception as error:
            # What failed may quote what was asked; its kind has to do.
            logger.warning("the tool %s failed: %s", job.tool, type(error).__name__)
            return UnansweredError("It could not be looked up. Go on without it.")
