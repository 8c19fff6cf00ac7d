"""How the line to the coach stands: who the coach is, whether it fell silent, and why the client is closed.

Signs of life and the end of the connection go in; a `Standing` comes out at every change. A coach that was heard and
has been silent for `LOST_AFTER_SECONDS` is lost, whatever the room still lists.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from cornerman_client.clock import Clock
from cornerman_client.inbox import Latest

LOST_AFTER_SECONDS = 45.0
"""Three heartbeats of the coach, which come every 15 seconds at least."""


@dataclass(frozen=True, slots=True)
class Standing:
    """`coach` is its identity, None while there is none; `closed_reason` is None while the client is open.
    `reconnecting`: the room is being connected anew; calls would fail now.
    """

    coach: str | None
    coach_lost: bool
    closed_reason: str | None
    reconnecting: bool = False


class Presence:
    """Watches over the coach's signs of life.

    Args:
        clock: what silence is measured on.
        coach: who the coach is now.
        on_lost: called when the coach has been silent for too long, before the change is told.
    """

    def __init__(self, clock: Clock, coach: Callable[[], str | None], on_lost: Callable[[], None]) -> None:
        self.standings: Latest[Standing] = Latest()
        self.closed_reason: str | None = None
        self.reconnecting = False
        self._clock = clock
        self._coach = coach
        self._on_lost = on_lost
        self._last_heard: float | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def lost(self) -> bool:
        """Whether a coach that was heard has been silent for too long."""
        return self._last_heard is not None and self._clock.now() - self._last_heard >= LOST_AFTER_SECONDS

    @property
    def standing(self) -> Standing:
        """How the line stands now."""
        return Standing(self._coach(), self.lost, self.closed_reason, self.reconnecting)

    def start(self) -> None:
        """Starts watching."""
        self._watch = asyncio.create_task(self._until_ended(), name="cornerman-heartbeat")
        self.tell()

    def heard(self) -> None:
        """The coach gave a sign of life."""
        self._last_heard = self._clock.now()
        self.tell()

    def tell(self) -> None:
        """Tells the readers, if anything changed."""
        standing = self.standing
        if standing != self.standings.value:
            self.standings.put(standing)

    def close(self, reason: str) -> bool:
        """The client is closed; False if it was before. The first reason stays."""
        if self.closed_reason is not None:
            return False
        self.closed_reason = reason
        self.reconnecting = False
        self.tell()
        self.standings.close()
        return True

    async def aclose(self) -> None:
        """Ends the watch."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)

    async def _until_ended(self) -> None:
        while True:
            silent = 0.0 if self._last_heard is None else self._clock.now() - self._last_heard
            left = LOST_AFTER_SECONDS - silent
            await self._clock.sleep(left if left > 0 else LOST_AFTER_SECONDS)
            if self.lost:
                self._on_lost()
            self.tell()
