"""The watchdog's hands: looks at rooms and carries decisions out, by the LiveKit server's API.

In: names of rooms, verdicts. Out: rooms as seen; the id of a dispatch. Promises: each request under a deadline; a
server that cannot be reached is told apart from one that refuses (`UnreachableError`), since a watchdog that sees
nothing may decide nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from typing import TypeVar

import aiohttp
from livekit import api

from cornerman.contract import parse_job_metadata
from cornerman.errors import ServerError
from cornerman.watch.judgement import TakeOver
from cornerman.watch.seen import RoomSeen, room_seen

DEADLINE = 5.0
"""Seconds the server gets for each answer."""

Answer = TypeVar("Answer")


class UnreachableError(ServerError):
    """The server did not answer at all: nothing is known of any room."""


class RefusedError(ServerError):
    """The server answered, and what was asked for cannot be had."""


class Rooms:
    """The server's rooms. `agent_name`, `prefix`: of the coaches that are watched over."""

    def __init__(self, livekit: api.LiveKitAPI, agent_name: str, prefix: str) -> None:
        self._livekit = livekit
        self._agent_name = agent_name
        self._prefix = prefix

    async def names(self) -> list[str]:
        """Rooms with somebody in them.

        Raises:
            UnreachableError, RefusedError: see there.
        """
        listed = await _answer(self._livekit.room.list_rooms(api.ListRoomsRequest()))
        return [room.name for room in listed.rooms]

    async def look(self, room: str) -> RoomSeen | None:
        """A room as it is now; None: it is gone.

        Raises:
            UnreachableError, RefusedError: see there.
        """
        try:
            asked, there = await asyncio.gather(
                _answer(self._livekit.agent_dispatch.list_dispatch(room)),
                _answer(self._livekit.room.list_participants(api.ListParticipantsRequest(room=room))),
            )
        except RefusedError:
            found = await _answer(self._livekit.room.list_rooms(api.ListRoomsRequest(names=[room])))
            if not found.rooms:
                return None
            raise
        return room_seen(room, there.participants, asked, self._agent_name, self._prefix)

    async def ask(self, room: str, takeover: TakeOver) -> str:
        """Asks for a coach in a dead one's place, after removing the ghosts that would stand in its way. The dead one
        itself stays until its successor has come. Returns the dispatch's id.

        Raises:
            UnreachableError, RefusedError: see there.
            ConfigError: the dead one's metadata cannot be read.
        """
        parse_job_metadata(takeover.metadata)
        metadata = {**json.loads(takeover.metadata), "takeover": {"of": takeover.of}}
        for ghost in takeover.ghosts:
            await self.remove(room, ghost)
        request = api.CreateAgentDispatchRequest(
            agent_name=self._agent_name, room=room, metadata=json.dumps(metadata, ensure_ascii=False)
        )
        return (await _answer(self._livekit.agent_dispatch.create_dispatch(request))).id

    async def remove(self, room: str, identity: str) -> bool:
        """Removes a coach that was replaced; False: it was not there.

        Raises:
            UnreachableError: see there.
        """
        try:
            await _answer(
                self._livekit.room.remove_participant(api.RoomParticipantIdentity(room=room, identity=identity))
            )
        except RefusedError:
            return False
        return True

    async def give_up(self, room: str, dispatch: str) -> None:
        """Takes a dispatch back; a coach that comes of it after all is ended by the server.

        Raises:
            UnreachableError: see there.
        """
        try:
            await _answer(self._livekit.agent_dispatch.delete_dispatch(dispatch, room))
        except RefusedError:
            return


async def _answer(asked: Awaitable[Answer]) -> Answer:
    try:
        async with asyncio.timeout(DEADLINE):
            return await asked
    except api.TwirpError as error:
        raise RefusedError(f"the LiveKit server refused: {error.code}") from None
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise UnreachableError(f"the LiveKit server does not answer ({type(error).__name__})") from None
