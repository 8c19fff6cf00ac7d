"""Counts of many processes on one page: files in a folder, and a slot for each process that writes them.

In: a folder, named by the worker. Out: each process writes under the name of its slot. Promises that the files of a
process that ended, however it ended, are carried on by the next, that what it had running is not counted as running
once somebody looked (`sweep`), and that calls it had running are told as lost.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
from pathlib import Path
from typing import Final

from prometheus_client import multiprocess, values
from prometheus_client.mmap_dict import MmapedDict

logger = logging.getLogger(__name__)

FOLDER_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Where prometheus_client, and with it the framework's page, looks for shared counts."""
MOST_PROCESSES: Final = 1024
RUNNING: Final = "cornerman_calls_active"
"""The gauge that tells how many calls a process had when it ended."""


class _Slot:
    """The name under which a process writes its counts: the first free one of a row, held by a lock until the process
    ends, however it ends.

    Under process numbers, every call would leave files behind that each look at the page reads again; a slot's counts
    are carried on by the next process that takes it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pid = 0
        self._lock: int | None = None
        self._name = ""
        self.lost = 0
        """Calls that those who had this slot before had running when they ended."""

    def name(self) -> str:
        """Asked before each count; another number means that this process was forked and needs its own slot."""
        pid = os.getpid()
        if pid != self._pid:
            if self._lock is not None:
                os.close(self._lock)
            self._lock, self._name = self._take(pid)
            self._pid = pid
        return self._name

    def _take(self, pid: int) -> tuple[int | None, str]:
        # Below the folder of counts: of that one, the framework removes all files when it starts.
        locks = self._folder / "slots"
        try:
            locks.mkdir(mode=0o700, exist_ok=True)
            for number in range(MOST_PROCESSES):
                lock = _locked(locks / str(number))
                if lock is None:
                    continue
                self.lost += _bury(self._folder, f"slot{number}")
                return lock, f"slot{number}"
        except OSError as error:
            logger.warning("counts of process %d go to files of its own: %s", pid, error)
        return None, str(pid)


_slot: _Slot | None = None


def share(folder: Path | None = None) -> int:
    """Has this process's counts, the framework's too, go to the shared folder; the worker names it, its job processes
    know it from their environment. Without a folder nothing is shared. Returns the calls that ended with the process
    whose slot this one takes.
    """
    global _slot
    if folder is not None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ[FOLDER_VARIABLE] = str(folder)
    named = os.environ.get(FOLDER_VARIABLE)
    if not named or _slot is not None:
        return 0
    _slot = _Slot(Path(named))
    values.ValueClass = values.MultiProcessValue(_slot.name)  # type: ignore[no-untyped-call]
    if folder is None:
        _slot.name()
    return _slot.lost


def sweep() -> int:
    """Strikes out what processes that have ended had running. Returns the calls among it. Reads files."""
    named = os.environ.get(FOLDER_VARIABLE)
    lost = 0
    try:
        for file in (Path(named) / "slots").iterdir() if named else ():
            lock = _locked(file)
            if lock is None:
                continue
            try:
                lost += _bury(Path(named or "."), f"slot{file.name}")
            finally:
                os.close(lock)
    except OSError as error:
        logger.warning("counts of ended processes stay as they are: %s", error)
    return lost


def _locked(file: Path) -> int | None:
    """A lock on this file; None where a living process has it."""
    lock = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def _bury(folder: Path, name: str) -> int:
    """What the last holder of a slot had running when it ended runs no more; returns the calls among it."""
    lost = _running_in(folder / f"gauge_livesum_{name}.db")
    multiprocess.mark_process_dead(name, str(folder))  # type: ignore[no-untyped-call]
    return lost


def _running_in(file: Path) -> int:
    try:
        if not file.is_file():
            return 0
        kept = MmapedDict.read_all_values_from_file(str(file))  # type: ignore[no-untyped-call]
        return sum(int(value) for key, value, *_ in kept if json.loads(key)[0] == RUNNING)
    except (OSError, ValueError, RuntimeError, IndexError) as error:
        logger.warning("the calls of an ended process are not counted: %s", type(error).__name__)
        return 0
