"""Runs all checks in order, each as far as the ones before allow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import aiohttp
from livekit import api

from cornerman.config import load_settings
from cornerman.doctor import machine
from cornerman.doctor.finding import Finding
from cornerman.doctor.room import room_findings
from cornerman.errors import CornermanError
from cornerman.livekit_server import ServerAddress, open_server


async def examine(progress: Callable[[str], None]) -> AsyncIterator[Finding]:
    """Findings as they are made."""
    try:
        settings = load_settings()
    except CornermanError as error:
        yield Finding("settings", False, str(error), "mend the faults above")
        return
    yield Finding("settings", True, "cornerman.yaml and environment are valid")
    yield machine.disk(settings)
    finding, book = machine.playbook(settings)
    yield finding
    yield await asyncio.to_thread(machine.meaning, settings, book)
    for one in await machine.hearing(settings, book):
        yield one
    try:
        async with open_server(progress=progress) as server:
            reached = await _reach(server)
            yield reached
            if reached.ok:
                async for one in room_findings(server):
                    yield one
    except CornermanError as error:
        yield Finding("server", False, str(error), "see the three ways above")


async def _reach(server: ServerAddress) -> Finding:
    secret = server.api_secret.get_secret_value()
    try:
        async with api.LiveKitAPI(server.http_url, server.api_key, secret) as livekit:
            await livekit.room.list_rooms(api.ListRoomsRequest())
    except (aiohttp.ClientError, api.TwirpError, TimeoutError) as error:
        return Finding(
            "server", False, f"{server.url}: {error}", "check LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET"
        )
    return Finding("server", True, f"{server.url} answers and takes the key")
