"""Several calls at once, while the speech provider and the language model fail for all of them in one way after
another: nobody storms them, the calls recover, and no word is lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from advising_calls import UNHURRIED, AdvisedWorker, advised_worker, answer
from calls import live_call, until
from fakes.faults import Behaviour, hang, refuse, throttle
from fakes.record import Record
from fakes.replies import Reply
from fault_calls import DISCOUNT, INNOCENT, OBJECTION, FaultCall, api_of, fault_call, figure
from livekit import api
from own_server import OwnServer

PLAYS_MANY_CALLS = True
CALLS = 3
PHASES: dict[str, Behaviour] = {"refuses": refuse(503), "hangs": hang(), "throttles": throttle()}
PHASE_SECONDS = 6.0
MOST_A_SECOND = 3 * 2 * CALLS
"""Connections: three for each of those who are heard. Without a breaker each would come as often as it likes."""
MOST_A_PHASE = 5 * 2 * CALLS
TAKES_OVER = 90.0
"""Seconds within which everything that was kept meanwhile has to be heard, on a machine that is busy."""


@asynccontextmanager
async def calls_of(server: OwnServer, worker: AdvisedWorker, room: str) -> AsyncIterator[list[FaultCall]]:
    """Calls of one worker, side by side."""
    async with AsyncExitStack() as stack:
        livekit: api.LiveKitAPI = await stack.enter_async_context(api_of(server.address))
        hearing = worker.hearing
        all_of_them = []
        for number in range(CALLS):
            name = f"{room}-{number}"
            opened = live_call(server.address, livekit, name, hearing.agent_name, hearing.journals)
            call = await stack.enter_async_context(opened)
            all_of_them.append(await stack.enter_async_context(fault_call(call)))
        yield all_of_them


@pytest.mark.timeout(600)  # on a machine that is busy, what was kept is heard late
@pytest.mark.drill
async def test_a_storm_passes_and_nothing_is_lost(own_server: OwnServer, room_name: str, tmp_path: Path) -> None:
    with advised_worker(own_server.address, tmp_path, UNHURRIED, breaker_rest=2.0) as worker:
        fake, model = worker.hearing.fake, worker.model
        model.replies.decide(lambda _asked: Reply(text=answer()))
        async with calls_of(own_server, worker, room_name) as them:
            await asyncio.gather(*(one.say("prospect", OBJECTION) for one in them))
            await asyncio.gather(*(one.all_in_the_journal(TAKES_OVER) for one in them))
            for name, behaviour in PHASES.items():
                before, asked = len(fake.records), len(model.records)
                fake.script.play(then=behaviour)
                model.script.play(then=behaviour)
                fake.kill_open()
                await asyncio.gather(*(through(one) for one in them))
                came = fake.records[before:]
                figure(f"provider {name}: connections of {2 * CALLS} microphones", len(came), "")
                figure(f"provider {name}: most within a second", busiest(came), "")
                figure(f"model {name}: requests", len(model.records) - asked, "")
                assert came, "the provider was never asked"
                assert len(came) <= MOST_A_PHASE, "a storm of connections"
                assert busiest(came) <= MOST_A_SECOND, "a storm of connections"
            fake.script.play()
            model.script.play()
            fake.kill_open()
            await asyncio.gather(*(one.all_in_the_journal(TAKES_OVER) for one in them))
            before = len(model.records)
            await asyncio.gather(*(one.say("prospect", DISCOUNT) for one in them))
            await asyncio.gather(*(one.all_in_the_journal(TAKES_OVER) for one in them))
            for one in them:
                await one.call.nudge("discount_request")
                assert await one.call.coaches() == [one.client.coach]
            await until(lambda: len(model.records) > before, "the model being asked again")


async def through(one: FaultCall) -> None:
    """What a call does in a phase: both speak, then nobody does."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    await one.say("prospect", INNOCENT)
    await one.say("rep", INNOCENT)
    async with one.humming():
        await asyncio.sleep(max(began + PHASE_SECONDS - loop.time(), 0.0))


def busiest(came: Sequence[Record]) -> int:
    """The most connections that came within one second."""
    times = [one.arrived for one in came]
    return max((sum(begin <= at < begin + 1.0 for at in times) for begin in times), default=0)
