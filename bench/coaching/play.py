"""One run: so many calls at once with one worker, from dispatch to the last rep's answer.

In: a worker, how many calls, how many seconds of utterances with triggers. Out: delays, costs of worker, server,
providers and callers over just these seconds, and how long it took until a coach heard. What is said until every coach
hears, and for some seconds after, is small talk that does not count.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from livekit import api

from bench.coaching.contenders import Contender, Stage
from bench.coaching.costs import Cost, cost, reading
from bench.coaching.delays import Delays, delays_of
from bench.coaching.said import HEADLINES, PAUSE
from bench.coaching.talking import PROSPECT, REP, lines_in, talking
from bench.load import Line
from bench.processes import Child, child
from cornerman.errors import CornermanError
from cornerman.livekit_server import LocalServer, get_binary
from cornerman.livekit_server.server_api import server_api

ANSWER_SECONDS = 30.0
HEARD_SECONDS = 90.0
LOST_AFTER = 15.0
"""Seconds after which a dispatch counts as lost and is asked for again."""
ACQUAINTED = 5.5
"""Seconds after all coaches hear until triggers are said: a coach may call a rep who was there before it after five."""
TAIL = 5.5
"""Seconds after the last utterance in which its nudge may come."""
LEAVING = 2.0
LOOK_EVERY = 0.25


@dataclass(frozen=True, slots=True)
class Parties:
    """The processes that are not measured but for their own cost."""

    stage: Stage
    speech: Child
    model: Child
    lines: Mapping[str, Line]
    livekit: api.LiveKitAPI
    pids: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Run:
    """`first_words`: seconds from the dispatch to the provider's first word of each call's prospect, in order of
    their coming. `load`: the share of all cores that was busy, by whomever. `behind`: seconds by which the callers'
    latest packet was late.
    """

    who: str
    calls: int
    delays: Delays
    costs: Mapping[str, Cost]
    first_words: tuple[float, ...]
    redispatched: int
    load: float
    behind: float


@asynccontextmanager
async def parties(stack: AsyncExitStack, folder: Path) -> AsyncIterator[Parties]:
    """Server, providers and callers, each a process of its own."""
    server = LocalServer(get_binary())
    address = await stack.enter_async_context(server)
    speech, model = [
        await stack.enter_async_context(child(f"bench.coaching.{name}", folder / f"{name}.log", {}))
        for name in ("speech_provider", "model_provider")
    ]
    told = {name: await one.ask(ANSWER_SECONDS, start=True) for name, one in (("speech", speech), ("model", model))}
    livekit = await stack.enter_async_context(server_api(address))
    assert server.process_id is not None
    pids = {
        "server": (server.process_id,),
        "providers": (told["speech"]["pid"], told["model"]["pid"]),
    }
    stage = Stage(address, told["speech"]["url"], told["model"]["url"], folder)
    lines = await asyncio.to_thread(lines_in, folder / "lines")
    yield Parties(stage, speech, model, lines, livekit, pids)


async def play(parties: Parties, worker: Contender, calls: int, seconds: float) -> Run:
    """Plays a run."""
    rooms = [f"bench-{worker.who}-{uuid.uuid4().hex[:8]}" for _ in range(calls)]
    async with talking(parties.stage.server, rooms, parties.lines) as calling:
        dispatched = time.monotonic()
        redispatched = await coached(parties, worker, rooms, dispatched)
        first_words = await _heard(parties, dispatched, calls)
        await asyncio.sleep(ACQUAINTED - PAUSE)
        calling.begin()
        await asyncio.sleep(PAUSE)
        groups = {"worker": (worker.pid,), "callers": (calling.pid,), **parties.pids}
        before = {name: reading(pids, time.monotonic()) for name, pids in groups.items()}
        busy_before, began = _busy(), time.monotonic()
        await asyncio.sleep(seconds)
        load = (_busy() - busy_before) / ((time.monotonic() - began) * (os.cpu_count() or 1))
        after = {name: reading(pids, time.monotonic(), memory=True) for name, pids in groups.items()}
        said = calling.said()
        await asyncio.sleep(TAIL)
        delays = delays_of(said, calling.told(), HEADLINES)
        behind = calling.behind
    await close(parties, rooms)
    costs = {name: cost(before[name], after[name]) for name in groups}
    return Run(worker.who, calls, delays, costs, first_words, redispatched, load, behind)


async def coached(parties: Parties, worker: Contender, rooms: list[str], dispatched: float) -> int:
    """Asks for a coach in every room until there is one; how many had to be asked for again."""
    await asyncio.gather(*(_dispatch(parties, worker, room) for room in rooms))
    again, asked_at, missing = 0, dispatched, list(rooms)
    while missing := [room for room in missing if not await _has_agent(parties, room)]:
        now = time.monotonic()
        if now - dispatched > HEARD_SECONDS:
            raise CornermanError(f"no coach came to {len(missing)} of {len(rooms)} calls of {worker.who}")
        if now - asked_at > LOST_AFTER:
            asked_at, again = now, again + len(missing)
            await asyncio.gather(*(_dispatch(parties, worker, room) for room in missing))
        await asyncio.sleep(LOOK_EVERY)
    return again


async def _dispatch(parties: Parties, worker: Contender, room: str) -> None:
    metadata = {"v": 1, "rep": REP, "consent": {"mode": "granted", "granted": [REP, PROSPECT]}}
    await parties.livekit.agent_dispatch.create_dispatch(
        api.CreateAgentDispatchRequest(agent_name=worker.agent, room=room, metadata=json.dumps(metadata))
    )


async def _has_agent(parties: Parties, room: str) -> bool:
    listed = await parties.livekit.room.list_participants(api.ListParticipantsRequest(room=room))
    return any(one.kind == api.ParticipantInfo.Kind.AGENT for one in listed.participants)


async def _heard(parties: Parties, dispatched: float, calls: int) -> tuple[float, ...]:
    """Waits until the provider told words to every coach; reps say nothing."""
    deadline = time.monotonic() + HEARD_SECONDS
    while time.monotonic() < deadline:
        answer = await parties.speech.ask(ANSWER_SECONDS, since=dispatched)
        first = sorted(one["first_word"] for one in answer["connections"] if one["first_word"] is not None)
        if len(first) >= calls:
            return tuple(at - dispatched for at in first[:calls])
        await asyncio.sleep(LOOK_EVERY)
    raise CornermanError(f"only {len(first)} of {calls} prospects are heard")


async def close(parties: Parties, rooms: list[str]) -> None:
    """Rooms are closed, and coaches leave."""
    for room in rooms:
        with contextlib.suppress(api.TwirpError):
            await parties.livekit.room.delete_room(api.DeleteRoomRequest(room=room))
    await asyncio.sleep(LEAVING)


def _busy() -> float:
    """Seconds that all cores together have been busy."""
    times = psutil.cpu_times()
    return sum(times) - times.idle - times.iowait - times.guest - times.guest_nice
