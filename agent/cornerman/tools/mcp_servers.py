"""Tools of MCP servers, by the settings; none unless a server is named and a tool of it is allowed by name.

In: the settings. Out: function tools, once a server has answered. Promises: a tool is offered only if the operator
allows it by name *and* its server says that it only reads; what a server says of its tools, and what they return, is
data: plain, capped, never more than text. A server that is not there, or goes away, costs its tools and nothing else;
it is tried again after `REST`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO
from urllib.parse import urlsplit

from livekit.agents import llm

from cornerman.config import McpServerSettings
from cornerman.errors import ConfigError
from cornerman.plain import plain
from cornerman.tools.errors import UnansweredError
from cornerman.tools.result import LONGEST_TEXT, Found, tidy

if TYPE_CHECKING:
    from mcp import Client
    from mcp.types import CallToolResult
    from mcp.types import Tool as ServedTool

logger = logging.getLogger(__name__)

CONNECTS_WITHIN: Final = 10.0
FORGETS_WITHIN: Final = 5.0
CALLS_WITHIN: Final = 30.0
"""Seconds after which the client itself gives a call up; the runner's deadline is shorter."""
REST: Final = 15.0
ENDS_WITHIN: Final = 10.0
"""Seconds; a command is given two to end by itself before it is made to."""
PAGES: Final = 20
"""Pages of a server's list of tools that are read: one that never ends is not."""
LONGEST_DESCRIPTION: Final = 400
LONGEST_SCHEMA: Final = 4000
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def mcp_faults(settings: Mapping[str, McpServerSettings]) -> list[str]:
    """What is wrong with the settings, one sentence each."""
    faults = []
    for name, server in settings.items():
        where = f"tools.mcp.{name}"
        if not _NAME.fullmatch(name):
            faults.append(f"{where}: name it with letters, digits, - and _ only")
        if bool(server.url) == bool(server.command):
            faults.append(f"{where}: give either url or command")
        if server.url and urlsplit(server.url).scheme not in ("http", "https"):
            faults.append(f"{where}.url: give an address that starts with http:// or https://")
        if not server.command and server.args:
            faults.append(f"{where}.args: belong to a command")
    return faults


class McpServers:
    """The servers of a job. Started before the call; each connects in the background.

    Raises: ConfigError: the settings cannot be used, or the extra is not installed.
    """

    def __init__(self, settings: Mapping[str, McpServerSettings]) -> None:
        faults = mcp_faults(settings)
        if settings:
            try:
                import mcp  # noqa: F401
            except ImportError:
                faults.append("tools.mcp: install cornerman with the extra 'mcp'")
        if faults:
            raise ConfigError("tools cannot be used", faults)
        self._servers = tuple(_Server(name, each) for name, each in settings.items())

    def start(self) -> None:
        """Begins to connect. Returns at once."""
        for server in self._servers:
            server.start()

    async def answered(self, within: float) -> None:
        """Waits until each server has answered or failed once, at most so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                for server in self._servers:
                    await server.tried.wait()

    def tools(self) -> tuple[llm.RawFunctionTool[..., Any], ...]:
        """What may be called now; of two that are called alike the first."""
        named = {tool.info.name: tool for server in reversed(self._servers) for tool in reversed(server.tools)}
        return tuple(reversed(named.values()))

    def trouble(self) -> tuple[str, ...]:
        """Which servers do not answer, one sentence each."""
        return tuple(f"MCP server {one.name}: {one.why_not}" for one in self._servers if one.why_not)

    def forget(self) -> None:
        """What was asked and answered last is forgotten, as soon as each server has answered something else."""
        for server in self._servers:
            server.forget()

    async def aclose(self) -> None:
        """Ends all connections and the commands that were started."""
        await asyncio.gather(*(server.aclose() for server in self._servers))


class _Server:
    """One connection, held by one task for as long as the job lasts."""

    def __init__(self, name: str, settings: McpServerSettings) -> None:
        self.name = name
        self.tools: tuple[llm.RawFunctionTool[..., Any], ...] = ()
        self.tried = asyncio.Event()
        self.why_not = ""
        self._settings = settings
        self._client: Client | None = None
        self._lost = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._forgetting: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = self._task or asyncio.create_task(self._hold(), name=f"mcp-{self.name}")

    def forget(self) -> None:
        if self._client is not None and (self._forgetting is None or self._forgetting.done()):
            self._forgetting = asyncio.create_task(self._say_something_else(), name=f"mcp-{self.name}-forgets")

    async def aclose(self) -> None:
        tasks = [task for task in (self._forgetting, self._task) if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=ENDS_WITHIN)

    async def _say_something_else(self) -> None:
        """The client holds on to the last message of each direction until the next one: that is made to come."""
        client = self._client
        if client is None:
            return
        try:
            async with asyncio.timeout(FORGETS_WITHIN):
                await client.list_tools()
        except Exception:
            self._lost.set()  # a new connection holds nothing

    async def _hold(self) -> None:
        while True:
            try:
                await self._serve()
                self.why_not = "went away"
            except Exception as error:
                # Its text may hold an address with a key in it, or what was asked.
                self.why_not = f"does not answer ({_kind_of(error)})"
                logger.warning("the MCP server %s does not answer: %s", self.name, _kind_of(error))
            self.tried.set()
            await asyncio.sleep(REST)

    async def _serve(self) -> None:
        from mcp import Client

        self._lost.clear()
        # What a command writes of its work may hold what it was asked.
        with _nowhere() as unread:
            try:
                async with asyncio.timeout(CONNECTS_WITHIN) as connecting:
                    async with Client(self._place(unread), read_timeout_seconds=CALLS_WITHIN) as client:
                        self.tools = tuple(self._tool(one) for one in await _listed(client) if self._may_offer(one))
                        connecting.reschedule(None)
                        self._client = client
                        self.why_not = ""
                        self.tried.set()
                        await self._lost.wait()
            finally:
                self._client, self.tools = None, ()

    def _place(self, unread: TextIO) -> Any:
        if self._settings.url:
            return self._settings.url
        from mcp import StdioServerParameters
        from mcp.client.stdio import stdio_client

        command = StdioServerParameters(command=self._settings.command, args=list(self._settings.args))
        return stdio_client(command, unread)

    def _may_offer(self, tool: ServedTool) -> bool:
        if tool.name not in self._settings.allow:
            return False
        reads = tool.annotations is not None and tool.annotations.read_only_hint is True
        fits = _NAME.fullmatch(self._called(tool.name)) is not None
        small = len(json.dumps(tool.input_schema)) <= LONGEST_SCHEMA
        if not (reads and fits and small):
            why = "does not say that it only reads" if not reads else "has an unusable name or schema"
            logger.warning("the tool %s of the MCP server %s is not offered: it %s", tool.name[:64], self.name, why)
        return reads and fits and small

    def _called(self, tool: str) -> str:
        return f"{self.name}_{tool}"

    def _tool(self, served: ServedTool) -> llm.RawFunctionTool[..., Any]:
        async def call(raw_arguments: dict[str, object]) -> Found:
            return await self._call(served.name, raw_arguments)

        description = plain(served.description or served.title or served.name, LONGEST_DESCRIPTION)
        schema = {"name": self._called(served.name), "description": description, "parameters": served.input_schema}
        return llm.function_tool(call, raw_schema=schema)

    async def _call(self, tool: str, arguments: dict[str, object]) -> Found:
        from mcp import MCPError
        from mcp.types import CONNECTION_CLOSED

        if self._client is None:
            raise UnansweredError("The tool's server does not answer. Go on without it.")
        try:
            answer = await self._client.call_tool(tool, arguments)
        except MCPError as error:
            if error.code == CONNECTION_CLOSED:
                self._lost.set()
            raise UnansweredError("The tool's server refused the call. Go on without it.") from None
        except Exception:
            self._lost.set()
            raise
        if answer.is_error:
            raise UnansweredError(f"The tool could not answer: {_text_of(answer, 200)}")
        return Found(f"{self.name}: {tool}", _text_of(answer, LONGEST_TEXT), f"mcp:{self.name}/{tool}")


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


async def _listed(client: Client) -> list[ServedTool]:
    listed: list[ServedTool] = []
    cursor: str | None = None
    for _ in range(PAGES):
        page = await client.list_tools(cursor=cursor)
        listed += page.tools
        cursor = page.next_cursor
        if not cursor:
            break
    return listed


def _text_of(answer: CallToolResult, limit: int) -> str:
    texts = [part.text for part in answer.content if part.type == "text"]
    if not any(text.strip() for text in texts) and answer.structured_content is not None:
        texts = [json.dumps(answer.structured_content, ensure_ascii=False)]
    return tidy("\n".join(texts), limit) or "(nothing that can be read)"


def _kind_of(error: BaseException) -> str:
    """The kind of what went wrong; of a group the first one's."""
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    return type(error).__name__
