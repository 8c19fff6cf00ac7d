"""Builds the Go program that plays callers, once for each state of its sources, into the cache folder.

In: the sources in `caller/`, and a Go toolchain: the machine's own, or one installed for the time of the build. Out:
the path of the binary. Promises: as for the LiveKit server's own build: two builds at a time do not race, a broken one
leaves nothing behind, modules are those that `go.sum` pins.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import logging
import os
import shutil
import tempfile
from pathlib import Path

from cornerman.errors import CornermanError, ServerError
from cornerman.livekit_server.run import run_guarded
from cornerman.livekit_server.toolchain import borrow_toolchain, build_environment, own_toolchain
from cornerman.paths import cache_folder

logger = logging.getLogger(__name__)

SOURCES = Path(__file__).with_name("caller")
BUILD_SECONDS = 1800.0
LOCK_LOOK_SECONDS = 0.2


def binary_path() -> Path:
    """Where the binary of these very sources lies, or will lie once it is built."""
    digest = hashlib.sha256()
    for path in sorted(SOURCES.iterdir()):
        if path.suffix in (".go", ".mod", ".sum"):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return cache_folder() / f"load-{digest.hexdigest()[:16]}" / "load"


async def build() -> Path:
    """The binary: found, or built now, which takes some minutes and the way to the modules and the package index.

    Raises:
        CornermanError: it could not be built; the end of the build's log is in the message.
    """
    return await asyncio.to_thread(_built)


def _built() -> Path:
    goal = binary_path()
    if goal.is_file():
        return goal
    goal.parent.mkdir(parents=True, exist_ok=True)
    with (goal.parent / "build.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # given back by the system when this process dies; a build has a deadline
        if not goal.is_file():
            try:
                _build(goal)
            except (ServerError, OSError) as error:
                raise CornermanError(
                    f"the load generator could not be built: {error}\nIt needs Go 1.26 or newer on PATH, or a way for "
                    "pip to its package index, and for Go a way to its modules (GOPROXY)."
                ) from error
    return goal


def _build(goal: Path) -> None:
    scratch = Path(tempfile.mkdtemp(prefix="building-", dir=goal.parent))
    log_file = scratch / "build.log"
    try:
        sources = scratch / "sources"
        shutil.copytree(SOURCES, sources)
        toolchain = own_toolchain(os.environ) or borrow_toolchain(
            scratch, os.environ, progress=logger.info, log_file=log_file
        )
        command = [str(toolchain.go), "-C", str(sources), "build", "-mod=readonly", "-modcacherw", "-trimpath"]
        run_guarded(
            [*command, "-buildvcs=false", "-ldflags=-s -w", "-o", str(scratch / "load"), "."],
            environment=build_environment(scratch, os.environ, borrowed=toolchain.borrowed),
            log_file=log_file,
            deadline=BUILD_SECONDS,
            progress=logger.info,
            doing=f"building the load generator with {toolchain.version}",
        )
        (scratch / "load").replace(goal)  # same file system, so it is there whole or not at all
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
