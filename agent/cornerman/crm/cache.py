"""Where found accounts are kept for a while: in this process, or in Redis for all of them.

In: a key that is a hash already, and text. Out: the text, until its time is over. Promises never to raise and never to
hold anybody up: a Redis that is gone, slow or wrong is a miss, and is left alone for a while then.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from cornerman.errors import ConfigError

logger = logging.getLogger(__name__)

MOST_KEPT = 256
"""Entries in memory; the one that was put first goes first."""
REDIS_DEADLINE = 0.25
"""Seconds for a question to Redis: longer, and the source itself is as quick."""
REDIS_REST = 30.0
"""Seconds for which a Redis that failed is not asked."""


class Cache(Protocol):
    """Keeps text under a key."""

    async def get(self, key: str) -> str | None:
        """What was put, if its time is not over."""
        ...

    async def put(self, key: str, text: str, ttl: float) -> None:
        """Keeps `text` for `ttl` seconds."""
        ...

    async def drop(self, *keys: str) -> None:
        """Forgets."""
        ...

    async def aclose(self) -> None:
        """Ends what the cache holds."""
        ...


class MemoryCache:
    """In this process."""

    def __init__(self, *, most: int = MOST_KEPT, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._now = now
        self._kept: OrderedDict[str, tuple[float, str]] = OrderedDict()

    async def get(self, key: str) -> str | None:
        """What was put, if its time is not over."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        until, text = kept
        if self._now() < until:
            return text
        del self._kept[key]
        return None

    async def put(self, key: str, text: str, ttl: float) -> None:
        """Keeps `text` for `ttl` seconds."""
        self._kept.pop(key, None)
        self._kept[key] = (self._now() + ttl, text)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    async def drop(self, *keys: str) -> None:
        """Forgets."""
        for key in keys:
            self._kept.pop(key, None)

    async def aclose(self) -> None:
        """Forgets everything."""
        self._kept.clear()


class RedisCache:
    """In Redis, through redis-py. The address may hold a password: it is in no message and no repr.

    Raises: ConfigError: redis-py is not installed, or the address is none.
    """

    def __init__(
        self,
        url: str,
        *,
        deadline: float = REDIS_DEADLINE,
        rest: float = REDIS_REST,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        try:
            from redis.asyncio import Redis
            from redis.asyncio.retry import Retry
            from redis.backoff import NoBackoff
        except ImportError:
            raise ConfigError(
                "accounts cannot be kept in Redis", ["accounts.redis_url: install cornerman[redis]"]
            ) from None
        try:
            self._redis: Any = Redis.from_url(
                url,
                decode_responses=True,
                socket_connect_timeout=deadline,
                socket_timeout=deadline,
                max_connections=8,
                retry=Retry(NoBackoff(), 0),
            )
        except ValueError:
            fault = "accounts.redis_url: give redis://host:port/0, rediss://… or unix:///path/of.sock"
            raise ConfigError("accounts cannot be kept in Redis", [fault]) from None
        self._deadline = deadline
        self._rest = rest
        self._now = now
        self._asleep_until = float("-inf")

    async def get(self, key: str) -> str | None:
        """What was put, if its time is not over and Redis answers."""
        text = await self._ask(lambda: self._redis.get(key))
        return text if isinstance(text, str) else None

    async def put(self, key: str, text: str, ttl: float) -> None:
        """Keeps `text` for `ttl` seconds, if Redis takes it."""
        await self._ask(lambda: self._redis.set(key, text, px=max(1, int(ttl * 1000))))

    async def drop(self, *keys: str) -> None:
        """Forgets, if Redis answers."""
        await self._ask(lambda: self._redis.delete(*keys))

    async def aclose(self) -> None:
        """Ends the connections."""
        try:
            async with asyncio.timeout(self._deadline):
                await self._redis.aclose()
        except Exception as error:  # whatever a broken connection says at its end changes nothing
            logger.debug("Redis connections did not end well: %s", type(error).__name__)

    async def _ask(self, question: Callable[[], Awaitable[Any]]) -> Any | None:
        if self._now() < self._asleep_until:
            return None
        from redis.exceptions import RedisError

        try:
            async with asyncio.timeout(self._deadline):
                return await question()
        except (RedisError, OSError, TimeoutError, ValueError) as error:
            self._asleep_until = self._now() + self._rest
            logger.warning(
                "Redis does not answer (%s): accounts are asked for anew for %g s", type(error).__name__, self._rest
            )
            return None
