"""One coach a room: who is there already, who yields, and how a takeover removes the dead."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import aiohttp
from livekit import api

from cornerman.watch.seen import coaches_among

logger = logging.getLogger(__name__)

DEADLINE = 5.0


async def coaches_in(livekit: api.LiveKitAPI, room: str, prefix: str) -> Sequence[api.ParticipantInfo]:
    """Agents in the room whose identity carries the coach's prefix, earliest first. An unreachable server tells of
    none.
    """
    try:
        async with asyncio.timeout(DEADLINE):
            listed = await livekit.room.list_participants(api.ListParticipantsRequest(room=room))
    except (TimeoutError, aiohttp.ClientError, api.TwirpError) as error:
        logger.warning("cannot list participants", extra={"error": type(error).__name__})
        return ()
    return sorted(coaches_among(listed.participants, prefix), key=lambda one: (one.joined_at_ms, one.identity))


async def remove(livekit: api.LiveKitAPI, room: str, identity: str) -> None:
    """Removes a dead coach's ghost; one that is gone already is fine."""
    try:
        async with asyncio.timeout(DEADLINE):
            await livekit.room.remove_participant(api.RoomParticipantIdentity(room=room, identity=identity))
    except (TimeoutError, aiohttp.ClientError, api.TwirpError) as error:
        logger.info("nothing to remove", extra={"error": type(error).__name__})
