"""Seeing: the rep's screen share, watched only while it can matter, and no more of it than that.

In: the publication of the rep's own share, once its owner has agreed. Out: the last good frame, at once, and changes
of the screen. Nothing is stored unless an operator names a folder.
"""

from cornerman.seeing.frame import Frame, Region, SeeingError
from cornerman.seeing.kept_frames import KeptFrames
from cornerman.seeing.pointing import points_at_screen
from cornerman.seeing.relevance import Counts, rate_for
from cornerman.seeing.watcher import Watcher, is_screen

__all__ = [
    "Counts",
    "Frame",
    "KeptFrames",
    "Region",
    "SeeingError",
    "Watcher",
    "is_screen",
    "points_at_screen",
    "rate_for",
]
