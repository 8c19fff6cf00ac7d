"""The watchdog's small page: heartbeats in, health and metrics out.

`POST /beat` takes a signed heartbeat; `GET /` and `GET /live` say that the process is alive, `GET /ready` whether it
gets to see the server's rooms (both as a worker's pages do, so that `cornerman health --url` can ask them), and
`GET /metrics` gives the counts. Promises: a heartbeat that is not signed is refused before it is read; no name of a
room or a person is shown.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from cornerman.errors import ConfigError
from cornerman.livekit_server.address import ServerAddress
from cornerman.watch.beat import MOST_BYTES, PATH, BeatError, verified
from cornerman.watch.watchdog import Watchdog

logger = logging.getLogger(__name__)

BEARER = "Bearer "


class Page:
    """The handlers."""

    def __init__(self, watchdog: Watchdog, server: ServerAddress) -> None:
        self._watchdog = watchdog
        self._server = server

    def application(self) -> web.Application:
        """What aiohttp serves."""
        application = web.Application(client_max_size=MOST_BYTES)
        application.add_routes(
            [
                web.post(PATH, self._beat),
                web.get("/", self._alive),
                web.get("/live", self._alive),
                web.get("/ready", self._ready),
                web.get("/metrics", self._metrics),
            ]
        )
        return application

    async def _beat(self, request: web.Request) -> web.Response:
        token = request.headers.get("Authorization", "")
        if not token.startswith(BEARER):
            self._watchdog.counts.refused_beat()
            raise web.HTTPUnauthorized(text="a heartbeat must be signed")
        try:
            beat = verified(await request.read(), token.removeprefix(BEARER), self._server)
        except BeatError as error:
            self._watchdog.counts.refused_beat()
            logger.error("%s", error, extra={"from": request.remote})
            raise web.HTTPUnauthorized(text=str(error)) from None
        self._watchdog.heard(beat)
        return web.Response(status=204)

    async def _alive(self, _request: web.Request) -> web.Response:
        facts = self._watchdog.facts()
        return web.json_response({"status": "ok", **facts, "calls": facts["coached_calls"]})

    async def _ready(self, _request: web.Request) -> web.Response:
        ready = self._watchdog.ready
        detail = "its rooms can be seen" if ready else "it does not answer: look at LIVEKIT_URL, key and secret"
        told = {
            "ready": ready,
            "calls": self._watchdog.facts()["coached_calls"],
            "checks": [{"name": "livekit", "ok": ready, "detail": detail, "required": True}],
        }
        return web.json_response(told, status=200 if ready else 503)

    async def _metrics(self, _request: web.Request) -> web.Response:
        return web.Response(body=self._watchdog.counts.page(), headers={"Content-Type": CONTENT_TYPE_LATEST})


@asynccontextmanager
async def served(page: Page, host: str, port: int) -> AsyncIterator[str]:
    """The page on a port, as its address; port 0: a free one.

    Raises:
        ConfigError: the port is taken, or the host is none of this machine.
    """
    runner = web.AppRunner(page.application(), access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            raise ConfigError(
                "the watchdog's page cannot be opened",
                [f"{host}:{port}: {error.strerror}; set watch.host and watch.port"],
            ) from None
        bound = runner.addresses[0]
        yield f"http://{bound[0]}:{bound[1]}"
    finally:
        await runner.cleanup()
