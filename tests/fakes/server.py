"""A provider on 127.0.0.1 in a thread of its own: its own loop, so that it answers however busy the test's loop is.

In: connections of real plugins, from this process or another. Out: `records` of what each one did. Promise: the port
is chosen by the system and kept over `stop_listening` and `listen_again`; leaving the context ends the thread, the
listener and every connection.

    with FakeDeepgramNova() as provider: ...            # blocking
    async with FakeDeepgramNova() as provider: ...      # the same, on an event loop
"""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web

from fakes.faults import Behaviour, Script
from fakes.record import Record

Value = TypeVar("Value")
Answer = Callable[[web.Request, Record, Behaviour], Awaitable[web.StreamResponse]]

START_DEADLINE = 10.0
_LARGEST_UPLOAD = 64 * 2**20


class FakeProvider:
    """The server; a subclass says what is answered where (`routes`) and how a refusal reads (`refusal`)."""

    def __init__(self, *, key: str | None = None) -> None:
        """With `key`, any other key is refused with 401; without, any key is good, but there must be one."""
        self.script = Script()
        self._key = key
        self._records: list[Record] = []
        self._transports: dict[asyncio.Transport, Record] = {}
        self._port = 0
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self._stop: asyncio.Event | None = None
        self._failed: BaseException | None = None

    # What a subclass gives.

    def routes(self) -> list[tuple[str, str, Answer]]:
        """Method, path and answer of everything this provider serves."""
        raise NotImplementedError

    def refusal(self, status: int, request_id: str) -> dict[str, Any]:
        """The JSON body of a refused request."""
        raise NotImplementedError

    # What a test uses.

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def records(self) -> tuple[Record, ...]:
        """Every connection and request so far, in order of arrival."""
        return tuple(self._records)

    @property
    def heard(self) -> tuple[str, ...]:
        """All words of all connections, in order of arrival of the connections."""
        return tuple(word for record in self.records for word in record.words)

    def stop_listening(self) -> None:
        """Refuse TCP connections from now on; those that are open stay."""
        self._call(self._close_listener())

    def listen_again(self) -> None:
        """Take connections again, on the same port."""
        self._call(self._open_listener())

    def kill_open(self) -> None:
        """Reset every open connection now."""
        self._call(self._abort_all())

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), name=type(self).__name__, daemon=True)
        self._thread.start()
        if not ready.wait(START_DEADLINE):
            raise TimeoutError(f"{type(self).__name__} did not listen within {START_DEADLINE:g} s")
        if self._failed is not None:
            raise self._failed
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        if self._thread is not None:
            self._thread.join(START_DEADLINE)

    async def __aenter__(self) -> Self:
        return await asyncio.to_thread(self.__enter__)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.__exit__, kind, error, trace)

    # The thread.

    def _run(self, ready: threading.Event) -> None:
        try:
            asyncio.run(self._serve(ready))
        except BaseException as error:  # told to whoever waits for the start
            self._failed = error
            ready.set()
            raise

    async def _serve(self, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        application = web.Application(client_max_size=_LARGEST_UPLOAD)
        for method, path, answer in self.routes():
            application.router.add_route(method, path, self._recorded(answer))
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await self._open_listener()
        ready.set()
        try:
            await self._stop.wait()
        finally:
            await self._abort_all()
            await self._runner.cleanup()

    def _call(self, work: Coroutine[Any, Any, Value]) -> Value:
        if self._loop is None:
            work.close()
            raise RuntimeError(f"{type(self).__name__} is not running; enter it first")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(START_DEADLINE)

    async def _open_listener(self) -> None:
        if self._site is None and self._runner is not None:
            self._site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
            await self._site.start()
            self._port = self._runner.addresses[0][1]

    async def _close_listener(self) -> None:
        if self._site is not None:
            await self._site.stop()
            self._site = None

    async def _abort_all(self) -> None:
        for transport, record in list(self._transports.items()):
            record.note_end("killed")
            transport.abort()

    # A request.

    def _recorded(self, answer: Answer) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def recorded(request: web.Request) -> web.StreamResponse:
            record = _record_of(request)
            self._records.append(record)
            behaviour = self.script.behaviour_for(record)
            transport = request.transport
            assert isinstance(transport, asyncio.Transport)
            self._transports[transport] = record
            try:
                if behaviour.connect_delay:
                    await asyncio.sleep(behaviour.connect_delay)
                refused = self._refused(request, record, behaviour)
                return refused if refused is not None else await answer(request, record, behaviour)
            finally:
                del self._transports[transport]
                record.note_end("client lost")

        return recorded

    def _refused(self, request: web.Request, record: Record, behaviour: Behaviour) -> web.Response | None:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if not scheme or not key or (self._key is not None and key != self._key):
            return self.refuse(record, 401)
        if behaviour.fault == "refuse":
            return self.refuse(record, behaviour.status)
        return None

    def refuse(self, record: Record, status: int, headers: dict[str, str] | None = None) -> web.Response:
        """An answer in the provider's own form that says no."""
        record.note_end(f"refused {status}")
        request_id = str(uuid.uuid4())
        return web.json_response(self.refusal(status, request_id), status=status, headers=headers)

    async def fail(
        self, request: web.Request, record: Record, behaviour: Behaviour, *, garbage: bytes
    ) -> web.StreamResponse | None:
        """What a request over plain HTTP gets in place of its answer; None where nothing fails. `garbage`: a body that
        cannot be read.
        """
        match behaviour.fault:
            case "throttle":
                return self.refuse(record, 429, {"Retry-After": str(behaviour.retry_after)})
            case "complain":
                return self.refuse(record, 500)
            case "kill" | "close":
                record.note_end("killed")
                if isinstance(request.transport, asyncio.Transport):
                    request.transport.abort()
                return web.Response()
            case "hang":
                await asyncio.Event().wait()
            case "garbage":
                record.note_end("answered garbage")
                return web.Response(body=garbage, content_type="application/json")
        return None


def _record_of(request: web.Request) -> Record:
    scheme = request.headers.get("Authorization", "").partition(" ")[0]
    return Record(
        path=request.path,
        query=tuple(request.query.items()),
        headers={name: value for name, value in request.headers.items() if name.lower() != "authorization"},
        authorization=scheme or None,
    )
