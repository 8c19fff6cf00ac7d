"""Runs one command that must not outlive the process that asked for it. A script of its own: no project imports.

In: the parent's process id, then the command. Out: the command's exit status. Promises: the command ends when the
parent is gone, however it went (SIGKILL included), when this process is told to end, and on Linux also when this
process is killed itself.

The kernel's parent-death signal alone would not do: it fires when the *thread* that started the command ends, and
servers are started from worker threads. Watching the parent's id is bound to no thread and works on every POSIX system.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

LOOK_SECONDS = 0.25
"""How often the parent is looked for; the most a command outlives it before it is told to end."""

PATIENCE_SECONDS = (0.3, 2.0)
"""A LiveKit server waits for its rooms to empty at the first SIGTERM and ends at the second; then SIGKILL."""

_PR_SET_PDEATHSIG = 1
_END_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def guarded(command: Sequence[str]) -> list[str]:
    """The command line that runs `command` guarded, to be started by the process it must not outlive."""
    return [sys.executable, "-I", "-S", str(Path(__file__).resolve()), str(os.getpid()), *command]


def die_with_this_process() -> None:
    """In the child, before the command: ask Linux to kill it when this process dies. Elsewhere nothing happens."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def end(command: subprocess.Popen[bytes]) -> None:
    """Ends the command: twice politely, then by force."""
    for patience in PATIENCE_SECONDS:
        command.terminate()
        try:
            command.wait(patience)
        except subprocess.TimeoutExpired:
            continue
        return
    command.kill()
    command.wait()


def main(arguments: list[str]) -> int:
    parent = int(arguments[0])
    woken, wake = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    told_to_end = False

    def note_end(number: int, _frame: object) -> None:
        nonlocal told_to_end
        told_to_end = True

    for number in _END_SIGNALS:
        signal.signal(number, note_end)
    # Without a handler the wake-up pipe stays silent, and the command's own end would be noticed late.
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    # Safe here: this process has one thread.
    command = subprocess.Popen(arguments[1:], stdin=subprocess.DEVNULL, preexec_fn=die_with_this_process)
    while command.poll() is None:
        if told_to_end or os.getppid() != parent:
            end(command)
            break
        select.select([woken], [], [], LOOK_SECONDS)
        with contextlib.suppress(BlockingIOError):
            os.read(woken, 512)
    return command.wait()


if __name__ == "__main__":
    status = main(sys.argv[1:])
    # A command ended by a signal has a negative status here; a shell would say 128 + its number.
    sys.exit(status if status >= 0 else 128 - status)
