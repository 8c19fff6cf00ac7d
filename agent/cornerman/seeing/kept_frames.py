"""Frames on disk, for operators who asked for it: those that went to a model, and no other.

In: frames. Out: JPEG files in the call's folder, named by time and hash, readable by their owner only and sealed
where there is a key. Forgetting
deletes every one that was kept for this call. A disk that fails costs the picture, never the call.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from cornerman.record.sealing import NO_KEYS, Keys, whole
from cornerman.seeing.frame import Frame

logger = logging.getLogger(__name__)


class KeptFrames:
    """The folder of one call. It blocks: one thread at a time, never the event loop."""

    def __init__(self, folder: Path, keys: Keys = NO_KEYS) -> None:
        self._folder = folder
        self._keys = keys
        self._kept: dict[str, Path] = {}

    def keep(self, frame: Frame) -> None:
        """Writes a frame, once."""
        if frame.hash in self._kept:
            return
        path = self._folder / f"{frame.at:09.2f}-{frame.hash}.jpg"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._kept[frame.hash] = path
            with os.fdopen(descriptor, "wb") as file:
                file.write(whole(frame.jpeg, path.name, self._keys))
        except OSError as error:
            logger.warning("a frame of the screen could not be kept", extra={"error": error.strerror})

    def forget(self) -> None:
        """Deletes what was kept."""
        for path in self._kept.values():
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                logger.error("a frame of the screen could not be deleted", extra={"error": error.strerror})
        self._kept.clear()
