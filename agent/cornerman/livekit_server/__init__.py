"""A real LiveKit server for the demo, the doctor and the tests: found, built or given, started and stopped again.

In: the environment. Out: a `ServerAddress` to connect to. The order in which a server is looked for:

1. `LIVEKIT_URL`, with `LIVEKIT_API_KEY` and `LIVEKIT_API_SECRET`: used as given, nothing is started;
2. `livekit-server` on PATH;
3. the copy this project built before, in the cache folder;
4. one built now, by Go on PATH or by the Go toolchain that the Python package index carries.

    with open_server() as server:          # or: async with
        connect(server.url, server.api_key, server.api_secret)

Promises: a server started here listens on loopback only, under keys made for this run, and ends with the `with` block
and with the process, however that ends. Otherwise `ServerError` says three ways to get a server.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from cornerman.livekit_server.address import GivenServer, ServerAddress, given_address
from cornerman.livekit_server.build import Progress, build_binary, silently
from cornerman.livekit_server.find import SERVER_VERSION, built_binary, find_binary, server_version
from cornerman.livekit_server.process import LocalServer

__all__ = [
    "SERVER_VERSION",
    "GivenServer",
    "LocalServer",
    "Progress",
    "ServerAddress",
    "build_binary",
    "built_binary",
    "find_binary",
    "get_binary",
    "get_server",
    "given_address",
    "open_server",
    "server_version",
]


def get_binary(*, progress: Progress = silently, environment: Mapping[str, str] = os.environ) -> Path:
    """A server's binary: found, or built now. `progress` is told, a line at a time, what a build takes and does."""
    return find_binary(environment) or build_binary(progress=progress, environment=environment)


def get_server(*, progress: Progress = silently, environment: Mapping[str, str] = os.environ) -> str:
    """Makes sure that there is a server to use, without starting it, and says in one line which one it is."""
    given = given_address(environment)
    if given:
        return f"LiveKit server: {given.url} (given by LIVEKIT_URL)"
    binary = get_binary(progress=progress, environment=environment)
    whence = "built here" if binary == built_binary(environment) else "on PATH"
    return f"LiveKit server: {server_version(binary)} at {binary} ({whence})"


def open_server(
    *, progress: Progress = silently, environment: Mapping[str, str] = os.environ
) -> GivenServer | LocalServer:
    """The server to use, as a context manager (sync or async) that gives its address; a given one is not started."""
    given = given_address(environment)
    if given:
        return GivenServer(given)
    return LocalServer(get_binary(progress=progress, environment=environment))
