"""What was seen of the rep's screen: a frame fit to go to a model, and the error where there is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from cornerman.errors import CornermanError

LARGEST = 1024
"""Pixels a frame has at most on either side."""


class SeeingError(CornermanError):
    """There is no frame to be had; its text says why."""


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the screen, as shares of its width and height from the left and the top."""

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        if not (0 <= self.left < self.right <= 1 and 0 <= self.top < self.bottom <= 1):
            raise SeeingError(
                f"a region of the screen runs from 0 to 1, left before right and top before bottom, not {self}"
            )


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture of the screen that stood still. `at`: when it was last seen to be there, in seconds of the call.

    `hash` names its very bytes. `slide` counts what was seen: frames of the same slide share it. `detail` is what a
    model is to be told of how closely to look.
    """

    at: float
    hash: str
    jpeg: bytes = field(repr=False)
    width: int
    height: int
    slide: int = 0
    detail: Literal["auto", "high"] = "auto"
