"""One decoded picture of a video track, and what can be measured of it. Slow parts of a millisecond and more: thread.

In: planes as WebRTC decodes them (I420, BT.601, luma from 16 to 235). Out: a small grey image for comparing, how
sharp the picture is, and JPEG of the whole or of a part. Nothing is converted to RGB on the way.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cornerman.seeing.frame import LARGEST, Region

GRID = (128, 72)
"""Columns and rows of the small image: at 1920 x 1080 a cell is half a line of text high."""
_TO_FULL_LUMA = [round(min(max((value - 16) * 255 / 219, 0), 255)) for value in range(256)]
_TO_FULL_COLOUR = [round(min(max((value - 128) * 255 / 224 + 128, 0), 255)) for value in range(256)]

Cells = NDArray[np.int16]
"""Grey values of the small image."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Luma and the two planes of colour, each half as wide and high."""

    luma: NDArray[np.uint8]
    blue: NDArray[np.uint8]
    red: NDArray[np.uint8]

    @classmethod
    def from_i420(cls, data: memoryview | bytes | bytearray, width: int, height: int) -> Picture:
        """The planes as they lie in one buffer, which is not copied."""
        across, down = (width + 1) // 2, (height + 1) // 2
        whole = np.frombuffer(data, dtype=np.uint8, count=width * height + 2 * across * down)
        luma, blue, red = np.split(whole, [width * height, width * height + across * down])
        return cls(luma.reshape(height, width), blue.reshape(down, across), red.reshape(down, across))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.luma.shape[1], self.luma.shape[0]

    def cells(self) -> Cells:
        """The small grey image: each cell is the mean of every third line of what it covers, a third of the work."""
        small = Image.fromarray(np.ascontiguousarray(self.luma[::3])).resize(GRID, Image.Resampling.BOX)
        return np.asarray(small, dtype=np.int16)

    def sharpness(self) -> float:
        """Variance of the Laplacian as a share of the variance of the picture itself; without contrast infinite.

        The variance alone would call a slide of few words blurred and a full one sharp, however they were filmed.
        """
        luma = self.luma.astype(np.int16)
        centre = luma[1:-1:2, 1:-1]
        bent = 4 * centre - luma[:-2:2, 1:-1][: len(centre)] - luma[2::2, 1:-1][: len(centre)]
        bent -= luma[1:-1:2, :-2]
        bent -= luma[1:-1:2, 2:]
        contrast = float(np.var(centre, dtype=np.float32))
        return float(np.var(bent, dtype=np.float32)) / contrast if contrast >= 1.0 else float("inf")

    def jpeg(self, region: Region | None = None, *, quality: int = 75) -> tuple[bytes, int, int]:
        """The picture or a part of it, made smaller where it is larger than a frame may be; its width and height."""
        planes = [_cut(plane, region) for plane in (self.luma, self.blue, self.red)]
        height, width = planes[0].shape
        scale = min(1.0, LARGEST / max(width, height))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        tables = (_TO_FULL_LUMA, _TO_FULL_COLOUR, _TO_FULL_COLOUR)
        bands = [
            Image.fromarray(np.ascontiguousarray(plane)).resize(size, Image.Resampling.LANCZOS).point(table)
            for plane, table in zip(planes, tables, strict=True)
        ]
        written = io.BytesIO()
        Image.merge("YCbCr", bands).save(written, "JPEG", quality=quality)
        return written.getvalue(), *size


def _cut(plane: NDArray[np.uint8], region: Region | None) -> NDArray[np.uint8]:
    if region is None:
        return plane
    height, width = plane.shape
    left, top = min(int(region.left * width), width - 1), min(int(region.top * height), height - 1)
    right, bottom = max(round(region.right * width), left + 1), max(round(region.bottom * height), top + 1)
    return plane[top:bottom, left:right]
