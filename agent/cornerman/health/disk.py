"""Whether journals can be written: the folder takes a file, and there is room for more."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from cornerman.health.check import Check

MEGABYTE = 1 << 20


def disk_check(folder: Path, least_mb: int) -> Check:
    """Writes a file and looks at the space that is left; makes the folder where it is missing. Waits for the disk: not
    for an event loop.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"journal")
            os.fsync(file.fileno())
        free = shutil.disk_usage(folder).free // MEGABYTE
    except OSError as error:
        return Check("journal", False, error.strerror or type(error).__name__)
    if free < least_mb:
        return Check("journal", False, f"{free} MB free, {least_mb} are wanted")
    return Check("journal", True, f"writable, {free} MB free")
