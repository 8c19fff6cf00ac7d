"""One language model of the chain, shared by all questions of the process: its engine, its places, its rest.

Promises to make the plugin's object once, when it is first needed or warmed up.
"""

from __future__ import annotations

import hashlib
import time

from cornerman.config import ModelSettings
from cornerman.providers.breaker import Breaker, Breakers
from cornerman.providers.llm.engines import ModelEngine, make_engine
from cornerman.providers.llm.places import Places


class LanguageModel:
    """`name` is unique in the chain, and what metrics and journal call it."""

    def __init__(self, name: str, settings: ModelSettings, breakers: Breakers) -> None:
        self.name = name
        self.settings = settings
        self.places = Places(settings.places)
        self._connected_at = float("-inf")
        self._breakers = breakers
        self._rests_until = 0.0
        self._engine: ModelEngine | None = None
        # calls that still run with other settings share the worker's breakers, not this server's
        where = "\n".join((settings.provider, settings.plugin, settings.base_url, settings.model))
        self._breaker_name = f"llm:{name}:{hashlib.sha256(where.encode()).hexdigest()[:8]}"
        self._watcher = self.breaker()

    @property
    def engine(self) -> ModelEngine:
        """Raises as `make_engine` does."""
        if self._engine is None:
            self._engine = make_engine(self.settings)
        return self._engine

    def breaker(self) -> Breaker:
        """One question's view of the breaker; close it in the end."""
        return self._breakers.of(self._breaker_name)

    @property
    def is_open(self) -> bool:
        """Whether the breaker keeps questions away, but for a probe."""
        return self._watcher.state != "closed"

    @property
    def retry_in(self) -> float:
        """Seconds until somebody may ask; 0: now."""
        return max(self._watcher.retry_in, self.rests_for)

    @property
    def rests_for(self) -> float:
        """Seconds for which the provider asked to be left alone."""
        return max(0.0, self._rests_until - time.monotonic())

    def rest(self, seconds: float) -> None:
        """It asked to be left alone for so long."""
        self._rests_until = max(self._rests_until, time.monotonic() + seconds)

    def connected(self, connected: bool) -> None:
        """A connection was just used and is likely still open; or it was hung up, by us or the provider."""
        self._connected_at = time.monotonic() if connected else float("-inf")

    @property
    def connected_for(self) -> float:
        """Seconds since a connection was last left open; infinite: there is likely none."""
        return time.monotonic() - self._connected_at

    async def aclose(self) -> None:
        self._watcher.close()
        if self._engine is not None:
            await self._engine.aclose()
