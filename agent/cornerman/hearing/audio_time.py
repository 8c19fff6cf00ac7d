"""From arriving audio to call time, and from a provider's time back to it.

A track's frames are numbered by how much audio came before them; the least delayed of the newest frames says when that
audio was spoken. A speech stream hears only what it is sent, so its seconds are not the track's: `TimeMap` knows which
stretch of call time each stretch of a stream is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass

WINDOW = 16
"""Frames that must be late, and as late at the end as at the beginning, until the track counts as having paused: 0.3 s
of 20 ms frames. Those of a burst after a stall are late too, but each less than the one before."""
TOLERANCE = 0.015
"""Seconds by which an offset may move before a new stretch begins: jitter of arrival is not time."""
LONGEST_MEMORY = 4096
"""Stretches kept; at a pause every five seconds that is more than five hours."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of call time in which somebody spoke."""

    start: float
    end: float


class TrackClock:
    """Stamps the frames of one track with the call time at which they began."""

    def __init__(self) -> None:
        self._received = 0.0
        self._newest: deque[float] = deque(maxlen=WINDOW)
        self._offset: float | None = None

    def stamp(self, seconds: float, now: float) -> float:
        """Call time at which a frame of so many seconds, arriving now, began."""
        start = self._received
        self._received += seconds
        offset = now - self._received
        self._newest.append(offset)
        if self._offset is None or offset < self._offset - TOLERANCE or self._paused(self._offset):
            self._offset = min(self._newest)
        return start + self._offset

    def _paused(self, offset: float) -> bool:
        """True when the newest frames are late for good: all of them are, and they do not catch up."""
        if self._newest[-1] <= offset + TOLERANCE or len(self._newest) < WINDOW:
            return False
        newest = list(self._newest)
        earlier, later = min(newest[: WINDOW // 2]), min(newest[WINDOW // 2 :])
        return min(earlier, later) > offset + TOLERANCE and later > earlier - TOLERANCE


class TimeMap:
    """Which call time each moment of a speech stream's audio is."""

    def __init__(self) -> None:
        self._streamed: deque[float] = deque(maxlen=LONGEST_MEMORY)
        self._called: deque[float] = deque(maxlen=LONGEST_MEMORY)
        self.seconds = 0.0
        """Audio sent so far, in seconds: the stream's own time."""
        self._end = 0.0

    def sent(self, start: float, seconds: float) -> None:
        """Audio that began at call time `start` was sent. Where that is before what was sent last, the audio before it
        was taken for later than it was."""
        for index in range(len(self._called) - 1, -1, -1):
            if self._called[index] <= start:
                break
            self._called[index] = start
        if not self._streamed or abs(start - self._end) > TOLERANCE:
            self._streamed.append(self.seconds)
            self._called.append(start)
            self._end = start
        self.seconds += seconds
        self._end += seconds

    def filled(self, seconds: float) -> None:
        """Silence of no moment was sent, to keep a connection open or to end an utterance."""
        if self._streamed:
            self.sent(self._end, 0.0)
            self._streamed.append(self.seconds)
            self._called.append(self._end)
        self.seconds += seconds
        if self._streamed:
            self._streamed.append(self.seconds)
            self._called.append(self._end)

    def call_time(self, streamed: float) -> float:
        """Seconds since the call began for a moment of the stream, to the millisecond."""
        if not self._streamed:
            return round(streamed, 3)
        index = max(bisect_right(self._streamed, streamed) - 1, 0)
        called = self._called[index] + streamed - self._streamed[index]
        if index + 1 < len(self._called):
            called = min(called, max(self._called[index], self._called[index + 1]))
        return round(called, 3)
