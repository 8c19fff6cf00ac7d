"""The network fails for a while, at one place at a time: no word is lost that was heard before or could be heard after,
none comes twice or under another name, and nothing counts as read that nobody read.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from calls import inputs_of, live_call, until
from fault_calls import (
    DISCOUNT,
    INNOCENT,
    METADATA,
    OBJECTION,
    FaultCall,
    api_of,
    fault_call,
    figure,
    heard_in,
    one_coach,
)
from hearing_calls import HURRIED, SENTENCE, HearingWorker, hearing_worker
from network_cut import Network
from own_server import OwnServer

from cornerman.contract import JobMetadata
from cornerman.dispatch import send_coach
from cornerman.errors import CornermanError
from cornerman.record.reading import segments_of

PLAYS_MANY_CALLS = True
DRILL = pytest.mark.drill
GIVEN_UP_AFTER = 20.0
"""Seconds of silence after which the server counts a participant as gone, and the coach's job as ended."""


@asynccontextmanager
async def hosted(them: FaultCall) -> AsyncIterator[None]:
    """What a host application does, or the watchdog: sees to it, again and again, that the call has a coach."""

    call, metadata = them.call, JobMetadata.model_validate(METADATA)

    async def see_to_it() -> None:
        while True:
            with suppress(CornermanError):  # asked again at once
                await send_coach(call.livekit, call.room, metadata, agent_name=call.agent_name)
            await asyncio.sleep(0.5)

    task = asyncio.create_task(see_to_it(), name="test_network_cut.hosted")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("seconds", [1.0, pytest.param(5.0, marks=DRILL), pytest.param(30.0, marks=DRILL)])
async def test_between_coach_and_server(own_server: OwnServer, room_name: str, tmp_path: Path, seconds: float) -> None:
    """What the server takes for the coach's end is followed by another coach, which goes on in the same journal."""
    server = own_server.address
    with (
        Network(own_server.port, own_server.udp_port) as network,
        hearing_worker(replace(server, url=network.url), tmp_path, "nova", HURRIED) as worker,
    ):
        async with (
            api_of(server) as livekit,
            live_call(server, livekit, room_name, worker.agent_name, worker.journals) as call,
            fault_call(call) as them,
        ):
            coach = them.client.coach
            await them.say("prospect", OBJECTION)
            await them.say("rep", INNOCENT)
            await them.all_in_the_journal()
            await call.nudge("price_objection")
            assert network.datagrams > 0, "the coach's media does not come this way"
            before = them.now

            network.cut()
            async with them.humming():
                await asyncio.sleep(seconds)
            network.join()
            gone = seconds > GIVEN_UP_AFTER
            async with hosted(them):
                if gone:
                    async with them.humming():
                        await until(lambda: them.client.coach not in (None, coach), "another coach", 90.0)
                figure(f"coach cut off for {seconds:g} s: both heard after", await them.heard_again(before))

            await them.say("prospect", DISCOUNT)
            await them.say("rep", INNOCENT)
            await them.all_in_the_journal()
            await call.nudge("discount_request")
            await one_coach(call, them.client)
            assert [one.number for one in segments_of(call.folder())] == ([1, 2] if gone else [1])


@DRILL
async def test_between_rep_and_server(own_server: OwnServer, room_name: str, tmp_path: Path) -> None:
    """A card that comes up meanwhile counts as read only where the rep's client has it."""
    server = own_server.address
    with (
        Network(own_server.port, own_server.udp_port) as network,
        hearing_worker(server, tmp_path, "nova", HURRIED) as worker,
    ):
        async with (
            api_of(server) as livekit,
            live_call(server, livekit, room_name, worker.agent_name, worker.journals) as call,
            fault_call(call, rep=replace(server, url=network.url)) as them,
        ):
            network.cut()
            await them.say("prospect", OBJECTION)
            async with them.humming():
                await until(lambda: heard_in(call).get("prospect") == OBJECTION, "the words")
            assert not [one for one in inputs_of(call, "delivery") if one["outcome"] in ("shown", "hidden")]
            assert call.nudges == []
            network.join()

            before = them.now
            figure("rep cut off: both heard after", await them.heard_again(before))
            await them.say("prospect", DISCOUNT)
            await call.nudge("discount_request")
            await them.all_in_the_journal()
            shown = [(one["nudge"], one["rev"]) for one in inputs_of(call, "delivery") if one["outcome"] == "shown"]
            painted = [(one.id, one.rev) for one in call.nudges]
            assert set(shown) <= set(painted), "a card counts as read that the rep never had"
            assert len(painted) == len(set(painted)), "a card came twice"
            await one_coach(call, them.client)


@pytest.mark.parametrize("seconds", [1.0, pytest.param(5.0, marks=DRILL)])
async def test_between_coach_and_speech_provider(
    own_server: OwnServer, room_name: str, tmp_path: Path, seconds: float
) -> None:
    """What is said meanwhile is heard late, and once, though the provider's late answers come too."""
    server = own_server.address
    with (
        Network(0, 0) as network,
        hearing_worker(server, tmp_path, "nova", {**HURRIED, **through(network)}) as worker,
    ):
        network.leads_to(port_of(worker))
        async with (
            api_of(server) as livekit,
            live_call(server, livekit, room_name, worker.agent_name, worker.journals) as call,
            fault_call(call) as them,
        ):
            await them.say("prospect", OBJECTION)
            await them.all_in_the_journal()

            speaking = asyncio.create_task(them.say("prospect", SENTENCE))
            await until(lambda: len(worker.fake.heard) > len(OBJECTION), "words that have begun to come")
            network.cut()
            await asyncio.sleep(seconds)
            network.join()
            await speaking
            await them.all_in_the_journal()
            await them.say("rep", INNOCENT)
            await them.all_in_the_journal()
            figure(f"provider cut off for {seconds:g} s: connections", len(worker.fake.records), "")
            await one_coach(call, them.client)


def through(network: Network) -> dict[str, str]:
    """The provider, by way of a network."""
    return {"CORNERMAN__STT__BASE_URL": network.url.replace("ws://", "http://") + "/v1/listen"}


def port_of(worker: HearingWorker) -> int:
    return int(worker.fake.url.rsplit(":", 1)[1])
