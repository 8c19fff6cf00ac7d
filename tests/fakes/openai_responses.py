"""OpenAI's responses (`POST /v1/responses`), streamed as server-sent events.

In: the JSON body of a real client. Out: the published protocol's events in their order, each with its sequence number;
a body that the real service refuses is refused. The provider's own tools are accepted and never used.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

from fakes.language_model import FakeLanguageModel, Telling
from fakes.openai_chat import schema_fault
from fakes.replies import Asked, Call, Reply
from fakes.server import Answer

_TOOLS = frozenset({"function", "web_search", "web_search_preview", "file_search", "code_interpreter"})


class FakeOpenAIResponses(FakeLanguageModel):
    """Serves responses; give the plugin `base_url=provider.base_url`."""

    def routes(self) -> list[tuple[str, str, Answer]]:
        return [("POST", "/v1/responses", self.answer), ("GET", "/v1/models", self.models)]

    def fault_of(self, body: dict[str, Any]) -> str | None:
        if not body.get("model"):
            return "Missing required parameter: 'model'."
        if not body.get("input"):
            return "Missing required parameter: 'input'."
        if not body.get("stream"):
            return "this stand-in answers streamed requests only"
        for tool in body.get("tools") or []:
            if tool.get("type") not in _TOOLS:
                return f"Invalid value: '{tool.get('type')}'. Supported values are: {sorted(_TOOLS)}."
        form = (body.get("text") or {}).get("format") or {}
        if form.get("type") == "json_object" and "json" not in json.dumps(body["input"]).lower():
            return "Response input messages must contain the word 'json' in some form to use 'text.format'."
        if form.get("type") == "json_schema" and form.get("strict"):
            return schema_fault(form["schema"])
        return None

    def telling(self, asked: Asked, reply: Reply) -> Telling:
        return _ResponsesTelling(asked, reply)


class _ResponsesTelling:
    """An answer as the events of a response."""

    def __init__(self, asked: Asked, reply: Reply) -> None:
        self._asked = asked
        self._reply = reply
        self._id = f"resp_{uuid.uuid4().hex}"
        self._message_id = f"msg_{uuid.uuid4().hex}"
        self._created = time.time()
        self._sequence = 0
        self._said = ""
        self._output: list[dict[str, Any]] = []
        self._message_open = False

    def begin(self) -> Iterator[str]:
        yield self._event("response.created", response=self._response("in_progress"))
        yield self._event("response.in_progress", response=self._response("in_progress"))

    def say(self, piece: str) -> Iterator[str]:
        if not self._message_open:
            self._message_open = True
            item = self._message("in_progress", [])
            yield self._event("response.output_item.added", output_index=0, item=item)
            part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
            yield self._event("response.content_part.added", **self._place(), part=part)
        self._said += piece
        yield self._event("response.output_text.delta", **self._place(), delta=piece, logprobs=[])

    def call(self, number: int, call: Call) -> Iterator[str]:
        yield from self._end_message()
        item_id, index = f"fc_{uuid.uuid4().hex}", len(self._output)
        item = {"type": "function_call", "id": item_id, "call_id": call.call_id, "name": call.name}
        added = item | {"arguments": "", "status": "in_progress"}
        yield self._event("response.output_item.added", output_index=index, item=added)
        place = {"item_id": item_id, "output_index": index}
        for at in range(0, len(call.arguments), call.piece):
            part = call.arguments[at : at + call.piece]
            yield self._event("response.function_call_arguments.delta", **place, delta=part)
        yield self._event("response.function_call_arguments.done", **place, name=call.name, arguments=call.arguments)
        done = item | {"arguments": call.arguments, "status": "completed"}
        self._output.append(done)
        yield self._event("response.output_item.done", output_index=index, item=done)

    def finish(self) -> Iterator[str]:
        yield from self._end_message()
        usage = self._usage() if self._reply.usage else None
        yield self._event("response.completed", response=self._response("completed") | {"usage": usage})

    def fail(self) -> Iterator[str]:
        message = "The server had an error while processing your request."
        failed = self._response("failed") | {"error": {"code": "server_error", "message": message}}
        yield self._event("response.failed", response=failed)

    def _end_message(self) -> Iterator[str]:
        if not self._message_open:
            return
        self._message_open = False
        part = {"type": "output_text", "text": self._said, "annotations": [], "logprobs": []}
        yield self._event("response.output_text.done", **self._place(), text=self._said, logprobs=[])
        yield self._event("response.content_part.done", **self._place(), part=part)
        item = self._message("completed", [part])
        self._output.append(item)
        yield self._event("response.output_item.done", output_index=0, item=item)

    def _message(self, status: str, content: list[dict[str, Any]]) -> dict[str, Any]:
        return {"type": "message", "id": self._message_id, "status": status, "role": "assistant", "content": content}

    def _place(self) -> dict[str, Any]:
        return {"item_id": self._message_id, "output_index": 0, "content_index": 0}

    def _usage(self) -> dict[str, Any]:
        prompt, completion = self._asked.prompt_tokens, self._reply.tokens
        return {
            "input_tokens": prompt,
            "input_tokens_details": {"cached_tokens": self._reply.cached_tokens, "cache_write_tokens": 0},
            "output_tokens": completion,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": prompt + completion,
        }

    def _response(self, status: str) -> dict[str, Any]:
        body = self._asked.body
        return {
            "id": self._id,
            "object": "response",
            "created_at": self._created,
            "status": status,
            "background": False,
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "max_output_tokens": None,
            "model": body["model"],
            "output": list(self._output),
            "parallel_tool_calls": True,
            "previous_response_id": None,
            "reasoning": {"effort": None, "summary": None},
            "service_tier": "default",
            "store": body.get("store", True),
            "temperature": 1.0,
            "text": body.get("text") or {"format": {"type": "text"}},
            "tool_choice": "auto",
            "tools": body.get("tools") or [],
            "top_p": 1.0,
            "truncation": "disabled",
            "usage": None,
            "metadata": {},
        }

    def _event(self, kind: str, **body: Any) -> str:
        event = {"type": kind, "sequence_number": self._sequence, **body}
        self._sequence += 1
        return f"event: {kind}\ndata: {json.dumps(event)}\n\n"
