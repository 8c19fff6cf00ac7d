"""Machines for tests of the watchdog: workers and watchdogs as processes of their own, killed, stopped and woken up.

In: a LiveKit server, a folder. Out: `Machine` (a worker with all its processes) and `WatchdogProcess` (with its page).
Promise: all of it is gone with the `with` block.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import psutil
from calls import DEADLINE, LOOK_EVERY, LiveCall, until
from prometheus_client.parser import text_string_to_metric_families

from cornerman.livekit_server import ServerAddress
from cornerman.stand_ins.worker_process import worker
from cornerman_client import CoachClient

AGENT_NAME = "cornerman-watched"
STARTS_WITHIN = 30.0
ENDS_WITHIN = 10.0
GRACE = 6.0
"""Seconds a watchdog of a test is quiet at first."""


@dataclass(frozen=True)
class Machine:
    """A worker's processes, all in one group, and where it keeps its journals."""

    pid: int
    log: Path
    journals: Path

    def coaches(self, room: str) -> bool:
        """Whether a process of this machine writes the room's journal."""
        return self._writer(room) is not None

    def lose_power(self) -> None:
        """Every process is gone at once."""
        os.killpg(self.pid, signal.SIGKILL)

    def kill_worker(self) -> None:
        """The worker itself is gone; what becomes of its jobs is theirs to see."""
        os.kill(self.pid, signal.SIGKILL)

    def kill_coach(self, room: str) -> None:
        """The process that coaches this room is gone, as after a crash."""
        writer = self._writer(room)
        assert writer is not None, f"no process writes the journal of {room}"
        writer.kill()

    def hang(self) -> None:
        """Nothing runs any more, and no connection is closed."""
        os.killpg(self.pid, signal.SIGSTOP)

    def wake(self) -> None:
        """Everything goes on where it stood."""
        os.killpg(self.pid, signal.SIGCONT)

    def lines(self, message: str) -> list[Mapping[str, Any]]:
        """Lines of the log whose message begins so."""
        return _lines(self.log, message)

    def _writer(self, room: str) -> psutil.Process | None:
        with contextlib.suppress(psutil.NoSuchProcess):
            for process in psutil.Process(self.pid).children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                    if any(f"/{room}-" in opened.path for opened in process.open_files()):
                        return process
        return None


@contextmanager
def machine(
    server: ServerAddress,
    folder: Path,
    watchdogs: Sequence[WatchdogProcess],
    *,
    journals: Path | None = None,
    max_calls: int = 4,
) -> Iterator[Machine]:
    """A worker that reports to these watchdogs, registered."""
    written = journals or folder / "calls"
    environment = {
        "CORNERMAN__WORKER__AGENT_NAME": AGENT_NAME,
        "CORNERMAN__WORKER__MAX_CPU": "1",
        "CORNERMAN__WORKER__MAX_CALLS": str(max_calls),
        "CORNERMAN__JOURNAL__PATH": str(written),
        "CORNERMAN__WATCH__WATCHDOGS": json.dumps([watchdog.url for watchdog in watchdogs]),
    }
    log = folder / "worker.log"
    with worker(server, log, environment) as pid:
        try:
            yield Machine(pid, log, written)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGCONT)


@dataclass(frozen=True)
class WatchdogProcess:
    """A running watchdog."""

    pid: int
    url: str
    log: Path

    def facts(self) -> Mapping[str, Any]:
        """What its page says."""
        with urlopen(self.url, timeout=5) as page:
            facts: Mapping[str, Any] = json.loads(page.read())
        return facts

    def counted(self, name: str, **labels: str) -> float:
        """One of its metrics; 0 where it was never counted."""
        with urlopen(f"{self.url}/metrics", timeout=5) as page:
            text = page.read().decode()
        samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
        return sum(one.value for one in samples if one.name == name and labels.items() <= one.labels.items())

    @property
    def asked_for(self) -> int:
        """How many coaches it asked for."""
        return int(self.counted("cornerman_watch_takeovers_total", outcome="asked_for"))

    def lines(self, message: str) -> list[Mapping[str, Any]]:
        """Lines of the log whose message begins so."""
        return _lines(self.log, message)

    async def sees(self, **facts: int) -> None:
        """Waits until its page says so."""
        await until(lambda: facts.items() <= self.facts().items(), f"{facts} at the watchdog")

    async def judges(self, room: str, reason: str) -> None:
        """Waits until it said this of a room."""
        await until(
            lambda: any(line["room"] == room and line["reason"] == reason for line in self.lines("room judged")),
            f"{reason!r} of {room} in {self.log}",
        )


@contextmanager
def watchdog_process(
    server: ServerAddress, folder: Path, *, port: int = 0, environment: Mapping[str, str] | None = None
) -> Iterator[WatchdogProcess]:
    """A watchdog as an operator runs it; `port` 0: a free one."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"watchdog-{time.monotonic_ns()}.log"
    own = {
        "CORNERMAN__WORKER__AGENT_NAME": AGENT_NAME,
        "CORNERMAN__WATCH__PORT": str(port),
        "CORNERMAN__WATCH__GRACE": str(GRACE),
        "CORNERMAN__WATCH__SWEEP_EVERY": "2",
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("cornerman")), "watch"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **server.environment(), **own, **(environment or {})},
        )
    try:
        yield WatchdogProcess(process.pid, _address(process, log), log)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(ENDS_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
        process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(URLError, OSError):
            for line in _lines(log, "watching"):
                at = str(line["at"])
                with urlopen(at, timeout=1):
                    return at
        time.sleep(LOOK_EVERY)
    raise AssertionError(f"the watchdog did not start:\n{log.read_text()}")


def _lines(log: Path, message: str) -> list[Mapping[str, Any]]:
    found = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{") and line.endswith("}")]
    return [line for line in found if str(line.get("message", "")).startswith(message)]


async def holder(machines: Sequence[Machine], room: str) -> Machine:
    """The machine that coaches a room."""
    return await until(lambda: next((one for one in machines if one.coaches(room)), None), f"a coach in {room}")


async def alone(call: LiveCall, client: CoachClient) -> None:
    """Waits until the coach the rep's client obeys is the only one in the room."""
    listed: list[str] = []
    try:
        async with asyncio.timeout(DEADLINE):
            while listed != [client.coach]:
                listed = await call.coaches()
                await asyncio.sleep(LOOK_EVERY)
    except TimeoutError:
        raise AssertionError(f"in the room are {listed}, and the rep obeys {client.coach}") from None
