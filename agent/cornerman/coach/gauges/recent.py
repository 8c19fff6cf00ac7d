"""What happened lately: values with a time, and one participant's stretches of speech, over a window that moves.

Adding and looking cost the same however long the call lasts. Memory is bounded: beyond `MOST` entries in one window the
oldest is dropped before its time.
"""

from __future__ import annotations

from collections import deque
from typing import Final

MOST: Final = 2_000


class Recent:
    """Values and when they came up; `total` and `count` over the last `window` seconds, as of the last `settle`."""

    def __init__(self, window: float) -> None:
        self.window = window
        self.total = 0.0
        self._values: deque[tuple[float, float]] = deque()

    @property
    def count(self) -> int:
        """How many values there are."""
        return len(self._values)

    def add(self, at: float, value: float) -> None:
        """A value came up."""
        self._values.append((at, value))
        self.total += value
        if len(self._values) > MOST:
            self._drop()

    def settle(self, now: float) -> None:
        """Lets go of what lies further back than the window."""
        while self._values and self._values[0][0] <= now - self.window:
            self._drop()

    def _drop(self) -> None:
        self.total -= self._values.popleft()[1]
        if not self._values:
            self.total = 0.0  # what is left of rounding


class Spoken:
    """Seconds one participant has spoken in the last `window` seconds. Stretches come in order and do not overlap."""

    def __init__(self, window: float) -> None:
        self._window = window
        self._stretches: deque[tuple[float, float]] = deque()
        self._total = 0.0

    @property
    def empty(self) -> bool:
        """Nothing was said in the window, as of the last `settle`."""
        return not self._stretches

    def add(self, start: float, end: float) -> None:
        """They spoke."""
        self._stretches.append((start, end))
        self._total += end - start
        if len(self._stretches) > MOST:
            self._drop()

    def settle(self, now: float) -> None:
        """Lets go of what lies further back than the window."""
        while self._stretches and self._stretches[0][1] <= now - self._window:
            self._drop()

    def seconds(self, now: float) -> float:
        """Seconds spoken in the window."""
        seconds, since = self._total, now - self._window
        for start, end in self._stretches:
            if start >= since:
                break
            seconds -= min(end, since) - start
        return max(seconds, 0.0)

    def _drop(self) -> None:
        start, end = self._stretches.popleft()
        self._total -= end - start
        if not self._stretches:
            self._total = 0.0
