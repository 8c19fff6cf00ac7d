"""Starts and ends the processes that recognise speech.

A child gets one end of a socket pair as its only argument, a clean environment without keys and secrets, and ends by
itself when the other end closes; what does not is killed. Once it was sent its CONFIG it answers READY.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

from cornerman.providers.frames import FrameKind, FrameReader, pack_json, read_json

END_SECONDS = 2.0
"""How long a child may take to end by itself before it is killed."""

_INHERITED = frozenset(
    {"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH"}
)
"""All of the environment a recogniser needs."""


class ChildProcess:
    """One process and our end of its line. Whoever owns it sees to it that one thread at a time starts or ends it;
    `pid` and `line` may be looked at from any."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None
        self.line: socket.socket | None = None
        self.reader = FrameReader()
        """Of what comes over the line."""

    @property
    def pid(self) -> int | None:
        """While the process lives."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self, environment: Mapping[str, str]) -> socket.socket:
        """Start the process; the one before it was ended. Returns our end of its line. Raises OSError."""
        ours, theirs = socket.socketpair()
        self.line = ours
        with theirs:
            self._process = _spawn(self._module, theirs.fileno(), environment)
        return ours

    def await_ready(self, line: socket.socket, config: object, *, deadline: float) -> dict[str, Any]:
        """Send the process its CONFIG and wait for what it says once it is ready, until `deadline` by the monotonic
        clock. Blocks. Raises OSError or ValueError when nothing or no sense comes."""
        line.settimeout(_until(deadline))
        line.sendall(pack_json(FrameKind.CONFIG, config))
        while True:
            line.settimeout(_until(deadline))
            received = line.recv(65_536)
            if not received:
                raise ConnectionError("its process ended")
            for _, payload in self.reader.feed(received):
                return read_json(payload)

    def end(self, *, patience: float = END_SECONDS) -> None:
        """Close the line, wait `patience` seconds for the process, then kill it. Blocks."""
        if self.line is not None:
            self.line.close()
            self.line = None
        self.reader = FrameReader()
        process, self._process = self._process, None
        if process is not None:
            _end_process(process, patience)


def _until(deadline: float) -> float:
    return max(0.001, deadline - time.monotonic())


def _spawn(module: str, line: int, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Run `python -m module LINE`, where `line` is a descriptor that the child inherits. Its standard error is
    ours."""
    return subprocess.Popen(
        [sys.executable, "-m", module, str(line)],
        pass_fds=(line,),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if name in _INHERITED} | dict(environment),
        # Ctrl-C in a terminal goes to the job process, which then closes its children in its own order
        start_new_session=True,
    )


def _end_process(process: subprocess.Popen[bytes], patience: float) -> None:
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.wait()
