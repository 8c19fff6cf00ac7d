"""Goes through a whole question with OpenAI's client before the first call, with nobody but this process.

The client builds its models of requests and answers, and imports what it reads sockets with, when they are first
needed, which takes tens of milliseconds of the first question of each process, while somebody waits for it. In: which
of the two protocols. Who answers is a server on loopback that ends with the rehearsal. Promises never to raise: a
rehearsal that fails costs the first question time, nothing else.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from aiohttp import web
from livekit.agents import APIConnectOptions, llm
from pydantic import BaseModel

from cornerman.config import ModelSettings
from cornerman.providers.llm.structured import response_format, text_format
from cornerman.providers.openai import load_plugin

logger = logging.getLogger(__name__)

LOOPBACK: Final = "127.0.0.1"
PATIENCE = 10.0
TOKENS = 40
"""Pieces of the answer: so many that the interpreter has settled how it runs what reads them, once for all processes
that are forked from this one.
"""
_USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
_CHUNK: dict[str, Any] = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "x"}
_RESPONSE: dict[str, Any] = _CHUNK | {
    "object": "response",
    "created_at": 0,
    "status": "completed",
    "output": [],
    "tools": [],
    "tool_choice": "auto",
    "parallel_tool_calls": True,
}
_DELTA = {"item_id": "x", "output_index": 0, "content_index": 0, "delta": "x", "logprobs": []}
_CHAT_EVENTS: tuple[dict[str, Any], ...] = (
    *[_CHUNK | {"choices": [{"index": 0, "delta": {"role": "assistant", "content": "x"}, "finish_reason": None}]}]
    * TOKENS,
    _CHUNK | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
    _CHUNK | {"choices": [], "usage": _USAGE},
)
_RESPONSE_EVENTS: tuple[dict[str, Any], ...] = (
    {"type": "response.created", "sequence_number": 0, "response": _RESPONSE},
    *[{"type": "response.output_text.delta", "sequence_number": 1} | _DELTA] * TOKENS,
    {"type": "response.completed", "sequence_number": 2, "response": _RESPONSE},
)


class _Form(BaseModel):
    sources: list[str]


def rehearse(settings: ModelSettings) -> None:
    """A question with the plugin of these settings, if it is one of OpenAI's; blocks for a moment. The plugin must
    have been loaded.
    """
    if settings.provider not in ("openai", "openai_responses"):
        return
    # a loop of its own, since whoever warms up may or may not be running one
    thread = threading.Thread(target=_run, args=(settings.provider == "openai_responses",), name="rehearsal")
    thread.start()
    thread.join(PATIENCE)


def _run(responses: bool) -> None:
    try:
        asyncio.run(_question(responses))
    except Exception as error:
        logger.debug("no rehearsal: %s", type(error).__name__)


async def _question(responses: bool) -> None:
    import openai

    plugins = load_plugin()
    chat = llm.ChatContext.empty()
    chat.add_message(role="user", content=["x", llm.ImageContent(image="data:image/jpeg;base64,eHh4")])
    asked: dict[str, Any] = {"chat_ctx": chat, "conn_options": APIConnectOptions(max_retry=0, timeout=1.0)}
    async with (
        _answering(_RESPONSE_EVENTS if responses else _CHAT_EVENTS) as url,
        # no proxy, and no certificates, which take long to load: it asks this process alone
        openai.DefaultAsyncHttpxClient(trust_env=False, verify=False) as http,
        openai.AsyncOpenAI(api_key="x", base_url=url, http_client=http, max_retries=0) as client,
    ):
        await client.models.list()
        if responses:
            plugin = plugins.responses.LLM(client=client, use_websocket=False, store=False, model="x")
            asked["extra_kwargs"] = {"text": text_format(_Form)}
        else:
            plugin = plugins.LLM(client=client, model="x")
            asked["extra_kwargs"] = {"response_format": response_format(_Form)}
        async with plugin.chat(**asked) as stream:
            async for _ in stream:
                pass
        await plugin.aclose()


@asynccontextmanager
async def _answering(events: Sequence[dict[str, Any]]) -> AsyncIterator[str]:
    """The address of a server that lists no models, and answers every question with these events, piece by piece."""

    async def models(_request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": []})

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for event in events:
            await response.write(f"event: {event.get('type', 'x')}\ndata: {json.dumps(event)}\n\n".encode())
            await asyncio.sleep(0)  # so that it is read by itself
        await response.write(b"data: [DONE]\n\n")
        return response

    app = web.Application()
    app.add_routes([web.get("/models", models), web.post("/{path:.*}", answer)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, LOOPBACK, 0).start()
        yield f"http://{LOOPBACK}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
