"""Starts and ends the processes that recognise speech.

A child gets one end of a socket pair as its only argument, a clean environment without keys and secrets, and ends by
itself when the other end closes; what does not is killed.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Mapping

END_SECONDS = 2.0
"""How long a child may take to end by itself before it is killed."""

_INHERITED = frozenset(
    {"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH"}
)
"""All of the environment a recogniser needs."""


def spawn(module: str, line: int, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
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


def end_process(process: subprocess.Popen[bytes], *, patience: float = END_SECONDS) -> None:
    """Wait `patience` seconds for a child whose line was closed, then kill it. Blocks."""
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.wait()
