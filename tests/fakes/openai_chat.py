"""OpenAI's chat completions (`POST /v1/chat/completions`), streamed; vLLM, Ollama and llama.cpp speak it too.

In: the JSON body of a real client. Out: server-sent events in the shapes of the published protocol, tool calls split
over chunks, a usage chunk where `stream_options` asks for one; a body that the real service refuses is refused.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

from fakes.language_model import FakeLanguageModel, Telling
from fakes.replies import Asked, Call, Reply
from fakes.server import Answer

_ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})
_NOT_PERMITTED = frozenset({"default", "minLength", "maxLength", "oneOf", "not", "if"})
"""Keywords that strict structured output does not take."""


class FakeOpenAIChat(FakeLanguageModel):
    """Serves chat completions; give the plugin `base_url=provider.base_url`."""

    def routes(self) -> list[tuple[str, str, Answer]]:
        return [("POST", "/v1/chat/completions", self.answer), ("GET", "/v1/models", self.models)]

    def fault_of(self, body: dict[str, Any]) -> str | None:
        if not body.get("model"):
            return "you must provide a model parameter"
        messages = body.get("messages")
        if not isinstance(messages, list) or not messages:
            return "[] is too short - 'messages'"
        if any(message.get("role") not in _ROLES for message in messages):
            return "Invalid value: messages[].role"
        if not body.get("stream"):
            return "this stand-in answers streamed requests only"
        form = body.get("response_format") or {}
        if form.get("type") == "json_object" and "json" not in json.dumps(messages).lower():
            return (
                "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
            )
        if form.get("type") == "json_schema" and form["json_schema"].get("strict"):
            return schema_fault(form["json_schema"]["schema"])
        return None

    def telling(self, asked: Asked, reply: Reply) -> Telling:
        return _ChatTelling(asked, reply)


class _ChatTelling:
    """An answer as chunks of a completion."""

    def __init__(self, asked: Asked, reply: Reply) -> None:
        self._asked = asked
        self._reply = reply
        self._id = f"chatcmpl-{uuid.uuid4().hex[:24]}"
        self._created = int(time.time())

    def begin(self) -> Iterator[str]:
        yield self._delta({"role": "assistant", "content": "", "refusal": None})

    def say(self, piece: str) -> Iterator[str]:
        yield self._delta({"content": piece})

    def call(self, number: int, call: Call) -> Iterator[str]:
        head = {"index": number, "id": call.call_id, "type": "function"}
        yield self._delta({"tool_calls": [head | {"function": {"name": call.name, "arguments": ""}}]})
        for at in range(0, len(call.arguments), call.piece):
            part = call.arguments[at : at + call.piece]
            yield self._delta({"tool_calls": [{"index": number, "function": {"arguments": part}}]})

    def finish(self) -> Iterator[str]:
        yield self._delta({}, "tool_calls" if self._reply.calls else "stop")
        if self._reply.usage and (self._asked.body.get("stream_options") or {}).get("include_usage"):
            yield self._chunk([], usage=self._usage())
        yield "data: [DONE]\n\n"

    def fail(self) -> Iterator[str]:
        error = {"message": "The server had an error while processing your request.", "type": "server_error"}
        yield _event({"error": error | {"param": None, "code": None}})

    def _usage(self) -> dict[str, Any]:
        prompt, completion = self._asked.prompt_tokens, self._reply.tokens
        return {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": {"cached_tokens": self._reply.cached_tokens, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": 0,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        }

    def _delta(self, delta: dict[str, Any], finish: str | None = None) -> str:
        return self._chunk([{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}])

    def _chunk(self, choices: list[dict[str, Any]], usage: dict[str, Any] | None = None) -> str:
        chunk = {
            "id": self._id,
            "object": "chat.completion.chunk",
            "created": self._created,
            "model": self._asked.body["model"],
            "service_tier": "default",
            "system_fingerprint": "fp_0",
            "choices": choices,
            "usage": usage,
        }
        return _event(chunk)


def schema_fault(schema: Any) -> str | None:
    """Why strict structured output would not take this JSON schema."""
    if isinstance(schema, list):
        return next(filter(None, map(schema_fault, schema)), None)
    if not isinstance(schema, dict):
        return None
    refused = sorted(_NOT_PERMITTED & schema.keys())
    if refused and not isinstance(schema.get(refused[0]), dict):
        return f"Invalid schema for response_format: '{refused[0]}' is not permitted."
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False:
            return (
                "Invalid schema for response_format: 'additionalProperties' is required to be supplied and to be false."
            )
        if set(schema.get("required", ())) != set(schema.get("properties", {})):
            return (
                "Invalid schema for response_format: 'required' is required to be an array of every key in properties."
            )
    return next(filter(None, map(schema_fault, schema.values())), None)


def _event(body: dict[str, Any]) -> str:
    return f"data: {json.dumps(body)}\n\n"
