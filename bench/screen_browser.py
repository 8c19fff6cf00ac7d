"""A real Chromium that shares its own tab, steered over its debugging port.

In: the page's address and calls of the functions it defines. Out: what they return. Chromium is the one the tests use
and runs headless with a profile in a temporary folder; it ends with the block that opened it. Says what is missing
where there is no Chromium, or the page's own library was not installed.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from bench.chromium import chromium_program
from bench.serving import served
from cornerman.errors import CornermanError

PAGES = Path(__file__).parent / "screen_pages"
LIBRARY = PAGES / "node_modules" / "livekit-client" / "dist"
FLAGS = (
    "--headless=new",
    "--no-sandbox",  # Chromium refuses to run as root otherwise
    "--no-first-run",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--use-fake-device-for-media-stream",
    "--auto-accept-this-tab-capture",
    "--remote-debugging-port=0",
    "--window-size=1920,1080",
)
LOADED = (
    "(() => document.readyState == 'complete' || new Promise(loaded => addEventListener('load', () => loaded(true))))"
)
START_SECONDS = 30.0
CALL_SECONDS = 30.0
END_SECONDS = 5.0


class Page:
    """One open tab."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)

    async def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Sends one command of the debugging protocol; one at a time."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        async with asyncio.timeout(CALL_SECONDS):
            while True:
                answer = await self._socket.receive_json()
                if answer.get("id") != number:
                    continue
                if "error" in answer:
                    raise CornermanError(f"Chromium refused {method}: {answer['error'].get('message')}")
                result: dict[str, Any] = answer["result"]
                return result

    async def call(self, function: str, *arguments: Any) -> Any:
        """Calls a function of the page, as if somebody had clicked, and returns what it returns."""
        given = ", ".join(json.dumps(argument) for argument in arguments)
        result = await self.command(
            "Runtime.evaluate",
            expression=f"{function}({given})",
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        if "exceptionDetails" in result:
            told = result["exceptionDetails"].get("exception", {}).get("description", "an error without words")
            raise CornermanError(f"the page failed in {function}: {told}")
        return result["result"].get("value")


@asynccontextmanager
async def open_page(name: str) -> AsyncIterator[Page]:
    """A page of the folder `screen_pages` in a Chromium of its own."""
    program = chromium_program()
    if not LIBRARY.is_dir():
        raise CornermanError(
            f"livekit-client is not installed for the page: run `npm ci` in {PAGES.name} (below bench)"
        )
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(served({"/livekit-client": LIBRARY, "/": PAGES}))
        port = await stack.enter_async_context(_chromium(program))
        client = await stack.enter_async_context(aiohttp.ClientSession())
        async with client.put(f"http://127.0.0.1:{port}/json/new?{address}/{name}") as answer:
            target = await answer.json()
        socket = await client.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0)
        stack.push_async_callback(socket.close)
        page = Page(socket)
        await page.call(LOADED)
        yield page


@asynccontextmanager
async def _chromium(program: str) -> AsyncIterator[int]:
    """Runs Chromium; gives the port of its debugging protocol."""
    with tempfile.TemporaryDirectory(prefix="bench-chromium-", ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            program,
            *FLAGS,
            f"--user-data-dir={profile}",
            "about:blank",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield await _debugging(Path(profile) / "DevToolsActivePort", process)
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGTERM)
            try:
                async with asyncio.timeout(END_SECONDS):
                    await process.wait()
            except TimeoutError:
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()


async def _debugging(told: Path, process: asyncio.subprocess.Process) -> int:
    async with asyncio.timeout(START_SECONDS):
        while not (lines := await asyncio.to_thread(_lines, told)):
            if process.returncode is not None:
                raise CornermanError(f"Chromium ended with status {process.returncode} before it could be steered")
            await asyncio.sleep(0.1)
    return int(lines[0])


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []
