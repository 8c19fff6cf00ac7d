"""One thing that was looked at, and a look that is not taken more often than it should be.

In: how to look. Out: what was found, at most `every` seconds old. Promises an answer within `timeout` seconds whatever
is looked at, and that there is never more than one look at a time: one that hangs is waited for, not added to.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """What was found; `detail` names no secret and no address. One that is not `required` does not make unready."""

    name: str
    ok: bool
    detail: str
    required: bool = True

    def as_json(self) -> dict[str, object]:
        return asdict(self)


class Probe:
    """A check that is taken anew when it is older than `every` seconds. Belongs to one event loop."""

    def __init__(self, name: str, look: Callable[[], Coroutine[None, None, Check]], every: float, timeout: float):
        self._name = name
        self._look = look
        self._every = every
        self._timeout = timeout
        self._found: Check | None = None
        self._found_at = 0.0
        self._looking: asyncio.Task[Check] | None = None

    async def check(self) -> Check:
        """What is so, or was so less than `every` seconds ago."""
        if self._found is not None and time.monotonic() - self._found_at < self._every:
            return self._found
        if self._looking is None:
            self._looking = asyncio.create_task(self._look(), name=f"health.{self._name}")
        looking = self._looking
        done, _ = await asyncio.wait({looking}, timeout=self._timeout)
        if not done:
            return Check(self._name, False, f"no answer within {self._timeout:g} s")
        if looking is self._looking:
            self._looking = None
            self._found, self._found_at = self._result(looking), time.monotonic()
        return self._found or self._result(looking)

    async def aclose(self) -> None:
        """Gives up a look that is under way."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
            self._looking = None

    def _result(self, looking: asyncio.Task[Check]) -> Check:
        if looking.cancelled():
            return Check(self._name, False, "given up")
        error = looking.exception()
        # its message might quote an address or a key
        return looking.result() if error is None else Check(self._name, False, f"failed: {type(error).__name__}")
