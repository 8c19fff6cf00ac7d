"""Runs all checks in order, each as far as the ones before allow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import aiohttp
from livekit import api

from cornerman.config.partly import read_settings
from cornerman.doctor import machine, operation, thinking
from cornerman.doctor.finding import Finding
from cornerman.doctor.room import room_findings
from cornerman.errors import CornermanError
from cornerman.livekit_server import ServerAddress, open_server
from cornerman.livekit_server.server_api import server_api


async def examine(progress: Callable[[str], None]) -> AsyncIterator[Finding]:
    """Findings as they are made."""
    try:
        read = read_settings()
    except CornermanError as error:
        yield Finding("settings", False, str(error), "mend the faults above")
        return
    settings = read.settings
    if read.faults:
        yield Finding("settings", False, "; ".join(read.faults), "mend the faults above")
        yield await operation.start(read)
        return
    yield Finding("settings", True, "cornerman.yaml and environment are valid")
    yield await operation.start(read)
    for one in await operation.pages(settings):
        yield one
    yield await operation.traces(settings)
    yield operation.name(settings)
    yield await operation.redis(settings)
    yield machine.disk(settings)
    finding, book = machine.playbook(settings)
    yield finding
    yield await asyncio.to_thread(machine.meaning, settings, book)
    for one in await machine.hearing(settings, book):
        yield one
    for one in await thinking.models(settings):
        yield one
    yield await thinking.accounts(settings)
    try:
        async with open_server(progress=progress) as server:
            reached = await _reach(server)
            yield reached
            if reached.ok:
                yield await operation.clock(server)
                async for one in room_findings(server):
                    yield one
    except CornermanError as error:
        yield Finding("server", False, str(error), "see the three ways above")


async def _reach(server: ServerAddress) -> Finding:
    try:
        async with server_api(server) as livekit:
            await livekit.room.list_rooms(api.ListRoomsRequest())
    except (aiohttp.ClientError, api.TwirpError, TimeoutError) as error:
        return Finding(
            "server", False, f"{server.url}: {error}", "check LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET"
        )
    return Finding("server", True, f"{server.url} answers and takes the key")
