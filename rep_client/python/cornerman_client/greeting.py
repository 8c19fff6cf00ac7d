"""Says hello to every coach that appears, again after reconnects, and tries a few times while the coach is not ready.

Coach identities go in, one `coach_hello` call per identity comes out. Promises: never two greetings of one coach at a
time, no greeting of a coach that left, every task ended by `aclose()`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from cornerman_client.clock import Clock
from cornerman_client.errors import CoachUnavailable, CornermanClientError

GREETING_WAITS = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0)
"""Seconds before each attempt. A coach that joins registers its methods within moments; a busy machine takes longer."""


class Greeter:
    """Owns one task per coach being greeted.

    Args:
        say_hello: makes one call; raises an error of this package when it fails.
        clock: what the waits are measured on.
    """

    def __init__(self, say_hello: Callable[[str], Awaitable[object]], clock: Clock) -> None:
        self._say_hello = say_hello
        self._clock = clock
        self._greeting: dict[str, asyncio.Task[None]] = {}
        self._greeted: set[str] = set()
        self.last_error: CornermanClientError | None = None

    def greet(self, coach: str, *, again: bool = False) -> None:
        """Starts greeting a coach, unless it was greeted or is being greeted. `again` starts over in either case."""
        if again:
            self.forget(coach)
        if coach not in self._greeted and coach not in self._greeting:
            task = asyncio.create_task(self._until_answered(coach), name=f"cornerman-hello-{coach}")
            self._greeting[coach] = task
            task.add_done_callback(lambda ended: self._ended(coach, ended))

    def forget(self, coach: str) -> None:
        """The coach left, or is to be greeted anew."""
        self._greeted.discard(coach)
        if task := self._greeting.pop(coach, None):
            task.cancel()

    async def aclose(self) -> None:
        """Ends every greeting."""
        tasks = tuple(self._greeting.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._greeting.clear()

    def _ended(self, coach: str, task: asyncio.Task[None]) -> None:
        if self._greeting.get(coach) is task:
            del self._greeting[coach]

    async def _until_answered(self, coach: str) -> None:
        for wait in GREETING_WAITS:
            if wait:
                await self._clock.sleep(wait)
            try:
                await self._say_hello(coach)
            except CoachUnavailable as error:
                self.last_error = error
            except CornermanClientError as error:
                # A refusal or an answer of another contract will not change by asking again.
                self.last_error = error
                return
            else:
                self.last_error = None
                self._greeted.add(coach)
                return
