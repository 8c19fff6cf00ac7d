"""A blocking client used from the event loop: in threads of its own, each piece of work under a deadline.

In: functions that ask a client which knows no asyncio. Out: what they return, or an `AccountError`. Promises that the
caller waits no longer than the deadline, that no more than a few wait, and that the function is told how long it has,
so that its thread ends soon after.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from cornerman.crm.errors import AccountBusyError, AccountDownError, late

Value = TypeVar("Value")

MOST_WAITING = 8
"""Pieces of work under way or waiting; further ones are refused."""
LEAST = 0.05
"""Seconds below which no request is begun."""
CLOSING = 1.0
"""Seconds that work under way may take to end when the source is closed."""


class Deadline:
    """When a piece of work must be done."""

    def __init__(self, source: str, seconds: float) -> None:
        self._source = source
        self._seconds = seconds
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds for the next request.

        Raises: AccountDownError: none are left.
        """
        left = self._at - time.monotonic()
        if left < LEAST:
            raise self.late()
        return left

    def late(self) -> AccountDownError:
        return late(self._source, self._seconds)


class BlockingWork:
    """The threads of one source."""

    def __init__(self, source: str, threads: int) -> None:
        self._source = source
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=f"accounts-{source}")
        self._running: set[asyncio.Future[Any]] = set()

    async def run(self, work: Callable[[Deadline], Value], seconds: float) -> Value:
        """What `work` returns.

        Raises: AccountError: as `work` does; it took longer than `seconds`; or too much is waiting already.
        """
        if len(self._running) >= MOST_WAITING:
            raise AccountBusyError(f"{self._source} is being asked too much already")
        deadline = Deadline(self._source, seconds)
        running = asyncio.get_running_loop().run_in_executor(self._executor, work, deadline)
        self._running.add(running)
        running.add_done_callback(self._ended)
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(running)
        except TimeoutError:
            raise deadline.late() from None

    async def aclose(self) -> None:
        """Waits a moment for work under way, begins none of what waits."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        if self._running:
            await asyncio.wait(list(self._running), timeout=CLOSING)

    def _ended(self, running: asyncio.Future[Value]) -> None:
        self._running.discard(running)
        if not running.cancelled():
            running.exception()  # told to whoever still waits; nobody does after a deadline
