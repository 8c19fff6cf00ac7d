"""What prospects say in the tests' browsers: the words of the recorded call that set off a card, and no more."""

from __future__ import annotations

import numpy as np
from calls import RATE
from numpy.typing import NDArray

from cornerman.demo_call import load_recording, samples

BEFORE, AFTER = 0.3, 1.0
"""Seconds of silence round the words: a turn ends after half a second of it."""


def trigger(kind: str) -> NDArray[np.int16]:
    """The words that set off the recording's first moment of this kind."""
    found = next(one for one in load_recording().planted if one.kind == kind)
    said = samples(found.speaker)[int(found.trigger_start * RATE) : int(found.trigger_end * RATE)]
    return np.concatenate([silence(BEFORE), said, silence(AFTER)])


def silence(seconds: float) -> NDArray[np.int16]:
    return np.zeros(int(seconds * RATE), dtype=np.int16)
