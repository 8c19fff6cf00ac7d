"""The process `cornerman watch`: a watchdog as configured, until SIGTERM or Ctrl-C; JSON lines on standard error."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
from datetime import UTC, datetime
from typing import Any

from cornerman import log_privacy
from cornerman.config import Settings
from cornerman.errors import ConfigError
from cornerman.livekit_server.address import ServerAddress
from cornerman.livekit_server.server_api import server_api
from cornerman.watch.counts import Counts
from cornerman.watch.page import Page, served
from cornerman.watch.rooms import Rooms
from cornerman.watch.watchdog import Watchdog, watching

logger = logging.getLogger(__name__)

_OWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, message, and what the record carries besides."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "name": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in record.__dict__.items() if name not in _OWN}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def address_of(settings: Settings) -> ServerAddress:
    """The server that is watched over.

    Raises:
        ConfigError: address, key or secret is missing; every fault is listed.
    """
    livekit = settings.livekit
    faults = livekit.faults()
    if faults:
        raise ConfigError("there is no LiveKit server to watch over", faults)
    return ServerAddress(livekit.url.rstrip("/"), livekit.api_key, livekit.api_secret)


def run(settings: Settings) -> None:
    """Watches until it is asked to end.

    Raises:
        ConfigError: the server is not named whole, or the page's port is taken.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    log_privacy.install()
    asyncio.run(_run(settings, address_of(settings)))


async def _run(settings: Settings, server: ServerAddress) -> None:
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, ending.set)
    watch, worker = settings.watch, settings.worker
    async with server_api(server) as livekit:
        rooms = Rooms(livekit, worker.agent_name, worker.identity_prefix)
        watchdog = Watchdog(watch, rooms, worker.agent_name, Counts())
        async with served(Page(watchdog, server), watch.host, watch.port) as at, watching(watchdog) as task:
            logger.info("watching", extra={"at": at, "server": server.url, "agent_name": worker.agent_name})
            ended = asyncio.create_task(ending.wait(), name="watch.end")
            await asyncio.wait([ended, task], return_when=asyncio.FIRST_COMPLETED)
            ended.cancel()
            if task.done():
                task.result()
    logger.info("ended")
