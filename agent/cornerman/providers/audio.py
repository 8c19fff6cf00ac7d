"""Audio frames as recognisers here take them."""

from __future__ import annotations

import numpy as np
from livekit import rtc


def as_mono(frame: rtc.AudioFrame) -> rtc.AudioFrame:
    """The frame with its channels mixed into one."""
    if frame.num_channels == 1:
        return frame
    samples = np.frombuffer(frame.data, dtype=np.int16).reshape(-1, frame.num_channels)
    mono = samples.mean(axis=1).astype(np.int16)
    return rtc.AudioFrame(mono.tobytes(), frame.sample_rate, 1, len(mono))
