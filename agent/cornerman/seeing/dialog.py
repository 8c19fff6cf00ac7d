"""Whether a dialog has come up over what was shown: a box in the middle, and everything round it dimmed.

In: the small grey images before and after, both of a screen that stood still. Out: yes or no. It is a measure of
shape, not of words: it catches dialogs that dim their page, errors or not, and misses messages that dim nothing (a
banner, a page that itself became an error, a system's own box). What such a dialog says is for a model to read.
"""

from __future__ import annotations

import numpy as np

from cornerman.seeing.picture import Cells

DIMMED = (0.2, 0.9)
"""How bright the surroundings still are, as a share of before."""
BORDER = 0.12
"""The share of width and height at each side that counts as surroundings."""
FOLLOWS = 14
"""Grey levels a dimmed cell may be off."""
MOST_OF_BORDER = 0.95
AREA = (0.015, 0.5)
"""The share of the screen that the box takes."""
FILLED = 0.7
"""How much of its own outline the box fills: a box does, scattered words do not."""
OFF_CENTRE = 0.2
"""How far its middle may be from the screen's, as a share of the screen."""
DARK = 16
"""Luma of black."""


def is_dialog(before: Cells, after: Cells) -> bool:
    """Whether `after` is `before` with a dialog over it."""
    old, new = before.astype(np.float32) - DARK, after.astype(np.float32) - DARK
    height, width = old.shape
    across, down = max(1, int(width * BORDER)), max(1, int(height * BORDER))
    border = np.ones(old.shape, dtype=bool)
    border[down:-down, across:-across] = False
    bright = border & (old > 2 * FOLLOWS)
    if bright.sum() < border.sum() / 4:
        return False  # what is black already cannot be seen to be dimmed
    dimming = float(np.median(new[bright] / old[bright]))
    if not DIMMED[0] <= dimming <= DIMMED[1]:
        return False
    apart = np.abs(new - dimming * old) > FOLLOWS
    if apart[border].mean() > 1 - MOST_OF_BORDER:
        return False
    rows, columns = np.flatnonzero(apart.mean(axis=1) > 0.05), np.flatnonzero(apart.mean(axis=0) > 0.05)
    if not (len(rows) and len(columns)):
        return False
    box = apart[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    centre = (rows[0] + rows[-1] + 1) / (2 * height), (columns[0] + columns[-1] + 1) / (2 * width)
    return bool(
        AREA[0] <= box.size / apart.size <= AREA[1]
        and box.mean() >= FILLED
        and all(abs(at - 0.5) <= OFF_CENTRE for at in centre)
    )
