"""Hears a room in one of the `ways_to_hear`, in a process of its own, and tells what that took of the processor.

Asked with what `Task` holds; answers with the processor time of the measured window, user and system, of all threads.
What comes before the window is warm-up.
"""

from __future__ import annotations

import asyncio
import cProfile
import pstats
import resource
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from livekit import rtc

from bench.processes import answer_questions
from bench.ways_to_hear import BareStream, OnlyReceives, WatchedEar, WholeEar
from cornerman import metrics
from cornerman.config import SttSettings
from cornerman.providers.breaker import create_worker_state

COSTLIEST = 12


@dataclass(frozen=True, slots=True)
class Task:
    """What to do once. `warm` and `seconds`: how long to hear unmeasured and measured."""

    url: str
    token: str
    way: Literal["received", "heard", "bare", "watched"]
    identities: list[str]
    warm: float
    seconds: float
    tag: str = ""
    stt: dict[str, Any] = field(default_factory=dict)
    profiled: bool = False


def way_of(task: Task, room: rtc.Room) -> OnlyReceives:
    """The way to hear that the task names."""
    settings = SttSettings(**task.stt)
    match task.way:
        case "received":
            return OnlyReceives(room, task.identities)
        case "heard":
            return WholeEar(room, task.identities, settings)
        case "bare":
            return BareStream(room, task.identities, settings, task.tag)
        case "watched":
            return WatchedEar(room, task.identities, settings, task.tag)


def processor_seconds() -> float:
    """Processor time of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def do(task: Task) -> dict[str, Any]:
    """Joins, hears, and leaves."""
    room = rtc.Room()
    way = way_of(task, room)
    profile = cProfile.Profile()
    await room.connect(task.url, task.token, rtc.RoomOptions(auto_subscribe=False))
    try:
        for participant in room.remote_participants.values():
            way.apply(participant)
        await asyncio.sleep(task.warm)
        before, words, since = processor_seconds(), way.words, time.monotonic()
        if task.profiled:
            profile.enable()
        await asyncio.sleep(task.seconds)
        profile.disable()
        until = time.monotonic()
        used, words = processor_seconds() - before, way.words - words
    finally:
        await way.aclose()
        await room.disconnect()
    return {
        "processor": used,
        "words": words,
        "since": since,
        "until": until,
        "traces": [asdict(trace) for trace in way.traces],
        "costliest": costliest(profile) if task.profiled else [],
    }


def costliest(profile: cProfile.Profile) -> list[tuple[str, int, float]]:
    """The functions that took most time by themselves: where, how often called, seconds."""
    stats = pstats.Stats(profile).get_stats_profile().func_profiles
    by_time = sorted(stats.items(), key=lambda item: item[1].tottime, reverse=True)[:COSTLIEST]
    return [
        (f"{Path(one.file_name).name}:{one.line_number} {name}", int(str(one.ncalls).split("/")[0]), one.tottime)
        for name, one in by_time
    ]


async def main() -> None:
    """Hears until the bench asks no more; counts and breakers are kept as a worker's processes keep them."""
    with create_worker_state(), tempfile.TemporaryDirectory(prefix="bench-metrics-") as folder:
        metrics.share_between_processes(Path(folder))
        await answer_questions(lambda question: do(Task(**question)))


if __name__ == "__main__":
    asyncio.run(main())
