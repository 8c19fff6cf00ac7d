"""Lets test files that play several calls at once (`PLAYS_MANY_CALLS`) have the machine to themselves.

Files run beside each other on several sides. What such a file takes of two cores tears the audio of others, and what
they take tears its own, whether or not they play a call: it waits for the files under way, and further ones wait for
it. Nobody's deadline runs while they wait.
"""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO

import pytest


class Place:
    """The place of one side. `lock`: a file all sides share."""

    def __init__(self, lock: Path) -> None:
        self._lock = lock
        self._held: IO[str] | None = None
        self._file: Path | None = None

    def take(self, item: pytest.Item) -> None:
        """Waits for the place of this test's file, unless it is held already."""
        if self._held is not None and self._file == item.path:
            return
        self.leave()
        alone = getattr(getattr(item, "module", None), "PLAYS_MANY_CALLS", False)
        self._lock.parent.mkdir(exist_ok=True)
        self._held, self._file = self._lock.open("w"), item.path
        fcntl.flock(self._held, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)

    def leave(self) -> None:
        """Gives the place back."""
        if self._held is not None:
            self._held.close()
            self._held = None
