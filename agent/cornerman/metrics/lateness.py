"""How late an event loop comes to what is due: what words wait behind, whatever it was that held it up."""

from __future__ import annotations

import asyncio
from typing import Final, Literal

from cornerman.metrics.calls import loop_late

EVERY: Final = 0.5
"""Seconds between looks."""


class LoopLateness:
    """Measures the running loop from `start` to `stop`."""

    def __init__(self, process: Literal["call", "worker"]) -> None:
        self._process = process
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Looks from now on; in a running loop."""
        self.stop()
        self._due(asyncio.get_running_loop())

    def stop(self) -> None:
        """No more looks."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _due(self, loop: asyncio.AbstractEventLoop) -> None:
        due = loop.time() + EVERY
        self._timer = loop.call_at(due, self._looked, loop, due)

    def _looked(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        loop_late(self._process, max(loop.time() - due, 0.0))
        self._due(loop)
