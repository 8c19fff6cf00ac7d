"""A LiveKit server of a test's own, which may be killed and started again: the same ports, keys and configuration.

In: the server's binary, a folder for its log. Out: its address, which stays the same. Promise: it is gone with the
`with` block, and with this process.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

import psutil
import yaml
from pydantic import SecretStr

from cornerman.livekit_server import ServerAddress
from cornerman.livekit_server.guard import guarded
from cornerman.paths import find_project_file

LOOPBACK = "127.0.0.1"
STARTS_WITHIN = 20.0
ENDS_WITHIN = 10.0
LOOK_EVERY = 0.02
_OTHERS_VARIABLES = ("LIVEKIT_", "NODE_IP", "UDP_PORT", "REDIS_")
"""From these the server would read configuration that is not this test's."""


class OwnServer:
    """`with OwnServer(binary, folder) as server: server.address ... server.kill() ... server.start()`.

    It answers ICE and never asks, so that all media takes the way the other side has chosen: through a relay, say.
    """

    def __init__(self, binary: Path, folder: Path) -> None:
        self._log = folder / "livekit-server.log"
        self.port, prometheus = free_ports(socket.SOCK_STREAM, 2)
        (self.udp_port,) = free_ports(socket.SOCK_DGRAM, 1)
        configuration = yaml.safe_load(find_project_file("livekit.yaml").read_text())
        configuration["port"] = self.port
        configuration["prometheus"] = {"port": prometheus}
        configuration["rtc"] |= {"udp_port": self.udp_port, "use_ice_lite": True}
        written = folder / "livekit.yaml"
        written.write_text(yaml.safe_dump(configuration))
        self._command = [str(binary), "--config", str(written)]
        self.address = ServerAddress(
            url=f"ws://{LOOPBACK}:{self.port}",
            api_key=f"API{secrets.token_hex(8)}",
            api_secret=SecretStr(secrets.token_urlsafe(36)),
            prometheus_url=f"http://{LOOPBACK}:{prometheus}/metrics",
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts the server and waits until it answers. Blocks."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_OTHERS_VARIABLES)}
        keys = f"{self.address.api_key}: {self.address.api_secret.get_secret_value()}"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                guarded(self._command),
                env={**kept, "LIVEKIT_KEYS": keys},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + STARTS_WITHIN
        while not self._answers():
            status = self._process.poll()
            log_so_far = self._log.read_text(errors="replace")[-2000:]
            assert status is None, f"the server ended with {status}:\n{log_so_far}"
            assert time.monotonic() < deadline, f"the server did not answer:\n{log_so_far}"
            time.sleep(LOOK_EVERY)

    def kill(self) -> None:
        """Ends the server as a crash would: nobody is told. Blocks until it is gone."""
        if self._process is None:
            return
        for process in [*psutil.Process(self._process.pid).children(recursive=True)]:
            process.kill()
        self._process.wait(ENDS_WITHIN)
        self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def _answers(self) -> bool:
        try:
            with urlopen(self.address.http_url, timeout=1) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False


def free_ports(kind: socket.SocketKind, count: int) -> list[int]:
    """Distinct ports of loopback that nobody uses now, all with five digits; all are held until the last one is picked.

    Raises:
        OSError: the system gave none.
    """
    held: list[socket.socket] = []
    found: list[int] = []
    try:
        while len(found) < count:
            held.append(socket.socket(socket.AF_INET, kind))
            held[-1].bind((LOOPBACK, 0))
            port = int(held[-1].getsockname()[1])
            if port >= 10_000:
                found.append(port)
    finally:
        for each in held:
            each.close()
    return found
