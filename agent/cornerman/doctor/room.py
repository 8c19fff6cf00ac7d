"""Checks that need a room: permissions as granted, the line to the rep, and that nobody else receives anything."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from livekit import api

from cornerman.contract import JobMetadata
from cornerman.dispatch import send_coach
from cornerman.doctor.finding import Finding
from cornerman.errors import CornermanError
from cornerman.livekit_server import ServerAddress
from cornerman.livekit_server.server_api import server_api
from cornerman.paths import cache_folder
from cornerman.stand_ins.leaking_coach import LEAKS
from cornerman.stand_ins.threaded import threaded
from cornerman.stand_ins.tokens import agent_token, prospect_token, rep_token
from cornerman.stand_ins.voice import joined
from cornerman.stand_ins.witness_process import witness
from cornerman.stand_ins.worker_process import worker
from cornerman_client import CoachClient, CornermanClientError

AGENT = "cornerman-doctor"
JOIN_DEADLINE = 45.0
ROUNDS = 20
TOLD = 4.0
"""Seconds after which the server has told everybody of everything."""


async def room_findings(server: ServerAddress) -> AsyncIterator[Finding]:
    """Starts a worker of its own, calls it into a room, and looks."""
    name = f"doctor-{time.time_ns()}"
    log = cache_folder() / "doctor-worker.log"
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(threaded(worker(server, log, {"CORNERMAN__WORKER__AGENT_NAME": AGENT})))
        except CornermanError as error:
            yield Finding("worker", False, str(error), f"see {log}")
            return
        yield Finding("worker", True, "registered with the server")
        livekit = await stack.enter_async_context(server_api(server))
        try:
            await send_coach(livekit, name, JobMetadata(rep="rep"), agent_name=AGENT)
        except CornermanError as error:
            yield Finding("coach", False, str(error), f"see {log}; is the server above 70 % processor load?")
            return
        watching = await stack.enter_async_context(witness(server.url, prospect_token(server, name, "witness")))
        rep = await stack.enter_async_context(joined(server.url, rep_token(server, name, "rep")))
        client = await stack.enter_async_context(CoachClient(rep))
        try:
            async with asyncio.timeout(JOIN_DEADLINE):
                async for _ in client.states():
                    break
        except TimeoutError:
            yield Finding("coach", False, "the coach does not speak to the rep", f"see {log}")
            return
        yield await _permissions(livekit, name, client.coach or "")
        yield await _round_trip(client)
        testimony = await watching.testify()
        detail = f"a witness received {testimony.messages} messages, {testimony.bytes} bytes, {testimony.tracks} tracks"
        yield Finding("privacy", testimony.clean, detail, "do not use this build; please report it")
        await livekit.room.delete_room(api.DeleteRoomRequest(room=name))
    yield await _can_see(server)


async def _permissions(livekit: api.LiveKitAPI, room: str, coach: str) -> Finding:
    participant = await livekit.room.get_participant(api.RoomParticipantIdentity(room=room, identity=coach))
    granted = participant.permission
    wrong = [
        name
        for name, is_wrong in (
            ("can publish media", granted.can_publish),
            ("can change its metadata", granted.can_update_metadata),
            ("is hidden", granted.hidden),
            ("cannot subscribe", not granted.can_subscribe),
            ("cannot send data (RPC needs it)", not granted.can_publish_data),
        )
        if is_wrong
    ]
    detail = (
        "the coach " + ", ".join(wrong)
        if wrong
        else "no media, no metadata, not hidden; may subscribe and call the rep"
    )
    return Finding(
        "permissions", not wrong, detail, "a LiveKit server older than 1.8 may ignore worker permissions; update it"
    )


async def _round_trip(client: CoachClient) -> Finding:
    times = []
    try:
        for _ in range(ROUNDS):
            started = time.perf_counter()
            await client.hello()
            times.append((time.perf_counter() - started) * 1000)
    except CornermanClientError as error:
        return Finding("rpc", False, str(error), "the rep's token needs canPublishData")
    return Finding("rpc", True, f"{ROUNDS} round trips, median {statistics.median(times):.1f} ms")


async def _can_see(server: ServerAddress) -> Finding:
    """A stand-in coach leaks on purpose: a witness that did not notice would prove nothing."""
    room = f"doctor-leak-{time.time_ns()}"
    unseen = []
    async with joined(
        server.url, agent_token(server, room, "cornerman-leaking", can_update_own_metadata=True)
    ) as leaking:
        for name, leak in LEAKS.items():
            async with witness(server.url, prospect_token(server, room, "witness")) as watching:
                await leak(leaking, "witness")
                await asyncio.sleep(TOLD)
                if (await watching.testify()).clean:
                    unseen.append(name)
    detail = (
        f"did not notice: {', '.join(unseen)}" if unseen else f"noticed {len(LEAKS)} of {len(LEAKS)} deliberate leaks"
    )
    return Finding("the witness", not unseen, detail, "the privacy check above proves nothing until this is ok")
