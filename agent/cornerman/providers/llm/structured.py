"""Answers in the form of a pydantic model, as far as a server can be held to it.

`schema`: the server itself allows nothing else. `json`: it is asked for some JSON object and told the schema. `prompt`:
it is told only, and what it writes around the object is taken away. In: the model class, text as it streams. Out: what
goes into the request, text without its wrapping. Promises to work a class out once.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from livekit.agents import llm
from livekit.agents.llm.utils import to_openai_response_format
from pydantic import BaseModel

JSON_OBJECT: dict[str, Any] = {"type": "json_object"}
_NOT_EVERYWHERE = frozenset({"default", "minLength", "maxLength", "examples", "title", "description"})
"""Keywords that strict servers refuse, or that only cost tokens: the reader checks lengths anyway, and what a field
means stands in the rules of whoever asks.
"""


@lru_cache(maxsize=64)
def response_format(schema: type[BaseModel]) -> dict[str, Any]:
    """For chat completions. Treat it as constant."""
    form = to_openai_response_format(schema)
    inner = form["json_schema"]
    return form | {"json_schema": inner | {"schema": _plain(inner["schema"])}}


@lru_cache(maxsize=64)
def text_format(schema: type[BaseModel]) -> dict[str, Any]:
    """For responses. Treat it as constant."""
    return {"format": {"type": "json_schema", **response_format(schema)["json_schema"]}}


def with_instructions(chat: llm.ChatContext, schema: type[BaseModel]) -> llm.ChatContext:
    """A copy that tells the schema behind the first system message, where it stays the same for every question."""
    told = chat.copy()
    head = next((number + 1 for number, item in enumerate(told.items) if _is_system(item)), 0)
    told.items.insert(head, llm.ChatMessage(role="system", content=[_instructions(schema)]))
    return told


class ObjectOnly:
    """Lets through the first JSON object of a text that streams, and nothing before or behind it."""

    def __init__(self) -> None:
        self._depth = 0
        self._in_string = False
        self._escaped = False
        self._over = False

    def feed(self, text: str) -> str:
        """The part of `text` that belongs to the object."""
        if self._over:
            return ""
        start = 0
        if self._depth == 0:
            start = text.find("{")
            if start < 0:
                return ""
        for at in range(start, len(text)):
            self._step(text[at])
            if self._depth == 0:
                self._over = True
                return text[start : at + 1]
        return text[start:]

    def _step(self, character: str) -> None:
        if self._in_string:
            if self._escaped:
                self._escaped = False
            elif character == "\\":
                self._escaped = True
            elif character == '"':
                self._in_string = False
        elif character == '"':
            self._in_string = True
        elif character == "{":
            self._depth += 1
        elif character == "}":
            self._depth -= 1


@lru_cache(maxsize=64)
def _instructions(schema: type[BaseModel]) -> str:
    form = json.dumps(response_format(schema)["json_schema"]["schema"], separators=(",", ":"))
    return f"Answer with one JSON object and nothing else, its keys in this order, to this JSON schema: {form}"


def _is_system(item: llm.ChatItem) -> bool:
    return isinstance(item, llm.ChatMessage) and item.role in ("system", "developer")


def _plain(schema: Any, names: bool = False) -> Any:
    """Without `_NOT_EVERYWHERE`; `names`: the keys are a user's own names, not keywords."""
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _plain(value, key in ("properties", "$defs", "definitions") and not names)
        for key, value in schema.items()
        if names or key not in _NOT_EVERYWHERE
    }
