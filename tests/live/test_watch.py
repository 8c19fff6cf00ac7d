"""A worker that dies, hangs or loses a process: its calls go on, with one coach each; and where nobody is to be brought
back, nobody is.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from calls import LiveCall, line, live_call, planted, until
from livekit import api
from watched_calls import AGENT_NAME, Machine, WatchdogProcess, alone, holder, machine, watchdog_process

from cornerman.livekit_server import ServerAddress
from cornerman.record.reading import segments_of
from cornerman.stand_ins.voice import Voice
from cornerman_client import CoachClient

PLAYS_MANY_CALLS = True
logger = logging.getLogger(__name__)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """Machines and watchdogs of a test, ended last to first."""
    with ExitStack() as opened:
        yield opened


@pytest.fixture
def watchdog(livekit_server: ServerAddress, tmp_path: Path, stack: ExitStack) -> WatchdogProcess:
    return stack.enter_context(watchdog_process(livekit_server, tmp_path / "watchdog"))


@pytest.fixture
def machines(
    livekit_server: ServerAddress, tmp_path: Path, stack: ExitStack, watchdog: WatchdogProcess
) -> tuple[Machine, Machine]:
    """Two workers that share their journals."""
    first, second = (
        stack.enter_context(machine(livekit_server, tmp_path / name, [watchdog], journals=tmp_path / "calls"))
        for name in ("first", "second")
    )
    return first, second


@dataclass(frozen=True)
class Coached:
    """A call in which the rep's card of what the prospect said is on the screen."""

    call: LiveCall
    client: CoachClient
    prospect: Voice
    coach: str

    async def is_taken_over(self, segment: int = 2) -> None:
        """Waits until a new coach has spoken to the rep and is the only one in the room."""
        client = self.client
        await until(lambda: client.state and client.state.segment == segment and client.coach, "the new coach's state")
        assert client.coach != self.coach
        await alone(self.call, client)

    async def goes_on(self) -> None:
        """What is said now reaches the rep as a card."""
        await self.call.heard(self.client, self.prospect)
        await self.prospect.play(planted("price_objection"))
        await self.call.nudge("price_objection")


@asynccontextmanager
async def coached(server: ServerAddress, livekit: api.LiveKitAPI, room: str, journals: Path) -> AsyncIterator[Coached]:
    """A call with a rep and a prospect who is heard and has been understood."""
    async with live_call(server, livekit, room, AGENT_NAME, journals) as call:
        await call.dispatch(account={"company": "Harbour Freight"})
        client = await call.rep()
        prospect = await call.person("prospect")
        await call.coach_is_there(client)
        await client.consent(["prospect"], granted=True, how="said aloud")
        await call.heard(client, prospect)
        await prospect.play(line("We need single sign on"))
        await call.nudge("requirement")
        assert client.coach is not None
        yield Coached(call, client, prospect, client.coach)


async def metadata_of_last_dispatch(livekit: api.LiveKitAPI, room: str) -> str:
    """What the newest coach was told."""
    return max(await livekit.agent_dispatch.list_dispatch(room), key=lambda one: one.state.created_at).metadata


async def test_a_killed_workers_call_goes_on_with_one_new_coach(
    livekit_server: ServerAddress,
    server_api: api.LiveKitAPI,
    room_name: str,
    machines: tuple[Machine, Machine],
    watchdog: WatchdogProcess,
) -> None:
    async with coached(livekit_server, server_api, room_name, machines[0].journals) as played:
        await watchdog.sees(workers=2, coached_calls=1)
        (await holder(machines, room_name)).kill_worker()
        killed = time.monotonic()
        await until(lambda: played.client.state and played.client.state.segment == 2, "the new coach's first state")
        logger.warning("recovery: %.2f s from the kill to the new coach's first state", time.monotonic() - killed)
        await played.is_taken_over()
        await played.goes_on()
        assert watchdog.asked_for == 1
        assert '"company": "Harbour Freight"' in await metadata_of_last_dispatch(server_api, room_name)
        folder = await played.call.end()
        assert [segment.number for segment in segments_of(folder)] == [1, 2]


async def test_a_coach_that_crashes_is_replaced_while_its_worker_lives_and_one_sent_away_is_not(
    livekit_server: ServerAddress,
    server_api: api.LiveKitAPI,
    room_name: str,
    machines: tuple[Machine, Machine],
    watchdog: WatchdogProcess,
) -> None:
    async with coached(livekit_server, server_api, room_name, machines[0].journals) as played:
        await watchdog.sees(workers=2, coached_calls=1)
        (await holder(machines, room_name)).kill_coach(room_name)
        await played.is_taken_over()
        assert watchdog.asked_for == 1
        assert played.client.coach is not None
        await watchdog.judges(room_name, "coached")
        await server_api.room.remove_participant(
            api.RoomParticipantIdentity(room=room_name, identity=played.client.coach)
        )
        await watchdog.sees(workers=2, coached_calls=0)
        await watchdog.sees(rooms_without_coach=0)
        assert await played.call.coaches() == []
        assert watchdog.asked_for == 1


@pytest.mark.drill
async def test_a_worker_that_hung_and_comes_back_leaves_the_call_to_its_successor(
    livekit_server: ServerAddress,
    server_api: api.LiveKitAPI,
    room_name: str,
    machines: tuple[Machine, Machine],
    watchdog: WatchdogProcess,
) -> None:
    async with coached(livekit_server, server_api, room_name, machines[0].journals) as played:
        await watchdog.sees(workers=2, coached_calls=1)
        hung = await holder(machines, room_name)
        hung.hang()
        await played.is_taken_over()
        successor = played.client.coach
        hung.wake()
        await watchdog.sees(workers=2, coached_calls=1)
        await until(lambda: not hung.coaches(room_name), "the old coach has ended")
        await alone(played.call, played.client)
        assert played.client.coach == successor
        await played.goes_on()
        assert watchdog.asked_for == 1


@pytest.mark.drill
async def test_two_watchdogs_bring_one_coach_and_without_a_shared_journal_consent_is_asked_again(
    livekit_server: ServerAddress,
    server_api: api.LiveKitAPI,
    room_name: str,
    watchdog: WatchdogProcess,
    stack: ExitStack,
    tmp_path: Path,
) -> None:
    other = stack.enter_context(watchdog_process(livekit_server, tmp_path / "other"))
    dogs = (watchdog, other)
    first = stack.enter_context(machine(livekit_server, tmp_path / "first", dogs))
    async with coached(livekit_server, server_api, room_name, first.journals) as played:
        second = stack.enter_context(machine(livekit_server, tmp_path / "second", dogs))
        for dog in dogs:
            await dog.sees(workers=2, coached_calls=1)
        first.lose_power()
        client = played.client
        await until(lambda: client.coach not in (None, played.coach), "the second coach")
        await until(lambda: second.coaches(room_name), "its journal")
        for dog in dogs:
            await dog.sees(workers=1, coached_calls=1, rooms_without_coach=0)
        await alone(played.call, client)
        assert sum(dog.asked_for for dog in dogs) >= 1
        state = await until(
            lambda: client.state if client.state and client.coach != played.coach else None, "its state"
        )
        assert {one.identity: one.consent for one in state.participants}["prospect"] != "granted"


@pytest.mark.drill
async def test_a_watchdog_that_was_away_when_the_worker_died_finds_the_call(
    livekit_server: ServerAddress,
    server_api: api.LiveKitAPI,
    room_name: str,
    stack: ExitStack,
    tmp_path: Path,
) -> None:
    with ExitStack() as before:
        watchdog = before.enter_context(watchdog_process(livekit_server, tmp_path / "before"))
        machines = [
            stack.enter_context(machine(livekit_server, tmp_path / name, [watchdog], journals=tmp_path / "calls"))
            for name in ("first", "second")
        ]
        port = int(watchdog.url.rsplit(":", 1)[1])
        async with coached(livekit_server, server_api, room_name, tmp_path / "calls") as played:
            await watchdog.sees(workers=2, coached_calls=1)
            before.close()
            (await holder(machines, room_name)).lose_power()
            again = stack.enter_context(watchdog_process(livekit_server, tmp_path / "again", port=port))
            await played.is_taken_over()
            assert again.asked_for == 1


@pytest.mark.drill
async def test_nobody_is_brought_where_nobody_is_and_none_while_no_worker_has_a_place(
    livekit_server: ServerAddress,
    server_api: api.LiveKitAPI,
    room_name: str,
    watchdog: WatchdogProcess,
    stack: ExitStack,
    tmp_path: Path,
) -> None:
    first = stack.enter_context(machine(livekit_server, tmp_path / "first", [watchdog]))
    async with coached(livekit_server, server_api, room_name, first.journals) as played:
        await watchdog.sees(workers=1, coached_calls=1)
        first.lose_power()
        await watchdog.judges(room_name, "no worker has a place")
        for room in (played.call.rep_room, played.prospect.room):
            assert room is not None
            await room.disconnect()
        await watchdog.judges(room_name, "nobody is there")
        stack.enter_context(machine(livekit_server, tmp_path / "second", [watchdog]))
        await watchdog.sees(workers=1, free_places=4)
        await watchdog.judges(room_name, "gone")
        assert watchdog.asked_for == 0
