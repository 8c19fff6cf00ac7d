"""Serves folders over HTTP on loopback, for pages in a browser: a file's own address may not capture or import."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web


@asynccontextmanager
async def served(folders: Mapping[str, Path]) -> AsyncIterator[str]:
    """The address at which each folder is found under its path, the first that fits; `/` belongs last."""
    application = web.Application()
    for path, folder in folders.items():
        application.router.add_static(path, folder)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()
