"""Runs a long command to its end: logged, under a deadline, ended with this process, with a sign of life.

In: a command, its environment, where its output goes. Out: nothing; ServerError with the
end of its output when it fails.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from cornerman.errors import ServerError
from cornerman.livekit_server.guard import guarded

SIGN_OF_LIFE_SECONDS = 30.0
_TAIL_LINES = 15
_STOP_SECONDS = 5.0


def tail(log_file: Path, lines: int = _TAIL_LINES) -> str:
    """The last lines of a log, indented for an error message."""
    try:
        text = log_file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:]) or "    (no output)"


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends a guarded process and waits until it is gone; by force when it will not go."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def run_guarded(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    log_file: Path,
    deadline: float,
    progress: Callable[[str], None],
    doing: str,
) -> None:
    """Runs `command` to its end, at most `deadline` seconds, its output appended to `log_file`.

    `progress` hears every half minute that it still runs. Raises ServerError when it fails or takes too long.
    """
    begun = time.monotonic()
    with log_file.open("ab") as log:
        process = subprocess.Popen(
            guarded(command),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        while True:
            try:
                status = process.wait(SIGN_OF_LIFE_SECONDS)
                break
            except subprocess.TimeoutExpired:
                spent = time.monotonic() - begun
                if spent > deadline:
                    raise ServerError(
                        f"{doing} took longer than {deadline:.0f} s. Its last words:\n{tail(log_file)}"
                    ) from None
                progress(f"  still {doing} ({spent:.0f} s) ...")
    finally:
        stop(process)
    if status != 0:
        raise ServerError(f"{doing} failed with status {status}. Its last words:\n{tail(log_file)}")
