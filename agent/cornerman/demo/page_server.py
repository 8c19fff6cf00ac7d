"""Serves the demo page and its small interface to this machine.

    POST /api/calls                body: CallWish   201  call, url, room, rep {identity, name, token}, prospect_page
    GET  /api/calls/ID                              200  position of the recording (seconds or null), trouble
    GET  /api/calls/ID/rep                          200  as the POST: for a page that was loaded anew
    GET  /api/calls/ID/prospect                     200  url, room, identity, name, token (may not send data)
    POST /api/calls/ID/play                         200  position: the recording was begun, if it had not been
    POST /api/calls/ID/end                          204
    GET  /api/calls/ID/rep.flac, prospect.flac      200  a recorded voice

A refusal is JSON with an `error` to show. The id of a call is what lets its pages in: it cannot be guessed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import web
from pydantic import ValidationError

from cornerman.config import Settings
from cornerman.contract import faults_of
from cornerman.demo.cast import NAMES, REP
from cornerman.demo.page_calls import CallWish, PageCall, PageCalls, TooManyCallsError, page_calls
from cornerman.demo.page_guard import only_own_pages, security_headers
from cornerman.demo_call import load_recording, resource
from cornerman.errors import CornermanError
from cornerman.livekit_server import ServerAddress

LOOPBACK = "127.0.0.1"
LARGEST_BODY = 4096
CALLS = web.AppKey("calls", PageCalls)


@asynccontextmanager
async def page_server(server: ServerAddress, settings: Settings, pages: Path, port: int = 0) -> AsyncIterator[str]:
    """The page's address, served until the block is left; port 0 takes a free one.

    Raises:
        CornermanError: the port is taken.
    """
    async with page_calls(server, settings) as calls:
        hosts: set[str] = set()
        app = _application(calls, pages, hosts)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            site = web.TCPSite(runner, LOOPBACK, port)
            try:
                await site.start()
            except OSError as error:
                raise CornermanError(f"the demo page cannot listen on port {port}: {error.strerror}") from error
            taken = runner.addresses[0][1]
            hosts |= {f"{LOOPBACK}:{taken}", f"localhost:{taken}"}
            yield f"http://{LOOPBACK}:{taken}/"
        finally:
            await runner.cleanup()


def _application(calls: PageCalls, pages: Path, hosts: set[str]) -> web.Application:
    app = web.Application(middlewares=[only_own_pages(lambda: frozenset(hosts))], client_max_size=LARGEST_BODY)
    app[CALLS] = calls

    async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(security_headers(calls.server, hosts))

    async def front(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(pages / "index.html")

    app.on_response_prepare.append(add_headers)
    app.router.add_post("/api/calls", _begin)
    app.router.add_get("/api/calls/{call}", _standing)
    app.router.add_get("/api/calls/{call}/rep", _rep)
    app.router.add_get("/api/calls/{call}/prospect", _prospect)
    app.router.add_post("/api/calls/{call}/play", _play)
    app.router.add_post("/api/calls/{call}/end", _end)
    app.router.add_get("/api/calls/{call}/{speaker:rep|prospect}.flac", _voice)
    app.router.add_get("/", front)
    app.router.add_static("/", pages)
    return app


async def _begin(request: web.Request) -> web.Response:
    if request.content_type != "application/json":
        return _fault("say what kind of call, as application/json", 415)
    try:
        wish = CallWish.model_validate_json(await request.text())
    except ValidationError as error:
        return _fault("; ".join(faults_of(error)), 400)
    try:
        call = await request.app[CALLS].begin(wish)
    except TooManyCallsError as error:
        return _fault(str(error), 429)
    return web.json_response(_ticket_of_rep(call), status=201)


async def _rep(request: web.Request) -> web.Response:
    return web.json_response(_ticket_of_rep(_call(request)))


async def _prospect(request: web.Request) -> web.Response:
    call = _call(request)
    return web.json_response(_place(call) | _person(call, call.visitor))


async def _standing(request: web.Request) -> web.Response:
    call = _call(request)
    return web.json_response({"position": call.position, "trouble": call.trouble})


async def _play(request: web.Request) -> web.Response:
    try:
        return web.json_response({"position": await _call(request).play()})
    except CornermanError as error:
        return _fault(str(error), 409)


async def _end(request: web.Request) -> web.Response:
    await _call(request).aclose()
    return web.Response(status=204)


async def _voice(request: web.Request) -> web.Response:
    _call(request)
    stored = resource(f"{request.match_info['speaker']}.flac")
    return web.Response(body=await asyncio.to_thread(stored.read_bytes), content_type="audio/flac")


def _call(request: web.Request) -> PageCall:
    call = request.app[CALLS].find(request.match_info["call"])
    if call is None:
        raise web.HTTPNotFound(text='{"error": "this call is over"}', content_type="application/json")
    return call


def _place(call: PageCall) -> dict[str, Any]:
    return {"call": call.id, "url": call.terms.url, "room": call.terms.room, "prospect": call.wish.prospect}


def _person(call: PageCall, identity: str) -> dict[str, str]:
    return {"identity": identity, "name": NAMES[identity], "token": call.terms.tokens[identity]}


def _ticket_of_rep(call: PageCall) -> dict[str, Any]:
    return _place(call) | {
        "rep": _person(call, REP),
        "rep_voice": call.wish.rep_voice,
        "consent": call.wish.consent,
        "prospect_page": f"/prospect.html#call={call.id}",
        "recording": _recorded_seconds(),
    }


@cache
def _recorded_seconds() -> float:
    return load_recording().duration


def _fault(why: str, status: int) -> web.Response:
    return web.json_response({"error": why}, status=status)
