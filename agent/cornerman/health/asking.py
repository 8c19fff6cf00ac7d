"""Asks a running worker how it is, as a container's health check or an init system does."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import HTTPException
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, build_opener

from cornerman.config import WorkerSettings
from cornerman.errors import ConfigError

LIVE: Final = "/live"
READY: Final = "/ready"

ANSWERS_WITHIN: Final = 10.0
EVERYWHERE: Final = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]"}
MOST_BYTES: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Answer:
    """What a page said: whether all is well, and one line for each thing it told."""

    ok: bool
    lines: tuple[str, ...]


def address(worker: WorkerSettings) -> str:
    """Where the worker of these settings is asked.

    Raises:
        ConfigError: it takes any free port, and nobody can know which.
    """
    if not worker.http_port:
        raise ConfigError("the worker cannot be asked", ["worker.http_port is 0, any free one: give it a number"])
    host = EVERYWHERE.get(worker.http_host, worker.http_host)
    return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{worker.http_port}"


def ask(url: str) -> Answer:
    """Reads a page such as `http://127.0.0.1:8081/ready`. Waits: not for an event loop."""
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(url, timeout=ANSWERS_WITHIN) as page:
            return Answer(True, _lines(page.read(MOST_BYTES)))
    except HTTPError as error:
        with error:
            return Answer(False, _lines(error.read(MOST_BYTES)))
    except (OSError, URLError, HTTPException) as error:
        return Answer(False, (f"{url} does not answer: {getattr(error, 'reason', None) or error}",))


def _lines(body: bytes) -> tuple[str, ...]:
    try:
        told = json.loads(body)
        checks = [f"{'ok  ' if one['ok'] else 'FAIL'} {one['name']}: {one['detail']}" for one in told.get("checks", [])]
        return (*checks, f"calls: {told.get('calls', 0)}")
    except (ValueError, TypeError, KeyError, AttributeError):
        return ("something else than a worker answers there",)
