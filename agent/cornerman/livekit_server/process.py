"""Runs a LiveKit server of our own on loopback, for as long as a `with` block lasts.

In: the server's binary and `livekit.yaml`. Out: a `ServerAddress`. Promises: ports nobody else uses; a key pair made
for this run unless one is given, handed over in the environment and never on the command line; ready when it gives a
right answer to that key; gone after the block, after Ctrl-C, after a failed start, and when this process is killed.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import TracebackType

from pydantic import SecretStr

from cornerman.errors import ServerError
from cornerman.livekit_server.address import ServerAddress
from cornerman.livekit_server.guard import guarded
from cornerman.livekit_server.run import stop, tail
from cornerman.paths import find_project_file

START_SECONDS = 20.0
"""The most a server may take to answer; it takes about 0.1 s on an idle machine."""

_ATTEMPTS = 3
_LOOK_SECONDS = 0.02
_ANSWER_SECONDS = 2.0
_LOOPBACK = "127.0.0.1"
_PORT_TAKEN = "address already in use"

# The server reads its whole configuration from variables like these too: none of the user's may change ours.
_FOREIGN_PREFIX = "LIVEKIT_"
_FOREIGN_NAMES = frozenset({"NODE_IP", "UDP_PORT", "REDIS_HOST", "REDIS_PASSWORD"})


class _PortTakenError(Exception):
    """Somebody took a port between our picking it and the server's opening it."""


class LocalServer:
    """A LiveKit server that lives as long as its `with` (or `async with`) block, which gives its `ServerAddress`.

    `start` and `stop` do the same without a block; `stop` may be called at any time and more than once.
    """

    def __init__(
        self,
        binary: Path,
        *,
        configuration: Path | None = None,
        api_key: str | None = None,
        api_secret: SecretStr | None = None,
    ) -> None:
        """`configuration` defaults to the project's `livekit.yaml`. Key and secret are given together or not at all.

        Raises ServerError for half a key pair.
        """
        if (api_key is None) != (api_secret is None):
            raise ServerError("A LiveKit key and its secret are given together or not at all.")
        self._binary = binary
        self._configuration = configuration
        self._api_key = api_key or f"API{secrets.token_hex(8)}"
        self._api_secret = api_secret or SecretStr(secrets.token_urlsafe(36))
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None
        self._address: ServerAddress | None = None
        self._given_up = threading.Event()

    @property
    def address(self) -> ServerAddress:
        """Where the running server is. Raises ServerError when it is not running."""
        if self._address is None:
            raise ServerError("This LiveKit server is not running; start it first.")
        return self._address

    @property
    def process_id(self) -> int | None:
        """The process that guards the server, None when it is not running."""
        return self._process.pid if self._process else None

    @property
    def log_file(self) -> Path | None:
        """The server's log, None when it is not running; removed by `stop`."""
        return self._folder / "livekit-server.log" if self._folder else None

    def start(self) -> ServerAddress:
        """Starts the server and waits until it answers.

        Raises ServerError, with the end of the server's log, when it does not come up within START_SECONDS.
        """
        if self._address is not None:
            return self._address
        configuration = self._configuration or find_project_file("livekit.yaml")
        try:
            for attempt in range(1, _ATTEMPTS + 1):
                try:
                    self._address = self._start_once(configuration)
                    return self._address
                except _PortTakenError:
                    self.stop()
                    if attempt == _ATTEMPTS:
                        raise ServerError(f"LiveKit server: its ports were taken {_ATTEMPTS} times in a row.") from None
            raise AssertionError("unreachable")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends the server and removes its log."""
        if self._process is not None:
            stop(self._process)
            self._process = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
        self._address = None

    def _start_once(self, configuration: Path) -> ServerAddress:
        http_port, prometheus_port = _free_ports(socket.SOCK_STREAM, 2)
        (udp_port,) = _free_ports(socket.SOCK_DGRAM, 1)
        address = ServerAddress(
            url=f"ws://{_LOOPBACK}:{http_port}",
            api_key=self._api_key,
            api_secret=self._api_secret,
            prometheus_url=f"http://{_LOOPBACK}:{prometheus_port}/metrics",
        )
        command = [str(self._binary), "--config", str(configuration), "--port", str(http_port)]
        command += ["--udp-port", str(udp_port), "--prometheus.port", str(prometheus_port)]
        self._folder = Path(tempfile.mkdtemp(prefix="cornerman-livekit-"))
        log_file = self._folder / "livekit-server.log"
        with log_file.open("wb") as log:
            # A session of its own: a terminal's Ctrl-C then reaches us alone, and we end the server in order.
            self._process = subprocess.Popen(
                guarded(command),
                env=_server_environment(os.environ, address),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait_until_ready(self._process, address, log_file)
        return address

    def _wait_until_ready(self, process: subprocess.Popen[bytes], address: ServerAddress, log_file: Path) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(address):
            status = process.poll()
            if status is not None:
                if _PORT_TAKEN in log_file.read_text(encoding="utf-8", errors="replace"):
                    raise _PortTakenError
                raise ServerError(
                    f"The LiveKit server ({self._binary}) ended with status {status} instead of starting. "
                    f"Its log ends:\n{tail(log_file)}"
                )
            if self._given_up.is_set():
                raise ServerError("The start of the LiveKit server was given up.")
            if time.monotonic() > deadline:
                raise ServerError(
                    f"The LiveKit server ({self._binary}) did not answer at {address.http_url} within "
                    f"{START_SECONDS:.0f} s. Its log ends:\n{tail(log_file)}"
                )
            time.sleep(_LOOK_SECONDS)

    def __enter__(self) -> ServerAddress:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> ServerAddress:
        starting = asyncio.create_task(asyncio.to_thread(self.start), name="start livekit-server")
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            # A thread cannot be cancelled: tell it, and do not leave before what it started is gone.
            self._given_up.set()
            await asyncio.wait([starting])
            if not starting.cancelled():
                starting.exception()
            await asyncio.to_thread(self.stop)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.shield(asyncio.to_thread(self.stop))


def _server_environment(environment: Mapping[str, str], address: ServerAddress) -> dict[str, str]:
    kept = {
        name: value
        for name, value in environment.items()
        if not name.startswith(_FOREIGN_PREFIX) and name not in _FOREIGN_NAMES
    }
    return kept | {"LIVEKIT_KEYS": f"{address.api_key}: {address.api_secret.get_secret_value()}"}


def _free_ports(kind: socket.SocketKind, count: int) -> list[int]:
    """Distinct ports of loopback that nobody uses now; all are held until the last one is picked."""
    sockets = [socket.socket(socket.AF_INET, kind) for _ in range(count)]
    try:
        for each in sockets:
            each.bind((_LOOPBACK, 0))
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _answers(address: ServerAddress) -> bool:
    """Whether a server answers there that knows our key: not merely somebody at that port."""
    from livekit.api import AccessToken, VideoGrants  # slow to import; finding a server must not wait for it

    token = AccessToken(address.api_key, address.api_secret.get_secret_value())
    token = token.with_grants(VideoGrants(room_list=True)).with_ttl(timedelta(minutes=1))
    request = urllib.request.Request(
        f"{address.http_url}/twirp/livekit.RoomService/ListRooms",
        data=b"{}",
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {token.to_jwt()}"},
    )
    # No proxy of the user's stands between us and loopback.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_ANSWER_SECONDS) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        error.close()
        return False
    except OSError:
        return False
