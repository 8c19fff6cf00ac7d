"""One websocket on which a client sends audio and a provider says what it hears: what all such protocols share.

In: messages of the client. Out: messages of the provider, late by the scripted delays but never out of order; faults
at the scripted second of audio. Promise: what is decided depends on the audio alone, to within a piece of 20 ms,
however it is cut into messages and however fast it comes.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from aiohttp import WSMsgType, web

from fakes.faults import GARBAGE, Behaviour
from fakes.record import Record
from fakes.tones import Heard, ToneEar

PIECE = 0.02
"""Seconds of audio taken at a time, whatever the client sends."""

_GARBAGE_EVERY = 0.2
_CLOSE_DEADLINE = 0.5
_MOST_WAITING = 10_000
"""Messages held back by a delay; a script that needs more is a mistake and ends its connection."""


class ClosedByServer(Exception):  # noqa: N818  not a fault of the test: how a session ends
    """The provider is done with this connection."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A word as an interim or a final shows it: with `revise`, the first interim shows another text."""

    text: str
    start: float
    end: float


class WireSession:
    """A connection. A subclass reads control messages (`control`) and speaks after each piece (`listened`)."""

    idle_limit: float | None = None
    """Seconds without a message after which `idle` is called."""
    pings_count = False
    """Whether a websocket ping keeps the connection from being idle."""

    def __init__(self, request: web.Request, record: Record, behaviour: Behaviour, *, rate: int) -> None:
        self.request = request
        self.record = record
        self.behaviour = behaviour
        self.rate = rate
        self.ear = ToneEar(rate)
        self.socket = web.WebSocketResponse(max_msg_size=0, compress=False, timeout=0.5, autoping=False)
        self._waiting: asyncio.Queue[tuple[float, dict[str, Any], str]] = asyncio.Queue(_MOST_WAITING)
        self._last_due = 0.0
        self._shown_otherwise: set[int] = set()
        self._words_before = 0
        self._garbage: Iterator[bytes | str] = cycle(GARBAGE)
        self._next_garbage: float | None = None
        self._complained = False
        self._last_message = time.monotonic()

    # What a subclass gives.

    async def opened(self) -> None:
        """The websocket is open."""

    async def message(self, data: str) -> None:
        """A text message of the client."""
        raise NotImplementedError

    async def listened(self, words: list[Heard]) -> None:
        """A piece of audio was taken, and these words ended in it."""
        raise NotImplementedError

    async def idle(self) -> None:
        """Nothing came for `idle_limit` seconds."""

    async def complain(self) -> None:
        """Send the protocol's error message."""

    async def last_words(self) -> None:
        """What the protocol says before the provider closes because of a failure."""

    # The connection.

    async def serve(self) -> web.WebSocketResponse:
        await self.socket.prepare(self.request)
        sender = asyncio.create_task(self._send_when_due(), name="fake provider's sender")
        try:
            await self.opened()
            if self.behaviour.after_audio <= 0:
                await self._fail()
            await self._receive()
        except ClosedByServer:
            pass
        except (ConnectionError, OSError) as error:
            self.record.note_end(f"client lost ({type(error).__name__})")
        finally:
            sender.cancel()
            with suppress(asyncio.CancelledError):
                await sender
        return self.socket

    async def _receive(self) -> None:
        while True:
            left = None
            if self.idle_limit is not None:
                left = max(0.0, self._last_message + self.idle_limit - time.monotonic())
            try:
                async with asyncio.timeout(left):
                    message = await self.socket.receive()
            except TimeoutError:
                await self.idle()
                self._last_message = time.monotonic()
                continue
            if message.type is not WSMsgType.PING or self.pings_count:
                self._last_message = time.monotonic()
            if message.type is WSMsgType.BINARY:
                await self.audio(message.data)
            elif message.type is WSMsgType.TEXT:
                await self.message(message.data)
            elif not await self._answered_ping(message.type, message.data):
                how = f"client closed {self.socket.close_code}" if message.type is WSMsgType.CLOSE else "client lost"
                self.record.note_end(how)
                return

    async def _answered_ping(self, kind: WSMsgType, data: bytes) -> bool:
        if kind is WSMsgType.PING:
            await self.socket.pong(data)
        return kind in (WSMsgType.PING, WSMsgType.PONG)

    async def audio(self, pcm16: bytes) -> None:
        """Take audio of the client, fail at the scripted second of it, and speak."""
        piece = round(PIECE * self.rate) * 2
        before = self.record.audio
        self.record.note_audio(len(pcm16) / 2 / self.rate)
        for at in range(0, len(pcm16), piece):
            part = pcm16[at : at + piece]
            if before + at / 2 / self.rate >= self.behaviour.after_audio:
                await self._fail()
            words = self.ear.push(part)
            self.record.note_heard(words)
            if self._next_garbage is not None:
                await self._babble()
            else:
                await self.listened(words)

    async def _fail(self) -> None:
        match self.behaviour.fault:
            case "kill":
                self.record.note_end("killed")
                self._abort()
                raise ClosedByServer
            case "complain" | "throttle" if not self._complained:
                self._complained = True
                await self.complain()
            case "close":
                await self.last_words()
                await self.close(self.behaviour.code, self.behaviour.reason)
            case "hang":
                await self._hang()
            case "garbage" if self._next_garbage is None:
                self._next_garbage = self.ear.position
                await self._babble()

    def _abort(self) -> None:
        if isinstance(self.request.transport, asyncio.Transport):
            self.request.transport.abort()

    async def _hang(self) -> None:
        """Say nothing more. Without reading, not even the end of the connection is noticed, as in a stuck process."""
        if not self.behaviour.reads and isinstance(self.request.transport, asyncio.Transport):
            self.request.transport.pause_reading()
            self.record.note_end("hung")
            await asyncio.Event().wait()
        while True:
            message = await self.socket.receive()
            if message.type is WSMsgType.BINARY:
                self.record.note_audio(len(message.data) / 2 / self.rate)
            elif message.type is WSMsgType.TEXT:
                self.unanswered(message.data)
            elif not await self._answered_ping(message.type, message.data):
                self.record.note_end("client closed while hung")
                raise ClosedByServer

    def unanswered(self, data: str) -> None:
        """Record a text message that will not be answered."""
        with suppress(ValueError):
            self.record.note_control(json.loads(data))

    async def _babble(self) -> None:
        while self._next_garbage is not None and self.ear.position >= self._next_garbage:
            self._next_garbage += _GARBAGE_EVERY
            nonsense = next(self._garbage)
            self.record.note_said("garbage", "")
            if isinstance(nonsense, bytes):
                await self.socket.send_bytes(nonsense)
            else:
                await self.socket.send_str(nonsense)

    # Speaking.

    async def say(self, message: dict[str, Any], *, text: str = "", kind: str = "", delay: float = 0.0) -> None:
        """Send after `delay` seconds, and after everything said before."""
        kind = kind or str(message["type"])
        due = max(self._last_due, time.monotonic() + delay)
        self._last_due = due
        if delay <= 0 and self._waiting.empty() and due <= time.monotonic():
            await self._send(message, text, kind)
        else:
            self._waiting.put_nowait((due, {"kind": kind, "message": message}, text))

    async def _send(self, message: dict[str, Any], text: str, kind: str) -> None:
        self.record.note_said(kind, text)
        await self.socket.send_str(json.dumps(message))

    async def _send_when_due(self) -> None:
        with suppress(ConnectionError, OSError):
            while True:
                due, envelope, text = await self._waiting.get()
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                await self._send(envelope["message"], text, envelope["kind"])
                self._waiting.task_done()

    async def all_said(self) -> None:
        """Wait until everything that is late has been sent."""
        await self._waiting.join()

    async def close(self, code: int, reason: str = "") -> None:
        """Close the websocket and end the session."""
        self.record.note_end(f"closed {code}")
        await self.socket.close(code=code, message=reason.encode())
        raise ClosedByServer

    async def close_without_code(self) -> None:
        """Close with an empty close frame, as some providers do: the client sees no code, or 1005."""
        self.record.note_end("closed without code")
        if isinstance(self.request.transport, asyncio.Transport):
            self.request.transport.write(b"\x88\x00")
            with suppress(TimeoutError, ConnectionError):
                async with asyncio.timeout(_CLOSE_DEADLINE):
                    while not self.socket.closed:
                        await self.socket.receive()
        raise ClosedByServer

    # Words.

    def shown(self, words: list[Heard], *, final: bool) -> list[Shown]:
        """The words of the present segment as they are told now; a word to be revised is told wrongly once."""
        told = []
        for position, word in enumerate(words, start=self._words_before):
            instead = self.behaviour.revise.get(word.text)
            wrong = instead is not None and not final and position not in self._shown_otherwise
            if wrong:
                self._shown_otherwise.add(position)
            told.append(Shown(text=instead if wrong and instead else word.text, start=word.start, end=word.end))
        if final:
            self._words_before += len(words)
        return told
