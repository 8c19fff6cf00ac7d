"""What processes cost: processor seconds and memory of a process and everything it started.

In: process ids. Out: seconds of user and system time since the processes began, and proportional set size: memory that
several processes share counts once among them. Times of processes that ended between two readings are lost; the bench
reads while calls are under way.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

Key = tuple[int, float]
SETTLE_SECONDS, IDLE_SECONDS = 2.0, 6.0


@dataclass(frozen=True, slots=True)
class Reading:
    """Processor seconds of each process, by process id and when it began; `bytes`: of all, None where not read."""

    at: float
    seconds: Mapping[Key, float]
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """Cores kept busy over a time, and bytes of memory at its end."""

    cores: float
    bytes: int


def tree(pid: int) -> list[psutil.Process]:
    """A process and everything it started that is alive."""
    with suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    return []


def reading(pids: Iterable[int], at: float, *, memory: bool = False) -> Reading:
    """What these processes and all they started have used. Reading memory takes some milliseconds a process."""
    seconds: dict[Key, float] = {}
    used = 0
    for process in (one for pid in pids for one in tree(pid)):
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            times = process.cpu_times()
            seconds[process.pid, process.create_time()] = times.user + times.system
        if memory:
            used += proportional(process.pid)
    return Reading(at, seconds, used if memory else None)


def proportional(pid: int) -> int:
    """Bytes of a process's proportional set size; 0 where it has ended."""
    with suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def cost(before: Reading, after: Reading) -> Cost:
    """What was used between two readings; of a process that began between them, all that it has used."""
    used = sum(seconds - before.seconds.get(key, 0.0) for key, seconds in after.seconds.items())
    return Cost(used / (after.at - before.at), after.bytes or 0)


async def waiting(pid: int) -> Cost:
    """What a worker takes that has just registered and has no call."""
    await asyncio.sleep(SETTLE_SECONDS)
    before = reading([pid], time.monotonic())
    await asyncio.sleep(IDLE_SECONDS)
    return cost(before, reading([pid], time.monotonic(), memory=True))
