"""Call time: seconds since the room was created, never going back."""

from __future__ import annotations

import time

RESOLUTION = 4
"""Decimals kept: a tenth of a millisecond, fine enough to time the coach itself."""


class CallClock:
    """Stamps arrivals. `created` is the room's creation in seconds since the epoch."""

    def __init__(self, created: float) -> None:
        self._offset = max(time.time() - created, 0.0) - time.monotonic()

    def now(self) -> float:
        """Seconds since the call began."""
        return round(time.monotonic() + self._offset, RESOLUTION)
