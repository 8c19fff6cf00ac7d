"""Checks of what an operator watches a worker by: its pages, its metrics, traces, clock, name, and Redis."""

from __future__ import annotations

import asyncio
import os
import time
from email.utils import parsedate_to_datetime
from typing import Final

import aiohttp

from cornerman import tracing
from cornerman.config import Settings
from cornerman.config.partly import PartlyRead
from cornerman.doctor.finding import Finding
from cornerman.health.asking import LIVE, READY, Answer, address, ask
from cornerman.livekit_server import ServerAddress
from cornerman.room.starting import part_faults, why_taken

ANSWERS_WITHIN: Final = 5.0
CLOCK_TOLERATED: Final = 5.0
"""Seconds by which this machine and the server may differ: tokens are dated, and the times of a call's words too."""
NAME_VARIABLES: Final = ("LIVEKIT_AGENT_NAME_OVERRIDE",)
OURS: Final = "cornerman_"


async def start(read: PartlyRead) -> Finding:
    """Whether a worker with these settings would start; what keeps it from that is listed whole."""
    faults = await part_faults(read)
    if not faults:
        return Finding("start", True, "nothing keeps a worker from starting")
    return Finding("start", False, "; ".join(faults), "mend the faults above")


async def pages(settings: Settings) -> list[Finding]:
    """Whether the worker's pages can be served, or a worker is serving them."""
    return [await _health(settings), await _metrics(settings)]


async def traces(settings: Settings) -> Finding:
    """Whether the collector takes traces."""
    if not settings.tracing.endpoint:
        return Finding("traces", True, "none are sent: tracing.endpoint is empty")
    advice = "check tracing.endpoint: the collector's address for OTLP over HTTP, mostly port 4318"
    try:
        async with asyncio.timeout(2 * ANSWERS_WITHIN):
            taken = await asyncio.to_thread(tracing.takes_traces, settings.tracing)
    except TimeoutError:
        taken = False
    return Finding("traces", taken, "the collector takes them" if taken else "the collector does not take them", advice)


async def clock(server: ServerAddress) -> Finding:
    """How far this machine's clock is from the server's, as far as the server tells the time."""
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(ANSWERS_WITHIN), trust_env=True) as session:
            asked = time.time()
            async with session.get(server.http_url) as answer:
                here = (asked + time.time()) / 2
                told = answer.headers.get("Date", "")
        there = parsedate_to_datetime(told).timestamp() + 0.5  # the header has whole seconds
    except (aiohttp.ClientError, TimeoutError, ValueError, TypeError):
        return Finding("clock", True, "the server does not tell the time: not compared")
    apart = here - there
    detail = f"{abs(apart):.1f} s {'ahead of' if apart > 0 else 'behind'} the server's"
    return Finding("clock", abs(apart) <= CLOCK_TOLERATED, detail, "set both by NTP")


def name(settings: Settings) -> Finding:
    """Under which name the worker is dispatched."""
    wanted = settings.worker.agent_name
    for variable in NAME_VARIABLES:
        other = os.environ.get(variable)
        if other and other != wanted:
            detail = f"{wanted}, but {variable} makes it {other}"
            return Finding("agent name", False, detail, f"unset {variable}, or dispatch that name")
    return Finding("agent name", True, f"dispatch {wanted}")


async def redis(settings: Settings) -> Finding:
    """Whether the Redis that keeps accounts answers, where one is named."""
    url = settings.accounts.redis_url.get_secret_value()
    if not url:
        return Finding("redis", True, "not needed: accounts are kept in memory, and the LiveKit server's is its own")
    advice = "check accounts.redis_url; without it accounts are asked for anew, and calls go on"
    try:
        from redis.asyncio import Redis
        from redis.exceptions import RedisError
    except ImportError:
        return Finding("redis", False, "the client is not installed", 'pip install "cornerman[redis]"')
    try:
        async with asyncio.timeout(ANSWERS_WITHIN), Redis.from_url(url, socket_timeout=ANSWERS_WITHIN) as client:
            await client.ping()
    except (RedisError, OSError, TimeoutError, ValueError) as error:
        return Finding("redis", False, f"does not answer ({type(error).__name__})", advice)
    return Finding("redis", True, "answers")


async def _health(settings: Settings) -> Finding:
    worker = settings.worker
    if not worker.http_port:
        return Finding("health", True, "any free port; for health checks give worker.http_port a number")
    reason = why_taken(worker.http_host, worker.http_port)
    if not reason:
        return Finding("health", True, f"port {worker.http_port} is free")
    url = address(worker)
    if not (await asyncio.to_thread(ask, url + LIVE)).ok:
        detail = f"port {worker.http_port} on {worker.http_host}: {reason}, and it is no worker that has it"
        return Finding("health", False, detail, "give worker.http_port another number, or worker.http_host an address")
    answer: Answer = await asyncio.to_thread(ask, url + READY)
    failing = "; ".join(line for line in answer.lines if line.startswith("FAIL"))
    detail = "a worker answers there, ready" if answer.ok else f"a worker answers there, not ready: {failing}"
    return Finding("health", answer.ok, detail, "mend what it names")


async def _metrics(settings: Settings) -> Finding:
    worker = settings.worker
    if worker.metrics_port is None:
        return Finding("metrics", True, "off: worker.metrics_port is not set")
    if not worker.metrics_port or not (reason := why_taken(worker.http_host, worker.metrics_port)):
        return Finding("metrics", True, f"port {worker.metrics_port or 'any'} is free")
    url = address(worker.model_copy(update={"http_port": worker.metrics_port})) + "/metrics"
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(ANSWERS_WITHIN)) as session,
            session.get(url) as answer,
        ):
            ours = OURS in await answer.text()
    except (aiohttp.ClientError, TimeoutError, ValueError):
        ours = False
    if ours:
        return Finding("metrics", True, f"a worker's are served on port {worker.metrics_port}")
    detail = f"port {worker.metrics_port} on {worker.http_host}: {reason}, and no worker's metrics are there"
    return Finding("metrics", False, detail, "give worker.metrics_port another number")
