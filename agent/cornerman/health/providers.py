"""Whether the providers of a chain could be asked: what their breakers say, and whether their address answers.

Nobody is asked anything that costs: the address gets a HEAD request without a key, and any answer will do. A provider
on this machine, or one whose address only its plugin knows, is judged by its breaker alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from cornerman.config import ModelSettings, ProviderSettings
from cornerman.health.check import Check, Probe
from cornerman.providers.breaker import Breaker

DEEPGRAM = "https://api.deepgram.com"
OPENAI = "https://api.openai.com"
OPENAI_VARIABLE = "OPENAI_BASE_URL"
_WEB = {"ws": "http", "wss": "https", "http": "http", "https": "https"}


@dataclass(frozen=True, slots=True)
class Watched:
    """One provider: its name, the origin of its address (None: there is none to ask), its breaker."""

    name: str
    origin: str | None
    breaker: Breaker


def origin_of(url: str) -> str | None:
    """Scheme, host and port of an address, for HTTP; None where it is none."""
    parts = urlsplit(url)
    scheme = _WEB.get(parts.scheme)
    if scheme is None or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{scheme}://{host}:{parts.port}" if parts.port else f"{scheme}://{host}"


def speech_origin(settings: ProviderSettings) -> str | None:
    """Where this speech provider listens."""
    match settings.provider:
        case "deepgram":
            return origin_of(settings.base_url or DEEPGRAM)
        case "openai" | "openai_http":
            return origin_of(settings.base_url or os.environ.get(OPENAI_VARIABLE) or OPENAI)
        case _:
            return None


def model_origin(settings: ModelSettings) -> str | None:
    """Where this language model listens."""
    if settings.base_url:
        return origin_of(settings.base_url)
    return origin_of(os.environ.get(OPENAI_VARIABLE) or OPENAI) if settings.provider == "openai" else None


class Chain:
    """The providers of one kind. One of them suffices; each is told of."""

    def __init__(self, kind: str, watched: Sequence[Watched], *, every: float, timeout: float, required: bool) -> None:
        self._kind = kind
        self._watched = tuple(watched)
        self._required = required
        origins = dict.fromkeys(one.origin for one in watched if one.origin is not None)
        self._probes = {origin: Probe(kind, _looker(origin), every, timeout) for origin in origins}

    async def check(self) -> Check:
        """Whether one of them could be asked now."""
        told = [(one.name, await self._trouble(one)) for one in self._watched]
        if not told:
            return Check(self._kind, True, "none is configured", self._required)
        usable = any(trouble is None for _, trouble in told)
        detail = "; ".join(f"{name}: {trouble or 'can be asked'}" for name, trouble in told)
        return Check(self._kind, usable, detail, self._required)

    async def aclose(self) -> None:
        """Gives up looks that are under way."""
        for probe in self._probes.values():
            await probe.aclose()

    async def _trouble(self, one: Watched) -> str | None:
        state = one.breaker.state
        if state != "closed":
            return f"its breaker is {state}"
        if one.origin is None:
            return None
        found = await self._probes[one.origin].check()
        return None if found.ok else found.detail


def _looker(origin: str) -> Callable[[], Coroutine[None, None, Check]]:
    async def look() -> Check:
        try:
            # as the plugins do, through the proxy that the environment names
            async with (
                aiohttp.ClientSession(trust_env=True) as session,
                session.head(origin, allow_redirects=False),
            ):
                return Check(origin, True, "answers")
        except aiohttp.ClientError as error:
            return Check(origin, False, f"cannot be reached ({type(error).__name__})")

    return look
