"""What doctor says of the worker's pages, traces, clock, name and Redis: real ports, a real collector, a real server's
clock.
"""

from __future__ import annotations

import socket
import time
from collections.abc import AsyncIterator, Iterator
from email.utils import formatdate

import pytest
from aiohttp import web
from collector import collector
from operated import free_port
from pydantic import SecretStr

from cornerman.config import Settings
from cornerman.config.partly import PartlyRead
from cornerman.doctor import operation
from cornerman.livekit_server import ServerAddress


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody has who is no worker."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(4)
        yield int(listening.getsockname()[1])


def settings(**sections: object) -> Settings:
    return Settings.model_validate(sections)


@pytest.fixture
async def served() -> AsyncIterator[int]:
    """A server that answers like a worker that is not ready, and tells a time 20 s behind."""

    async def live(_: web.Request) -> web.Response:
        return web.json_response({"live": True, "calls": 1})

    async def ready(_: web.Request) -> web.Response:
        check = {"name": "speech", "ok": False, "detail": "deepgram: its breaker is open", "required": True}
        return web.json_response({"ready": False, "calls": 1, "checks": [check]}, status=503)

    async def late(_: web.Request) -> web.Response:
        return web.Response(headers={"Date": formatdate(usegmt=True, timeval=time.time() - 20)})

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(text="cornerman_calls_active 0.0\n")

    app = web.Application()
    app.add_routes([web.get("/live", live), web.get("/ready", ready), web.get("/", late), web.get("/metrics", metrics)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def test_ports_that_are_free_or_not_wanted_are_well() -> None:
    for one in (settings(), settings(worker={"http_port": free_port(), "metrics_port": free_port()})):
        assert [finding.ok for finding in await operation.pages(one)] == [True, True]


async def test_a_port_that_somebody_else_has_is_told(taken: int) -> None:
    health, metrics = await operation.pages(settings(worker={"http_port": taken, "metrics_port": taken}))
    assert (health.ok, metrics.ok) == (False, False)
    assert str(taken) in health.detail
    assert health.advice
    assert metrics.advice


async def test_a_worker_that_runs_is_asked(served: int) -> None:
    health, metrics = await operation.pages(settings(worker={"http_port": served, "metrics_port": served}))
    assert not health.ok
    assert "breaker is open" in health.detail
    assert metrics.ok


async def test_whether_the_collector_takes_traces_is_told() -> None:
    assert (await operation.traces(settings())).ok
    with collector() as running:
        assert (await operation.traces(settings(tracing={"endpoint": running.endpoint}))).ok
        wrong = await operation.traces(settings(tracing={"endpoint": f"{running.endpoint}/elsewhere"}))
    assert not wrong.ok
    assert wrong.advice


async def test_a_clock_that_differs_is_told_by_how_much(served: int) -> None:
    address = ServerAddress(f"ws://127.0.0.1:{served}", "key", SecretStr("secret"))
    found = await operation.clock(address)
    assert not found.ok
    assert "ahead" in found.detail
    assert any(f"{seconds}." in found.detail for seconds in (18, 19, 20, 21))
    gone = ServerAddress(f"ws://127.0.0.1:{free_port()}", "key", SecretStr("secret"))
    assert "not compared" in (await operation.clock(gone)).detail


def test_a_name_that_the_environment_replaces_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIVEKIT_AGENT_NAME_OVERRIDE", raising=False)
    assert operation.name(settings()).ok
    monkeypatch.setenv("LIVEKIT_AGENT_NAME_OVERRIDE", "another")
    found = operation.name(settings())
    assert not found.ok
    assert "another" in found.detail


async def test_redis_is_asked_only_where_it_is_named() -> None:
    assert "not needed" in (await operation.redis(settings())).detail
    url = f"redis://:secret@127.0.0.1:{free_port()}/0"
    found = await operation.redis(settings(accounts={"redis_url": url}))
    assert not found.ok
    assert "secret" not in found.detail


async def test_what_keeps_a_worker_from_starting_is_listed_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEEPGRAM_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    broken = settings(stt={"provider": "deepgram"}, llm={"provider": "openai", "model": "gpt"})
    found = await operation.start(PartlyRead(broken))
    assert not found.ok
    assert "stt:" in found.detail
    assert "llm:" in found.detail
    assert (await operation.start(PartlyRead(settings()))).ok
