"""The process that holds the recognition model, as the job process sees it.

One host serves all streams of a job: start it once, before the call (`start` blocks for about half a second and may
run in a job process's synchronous set-up), and each stream then opens in milliseconds. Streams whose recogniser dies
fail alone; a host that died is started again by the next stream that opens. Promises that nothing it started outlives
this process, however it ends.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from cornerman.errors import ProviderError
from cornerman.providers.child_process import END_SECONDS, ChildProcess
from cornerman.providers.frames import FrameKind, FrameReader, read_json
from cornerman.providers.offline.settings import OfflineSettings

MODULE = "cornerman.providers.offline.process"
SEND_BUFFER_BYTES = 32_768
"""Audio the kernel may hold for a slow recogniser, about a second: what waits longer should wait where it can be
counted."""

_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""numpy would start a thread for each core, and the host must have one thread only to fork safely."""


class RecogniserConnection:
    """One stream's line to its recogniser process."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._reader = FrameReader()
        self._events: list[dict[str, Any]] = []
        self.pid = 0

    async def send(self, packed: bytes) -> None:
        """Raises OSError when the recogniser is gone."""
        await asyncio.get_running_loop().sock_sendall(self._line, packed)

    async def receive(self) -> dict[str, Any] | None:
        """The next event, or None when the recogniser is gone. See `recogniser` for the events."""
        loop = asyncio.get_running_loop()
        while not self._events:
            try:
                received = await loop.sock_recv(self._line, 65_536)
            except ConnectionError:
                return None
            if not received:
                return None
            self._events += [
                read_json(payload) for kind, payload in self._reader.feed(received) if kind is FrameKind.EVENT
            ]
        return self._events.pop(0)

    def close(self) -> None:
        """The recogniser sees this and ends."""
        self._line.close()


class RecogniserHost:
    """Owns the host process. `start` and `close` may be called from any thread, `open` and `aclose` from an event
    loop.

    `terms` maps words to ARPAbet pronunciations; those the dictionary has already need none. `start_timeout` in
    seconds."""

    def __init__(
        self,
        *,
        terms: Mapping[str, Sequence[str]] | None = None,
        settings: OfflineSettings | None = None,
        start_timeout: float = 8.0,
    ) -> None:
        self._terms = {term: list(pronunciations) for term, pronunciations in (terms or {}).items()}
        self._settings = settings or OfflineSettings()
        self._start_timeout = start_timeout
        self._lock = threading.Lock()
        self._closed = False
        self._child = ChildProcess(MODULE)
        self._missing: Mapping[str, str] = MappingProxyType({})

    @property
    def missing_terms(self) -> Mapping[str, str]:
        """Terms the engine will never hear, with the reason. Known once started."""
        return self._missing

    @property
    def pid(self) -> int | None:
        """Of the host process while it lives."""
        return self._child.pid

    def start(self) -> None:
        """Start the process unless it lives. Raises ProviderError when it does not come up in time, or after
        `close`."""
        with self._lock:
            if self._closed:
                raise ProviderError("the offline recogniser was closed and cannot be started again; make a new one")
            if self.pid is not None:
                return
            self._child.end()
            self._start_process()

    async def open(self, *, timeout: float) -> RecogniserConnection:
        """A recogniser for one stream, ready to hear within `timeout` seconds (the start of a dead host comes on
        top).

        Raises ProviderError when the host cannot be started, OSError or TimeoutError when no recogniser answers.
        """
        if self.pid is None:
            await asyncio.to_thread(self.start)
        ours, theirs = socket.socketpair()
        connection = RecogniserConnection(ours)
        try:
            with theirs:
                ours.setblocking(False)
                ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
                self._hand_over(theirs)
            async with asyncio.timeout(timeout):
                event = await connection.receive()
        except BaseException:
            connection.close()
            raise
        if event is None:
            connection.close()
            raise ConnectionError("the recogniser ended while its stream was being opened")
        connection.pid = int(event["pid"])
        return connection

    def close(self) -> None:
        """End the process and all its recognisers. Takes milliseconds, at most some seconds."""
        with self._lock:
            self._closed = True
            self._child.end()

    async def aclose(self) -> None:
        await asyncio.to_thread(self.close)

    def _hand_over(self, line: socket.socket) -> None:
        control = self._child.line
        if control is None:
            raise ConnectionError("the offline recogniser was closed")
        # one byte with a descriptor: the buffer holds hundreds of them, so this does not wait for the host
        socket.send_fds(control, [b"+"], [line.fileno()])

    def _start_process(self) -> None:
        deadline = time.monotonic() + self._start_timeout
        config = {"terms": self._terms, "settings": asdict(self._settings)}
        try:
            control = self._child.start(_ONE_THREAD)
            ready = self._child.await_ready(control, config, deadline=deadline)
        except (OSError, ValueError) as failure:
            self._child.end(patience=0.0)
            raise ProviderError(
                f"the offline recogniser did not start within {self._start_timeout:g} s "
                f"({failure or type(failure).__name__}); its own messages are on standard error; "
                "is the machine overloaded?"
            ) from failure
        if "failed" in ready:
            self._child.end()
            raise ProviderError(
                f"the offline recogniser cannot load its model: {ready['failed']}; reinstall the package pocketsphinx"
            )
        control.settimeout(END_SECONDS)
        self._missing = MappingProxyType(dict(ready["missing"]))
