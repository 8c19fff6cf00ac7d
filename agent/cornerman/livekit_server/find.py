"""Finds a LiveKit server's binary on this machine, without building or starting anything.

In: the environment. Out: the path of a binary that runs, or None. Promises: `livekit-server` on PATH comes before the
copy this project built; nothing is downloaded.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from cornerman.errors import ServerError
from cornerman.paths import cache_folder

SERVER_VERSION = "1.13.5"
"""The LiveKit server this project builds and is tested against."""

SERVER_NAME = "livekit-server"

_VERSION_SECONDS = 20.0


def built_binary(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the copy built by this project lies, or will lie once it is built."""
    return cache_folder(environment) / f"{SERVER_NAME}-v{SERVER_VERSION}" / SERVER_NAME


def find_binary(environment: Mapping[str, str] = os.environ) -> Path | None:
    """`livekit-server` on PATH, else the copy built before, else None."""
    on_path = shutil.which(SERVER_NAME, path=environment.get("PATH"))
    if on_path:
        return Path(on_path)
    built = built_binary(environment)
    return built if os.access(built, os.X_OK) and built.is_file() else None


def server_version(binary: Path) -> str:
    """What the binary says about itself, such as `1.13.5`. Raises ServerError when it does not run."""
    try:
        said = subprocess.run(
            [binary, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_VERSION_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ServerError(f"{binary} does not run: {error}. Remove it, or put a working one in its place.") from error
    words = said.stdout.split()
    if said.returncode != 0 or "version" not in words:
        raise ServerError(
            f"{binary} does not look like a LiveKit server: `--version` ended with status {said.returncode}. "
            "Remove it, or put a working one in its place."
        )
    return words[-1]
