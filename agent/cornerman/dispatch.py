"""Asks for a coach and makes sure that one comes.

A LiveKit server under load was seen to lose dispatches: whoever dispatches looks whether a coach came within some
seconds, and asks again. Asking twice never brings two: a worker refuses a room that has a living coach.
"""

from __future__ import annotations

import asyncio

from livekit import api

from cornerman.contract import JobMetadata, wire
from cornerman.errors import CornermanError
from cornerman.room.single import coaches_in

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
    """Dispatches a coach into a room and waits for it; returns its identity. `arrives_within` in seconds, for each try.

    Raises:
        CornermanError: none came; the worker's log has the reason where it refused.
    """
    request = api.CreateAgentDispatchRequest(
        agent_name=agent_name, room=room, metadata=metadata.model_dump_json(exclude_none=True)
    )
    for _ in range(TRIES):
        await livekit.agent_dispatch.create_dispatch(request)
        for _ in range(int(arrives_within / LOOK_EVERY)):
            coaches = await coaches_in(livekit, room, identity_prefix)
            if coaches:
                return coaches[-1].identity
            await asyncio.sleep(LOOK_EVERY)
    raise CornermanError(
        f"no coach came into {room} after {TRIES} dispatches: is a worker named {agent_name} running, or did it refuse?"
    )
