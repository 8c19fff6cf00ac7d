"""A call made by a product's back end, on a real server: the coach that comes along, and what the tokens keep out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from calls import DEADLINE, LOOK_EVERY, RunningWorker
from livekit import api, rtc
from pydantic import SecretStr

from cornerman.contract import Takeover
from cornerman.dispatch import Call, Person, call_metadata, create_call, prospect_token, send_coach
from cornerman.errors import CornermanError, ServerError
from cornerman.livekit_server import ServerAddress
from cornerman.stand_ins.tokens import agent_token, rep_token
from cornerman.stand_ins.voice import joined
from cornerman_client import CoachClient

MAYA = Person("maya", "Maya", role="rep")
TOM = Person("tom", "Tom")
SECOND_LOOK = 2.0
"""Seconds in which a second coach would have come: the first takes less than one."""


@pytest.fixture
async def people(livekit_server: ServerAddress) -> AsyncIterator[AsyncExitStack]:
    """Those who join leave when the test ends."""
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
async def ended(server_api: api.LiveKitAPI, room_name: str) -> AsyncIterator[str]:
    """The name of a room that does not exist yet, and is closed in the end: a call that goes on keeps the worker."""
    yield room_name
    await server_api.room.delete_room(api.DeleteRoomRequest(room=room_name))


async def join(stack: AsyncExitStack, call: Call, identity: str) -> rtc.Room:
    return await stack.enter_async_context(joined(call.url, call.tokens[identity]))


async def coaches_in(livekit: api.LiveKitAPI, room: str) -> list[str]:
    listed = await livekit.room.list_participants(api.ListParticipantsRequest(room=room))
    return [one.identity for one in listed.participants if one.kind == api.ParticipantInfo.Kind.AGENT]


async def coach_of(livekit: api.LiveKitAPI, room: str) -> str:
    """Waits for the coach that a token brings."""
    async with asyncio.timeout(DEADLINE):
        while not (coaches := await coaches_in(livekit, room)):
            await asyncio.sleep(LOOK_EVERY)
    return coaches[0]


async def test_the_rep_s_token_brings_exactly_one_coach(
    livekit_server: ServerAddress,
    server_api: api.LiveKitAPI,
    coach_worker: RunningWorker,
    people: AsyncExitStack,
    ended: str,
) -> None:
    call = await create_call([MAYA, TOM], room=ended, server=livekit_server, agent_name=coach_worker.agent_name)
    assert not (await server_api.room.list_rooms(api.ListRoomsRequest(names=[ended]))).rooms, "no server was called"
    rep = await join(people, call, "maya")
    client = await people.enter_async_context(CoachClient(rep))
    coach = await coach_of(server_api, ended)
    await join(people, call, "tom")
    async with asyncio.timeout(DEADLINE):
        async for state in client.states():
            if state and {one.identity: one.role for one in state.participants}.get("tom") == "prospect":
                break
    assert await send_coach(server_api, ended, call.metadata, agent_name=coach_worker.agent_name) == coach
    await asyncio.sleep(SECOND_LOOK)
    assert await coaches_in(server_api, ended) == [coach] == [client.coach]


async def test_a_coach_is_sent_into_a_room_that_is_live_already(
    livekit_server: ServerAddress,
    server_api: api.LiveKitAPI,
    coach_worker: RunningWorker,
    people: AsyncExitStack,
    ended: str,
) -> None:
    """The prospect came first: a token of theirs brings nobody, and the rep's comes too late for it."""
    call = await create_call([MAYA, TOM], room=ended, server=livekit_server, agent_name=coach_worker.agent_name)
    await join(people, call, "tom")
    rep = await join(people, call, "maya")
    client = await people.enter_async_context(CoachClient(rep))
    await asyncio.sleep(SECOND_LOOK)
    assert await coaches_in(server_api, ended) == []
    coach = await send_coach(server_api, ended, call.metadata, agent_name=coach_worker.agent_name)
    async with asyncio.timeout(DEADLINE):
        async for state in client.states():
            assert state is not None
            assert state.status == "waiting_for_consent"
            break
    assert await coaches_in(server_api, ended) == [coach] == [client.coach]


async def test_a_coach_that_comes_at_once_awaits_whoever_joins_first(
    livekit_server: ServerAddress,
    server_api: api.LiveKitAPI,
    coach_worker: RunningWorker,
    people: AsyncExitStack,
    ended: str,
) -> None:
    call = await create_call(
        [MAYA, TOM], room=ended, coach="at_once", server=livekit_server, agent_name=coach_worker.agent_name
    )
    (coach,) = await coaches_in(server_api, ended)
    for identity in ("tom", "maya"):
        await join(people, call, identity)
    await asyncio.sleep(SECOND_LOOK)
    assert await coaches_in(server_api, ended) == [coach]


async def test_calls_that_begin_at_once_all_have_a_coach(
    server_api: api.LiveKitAPI, coach_worker: RunningWorker, room_name: str
) -> None:
    """More than the worker has idle processes, each asked for once."""
    rooms = [f"{room_name}-{number}" for number in range(4)]
    asked = [
        api.CreateAgentDispatchRequest(
            agent_name=coach_worker.agent_name, room=room, metadata='{"v": 1, "rep": "maya"}'
        )
        for room in rooms
    ]
    try:
        await asyncio.gather(*(server_api.agent_dispatch.create_dispatch(one) for one in asked))
        coaches = await asyncio.gather(*(coach_of(server_api, room) for room in rooms))
    finally:
        await asyncio.gather(*(server_api.room.delete_room(api.DeleteRoomRequest(room=room)) for room in rooms))
    assert len(set(coaches)) == len(rooms)


async def test_a_prospect_s_data_and_calls_and_attributes_are_refused_by_the_server(
    livekit_server: ServerAddress, server_api: api.LiveKitAPI, people: AsyncExitStack, ended: str
) -> None:
    received: list[str] = []
    called: list[str] = []
    call = await create_call([MAYA, TOM], room=ended, server=livekit_server, agent_name="nobody")
    rep = await join(people, call, "maya")
    tom = await join(people, call, "tom")
    rep.on("data_received", lambda packet: received.append(packet.participant.identity))

    async def nudge(data: rtc.RpcInvocationData) -> str:
        called.append(data.caller_identity)
        return "shown"

    rep.local_participant.register_rpc_method("coach_nudge", nudge)
    seen = await server_api.room.get_participant(api.RoomParticipantIdentity(room=ended, identity="tom"))
    assert (seen.permission.can_publish, seen.permission.can_subscribe) == (True, True)
    assert (seen.permission.can_publish_data, seen.permission.can_update_metadata) == (False, False)
    await tom.local_participant.publish_data(b"hello", destination_identities=["maya"])
    with pytest.raises(rtc.RpcError):
        await tom.local_participant.perform_rpc(
            destination_identity="maya", method="coach_nudge", payload="{}", response_timeout=SECOND_LOOK
        )
    await tom.local_participant.set_attributes({"cornerman.consent": "granted"})
    # What a colleague who may send data sends later arrives: the ways are open, and Tom's were not.
    colleague = await people.enter_async_context(joined(call.url, rep_token(livekit_server, ended, "colleague")))
    async with asyncio.timeout(DEADLINE):
        while "colleague" not in received:
            await colleague.local_participant.publish_data(b"hello", destination_identities=["maya"])
            await asyncio.sleep(LOOK_EVERY)
    assert set(received) == {"colleague"}
    assert called == []
    assert (
        dict(
            (await server_api.room.get_participant(api.RoomParticipantIdentity(room=ended, identity="tom"))).attributes
        )
        == {}
    )


async def test_somebody_who_comes_later_gets_a_token_for_the_same_room(
    livekit_server: ServerAddress, server_api: api.LiveKitAPI, people: AsyncExitStack, ended: str
) -> None:
    call = await create_call([MAYA], room=ended, server=livekit_server, agent_name="nobody")
    rep = await join(people, call, "maya")
    late = prospect_token(call.room, Person("ana", "Ana Lima"), server=livekit_server)
    room = await people.enter_async_context(joined(call.url, late))
    assert room.name == rep.name == ended
    assert room.local_participant.name == "Ana Lima"
    assert call_metadata([MAYA]).role_of("ana") == "prospect"


async def test_a_dispatch_nobody_takes_is_asked_for_again_and_then_given_up(
    livekit_server: ServerAddress, server_api: api.LiveKitAPI, ended: str
) -> None:
    job = call_metadata([MAYA])
    with pytest.raises(CornermanError, match="is a worker named nobody running"):
        await send_coach(server_api, ended, job, agent_name="nobody", arrives_within=0.3)
    asked = await server_api.agent_dispatch.list_dispatch(ended)
    assert [one.agent_name for one in asked if one.agent_name] == ["nobody"] * 3
    # The dead coach's ghost is no coach; a living one is, and then nothing more is asked for.
    async with joined(livekit_server.url, agent_token(livekit_server, ended, "cornerman-1")):
        taking_over = job.model_copy(update={"takeover": Takeover(of="cornerman-1")})
        with pytest.raises(CornermanError, match="no coach came"):
            await send_coach(server_api, ended, taking_over, agent_name="nobody", arrives_within=0.3)
        assert await send_coach(server_api, ended, job, agent_name="nobody", arrives_within=0.3) == "cornerman-1"
    asked = await server_api.agent_dispatch.list_dispatch(ended)
    assert [one.agent_name for one in asked if one.agent_name] == ["nobody"] * 6


async def test_a_server_that_refuses_or_is_not_there_is_told_apart_from_a_coach_that_does_not_come(
    livekit_server: ServerAddress, room_name: str
) -> None:
    stranger = replace(livekit_server, api_secret=SecretStr("a-secret-this-server-does-not-know-of"))
    nowhere = replace(livekit_server, url="ws://127.0.0.1:9")
    for address in (stranger, nowhere):
        with pytest.raises(ServerError, match="did not open") as refused:
            await create_call([MAYA], room=room_name, coach="at_once", server=address)
        assert address.api_secret.get_secret_value() not in str(refused.value)
