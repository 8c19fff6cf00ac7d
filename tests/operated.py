"""A worker as its operator looks at it: ports for its pages, what `/ready` says, what stands on the metrics page."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

PAGE_SECONDS = 20.0


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def page(port: int, path: str) -> tuple[int, str]:
    """Status and text of a page on this machine."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}", timeout=aiohttp.ClientTimeout(PAGE_SECONDS)) as answer,
    ):
        return answer.status, await answer.text()


async def ready(port: int) -> tuple[int, dict[str, dict[str, Any]]]:
    """Status of `/ready`, and its checks by name."""
    status, text = await page(port, "/ready")
    return status, {one["name"]: one for one in json.loads(text)["checks"]}


async def metrics_page(port: int) -> dict[str, float]:
    """Series to value; a series is its name and its labels, such as `cornerman_calls_total outcome=ended`."""
    _, text = await page(port, "/metrics")
    return {
        sample.name + "".join(f" {name}={value}" for name, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def become(port: int, series: str, value: float, seconds: float = 30.0) -> dict[str, float]:
    """Waits until a series stands at this value; returns the page."""
    shown: dict[str, float] = {}
    try:
        async with asyncio.timeout(seconds):
            while (shown := await metrics_page(port)).get(series) != value:
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise AssertionError(f"{series} stands at {shown.get(series)}, not {value}") from None
    return shown


def logged(log: Path) -> list[dict[str, Any]]:
    """The lines of a worker's log."""
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
