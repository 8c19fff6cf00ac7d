"""Tools of a real MCP server: only those allowed and known to read, as plain text; a call goes on without them."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from call_tools import Make
from livekit.agents import llm

from cornerman.config import McpServerSettings
from cornerman.errors import ConfigError
from cornerman.tools import Answered, McpServers, Toolbox
from cornerman.tools.mcp_servers import mcp_faults
from cornerman.tools.result import LONGEST_TEXT

SERVED = Path(__file__).with_name("served.py")
ALLOWED = ("stock", "endless", "broken", "leaves", "environment", "order", "delete", "not-there")
Start = Callable[..., Awaitable[McpServers]]


def by_command(*allow: str) -> McpServerSettings:
    return McpServerSettings(command=sys.executable, args=(str(SERVED), "stdio"), allow=allow or ALLOWED)


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    started: list[McpServers] = []

    async def begin(**servers: McpServerSettings) -> McpServers:
        made = McpServers(servers)
        started.append(made)
        made.start()
        await made.answered(60)
        return made

    yield begin
    for each in started:
        await each.aclose()


async def called(toolbox: Toolbox, name: str, **arguments: object) -> Answered:
    sent = llm.FunctionToolCall(name=name, arguments=json.dumps(arguments), call_id="c")
    (answered,) = await toolbox.run([sent], "r", patience=30)
    return answered


async def test_only_tools_that_are_allowed_and_read_are_offered(
    start: Start, make_toolbox: Make, caplog: pytest.LogCaptureFixture
) -> None:
    mcp = await start(shop=by_command())
    assert mcp.trouble() == ()
    names = [tool.info.name for tool in mcp.tools()]
    assert names == ["shop_stock", "shop_endless", "shop_broken", "shop_leaves", "shop_environment"]
    assert "order of the MCP server shop is not offered: it does not say that it only reads" in caplog.text
    toolbox = make_toolbox(mcp=mcp)
    offered = llm.ToolContext(list(toolbox.tools())).function_tools
    assert set(names) < set(offered)
    for name in ("shop_order", "shop_delete", "shop_unlisted", "order", "unlisted"):
        answered = await called(toolbox, name, article="pens")
        assert answered.is_error
        assert "no such tool" in answered.output


async def test_what_a_server_says_is_plain_and_short(start: Start, make_toolbox: Make) -> None:
    mcp = await start(shop=by_command())
    toolbox = make_toolbox(mcp=mcp)
    (stock,) = [tool for tool in mcp.tools() if tool.info.name == "shop_stock"]
    assert stock.info.raw_schema["description"] == "How many of an article are there.[31m"
    found = await called(toolbox, "shop_stock", article="pens")
    assert found.result is not None
    assert found.result.text == "pens: 42 pieces <b>left</b>"
    assert (found.result.title, found.result.locator) == ("shop: stock", "mcp:shop/stock")
    endless = await called(toolbox, "shop_endless")
    assert endless.result is not None
    assert len(endless.result.text) <= LONGEST_TEXT
    assert set(endless.result.text.split()[:-1]) == {"1234567"}


async def test_a_command_is_not_given_our_environment(
    start: Start, make_toolbox: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    toolbox = make_toolbox(mcp=await start(shop=by_command("environment")))
    found = await called(toolbox, "shop_environment")
    assert found.result is not None
    assert "PATH" in found.result.text
    assert "OPENAI_API_KEY" not in found.result.text


async def test_a_server_cannot_take_the_place_of_a_tool_of_ours(start: Start, make_toolbox: Make) -> None:
    mcp = await start(get=by_command("battlecard"))
    assert [tool.info.name for tool in mcp.tools()] == ["get_battlecard"]
    toolbox = make_toolbox(mcp=mcp)
    found = await called(toolbox, "get_battlecard", competitor="Bluefin")
    assert "not ours" not in found.output
    assert len(llm.ToolContext(list(toolbox.tools())).function_tools) == 5


async def test_what_a_command_writes_of_its_work_is_in_no_log_of_ours(
    start: Start, make_toolbox: Make, capfd: pytest.CaptureFixture[str]
) -> None:
    toolbox = make_toolbox(mcp=await start(shop=by_command()))
    assert (await called(toolbox, "shop_stock", article="zanzibar")).result is not None
    assert "zanzibar" not in "".join(capfd.readouterr())


async def test_a_tool_that_fails_or_is_asked_wrongly_is_told(
    start: Start, make_toolbox: Make, caplog: pytest.LogCaptureFixture
) -> None:
    toolbox = make_toolbox(mcp=await start(shop=by_command()))
    with caplog.at_level(logging.DEBUG):
        for name, arguments in (("shop_broken", {}), ("shop_stock", {"artikel": "zanzibar"})):
            found = await called(toolbox, name, **arguments)
            assert found.is_error
    assert "zanzibar" not in "".join(one.getMessage() for one in caplog.records if one.name.startswith("cornerman"))
    assert (await called(toolbox, "shop_stock", article="pens")).result is not None


async def test_a_server_that_dies_costs_its_tools_and_comes_back(
    start: Start, make_toolbox: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cornerman.tools.mcp_servers.REST", 0.01)
    mcp = await start(shop=by_command())
    toolbox = make_toolbox(mcp=mcp)
    assert (await called(toolbox, "shop_leaves")).is_error
    assert (await called(toolbox, "get_battlecard", competitor="Bluefin")).result is not None
    async with asyncio.timeout(60):
        while not (await called(toolbox, "shop_stock", article=f"pens {os.urandom(4).hex()}")).result:
            await asyncio.sleep(0.05)


async def test_a_server_that_is_not_there_is_told_and_nothing_waits_for_it(start: Start, make_toolbox: Make) -> None:
    gone = McpServerSettings(command="/nowhere/at-all", allow=("stock",))
    mcp = await start(gone=gone, shut=McpServerSettings(url=f"http://127.0.0.1:{free_port()}/mcp", allow=("stock",)))
    assert mcp.tools() == ()
    assert [one.split(":")[0] for one in mcp.trouble()] == ["MCP server gone", "MCP server shut"]
    toolbox = make_toolbox(mcp=mcp)
    assert (await called(toolbox, "gone_stock", article="pens")).is_error


async def test_a_server_by_its_address(start: Start, make_toolbox: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cornerman.tools.mcp_servers.REST", 0.05)
    port = free_port()
    server = McpServerSettings(url=f"http://127.0.0.1:{port}/mcp", allow=("stock",))
    mcp = await start(shop=server)
    toolbox = make_toolbox(mcp=mcp)
    for run in ("first", "second"):
        async with by_address(port):
            async with asyncio.timeout(60):
                while not (found := await called(toolbox, "shop_stock", article=f"{run} {os.urandom(4).hex()}")).result:
                    await asyncio.sleep(0.05)
            assert "42 pieces" in found.result.text


async def test_the_end_leaves_no_process_and_no_task() -> None:
    before = asyncio.all_tasks()
    children = child_processes()
    mcp = McpServers({"shop": by_command()})
    mcp.start()
    await mcp.answered(60)
    assert child_processes() > children
    await mcp.aclose()
    assert child_processes() == children
    assert asyncio.all_tasks() == before


async def test_without_servers_there_is_nothing_to_do() -> None:
    mcp = McpServers({})
    mcp.start()
    await mcp.answered(0)
    assert (mcp.tools(), mcp.trouble()) == ((), ())
    await mcp.aclose()


def test_every_fault_of_the_settings_is_told() -> None:
    servers = {
        "a b": McpServerSettings(url="http://x/mcp", allow=("t",)),
        "both": McpServerSettings(url="http://x/mcp", command="x", allow=("t",)),
        "neither": McpServerSettings(allow=("t",)),
        "scheme": McpServerSettings(url="file:///etc/passwd", allow=("t",)),
        "args": McpServerSettings(url="http://x/mcp", args=("-v",), allow=("t",)),
    }
    with pytest.raises(ConfigError) as told:
        McpServers(servers)
    assert [fault.split(":")[0] for fault in told.value.faults] == [
        "tools.mcp.a b",
        "tools.mcp.both",
        "tools.mcp.neither",
        "tools.mcp.scheme.url",
        "tools.mcp.args.args",
    ]
    assert mcp_faults({"good": by_command()}) == []


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


def child_processes() -> set[str]:
    tasks = Path("/proc/self/task")
    return {child for each in tasks.iterdir() for child in (each / "children").read_text(encoding="ascii").split()}


@asynccontextmanager
async def by_address(port: int) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(sys.executable, str(SERVED), str(port))
    try:
        yield
    finally:
        process.kill()
        await process.wait()
