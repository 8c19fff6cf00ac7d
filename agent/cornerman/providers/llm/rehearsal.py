"""Goes through a whole question with OpenAI's client before the first call, without a network.

The client builds its models of requests and answers when they are first needed, which takes tens of milliseconds of
the first question of each process, while somebody waits for it. In: which of the two protocols. Promises never to
raise: a rehearsal that fails costs the first question time, nothing else.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from typing import Any

from livekit.agents import APIConnectOptions, llm
from pydantic import BaseModel

from cornerman.config import ModelSettings
from cornerman.providers.llm.structured import response_format, text_format
from cornerman.providers.openai import load_plugin

logger = logging.getLogger(__name__)

PATIENCE = 10.0
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
    _CHUNK | {"choices": [{"index": 0, "delta": {"role": "assistant", "content": "x"}, "finish_reason": None}]},
    _CHUNK | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
    _CHUNK | {"choices": [], "usage": _USAGE},
)
_RESPONSE_EVENTS: tuple[dict[str, Any], ...] = (
    {"type": "response.created", "sequence_number": 0, "response": _RESPONSE},
    {"type": "response.output_text.delta", "sequence_number": 1} | _DELTA,
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
    import httpx2
    import openai

    plugins = load_plugin()
    events = _RESPONSE_EVENTS if responses else _CHAT_EVENTS
    body = "".join(f"event: {event.get('type', 'x')}\ndata: {json.dumps(event)}\n\n" for event in events)

    def answer(_request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=body + "data: [DONE]\n\n")

    chat = llm.ChatContext.empty()
    chat.add_message(role="user", content=["x", llm.ImageContent(image="data:image/jpeg;base64,eHh4")])
    asked: dict[str, Any] = {"chat_ctx": chat, "conn_options": APIConnectOptions(max_retry=0, timeout=1.0)}
    async with (
        httpx2.AsyncClient(transport=httpx2.MockTransport(answer)) as http,
        openai.AsyncOpenAI(api_key="x", base_url="http://rehearsal.invalid", http_client=http, max_retries=0) as client,
    ):
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
