"""Asks for a coach and makes sure that one comes.

A LiveKit server under load was seen to lose dispatches: whoever dispatches looks whether a coach came within some
seconds, and asks again. Asking twice never brings two: a worker refuses a room that has a living coach.
"""

from __future__ import annotations

import asyncio
import contextlib

import aiohttp
from livekit import api

from cornerman.contract import JobMetadata, wire
from cornerman.errors import CornermanError, ServerError
from cornerman.room.single import coaches_in

ANSWERS_WITHIN = 5.0
"""Seconds the server gets for each answer."""
ARRIVES_WITHIN = 15.0
LOOK_EVERY = 0.25
TRIES = 3


async def send_coach(
    livekit: api.LiveKitAPI,
    room: str,
    metadata: JobMetadata,
    *,
    agent_name: str = "cornerman",
    identity_prefix: str = wire.DEFAULT_IDENTITY_PREFIX,
    arrives_within: float = ARRIVES_WITHIN,
) -> str:
    """Sees a coach into a room, live or new, and returns its identity. `arrives_within` in seconds, for each try.

    Where a coach is in the room already nothing is asked for, unless `metadata` tells of a takeover: then the dead one
    does not count. Call it as often as you like, for instance whenever your server learns that somebody joined.

    Raises:
        ServerError: the server did not take the request.
        CornermanError: none came; the worker's log has the reason where it refused.
    """
    request = api.CreateAgentDispatchRequest(
        agent_name=agent_name, room=room, metadata=metadata.model_dump_json(exclude_none=True)
    )
    dead = metadata.takeover.of if metadata.takeover else None
    present = await _living_coach(livekit, room, identity_prefix, dead)
    if present is not None:
        return present
    for _ in range(TRIES):
        await _ask(livekit, request)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(arrives_within):
                return await _arrival(livekit, room, identity_prefix, dead)
    raise CornermanError(
        f"no coach came into {room} after {TRIES} dispatches: is a worker named {agent_name} running, or did it refuse?"
    )


async def _arrival(livekit: api.LiveKitAPI, room: str, identity_prefix: str, dead: str | None) -> str:
    while True:
        coach = await _living_coach(livekit, room, identity_prefix, dead)
        if coach is not None:
            return coach
        await asyncio.sleep(LOOK_EVERY)


async def _living_coach(livekit: api.LiveKitAPI, room: str, identity_prefix: str, dead: str | None) -> str | None:
    """The coach that joined last, of those that are not `dead`."""
    coaches = await coaches_in(livekit, room, identity_prefix)
    return next((one.identity for one in reversed(coaches) if one.identity != dead), None)


async def _ask(livekit: api.LiveKitAPI, request: api.CreateAgentDispatchRequest) -> None:
    try:
        async with asyncio.timeout(ANSWERS_WITHIN):
            await livekit.agent_dispatch.create_dispatch(request)
    except (TimeoutError, aiohttp.ClientError, api.TwirpError) as error:
        raise ServerError(
            f"the server did not take the dispatch of {request.agent_name} to {request.room}: {error or 'no answer'}"
        ) from error
