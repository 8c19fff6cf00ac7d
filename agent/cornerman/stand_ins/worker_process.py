"""Runs a worker as a process of its own, as an operator would, and tells when it is registered."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cornerman.errors import CornermanError
from cornerman.livekit_server import ServerAddress

REGISTERED = b"registered worker"
START_DEADLINE = 90.0
STOP_DEADLINE = 15.0
LOOK_EVERY = 0.1


@contextmanager
def worker(server: ServerAddress, log: Path, environment: Mapping[str, str] | None = None) -> Iterator[int]:
    """A registered worker, its log in a file; stopped at the end, whatever happens. Gives its process id. Blocks.

    Raises:
        CornermanError: it did not register in time; the end of its log is in the message.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "cornerman.room.worker", "start"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **server.environment(), **(environment or {})},
            start_new_session=True,
        )
    try:
        _wait_until_registered(process, log)
        yield process.pid
    finally:
        _stop(process)


def _wait_until_registered(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_DEADLINE
    while time.monotonic() < deadline and process.poll() is None:
        if REGISTERED in log.read_bytes():
            return
        time.sleep(LOOK_EVERY)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    raise CornermanError(f"the worker did not register with the LiveKit server; the end of {log}:\n{tail}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Asks the worker to end, then ends its whole process group."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_DEADLINE)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
