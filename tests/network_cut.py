"""The network between somebody and a LiveKit server, on loopback, which a test cuts and joins again.

In: the server's signalling port and its media port. Out: a `url` to reach it by. Signalling and the server's API go
through a relay of TCP, media through one of UDP: on the way to the client the server's candidate, the only place where
it names its media port, is made to name the relay's, which has as many digits. Nothing is decrypted. Promises: while
the network is cut no byte passes in either direction; what was sent by TCP waits and passes afterwards, as with real
retransmissions, and datagrams are lost; its thread and sockets are gone with the `with` block.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Coroutine
from contextlib import suppress
from types import TracebackType
from typing import Any, Self, cast

from own_server import LOOPBACK, free_ports

ANSWERS_WITHIN = 10.0
PIECE = 65_536
ANSWERED = 4096
"""Clients of the UDP relay at most; the oldest loses its way back."""


class Network:
    """`with Network(server.port, server.udp_port) as network: network.url ... network.cut() ... network.join()`."""

    def __init__(self, port: int, udp_port: int) -> None:
        self._to = port
        self.server_udp_port = udp_port
        (self._port,) = free_ports(socket.SOCK_STREAM, 1)
        (self._udp_port,) = free_ports(socket.SOCK_DGRAM, 1)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="network_cut", daemon=True)
        self._up: asyncio.Event | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing: list[asyncio.BaseTransport | asyncio.AbstractServer] = []
        self.datagrams = 0
        """Datagrams that passed: a test that media goes this way."""

    @property
    def url(self) -> str:
        return f"ws://{LOOPBACK}:{self._port}"

    def leads_to(self, port: int) -> None:
        """Where new connections lead from now on, for a server whose port was not known before."""
        self._to = port

    def cut(self) -> None:
        """From now on nothing passes."""
        self._call(self._set(False))

    def join(self) -> None:
        """Everything passes again."""
        self._call(self._set(True))

    @property
    def joined(self) -> bool:
        return self._up is not None and self._up.is_set()

    def __enter__(self) -> Self:
        self._thread.start()
        self._call(self._open())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(TimeoutError):
            self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(ANSWERS_WITHIN)
        self._loop.close()

    # -- the thread --

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(ANSWERS_WITHIN)

    async def _set(self, up: bool) -> None:
        assert self._up is not None
        if up:
            self._up.set()
        else:
            self._up.clear()

    async def _open(self) -> None:
        self._up = asyncio.Event()
        self._up.set()
        self._closing.append(await asyncio.start_server(self._connected, LOOPBACK, self._port))
        transport, _ = await self._loop.create_datagram_endpoint(
            lambda: _Entrance(self), local_addr=(LOOPBACK, self._udp_port)
        )
        self._closing.append(transport)

    async def _close(self) -> None:
        for each in self._closing:
            each.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- signalling --

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        assert self._up is not None
        self._tasks.add(task)
        try:
            begun = await self._begun(reader)
            if begun is None:
                return
            try:
                far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self._to)
            except OSError:
                return
            far_writer.write(begun)
            there = asyncio.create_task(self._pass(reader, far_writer), name="network_cut.there")
            back = asyncio.create_task(self._pass(far_reader, writer, renaming=True), name="network_cut.back")
            try:
                await asyncio.wait([there, back], return_when=asyncio.FIRST_COMPLETED)
            finally:
                far_writer.close()
                for each in (there, back):
                    each.cancel()
                await asyncio.gather(there, back, return_exceptions=True)
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _begun(self, reader: asyncio.StreamReader) -> bytes | None:
        """Waits until the network is joined; what the client has sent by then, None where it has given up: nobody who
        was turned to while it was cut ever learns of that.
        """
        assert self._up is not None
        begun = b""
        joined = asyncio.create_task(self._up.wait(), name="network_cut.joined")
        try:
            while not joined.done():
                reading = asyncio.create_task(reader.read(PIECE), name="network_cut.begun")
                await asyncio.wait([reading, joined], return_when=asyncio.FIRST_COMPLETED)
                if not reading.done():
                    reading.cancel()
                    await asyncio.gather(reading, return_exceptions=True)
                elif not (piece := reading.result()):
                    return None
                else:
                    begun += piece
            return begun
        except OSError:
            return None
        finally:
            joined.cancel()

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, renaming: bool = False
    ) -> None:
        """Passes on what comes until one side ends. A candidate that is torn between two pieces is found too: what
        might be its beginning waits for the rest, and for nothing else.
        """
        assert self._up is not None
        named, renamed = f" {LOOPBACK} {self.server_udp_port} ".encode(), f" {LOOPBACK} {self._udp_port} ".encode()
        kept = b""
        with suppress(OSError):
            while piece := await reader.read(PIECE):
                if renaming:
                    whole = (kept + piece).replace(named, renamed)
                    torn = next((n for n in range(len(named) - 1, 0, -1) if whole.endswith(named[:n])), 0)
                    # A lone blank, or a few digits, end many messages: holding those back would hold up the message.
                    torn = torn if torn > len(LOOPBACK) else 0
                    piece, kept = whole[: len(whole) - torn], whole[len(whole) - torn :]
                await self._up.wait()
                writer.write(piece)
                await writer.drain()


class _Entrance(asyncio.DatagramProtocol):
    """Where clients send their media; each gets a way of its own to the server and back."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._ways: dict[tuple[str, int], asyncio.Task[asyncio.DatagramTransport]] = {}
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        if not self._network.joined:
            return
        way = self._ways.get(address)
        if way is None:
            if len(self._ways) >= ANSWERED:
                self._end(self._ways.pop(next(iter(self._ways))))
            way = self._ways[address] = asyncio.create_task(self._opened(address), name="network_cut.way")
        if way.done():
            self._network.datagrams += 1
            way.result().sendto(data)
        # What comes before the way is open is lost: ICE asks again.

    def error_received(self, error: Exception) -> None:
        """Whoever sent is gone."""

    def connection_lost(self, error: Exception | None) -> None:
        for way in self._ways.values():
            self._end(way)

    def back(self, data: bytes, address: tuple[str, int]) -> None:
        if self._network.joined and self._transport is not None:
            self._network.datagrams += 1
            self._transport.sendto(data, address)

    async def _opened(self, address: tuple[str, int]) -> asyncio.DatagramTransport:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _WayBack(self, address), remote_addr=(LOOPBACK, self._network.server_udp_port)
        )
        return transport

    def _end(self, way: asyncio.Task[asyncio.DatagramTransport]) -> None:
        if way.done() and not way.cancelled() and way.exception() is None:
            way.result().close()
        else:
            way.cancel()


class _WayBack(asyncio.DatagramProtocol):
    """One client's way: what the server sends there goes to that client."""

    def __init__(self, entrance: _Entrance, address: tuple[str, int]) -> None:
        self._entrance = entrance
        self._address = address

    def datagram_received(self, data: bytes, _server: tuple[str, int]) -> None:
        self._entrance.back(data, self._address)

    def error_received(self, error: Exception) -> None:
        """The server is not there just now."""
