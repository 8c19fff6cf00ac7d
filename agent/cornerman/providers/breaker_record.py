"""What the breakers of one provider know together, and where it is kept: a small file, or this process's memory.

In: a change, as a function from record to record, run under a lock that all processes of the worker respect. Out: the
record before and after. Reads take no lock. Promises that no process ever sees half a change, that nobody waits for
the lock longer than `LOCK_SECONDS`, and that a file which cannot be used never stops anybody: from then on the
process keeps a record of its own, and says so once.

The file is read and written whole (`pread`, `pwrite`) instead of being mapped: a map of a file that somebody cuts
short kills the process that looks at it.
"""

from __future__ import annotations

import fcntl
import logging
import math
import os
import struct
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from pathlib import Path

logger = logging.getLogger(__name__)

LOCK_SECONDS = 0.25
"""How long a change waits for the lock, which is held for microseconds: whoever holds it longer was stopped."""
LOCK_PAUSE = 0.0002
READS_WITHOUT_LOCK = 3
"""A read that meets a write is seen by its checksum and done again."""

MAGIC = b"CMBRK\x00\x00\x01"
_FIELDS = struct.Struct("<8sQddQqq")
_CHECKSUM = struct.Struct("<I")
SIZE = _FIELDS.size + _CHECKSUM.size
_LARGEST_COUNT = 2**63


@dataclass(frozen=True, slots=True)
class BreakerRecord:
    """`opened_at` and `probe_at` (the probing caller's last word) in seconds of the monotonic clock, None: not open,
    no probe. `caller` is a number of the probing caller's own, 0: nobody; `pid` and `born` tell whether it lives.
    """

    failures: int = 0
    opened_at: float | None = None
    probe_at: float | None = None
    caller: int = 0
    pid: int = 0
    born: int = 0

    def packed(self) -> bytes:
        failures, opened_at, probe_at, *probe = astuple(self)
        times = (math.nan if moment is None else moment for moment in (opened_at, probe_at))
        fields = _FIELDS.pack(MAGIC, min(failures, _LARGEST_COUNT), *times, *probe)
        return fields + _CHECKSUM.pack(zlib.crc32(fields))

    @classmethod
    def unpacked(cls, packed: bytes) -> BreakerRecord | None:
        """None where `packed` is no whole record."""
        fields, checksum = packed[: _FIELDS.size], packed[_FIELDS.size :]
        if len(packed) != SIZE or checksum != _CHECKSUM.pack(zlib.crc32(fields)):
            return None
        magic, failures, *rest = _FIELDS.unpack(fields)
        opened_at, probe_at = (None if math.isnan(moment) else moment for moment in rest[:2])
        return cls(failures, opened_at, probe_at, *rest[2:]) if magic == MAGIC else None

    def without_probe(self) -> BreakerRecord:
        return replace(self, probe_at=None, caller=0, pid=0, born=0)


Change = Callable[[BreakerRecord], BreakerRecord]


class BreakerMemory:
    """The record of one process."""

    def __init__(self, record: BreakerRecord | None = None) -> None:
        self._record = record or BreakerRecord()
        self._lock = threading.Lock()

    def read(self) -> BreakerRecord:
        return self._record

    def change(self, change: Change) -> tuple[BreakerRecord, BreakerRecord]:
        """The record before and after."""
        with self._lock:
            before = self._record
            self._record = change(before)
            return before, self._record


class BreakerFile:
    """The record in `file`, which is made where it is missing.

    Each change opens the file anew: a lock belongs to an opened file, and one that a fork handed on would keep nobody
    out; and where something removes the file, all processes meet again in the new one.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._own: BreakerMemory | None = None
        self._known = BreakerRecord()
        self.change(lambda record: record)

    def read(self) -> BreakerRecord:
        if self._own is None:
            for _ in range(READS_WITHOUT_LOCK):
                record = self._read_without_lock()
                if record is not None:
                    self._known = record
                    return record
            self.change(lambda record: record)
        return self._known if self._own is None else self._own.read()

    def change(self, change: Change) -> tuple[BreakerRecord, BreakerRecord]:
        """The record before and after."""
        own = self._own
        if own is None:
            try:
                before, self._known = self._change_file(change)
            except OSError as error:
                own = self._on_its_own(str(error))
            else:
                return before, self._known
        return own.change(change)

    def _read_without_lock(self) -> BreakerRecord | None:
        try:
            opened = os.open(self._file, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            return BreakerRecord.unpacked(os.pread(opened, SIZE + 1, 0))
        except OSError:
            return None
        finally:
            os.close(opened)

    def _change_file(self, change: Change) -> tuple[BreakerRecord, BreakerRecord]:
        opened = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _lock(opened)
            packed = os.pread(opened, SIZE + 1, 0)
            before = BreakerRecord.unpacked(packed) if packed else self._known
            if before is None:
                raise OSError(f"{self._file} is damaged")
            after = change(before)
            if after != before or not packed:
                os.pwrite(opened, after.packed(), 0)
            return before, after
        finally:
            os.close(opened)

    def _on_its_own(self, reason: str) -> BreakerMemory:
        logger.warning(
            "the breaker of %s counts the failures of this process only, no longer those of the whole worker: %s",
            self._file.stem,
            reason,
        )
        self._own = BreakerMemory(self._known)
        return self._own


def _lock(opened: int) -> None:
    """Raises OSError where the lock cannot be had in time. Closing the file gives it back."""
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise TimeoutError(f"another process has held its lock for over {LOCK_SECONDS} s") from None
            time.sleep(LOCK_PAUSE)


def born(pid: int) -> int | None:
    """When a process was started, in clock ticks, so that a new process under an old number is not taken for the old
    one; 0 where the system does not tell; None: there is no such process, or it is dead and not yet buried.
    """
    try:
        told = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None if Path("/proc/self/stat").exists() else _signalled(pid)
    state, *numbers = told.rpartition(b")")[2].split()
    return None if state in (b"Z", b"X") else int(numbers[18])


def _signalled(pid: int) -> int | None:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except OSError:
        pass
    return 0
