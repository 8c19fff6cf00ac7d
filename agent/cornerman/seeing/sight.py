"""Makes of pictures what counts: frames that stand still and are sharp, and changes of what is shown.

In: pictures in order, each with the time it was on the screen. Out: the frame that is good now, and screen changes.
The same pictures at the same times give the same frames and changes. Synchronous and slow (milliseconds): it runs in
one thread at a time, never on the event loop.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cornerman.events import ScreenChange
from cornerman.seeing.dialog import is_dialog
from cornerman.seeing.frame import Frame, Region
from cornerman.seeing.picture import GRID, Cells, Picture

NOISE = 12
"""Grey levels by which a cell may differ without having changed: what a video codec does to a still picture."""
STILL = 0.05
"""The share of cells that may change in a picture that stands still: somebody's camera in a corner may."""
SAME = 0.006
"""The share of cells in which a slide may differ from itself: a mouse pointer's; one more line of text is more."""
APART = 0.15
"""Seconds between two pictures that can tell a standstill: two of a slow scroll are alike when they are closer."""
SHARP = 0.1
"""From this sharpness on a picture counts at once. Slides in Chromium measured 0.4 to 0.7, under a dialog's shade 0.16;
the first one a video codec made of them after a film 0.09, and any of them softened by a pixel under 0.05.
"""
PATIENCE = 2.5
"""Seconds after which a picture that stands still counts although it is not sharp: large letters, or a photograph."""
REMEMBERED, RESTLESS = 0.7, 0.45
"""How much of a cell's movement is remembered from look to look, and from where on the cell is one that always moves:
it must have moved twice in a row. What always moves (a camera picture, a spinner) makes no new slide.
"""
FINE_QUALITY = 90


@dataclass(frozen=True, slots=True)
class Glance:
    """What one look brought: whether the picture stands still, the good frame so far, and what changed."""

    still: bool
    frame: Frame | None
    changes: tuple[ScreenChange, ...] = ()


class Sight:
    """All that is remembered of one share: two small images, a picture and a frame. `held` in seconds."""

    def __init__(self, held: float) -> None:
        self._held = held
        self._before: tuple[Cells, float] | None = None
        self._movement = np.zeros(GRID[::-1], dtype=np.float32)
        self._good: Cells | None = None
        self._frame: Frame | None = None
        self._soft = False
        self._soft_since: float | None = None
        self._picture: Picture | None = None
        self._since: float | None = None
        self._told_held = False
        self._watching = False
        self._slides = 0

    def look(self, picture: Picture, at: float, *, quiet: bool = False, presenting: bool = False) -> Glance:
        """A picture that is on the screen now. `quiet`: nothing has come after it, so it stands still."""
        self._picture = picture
        cells = picture.cells()
        still = self._stands_still(cells, at, quiet)
        self._before = cells, at
        changes: list[ScreenChange] = []
        if self._is_good(cells):
            frame = self._seen_again(picture, at, still)
            self._tell_held(at, presenting, changes)
            return Glance(True, frame, tuple(changes))
        if still and self._is_sharp(picture, at):
            self._take(picture, cells, at, changes)
        return Glance(still, self._frame, tuple(changes))

    def unchanged(self, at: float, *, presenting: bool = False) -> Glance:
        """No picture has come since: what was there still is."""
        if self._picture is not None and self._before is not None and not self._is_good(self._before[0]):
            return self.look(self._picture, at, quiet=True, presenting=presenting)
        changes: list[ScreenChange] = []
        if self._frame is not None:
            self._frame = replace(self._frame, at=at)
            self._tell_held(at, presenting, changes)
        return Glance(True, self._frame, tuple(changes))

    def interrupted(self) -> None:
        """It was not looked for a while: what comes next is not known to have changed just now."""
        self._watching = False
        self._before = None
        self._since = None
        self._soft_since = None

    def detail(self, at: float, region: Region | None) -> Frame | None:
        """The picture that was looked at last, as fine as a frame can be, whether it stands still or not."""
        if self._picture is None:
            return None
        jpeg, width, height = self._picture.jpeg(region, quality=FINE_QUALITY)
        return Frame(at, _named(jpeg), jpeg, width, height, self._slides, "high")

    def _stands_still(self, cells: Cells, at: float, quiet: bool) -> bool:
        if self._before is None:
            return quiet
        before, then = self._before
        moved: NDArray[np.bool_] = np.abs(cells - before) > NOISE
        self._movement = REMEMBERED * self._movement + (1 - REMEMBERED) * moved
        return quiet or (at - then >= APART and float(moved.mean()) <= STILL)

    def _is_good(self, cells: Cells) -> bool:
        """Whether these cells show the slide that the good frame shows."""
        if self._good is None:
            return False
        differ = (np.abs(cells - self._good) > NOISE) & (self._movement < RESTLESS)
        return float(differ.mean()) <= SAME

    def _is_sharp(self, picture: Picture, at: float) -> bool:
        """A picture that stands still is sharp, or was given the time to become so."""
        self._soft = picture.sharpness() < SHARP
        if not self._soft:
            self._soft_since = None
            return True
        if self._soft_since is None:
            self._soft_since = at
        return at - self._soft_since >= PATIENCE

    def _seen_again(self, picture: Picture, at: float, still: bool) -> Frame | None:
        self._watching = True
        if self._since is None:
            self._since = at
        if self._frame is None:
            return None
        if self._soft and still and picture.sharpness() >= SHARP:
            self._soft = False
            self._frame = self._framed(picture, at)
        else:
            self._frame = replace(self._frame, at=at)
        return self._frame

    def _take(self, picture: Picture, cells: Cells, at: float, changes: list[ScreenChange]) -> None:
        before, self._good = self._good, cells
        self._slides += 1
        self._frame = frame = self._framed(picture, at)
        self._since, self._told_held, self._soft_since = at, False, None
        if self._watching:
            dialog = before is not None and is_dialog(before, cells)
            changes.append(ScreenChange("error" if dialog else "new", at, frame.hash))
        self._watching = True

    def _framed(self, picture: Picture, at: float) -> Frame:
        jpeg, width, height = picture.jpeg()
        return Frame(at, _named(jpeg), jpeg, width, height, self._slides)

    def _tell_held(self, at: float, presenting: bool, changes: list[ScreenChange]) -> None:
        if not presenting:
            self._since = None
            return
        if self._since is None:
            self._since = at
        if self._frame is not None and not self._told_held and at - self._since >= self._held:
            self._told_held = True
            changes.append(ScreenChange("held", at, self._frame.hash))


def _named(jpeg: bytes) -> str:
    return hashlib.sha256(jpeg).hexdigest()[:16]
