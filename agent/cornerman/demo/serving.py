"""What the demo stands on, and its page: a LiveKit server, a worker, and the page served beside the call or alone."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from cornerman.config import Settings, load_settings
from cornerman.demo.page_files import built_pages
from cornerman.demo.page_server import page_server
from cornerman.demo.screen import Screen
from cornerman.errors import CornermanError
from cornerman.livekit_server import ServerAddress, open_server
from cornerman.stand_ins.threaded import threaded
from cornerman.stand_ins.worker_process import worker

WORKER_LOG = Path(".cornerman/demo-worker.log")

Beside = Literal["no", "while_it_plays", "until_interrupted"]
"""How long the page is served beside the call in the terminal."""


@asynccontextmanager
async def house(settings: Settings, screen: Screen) -> AsyncIterator[ServerAddress]:
    """A LiveKit server with a registered worker."""
    async with open_server(progress=screen.progress) as server:
        screen.progress(f"LiveKit server at {server.url}; starting the coach's worker")
        journal = {"CORNERMAN__JOURNAL__PATH": str(settings.journal.path)}
        async with threaded(worker(server, WORKER_LOG, journal)):
            yield server


@asynccontextmanager
async def page_beside(
    beside: Beside, server: ServerAddress, settings: Settings, screen: Screen, port: int = 0
) -> AsyncIterator[str]:
    """The page's address, told on the screen; empty where there is no page. One that is not built is no fault here."""
    if beside == "no":
        yield ""
        return
    try:
        pages = built_pages()
    except CornermanError as error:
        screen.progress(f"No call page this time: {error}")
        yield ""
        return
    async with page_server(server, settings, pages, port) as address:
        screen.progress(f"Join a call like this one in a browser: {address}")
        yield address


async def serve_page(screen: Screen, port: int = 0) -> None:
    """Serves the page until somebody interrupts.

    Raises:
        CornermanError: the page is not built, or a part could not be started.
    """
    settings = load_settings()
    pages = built_pages()
    async with house(settings, screen) as server, page_server(server, settings, pages, port) as address:
        screen.progress(f"The call page is at {address} (ctrl-C ends it)")
        await interrupted()


async def interrupted() -> None:
    """Returns at ctrl-C, or when the process is asked to end."""
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()
    signals = (signal.SIGINT, signal.SIGTERM)
    for each in signals:
        loop.add_signal_handler(each, asked.set)
    try:
        await asked.wait()
    finally:
        for each in signals:
            loop.remove_signal_handler(each)
