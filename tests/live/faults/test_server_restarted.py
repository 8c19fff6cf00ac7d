"""The LiveKit server crashes in the middle of a call and comes again: so does everybody, the coach too, and the call
goes on: the same coach, the same journal, nothing lost that was said while there was a server.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from calls import live_call
from fault_calls import DISCOUNT, INNOCENT, OBJECTION, api_of, fault_call, figure, one_coach
from hearing_calls import HURRIED, hearing_worker
from own_server import OwnServer

from cornerman.record.reading import segments_of

PLAYS_MANY_CALLS = True


@pytest.mark.parametrize("away", [0.5, pytest.param(8.0, marks=pytest.mark.drill)])
async def test_a_call_goes_on_when_the_server_comes_again(
    own_server: OwnServer, room_name: str, tmp_path: Path, away: float
) -> None:
    """`away`: seconds without a server."""
    with hearing_worker(own_server.address, tmp_path, "nova", HURRIED) as worker:
        async with (
            api_of(own_server.address) as livekit,
            live_call(own_server.address, livekit, room_name, worker.agent_name, worker.journals) as call,
            fault_call(call) as them,
        ):
            coach = them.client.coach
            await them.say("prospect", OBJECTION)
            await them.say("rep", INNOCENT)
            await them.all_in_the_journal()
            first = await call.nudge("price_objection")
            before = them.now

            await asyncio.to_thread(own_server.kill)
            async with them.humming():
                await asyncio.sleep(away)
            await asyncio.to_thread(own_server.start)
            figure(f"server away for {away:g} s: heard again after it came", await them.heard_again(before))

            await one_coach(call, them.client)
            assert them.client.coach == coach
            await them.say("prospect", DISCOUNT)
            await them.say("rep", INNOCENT)
            await them.all_in_the_journal()
            second = await call.nudge("discount_request")
            assert second.id != first.id
            assert len({(one.id, one.rev) for one in call.nudges}) == len(call.nudges), "a card was shown twice"
            await one_coach(call, them.client)
            assert [segment.number for segment in segments_of(call.folder())] == [1]
