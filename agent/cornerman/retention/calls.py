"""Which calls are kept on this machine, and which of them are under way.

In: the folder of journals. Out: one fact sheet a call, oldest first; nothing of what was said. A call is under way
while a process holds the lock of one of its segments, whoever it is.
"""

from __future__ import annotations

import fcntl
import os
import re
from dataclasses import dataclass
from pathlib import Path

_EVENTS = re.compile(r"^events-(\d+)\.jsonl$")
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class KeptCall:
    """One call's folder. `last` is when something was written last, in seconds since the epoch."""

    folder: Path
    last: float
    segments: int
    size: int
    under_way: bool

    def days_old(self, now: float) -> float:
        """Since something was written last."""
        return (now - self.last) / DAY


def kept_calls(root: Path) -> tuple[KeptCall, ...]:
    """Every call under `root`, the one written to longest ago first; none where there is no such folder."""
    if not root.is_dir():
        return ()
    folders = (folder for folder in root.iterdir() if folder.is_dir() and not folder.is_symlink())
    found = [call for folder in folders if (call := kept_call(folder)) is not None]
    return tuple(sorted(found, key=lambda call: (call.last, call.folder.name)))


def kept_call(folder: Path) -> KeptCall | None:
    """One call; None where the folder holds no journal, or went away meanwhile."""
    last, size, segments = 0.0, 0, 0
    try:
        for path in folder.iterdir():
            stat = path.stat()
            last, size = max(last, stat.st_mtime), size + stat.st_size
            segments += bool(_EVENTS.match(path.name))
    except FileNotFoundError:
        return None
    return KeptCall(folder, last, segments, size, is_under_way(folder)) if segments else None


def is_under_way(folder: Path) -> bool:
    """Whether a process writes one of the segments, or whether that cannot be found out."""
    return any(_is_locked(path) for path in folder.iterdir() if _EVENTS.match(path.name))


def _is_locked(path: Path) -> bool:
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(file)  # which gives the lock back
    return False
