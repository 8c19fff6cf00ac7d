"""Runs a worker as a process of its own, as an operator would, and tells when it is registered."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from cornerman.errors import CornermanError
from cornerman.livekit_server import ServerAddress

REGISTERED = b"registered worker"
START_DEADLINE = 60.0
STOP_DEADLINE = 15.0


@asynccontextmanager
async def worker(server: ServerAddress, log: Path, environment: Mapping[str, str] | None = None) -> AsyncIterator[int]:
    """A registered worker, its log in a file; stopped at the end, whatever happens. Gives its process id.

    Raises:
        CornermanError: it did not register in time; the end of its log is in the message.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    variables = {**os.environ, **server.environment(), **(environment or {})}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "cornerman.room.worker",
        "start",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=variables,
        start_new_session=True,
    )
    registered = asyncio.Event()
    reader = asyncio.create_task(_copy(process, log, registered), name="worker.log")
    try:
        await _until_registered(reader, registered, log)
        yield process.pid
    finally:
        await _stop(process)
        await reader


async def _until_registered(reader: asyncio.Task[None], registered: asyncio.Event, log: Path) -> None:
    waiting = asyncio.create_task(registered.wait())
    try:
        await asyncio.wait({waiting, reader}, timeout=START_DEADLINE, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
    if not registered.is_set():
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise CornermanError(f"the worker did not register with the LiveKit server; the end of {log}:\n{tail}")


async def _copy(process: asyncio.subprocess.Process, log: Path, registered: asyncio.Event) -> None:
    assert process.stdout is not None
    with log.open("wb") as file:
        while line := await process.stdout.readline():
            file.write(line)
            file.flush()
            if REGISTERED in line:
                registered.set()


async def _stop(process: asyncio.subprocess.Process) -> None:
    """Asks the worker to end, then its whole process group."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_DEADLINE):
                await process.wait()
        except TimeoutError:
            pass
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
