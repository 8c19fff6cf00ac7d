"""Whether a provider may be tried: a circuit breaker for each provider, shared by all job processes of one worker.

Every call runs in a process of its own, and a provider that is down is down for all of them: failures count over all
calls, and once they are too many in a row nobody tries for a while, then one caller does, for all. In: what became of
each attempt. Out: whether another may be made. Promises to answer in microseconds, to let exactly one caller probe,
and to work on within one process where the shared file cannot be used.

A `Breaker` object *is* one caller: each participant's stream takes its own from `Breakers.of` and tells it what came
of its attempts. An attempt that was refused for this stream's own fault (a bad key) is the caller's to judge.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from cornerman.providers.breaker_record import BreakerFile, BreakerMemory, BreakerRecord, born

WORKER_STATE_VARIABLE = "CORNERMAN_WORKER_STATE"
"""Names the folder that all processes of one worker share; they inherit it."""

THRESHOLD = 5
REST = 30.0
PROBE_LIMIT = 20.0

BreakerState = Literal["closed", "open", "probing"]


class Breaker:
    """One caller's view of a provider's breaker.

    `threshold` failures in a row open it. After `rest` seconds one caller may probe; one that dies, or says nothing
    for `probe_limit` seconds, loses the probe to the next that asks. A probe that fails opens the breaker for another
    rest, one that succeeds closes it. While it is open only the probe counts: streams from before may fail late or
    live on, and neither says whether a new one would do.

    `file` is the provider's, the same in all processes; or a record to share within one. `now` is a clock that is
    the same in all processes.
    """

    def __init__(
        self,
        file: Path | BreakerFile | BreakerMemory,
        *,
        threshold: int = THRESHOLD,
        rest: float = REST,
        probe_limit: float = PROBE_LIMIT,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._record = BreakerFile(file) if isinstance(file, Path) else file
        self._threshold = threshold
        self._rest = rest
        self._probe_limit = probe_limit
        self._now = now
        self._caller = secrets.randbits(63) + 1

    def may_try(self) -> bool:
        """Whether to make an attempt now. True while the breaker is open means that this caller holds the probe; it
        keeps it by asking again.
        """
        record = self._record.read()
        if record.opened_at is None:
            return True
        if record.caller != self._caller and self._wait(record, self._now()) > 0:
            return False
        _, record = self._record.change(self._take_probe)
        return record.opened_at is None or record.caller == self._caller

    def failed(self) -> bool:
        """An attempt, or a stream that had begun, failed. Returns whether this opened the breaker."""
        before, after = self._record.change(self._after_failure)
        return after.opened_at is not None and (before.opened_at is None or before.caller == self._caller)

    def succeeded(self) -> bool:
        """The provider answered. Returns whether this closed the breaker."""
        record = self._record.read()
        if record == BreakerRecord():
            return False
        before, after = self._record.change(self._after_success)
        return before.opened_at is not None and after.opened_at is None

    @property
    def state(self) -> BreakerState:
        record = self._record.read()
        if record.opened_at is None:
            return "closed"
        return "probing" if self._is_probed(record, self._now()) else "open"

    @property
    def retry_in(self) -> float:
        """Seconds until this caller may be let try; 0: now."""
        record = self._record.read()
        if record.opened_at is None or record.caller == self._caller:
            return 0.0
        return self._wait(record, self._now())

    @property
    def failures(self) -> int:
        """Failures in a row, over all processes."""
        return self._record.read().failures

    def close(self) -> None:
        """Gives the probe back, if this caller holds it."""
        if self._record.read().caller == self._caller:
            self._record.change(lambda record: record.without_probe() if record.caller == self._caller else record)

    def _take_probe(self, record: BreakerRecord) -> BreakerRecord:
        at = self._now()
        if record.opened_at is None or (record.caller != self._caller and self._wait(record, at) > 0):
            return record
        pid = os.getpid()
        return replace(record, probe_at=at, caller=self._caller, pid=pid, born=born(pid) or 0)

    def _after_failure(self, record: BreakerRecord) -> BreakerRecord:
        if record.opened_at is not None and record.caller != self._caller:
            return record
        record = replace(record.without_probe(), failures=record.failures + 1)
        if record.opened_at is None and record.failures < self._threshold:
            return record
        return replace(record, opened_at=self._now())

    def _after_success(self, record: BreakerRecord) -> BreakerRecord:
        return record if record.opened_at is not None and record.caller != self._caller else BreakerRecord()

    def _wait(self, record: BreakerRecord, at: float) -> float:
        """Seconds until a probe may be had of a breaker that is open."""
        resting = self._rest - (at - (record.opened_at or 0.0))
        probing = self._probe_limit - (at - (record.probe_at or 0.0)) if self._is_probed(record, at) else 0.0
        return max(resting, probing, 0.0)

    def _is_probed(self, record: BreakerRecord, at: float) -> bool:
        if record.probe_at is None or at - record.probe_at >= self._probe_limit:
            return False
        return born(record.pid) == record.born


class Breakers:
    """The breakers of all providers, kept in `folder`; None: within this process. The rest is as for `Breaker`."""

    def __init__(
        self,
        folder: Path | None,
        *,
        threshold: int = THRESHOLD,
        rest: float = REST,
        probe_limit: float = PROBE_LIMIT,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._threshold = threshold
        self._rest = rest
        self._probe_limit = probe_limit
        self._now = now
        self._records: dict[str, BreakerFile | BreakerMemory] = {}
        self._callers: weakref.WeakSet[Breaker] = weakref.WeakSet()

    def of(self, provider_name: str) -> Breaker:
        """A new caller of this provider's breaker."""
        record = self._records.get(provider_name)
        if record is None:
            record = self._records[provider_name] = self._record(provider_name)
        caller = Breaker(
            record, threshold=self._threshold, rest=self._rest, probe_limit=self._probe_limit, now=self._now
        )
        self._callers.add(caller)
        return caller

    async def aclose(self) -> None:
        """Gives back what probes its callers hold."""
        for caller in list(self._callers):
            caller.close()

    def _record(self, provider_name: str) -> BreakerFile | BreakerMemory:
        if self._folder is None:
            return BreakerMemory()
        return BreakerFile(self._folder / f"{quote(provider_name, safe='')}.breaker")


def worker_state_folder() -> Path | None:
    """The folder that the processes of this worker share; None where the worker set none."""
    named = os.environ.get(WORKER_STATE_VARIABLE)
    return Path(named) if named else None


@contextmanager
def create_worker_state() -> Iterator[Path]:
    """A fresh folder that no other user can read, for what the worker's processes share. Processes started inside
    find it by `worker_state_folder`; it is removed at the end.
    """
    folder = Path(tempfile.mkdtemp(prefix="cornerman-worker-"))
    before = os.environ.get(WORKER_STATE_VARIABLE)
    os.environ[WORKER_STATE_VARIABLE] = str(folder)
    try:
        yield folder
    finally:
        if before is None:
            os.environ.pop(WORKER_STATE_VARIABLE, None)
        else:
            os.environ[WORKER_STATE_VARIABLE] = before
        shutil.rmtree(folder, ignore_errors=True)
