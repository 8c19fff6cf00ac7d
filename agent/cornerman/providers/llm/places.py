"""How many requests a provider is sent at a time by this process.

In: who asks for a place, and whether somebody waits for the answer. Out: a place, at once or later. Promises: among
those who wait, the urgent come before the others and the newest before the older, since an old question is the one
nobody needs any more; where there are several places, the others never hold the last one; at most `MOST_WAITING` wait,
and one too many sends the oldest of the least urgent away.
"""

from __future__ import annotations

import asyncio
from collections import deque

MOST_WAITING = 64


class Place:
    """One caller's. `held` tells whether it may go ahead; if not yet, `wait`. Give it back in any case."""

    def __init__(self, places: Places, urgent: bool) -> None:
        self.urgent = urgent
        self._places = places
        self._admitted: asyncio.Future[bool] | None = None
        self.held = False

    async def wait(self) -> bool:
        """Until there is a place. False: too many wait, this one goes without."""
        if self._admitted is not None:
            await self._admitted
        return self.held

    def give_back(self) -> None:
        """It is free for another. Doing it again changes nothing."""
        self.held = False
        self._places.take_back(self)

    def queue(self) -> None:
        """For `Places`: it has to wait."""
        self._admitted = asyncio.get_running_loop().create_future()

    def settle(self, held: bool) -> None:
        """For `Places`: it has to wait no longer."""
        self.held = held
        if self._admitted is not None and not self._admitted.done():
            self._admitted.set_result(held)


class Places:
    """The places at one provider. Used from one event loop."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._for_others = max(1, limit - 1)
        self._held: set[Place] = set()
        self._waiting: deque[Place] = deque()

    def take(self, *, urgent: bool) -> Place:
        """A place, or a turn in the queue for one."""
        place = Place(self, urgent)
        if self._has_room(urgent):
            self._held.add(place)
            place.settle(True)
            return place
        place.queue()
        self._waiting.append(place)
        if len(self._waiting) > MOST_WAITING:
            last = next((one for one in self._waiting if not one.urgent), self._waiting[0])
            self._waiting.remove(last)
            last.settle(False)
        return place

    def take_back(self, place: Place) -> None:
        """A place is free again, or nobody waits for it any more."""
        if place in self._held:
            self._held.remove(place)
        elif place in self._waiting:
            self._waiting.remove(place)
        self._admit()

    def _admit(self) -> None:
        for urgent in (True, False):
            for place in [one for one in reversed(self._waiting) if one.urgent == urgent]:
                if not self._has_room(urgent):
                    break
                self._waiting.remove(place)
                self._held.add(place)
                place.settle(True)

    def _has_room(self, urgent: bool) -> bool:
        if len(self._held) >= self._limit:
            return False
        return urgent or sum(not place.urgent for place in self._held) < self._for_others
