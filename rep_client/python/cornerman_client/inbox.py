"""Where what the coach sent waits until the embedder reads it; bounded, and never holding up the sender.

`NudgeInbox` keeps the latest revision of each unread card, in order of arrival of the card. `Latest` keeps one value
and shows it to any number of readers. Both end their readers when closed.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from typing import Generic, TypeVar

from cornerman_client.contract import Nudge

UNREAD_CARDS = 100

Value = TypeVar("Value")


class NudgeInbox:
    """Unread cards. Beyond `capacity` the oldest unread card is dropped and counted in `overflowed`."""

    def __init__(self, capacity: int = UNREAD_CARDS) -> None:
        self.overflowed = 0
        self._capacity = capacity
        self._unread: OrderedDict[str, Nudge] = OrderedDict()
        self._news = asyncio.Event()
        self._closed = False

    def put(self, nudge: Nudge) -> None:
        """Adds a card, or replaces the unread revision of it where it stands in the queue."""
        if self._closed:
            return
        self._unread[nudge.id] = nudge
        if len(self._unread) > self._capacity:
            self._unread.popitem(last=False)
            self.overflowed += 1
        self._news.set()

    def close(self) -> None:
        """Ends the readers once they have read what is left."""
        self._closed = True
        self._news.set()

    async def read(self) -> AsyncIterator[Nudge]:
        """Yields cards as they come; with several readers each card goes to one of them."""
        while True:
            while self._unread:
                yield self._unread.popitem(last=False)[1]
            if self._closed:
                return
            self._news.clear()
            await self._news.wait()


class Latest(Generic[Value]):
    """One value that changes. A slow reader misses what was overwritten, never the last value."""

    def __init__(self) -> None:
        self._held: tuple[Value, ...] = ()
        self._version = 0
        self._changed = asyncio.Event()
        self._closed = False

    @property
    def value(self) -> Value | None:
        """The newest value, None before the first."""
        return self._held[0] if self._held else None

    def put(self, value: Value) -> None:
        """Replaces the value and wakes every reader."""
        self._held = (value,)
        self._version += 1
        self._wake()

    def close(self) -> None:
        """Ends the readers once they have seen the last value."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def read(self) -> AsyncIterator[Value]:
        """Yields the value there is, then every change; each reader sees all of it."""
        seen = 0
        while True:
            if self._version > seen:
                seen = self._version
                yield self._held[0]
            elif self._closed:
                return
            else:
                await self._changed.wait()
