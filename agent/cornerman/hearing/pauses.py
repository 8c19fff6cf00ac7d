"""Asks in each pause of one speaker whether the turn is over, and says how long the silence must last that ends it.

In: the track's samples and how long it has been still. Out: seconds of silence, or None for the usual, handed to
`judged`. A voice that goes on takes the answer back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from cornerman.hearing.end_of_turn import PAUSE, EndOfTurn, RecentAudio, Silences, silence_for


class Pauses:
    """The pauses of one speaker. `judge` is shared by all; owns one task while it is asked."""

    def __init__(self, judge: EndOfTurn, silences: Silences, judged: Callable[[float | None], None]) -> None:
        self._judge = judge
        self._silences = silences
        self._judged = judged
        self._recent = RecentAudio()
        self._pausing = False
        self._asking: asyncio.Task[None] | None = None

    def push(self, samples: NDArray[np.int16], pause: float) -> None:
        """Takes in samples; `pause` is how long it has been still."""
        self._recent.append(samples)
        pausing = pause >= PAUSE
        if pausing and not self._pausing:
            self._asking = asyncio.create_task(self._ask(), name="hearing.pauses.ask")
        elif self._pausing and not pausing:
            self._stop()
            self._judged(None)
        self._pausing = pausing

    async def aclose(self) -> None:
        """Asks no more, and forgets."""
        asking = self._stop()
        if asking is not None:
            await asyncio.gather(asking, return_exceptions=True)
        self._recent.clear()

    async def _ask(self) -> None:
        self._judged(silence_for(await self._judge.probability(self._recent.samples()), self._silences))

    def _stop(self) -> asyncio.Task[None] | None:
        asking, self._asking = self._asking, None
        if asking is not None:
            asking.cancel()
        return asking
