"""Starts a witness in a process of its own and collects what it says."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cornerman.errors import CornermanError
from cornerman.stand_ins.witness import READY, Testimony

START_DEADLINE = 30.0
END_DEADLINE = 10.0


class WitnessProcess:
    """A running witness. `testify` ends it and returns its counts."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def testify(self) -> Testimony:
        """What the witness received; the witness leaves.

        Raises:
            CornermanError: it died, or did not answer in time: then nothing is proved.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(END_DEADLINE):
                line = await self._process.stdout.readline()
                await self._process.wait()
            return Testimony(**json.loads(line))
        except (TimeoutError, ValueError) as error:
            raise CornermanError("the witness did not testify: nothing is proved about this call") from error


@asynccontextmanager
async def witness(url: str, token: str) -> AsyncIterator[WitnessProcess]:
    """A witness in the room of `token`, from joining to leaving the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "cornerman.stand_ins.witness",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{url}\n{token}\n".encode())
        try:
            async with asyncio.timeout(START_DEADLINE):
                ready = (await process.stdout.readline()).decode().strip() == READY
        except TimeoutError:
            ready = False
        if not ready:
            raise CornermanError("the witness could not join the room")
        yield WitnessProcess(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
