"""When the screen is worth looking at, and which frame goes with a request to a model.

In: the policy, whether the rep presents, whether somebody points at the screen. Out: how often a frame is wanted, and
the frame to attach. Under `relevant` a slide that was attached is not attached again for nothing: what is sent stays
below one and a half times the slides that were pointed at, but for the first `SPARE`. Pure; no clock.
"""

from __future__ import annotations

from dataclasses import dataclass

from cornerman.config import ScreenSettings
from cornerman.seeing.frame import Frame

SPARE = 2
"""Frames that may go although their slide was not pointed at, or for a second time, before anything was earned: two
slides that were pointed at earn another.
"""
TOO_OLD = 120.0
"""Seconds after which the last good frame says nothing of what is on the screen now."""


def rate_for(settings: ScreenSettings, *, presenting: bool, prospect_speaks: bool) -> float:
    """Frames a second that are wanted by the policy alone; somebody who points is another matter."""
    if settings.policy == "off" or (settings.policy == "relevant" and not presenting):
        return 0.0
    return settings.rate_speaking if prospect_speaks else settings.rate_idle


@dataclass(slots=True)
class Counts:
    """Frames that were attached, and slides that a turn or a card pointed at, so far."""

    attached: int = 0
    pointed: int = 0


class Relevance:
    """Chooses frames for one call."""

    def __init__(self, settings: ScreenSettings) -> None:
        self._policy = settings.policy
        self._extra = 0
        self._used: int | None = None
        self._pointed: int | None = None
        self.counts = Counts()

    def choose(self, frame: Frame | None, now: float, *, points: bool, presenting: bool) -> Frame | None:
        """The frame to attach to a request made now, which is counted; None: none goes with it."""
        if frame is None or self._policy == "off" or now - frame.at > TOO_OLD:
            return None
        if points and frame.slide != self._pointed:
            self._pointed = frame.slide
            self.counts.pointed += 1
        if not (self._policy == "every_turn" or self._is_wanted(frame, points, presenting)):
            return None
        self._used = frame.slide
        self.counts.attached += 1
        return frame

    def forget_slide(self) -> None:
        """Slides are counted anew from here on."""
        self._used = self._pointed = None

    def _is_wanted(self, frame: Frame, points: bool, presenting: bool) -> bool:
        fresh = frame.slide != self._used
        if points and fresh:
            return True
        if not (points or (presenting and fresh)) or self._extra >= max(SPARE, self.counts.pointed // 2):
            return False
        self._extra += 1
        return True
