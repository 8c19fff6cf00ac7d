"""Appends a line to a file whole or not at all.

A disk that fills up takes the first part of a line and then no more. Left there, that part would stand before the next
line that fits once there is room again, and nobody could read the file past it.
"""

from __future__ import annotations

import errno
import os


def append_whole(file: int, line: bytes) -> None:
    """Appends to a file that nobody else writes to, opened for appending.

    Raises: OSError: there was no room for all of it; the file is as it was before.
    """
    written = os.write(file, line)
    if written < len(line):
        os.ftruncate(file, os.fstat(file).st_size - written)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
