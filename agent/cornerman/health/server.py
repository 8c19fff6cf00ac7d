"""The framework's worker with two more pages beside its own, and metrics that are right whatever became of processes.

`/live` says whether the worker's event loop answers and it may still reach LiveKit; `/ready` whether a call it took now
would be coached, 503 where not. Both are JSON, list what was looked at, and are served until the last call has ended,
through a drain too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from aiohttp import web
from livekit.agents import AgentServer

from cornerman import metrics
from cornerman.health.asking import LIVE, READY
from cornerman.health.readiness import Readiness
from cornerman.metrics.lateness import LoopLateness
from cornerman.providers.breaker import Breakers

LLM: Final = "llm:"
"""How the breaker of a language model begins; all others are of speech."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class WatchedServer(AgentServer):
    """A worker that can be looked at. `readiness` and `state`, the folder its processes share, are set before `run`;
    `call_load` is what one call adds to the load.
    """

    def __init__(self, readiness: Readiness, state: Path | None, call_load: float, **options: Any) -> None:
        super().__init__(**options)
        self._readiness = readiness
        self._state = state
        self._call_load = call_load
        self._registered = False
        self._lateness = LoopLateness("worker")
        self.on("worker_registered", self._now_registered)
        self.on("worker_started", self._lateness.start)

    @property
    def registered(self) -> bool:
        """Whether LiveKit knows this worker and the line to it stands, as far as this side can tell."""
        return self._registered and not self._connecting and not self._connection_failed

    def __setattr__(self, name: str, value: Any) -> None:
        """The framework makes its HTTP servers while it starts, and lets nobody add to them but in this moment."""
        if name == "_http_server" and value is not None:
            value.app.add_routes([web.get(LIVE, self._live), web.get(READY, self._ready)])
        elif name == "_prometheus_server" and value is not None:
            value.app.middlewares.append(self._up_to_date)
        super().__setattr__(name, value)

    def _get_effective_load(self) -> float:
        """The load with the calls that are being accepted. The framework takes each of these for as much as an idle
        process stands for until the first call runs: with one such process, the second of two calls that begin at
        once would be refused.
        """
        return float(self._worker_load + self._reserved_slots * self._call_load)

    async def aclose(self) -> None:
        """Ends the worker, as the framework does."""
        self._lateness.stop()
        await self._readiness.aclose()
        await super().aclose()

    def _now_registered(self, *_: object) -> None:
        self._registered = True

    async def _live(self, _request: web.Request) -> web.Response:
        lives = not self._connection_failed
        told = {"live": lives, "calls": len(self.active_jobs)}
        return web.json_response(told, status=200 if lives else 503)

    async def _ready(self, _request: web.Request) -> web.Response:
        checks = await self._readiness.checks(self)
        ready = all(check.ok for check in checks if check.required)
        told = {"ready": ready, "calls": len(self.active_jobs), "checks": [check.as_json() for check in checks]}
        return web.json_response(told, status=200 if ready else 503)

    @web.middleware
    async def _up_to_date(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        await asyncio.to_thread(self._before_metrics)
        return await handler(request)

    def _before_metrics(self) -> None:
        metrics.strike_out_the_dead()
        if self._state is None:
            return
        breakers = Breakers(self._state)
        for file in sorted(self._state.glob("*.breaker")):
            name = unquote(file.stem)
            kind, provider = ("llm", name.split(":")[1]) if name.startswith(LLM) else ("speech", name)
            metrics.breaker_state(kind, provider, breakers.of(name).state)
