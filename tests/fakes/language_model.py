"""A language model on 127.0.0.1 that streams its answers as server-sent events: what OpenAI's two protocols share.

In: POST requests of real clients. Out: the scripted `replies`, at their pace; `asked`, every request with its parsed
body. Promise: whoever hangs up is noticed within `LOOK_EVERY` seconds, also while nothing is being said.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any, Protocol

from aiohttp import web

from fakes.faults import Behaviour
from fakes.openai_http import openai_error
from fakes.record import Record
from fakes.replies import Asked, Call, Replies, Reply
from fakes.server import FakeProvider

LOOK_EVERY = 0.01
_FOR_EVER = float("inf")
_NO_JSON = 'data: {"id": "x", "choices": [{"del\n\n'


class Hung(Exception):  # noqa: N818  not a fault of the test: how a client ends a request
    """The client hung up."""


class Telling(Protocol):
    """An answer in the events of a protocol, each finished with an empty line."""

    def begin(self) -> Iterator[str]: ...

    def say(self, piece: str) -> Iterator[str]: ...

    def call(self, number: int, call: Call) -> Iterator[str]: ...

    def finish(self) -> Iterator[str]: ...

    def fail(self) -> Iterator[str]:
        """The protocol's own error inside a stream."""
        ...


class FakeLanguageModel(FakeProvider):
    """The server; a subclass says which bodies are refused and how a reply is told."""

    def __init__(self, *, key: str | None = None) -> None:
        super().__init__(key=key)
        self.replies = Replies()
        self._asked: list[Asked] = []

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    @property
    def asked(self) -> tuple[Asked, ...]:
        """Every request for an answer so far, in order of arrival."""
        return tuple(self._asked)

    def fault_of(self, body: dict[str, Any]) -> str | None:
        """Why the real service would turn this body away with 400."""
        raise NotImplementedError

    def telling(self, asked: Asked, reply: Reply) -> Telling:
        """How this reply is told."""
        raise NotImplementedError

    def refusal(self, status: int, request_id: str) -> dict[str, Any]:
        return openai_error(status)

    async def models(self, _request: web.Request, record: Record, _behaviour: Behaviour) -> web.StreamResponse:
        """What clients ask for to open a connection beforehand."""
        record.note_end("answered 200")
        known = {"id": "a-model", "object": "model", "created": 1_700_000_000, "owned_by": "nobody"}
        return web.json_response({"object": "list", "data": [known]})

    async def answer(self, request: web.Request, record: Record, _behaviour: Behaviour) -> web.StreamResponse:
        """What is asked for an answer gets."""
        body = json.loads(await request.read())
        record.note_control(body)
        asked = Asked(body, record)
        self._asked.append(asked)
        fault = self.fault_of(body)
        if fault is not None:
            return _turned_away(record, Reply(status=400, message=fault, code="invalid_value"))
        reply = self.replies.reply_to(asked)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
        try:
            await _until(request, record.arrived + reply.headers)
            if reply.status != 200:
                return _turned_away(record, reply)
            await response.prepare(request)
            await self._tell(request, response, asked, reply)
        except (Hung, ConnectionError):
            record.note_end("client lost")
        return response

    async def _tell(self, request: web.Request, response: web.StreamResponse, asked: Asked, reply: Reply) -> None:
        async def write(events: Iterator[str]) -> None:
            for event in events:
                await response.write(event.encode())

        telling = self.telling(asked, reply)
        began = asked.arrived + reply.headers
        await write(telling.begin())
        cut = reply.cut
        for number, piece in enumerate(cut):
            await _until(request, began + reply.due(number))
            asked.record.note_said("piece", piece)
            await write(telling.say(piece))
        for number, call in enumerate(reply.calls):
            await _until(request, began + reply.due(len(cut) + number))
            await write(telling.call(number, call))
        await _until(request, began + reply.due(0))
        match reply.ending:
            case "done":
                await write(telling.finish())
            case "stall":
                await _until(request, _FOR_EVER)
            case "error":
                await write(telling.fail())
            case "garbage":
                await write(iter([_NO_JSON]))
            case "cut" | "reset":
                asked.record.note_end(reply.ending)
                _hang_up(request, reset=reply.ending == "reset")
                return
        asked.record.note_end("answered 200")
        await response.write_eof()


async def _until(request: web.Request, due: float) -> None:
    """Wait for a moment of the monotonic clock.

    Raises:
        Hung: the client went away meanwhile.
    """
    loop = asyncio.get_running_loop()
    while True:
        if request.transport is None or request.transport.is_closing():
            raise Hung
        left = due - loop.time()
        if left <= 0:
            return
        await asyncio.sleep(min(left, LOOK_EVERY))


def _hang_up(request: web.Request, *, reset: bool) -> None:
    if isinstance(request.transport, asyncio.Transport):
        request.transport.abort() if reset else request.transport.close()


def _turned_away(record: Record, reply: Reply) -> web.Response:
    record.note_end(f"refused {reply.status}")
    headers = {} if reply.retry_after is None else {"Retry-After": reply.retry_after}
    body = openai_error(reply.status, message=reply.message, code=reply.code)
    return web.json_response(body, status=reply.status, headers=headers)
