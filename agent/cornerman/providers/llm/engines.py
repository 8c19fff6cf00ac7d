"""LiveKit's language model plugins, made from settings and asked all in the same way.

In: settings of one model; a conversation, a form for the answer, tools. Out: the plugin's stream. Promises that the
plugin tries once and leaves trying again to others, that keys come from the environment alone, and that nothing of a
conversation stays behind in the plugin.

The key for OpenAI's protocols stands in OPENAI_API_KEY, or in the variable that the option `key_variable` names, so
that several servers can each have their own.
"""

from __future__ import annotations

import importlib
import inspect
import logging
import os
import sys
import weakref
from collections.abc import Sequence
from typing import Any

from livekit.agents import APIConnectOptions, llm
from livekit.agents.llm.tool_context import RawFunctionToolInfo
from livekit.agents.llm.utils import build_legacy_openai_schema, build_strict_openai_schema
from pydantic import BaseModel

from cornerman.config import ModelSettings
from cornerman.errors import ProviderError
from cornerman.providers.llm.failures import keep_wait
from cornerman.providers.llm.structured import (
    JSON_OBJECT,
    ObjectOnly,
    response_format,
    text_format,
    with_instructions,
)
from cornerman.providers.openai import KEY_VARIABLE, NO_KEY, load_plugin

KEY_OPTION = "key_variable"
QUOTING_LOGGERS = (
    "openai",
    "anthropic",
    "groq",
    "google_genai",
    "mistralai",
    "httpx",
    "httpx2",
    "httpcore",
    "httpcore2",
)
"""Clients that may write requests into their logs where those are set to tell everything."""


class ModelEngine:
    """One plugin's object. `ask` is all that differs between protocols."""

    def __init__(self, plugin: llm.LLM[Any], structured: str) -> None:
        self.plugin = plugin
        self.structured = structured
        plugin.on("error", keep_wait)

    def ask(
        self, chat: llm.ChatContext, schema: type[BaseModel] | None, tools: Sequence[llm.Tool], timeout: float
    ) -> llm.LLMStream:
        """Sends a request and streams the answer. `timeout`: seconds for each read and write, the plugin's way.

        Needs a running event loop; the request leaves as soon as the caller awaits anything.
        """
        if schema is not None and self.structured != "schema":
            chat = with_instructions(chat, schema)
        return self.plugin.chat(
            chat_ctx=chat,
            tools=list(tools),
            conn_options=APIConnectOptions(max_retry=0, timeout=timeout),
            **self.form(schema),
        )

    def form(self, schema: type[BaseModel] | None) -> dict[str, Any]:
        """What of the plugin's arguments holds the answer to `schema`."""
        if schema is None or self.structured == "prompt":
            return {}
        return {"response_format": schema}

    def reader(self, schema: type[BaseModel] | None) -> ObjectOnly | None:
        """What takes away the words around an object, where a server may write some."""
        return ObjectOnly() if schema is not None and self.structured == "prompt" else None

    async def warm(self) -> None:
        """Opens a connection without asking for anything."""
        await self.plugin._prewarm_impl()

    def forget(self) -> None:
        """Drops what the plugin keeps of the last conversation."""

    async def aclose(self) -> None:
        self.plugin.off("error", keep_wait)
        await self.plugin.aclose()


class _OpenAIEngine(ModelEngine):
    """OpenAI's protocols. Working out a tool's schema takes a millisecond each, so that it is done once."""

    def __init__(self, plugin: llm.LLM[Any], structured: str) -> None:
        super().__init__(plugin, structured)
        self._known: weakref.WeakKeyDictionary[llm.Tool, llm.Tool] = weakref.WeakKeyDictionary()

    def ask(
        self, chat: llm.ChatContext, schema: type[BaseModel] | None, tools: Sequence[llm.Tool], timeout: float
    ) -> llm.LLMStream:
        return super().ask(chat, schema, [self._worked_out(tool) for tool in tools], timeout)

    def form(self, schema: type[BaseModel] | None) -> dict[str, Any]:
        if schema is None or self.structured == "prompt":
            return {}
        return {"extra_kwargs": self.extra(schema)}

    def extra(self, schema: type[BaseModel]) -> dict[str, Any]:
        """Of a request in which the answer's form is asked for."""
        return {"response_format": response_format(schema) if self.structured == "schema" else JSON_OBJECT}

    def schema_of(self, tool: llm.FunctionTool[Any, Any]) -> dict[str, Any]:
        """A function tool as the protocol describes it."""
        return build_strict_openai_schema(tool)["function"]  # type: ignore[no-any-return]

    async def aclose(self) -> None:
        await super().aclose()
        client = getattr(self.plugin, "_client", None)
        if client is not None:
            await client.close()

    def _worked_out(self, tool: llm.Tool) -> llm.Tool:
        if not isinstance(tool, llm.FunctionTool):
            return tool
        known = self._known.get(tool)
        if known is None:
            info = RawFunctionToolInfo(name=tool.info.name, raw_schema=self.schema_of(tool), flags=tool.info.flags)
            known = self._known[tool] = llm.RawFunctionTool(_never_called, info)
        return known


class _ResponsesEngine(_OpenAIEngine):
    def extra(self, schema: type[BaseModel]) -> dict[str, Any]:
        return {"text": text_format(schema) if self.structured == "schema" else {"format": JSON_OBJECT}}

    def schema_of(self, tool: llm.FunctionTool[Any, Any]) -> dict[str, Any]:
        return build_legacy_openai_schema(tool)["function"]  # type: ignore[no-any-return]

    def forget(self) -> None:
        # kept for a conversation that goes on at the server; here every question is whole
        kept: Any = self.plugin
        kept._prev_chat_ctx = None
        kept._prev_resp_id = ""
        kept._pending_tool_calls = set()


def make_engine(settings: ModelSettings) -> ModelEngine:
    """An engine for these settings.

    Raises:
        ProviderError: its plugin is not installed.
        ValueError, TypeError, OSError: settings or keys do not suffice; the plugin's own words say why.
    """
    for name in QUOTING_LOGGERS:
        client_logger = logging.getLogger(name)
        if client_logger.getEffectiveLevel() < logging.INFO:
            client_logger.setLevel(logging.INFO)
    match settings.provider:
        case "openai":
            return _OpenAIEngine(load_plugin().LLM(**_openai_options(settings)), settings.structured)
        case "openai_responses":
            plugin = load_plugin().responses.LLM(use_websocket=False, store=False, **_openai_options(settings))
            return _ResponsesEngine(plugin, settings.structured)
        case _:
            return _plugin_engine(settings)


def _openai_options(settings: ModelSettings) -> dict[str, Any]:
    options = dict(settings.options)
    variable = str(options.pop(KEY_OPTION, KEY_VARIABLE))
    key = os.environ.get(variable)
    if key:
        options["api_key"] = key
    elif settings.base_url:
        options["api_key"] = NO_KEY
    elif variable != KEY_VARIABLE:
        raise ValueError(f"the environment variable {variable} is not set")
    if settings.model:
        options["model"] = settings.model
    if settings.base_url:
        options["base_url"] = settings.base_url
    return options


def _plugin_engine(settings: ModelSettings) -> ModelEngine:
    module = f"livekit.plugins.{settings.plugin}"
    if not settings.plugin.isidentifier():
        raise ProviderError(f"llm.plugin {settings.plugin!r} names no LiveKit plugin; write it like anthropic")
    try:
        plugin = importlib.import_module(module).LLM
    except (ImportError, AttributeError):
        raise ProviderError(
            f"llm.plugin is {settings.plugin}, but {module} with a language model is not installed: "
            f'pip install "livekit-plugins-{settings.plugin.replace("_", "-")}"'
        ) from None
    options = dict(settings.options)
    if settings.model:
        options["model"] = settings.model
    if settings.base_url:
        options["base_url"] = settings.base_url
    made: llm.LLM[Any] = plugin(**options)
    if isinstance(made, _openai_models()):
        return _OpenAIEngine(made, settings.structured)
    takes_form = "response_format" in inspect.signature(made.chat).parameters
    return ModelEngine(made, settings.structured if takes_form else "prompt")


def _openai_models() -> tuple[type[llm.LLM[Any]], ...]:
    """What several plugins are built on."""
    loaded = sys.modules.get("livekit.plugins.openai")
    return () if loaded is None else (loaded.LLM,)


async def _never_called(raw_arguments: dict[str, object]) -> None:
    """Tools are run by whoever offered them; the plugin only describes them."""
