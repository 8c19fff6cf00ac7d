"""What people said, what an account holds, what was asked and answered, and every key stay out of logs, metrics, names
and the events; and nothing of a call goes on when it is over.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import re
import sys
import threading
import traceback
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from advising.forgetting_moments import SERVED, kind_of
from advising.rig import Rig, answer, call_with, settings_for
from fakes.crm_http import FakeAccountService
from fakes.openai_chat import FakeOpenAIChat
from fakes.replies import Asked, Call, Reply
from livekit.agents import llm
from prometheus_client import generate_latest

from cornerman import log_privacy
from cornerman.config import AccountSettings, LlmSettings, McpServerSettings
from cornerman.contract import Account
from cornerman.crm import AccountError, AccountSource, account_source
from cornerman.events import Purge
from cornerman.providers.llm import ModelError, Models
from cornerman.tools import McpServers

SAID, MADE, SOUGHT, FILED, ASKED = "zarquon", "frumious", "vorpal", "borogove", "slithy"
"""What was said; what a model wrote; what it looked up; what the account holds; what the rep asked."""
EVERY = (SAID, MADE, SOUGHT, FILED, ASKED)
SOURCE = "objections/too-expensive#answer"
OBJECTION = f"honestly that is too expensive for our {SAID}"
KEY, ACCOUNT_KEY = "sk-nobody-may-read-this", "pat-nobody-may-read-this-either"
ACCOUNT = {"account": {"company": "Harbor Foods"}}
GOOD = answer(f"Ask what the {MADE} {SAID} is compared with", f"Then wait for the {MADE} answer.", [SOURCE])
ECHO = f"your prompt said: {SAID} {MADE} {FILED}, with the key {KEY}"


@pytest.fixture
def model() -> Iterator[FakeOpenAIChat]:
    with FakeOpenAIChat() as running:
        yield running


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process as a worker makes it: keys in the environment, the log's privacy installed."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setattr(logging.Logger, "callHandlers", logging.Logger.callHandlers)
    log_privacy.install()


class Overheard(logging.Handler):
    """Everything that is logged, as text: message, attributes and traces; ours at any level, others' from info up."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self._formatter = logging.Formatter("%(levelname)s %(name)s %(threadName)s %(message)s")
        self._usual = frozenset(logging.makeLogRecord({}).__dict__)

    def emit(self, record: logging.LogRecord) -> None:
        ours = record.name.partition(".")[0] in ("cornerman", "cornerman_client")
        if not ours and record.levelno < logging.INFO:
            return
        extra = {key: value for key, value in record.__dict__.items() if key not in self._usual}
        self.lines.append(f"{self._formatter.format(record)} {extra!r} {getattr(record, 'taskName', '')}")


@pytest.fixture
def log() -> Iterator[Overheard]:
    handler = Overheard()
    root, ours = logging.getLogger(), logging.getLogger("cornerman")
    before = root.level, ours.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    ours.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(before[0])
    ours.setLevel(before[1])


@pytest.fixture
async def names() -> list[str]:
    """The names of all tasks from now on, as they were when they began, and their functions."""
    found: list[str] = []

    def make(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.Task(work, loop=loop, **options)
        loop.call_soon(lambda: found.append(repr(task)))
        return task

    asyncio.get_running_loop().set_task_factory(make)
    return found


def held_in(texts: list[str], *words: str) -> list[str]:
    """The texts that hold one of the words."""
    return [text[:600] for text in texts if any(word in text.casefold() for word in words)]


def events(folder: Path) -> list[str]:
    return [line for file in folder.glob("events-*.jsonl") for line in file.read_text().splitlines()]


def nothing_told(log: Overheard, names: list[str], folder: Path, *words: str) -> None:
    """No word is anywhere but where it may be."""
    words = (*words, KEY, ACCOUNT_KEY)
    assert not held_in(log.lines, *words)
    assert not held_in(names, *words)
    assert not held_in([thread.name for thread in threading.enumerate()], *words)
    assert not held_in(generate_latest().decode().splitlines(), *words)
    assert not held_in(events(folder), *words)


def all_at_work(model: FakeOpenAIChat, **sections: dict[str, Any]) -> Any:
    quick = {"insights": {"enabled": True, "batch": 0.02, "every": 0.02}}
    noting = {"notes": {"enabled": True, "every": 0.05, "deadline": 2.0}}
    return settings_for(model, **{"advising": {"verbatim": 0.2, "summarise_every": 1}, **quick, **noting, **sections})


def talkative(asked: Asked) -> Reply:
    """Everything a model can be asked for, full of words."""
    match kind_of(asked):
        case "summary":
            return Reply(text=f"They find it {MADE} and {SAID}.")
        case "Look":
            hints = [f"Ask of the {MADE} {SAID}", f"Tell Mr {MADE.title()} that it costs $4711"]
            noted = [{"text": f"the {SAID} is too expensive", "turn": "t1"}]
            look = {"sentiment": "negative", "intent": 10, "hints": hints, "objections": noted, "next_action": MADE}
            return Reply(text=json.dumps(look))
        case "Claims":
            claim = {"kind": "objection", "text": f"It is {MADE}", "turn": "t1", "quote": f"expensive for our {SAID}"}
            return Reply(text=json.dumps({"claims": [claim]}))
    if ASKED in asked.prompt and "tool:search_playbook" not in asked.prompt:
        wanted = [
            ("search_playbook", {"query": f"{SOUGHT} price"}),
            ("get_battlecard", {"competitor": f"{SOUGHT} {SAID}"}),
            ("get_account_context", {"company": f"{SOUGHT} {SAID}"}),
            ("get_account_context", {}),
            ("log_outcome", {"kind": "objection", "summary": f"Too expensive for the {SAID}"}),
            ("log_outcome", {"kind": SOUGHT, "summary": SAID}),
            (f"{SOUGHT}_tool", {SAID: SAID}),
            ("check_discount_authority", {"percent": f"{SOUGHT} {SAID}"}),
        ]
        calls = [
            Call(name=name, arguments=json.dumps(arguments), call_id=f"call_{number}")
            for number, (name, arguments) in enumerate(wanted)
        ]
        return Reply(calls=tuple(calls))
    return Reply(text=GOOD)


async def talk(call: Rig, model: FakeOpenAIChat) -> None:
    """Something of everything is asked of the model."""
    call.says(f"our {SAID} product is what you see here", who="rep", role="rep")
    call.says(f"{OBJECTION} and northstar gives us 15 percent", partials=True)
    await asyncio.sleep(0.4)
    call.says(f"and I will send you the {SAID} by friday")
    await call.until(lambda: {"AdviceAnswer", "summary", "Look", "Claims"} <= {kind_of(one) for one in model.asked}, "")
    call.asks(f"what if it is too expensive for the {ASKED}")
    await call.until(lambda: any(ASKED in one.prompt for one in model.asked), "the question")


async def test_a_whole_call_tells_nothing(
    model: FakeOpenAIChat, tmp_path: Path, log: Overheard, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    model.replies.decide(talkative)
    async with FakeAccountService(key=ACCOUNT_KEY) as service:
        monkeypatch.setenv("CORNERMAN_ACCOUNTS_TOKEN", ACCOUNT_KEY)
        service.accounts["Harbor Foods"] = {"id": "h1", "company": "Harbor Foods", "renewal": f"of the {FILED}"}
        source = account_source(accounts_at(service.url), dict(os.environ))
        async with call_with(model, tmp_path, settings=all_at_work(model), accounts=source, metadata=ACCOUNT) as call:
            call.advising.account_is(asyncio.create_task(source.look_up(Account(company="Harbor Foods"))))
            await talk(call, model)
            await call.until(lambda: any("tool:search_playbook" in one.prompt for one in model.asked), "look-ups")
            await call.until(lambda: call.advising.insights, "insights")
            assert any(FILED in one.prompt for one in model.asked), "the account was never told"
            call.driver.feed(Purge("pat"))
            call.driver.purge("pat")
            await asyncio.sleep(0.1)
    assert log.lines, "nothing was overheard: this test would not notice anything"
    nothing_told(log, names, call.folder, *EVERY)


FAULTS: dict[str, Callable[[Asked], Reply]] = {
    "a refusal that quotes": lambda _: Reply(status=400, message=ECHO, code=f"{SAID} {KEY}"),
    "a wrong key": lambda _: Reply(status=401, message=f"Incorrect API key provided: {KEY}", code="invalid_api_key"),
    "too many": lambda _: Reply(status=429, message=ECHO, retry_after="60"),
    "a server's own fault": lambda _: Reply(status=500, message=ECHO),
    "no JSON in the stream": lambda _: Reply(text=GOOD[:60], ending="garbage"),
    "an error in the stream": lambda _: Reply(text=GOOD[:60], ending="error"),
    "cut in the middle": lambda _: Reply(text=GOOD[:90], ending="cut"),
    "no object": lambda _: Reply(text=f"I think that the {MADE} {SAID} is fine."),
    "another object": lambda _: Reply(
        text=json.dumps({MADE: SAID, "headline": [SAID], "claims": SAID, "intent": MADE})
    ),
    "a falsehood": lambda _: Reply(
        text=answer(f"Offer the {MADE} {SAID} at $4711", f"Call Mr {MADE.title()}.", [SOURCE])
    ),
    "a source of its own": lambda _: Reply(text=answer(f"The {MADE} {SAID} is fine", "", [f"{SAID}#{MADE}"])),
    "a broken call": lambda _: Reply(calls=(Call(name="search_playbook", arguments=f'{{"query": "{SAID}'),)),
    "far too much": lambda _: Reply(text=json.dumps({"claims": [], "hints": [f"{MADE} {SAID} " * 2000]})),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_failing_model_tells_nothing(
    fault: str, model: FakeOpenAIChat, tmp_path: Path, log: Overheard, names: list[str]
) -> None:
    model.replies.decide(FAULTS[fault])
    settings = all_at_work(model, llm={"retry": 0.0, "breaker_failures": 50})
    async with call_with(model, tmp_path, settings=settings) as call:
        call.says(f"our {SAID} product", who="rep", role="rep")
        call.says(OBJECTION)
        kinds = {"AdviceAnswer", "Look", "Claims"}
        # one that has had too many is left alone for the minute it asks for: how much it is asked before is chance
        enough = 1 if fault == "too many" else 4
        await call.until(
            lambda: kinds <= {kind_of(one) for one in model.asked} or len(model.asked) >= enough, "requests"
        )
        await call.until(lambda: any('"in":"advice"' in line for line in events(call.folder)), "the answer's end")
        await asyncio.sleep(0.1)
    nothing_told(log, names, call.folder, *EVERY)


async def test_a_part_that_breaks_tells_nothing(
    model: FakeOpenAIChat, tmp_path: Path, log: Overheard, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever raises with words in its text, wherever a step of the lane is."""
    model.replies.decide(talkative)

    def breaks(*_arguments: object, **_options: object) -> Any:
        raise RuntimeError(f"cannot deal with {SAID} {MADE}")

    for place in (
        "cornerman.retrieval.index.Index.search",
        "cornerman.tools.functions.Functions._competitor",
        "cornerman.advising.lane.prompt_of",
        "cornerman.advising.summary.said_turn",
        "cornerman.advising.insights.script_of",
        "cornerman.advising.notes.writer.script_of",
    ):
        with monkeypatch.context() as patched:
            patched.setattr(place, breaks)
            folder = tmp_path / place
            async with call_with(model, folder, settings=all_at_work(model), metadata=ACCOUNT) as call:
                call.says(f"{OBJECTION} and northstar gives us 15 percent")
                await asyncio.sleep(0.3)
                call.says(f"and I will send you the {SAID} by friday")
                await asyncio.sleep(0.3)
            nothing_told(log, names, call.folder, *EVERY)
    assert any("RuntimeError" in line for line in log.lines), "nothing broke"


def accounts_at(url: str) -> AccountSettings:
    return AccountSettings.model_validate(
        {"source": "http", "http": {"url": url + "/accounts?name={company}&id={crm_id}", "log_url": url + "/outcomes"}}
    )


SOURCES: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "http": ({}, {"CORNERMAN_ACCOUNTS_TOKEN": ACCOUNT_KEY}),
    "hubspot": ({"source": "hubspot"}, {"HUBSPOT_ACCESS_TOKEN": ACCOUNT_KEY}),
    "salesforce": (
        {"source": "salesforce"},
        {"SF_ACCESS_TOKEN": ACCOUNT_KEY, "SF_ORG_INSTANCE_URL": "http://127.0.0.1:1"},
    ),
}


@pytest.mark.parametrize("name", SOURCES)
async def test_no_key_of_an_account_source_is_told(name: str, log: Overheard) -> None:
    given, environment = SOURCES[name]
    settings = (
        AccountSettings.model_validate(given | {"base_url": "http://127.0.0.1:1"})
        if given
        else accounts_at("http://127.0.0.1:1")
    )
    source: AccountSource = account_source(settings, environment)
    try:
        with pytest.raises(AccountError) as raised:
            await source.look_up(Account(company=f"{FILED} Ltd"))
        told = [*reprs_of(source), repr(settings), *traceback.format_exception(raised.value), repr(raised.value)]
        assert not held_in(told, ACCOUNT_KEY)
        assert not held_in([str(raised.value), repr(raised.value)], FILED)
        assert not held_in(log.lines, ACCOUNT_KEY, FILED)
    finally:
        await source.aclose()


async def test_no_key_of_a_model_is_told(model: FakeOpenAIChat, log: Overheard, tmp_path: Path) -> None:
    settings = LlmSettings(provider="openai", model="fake", base_url=model.base_url, retry=0.0)
    models = Models(settings)
    models.prewarm()
    model.replies.play(then=Reply(status=401, message=f"Incorrect API key provided: {KEY}"))
    chat = llm.ChatContext.empty()
    chat.add_message(role="user", content=SAID)
    try:
        async with models.open(chat, purpose="answer", schema=None, deadline=5.0) as answering:
            with pytest.raises(ModelError) as raised:
                [piece async for piece in answering]
        told = [*reprs_of(models), repr(settings), *traceback.format_exception(raised.value), repr(raised.value)]
        assert not held_in(told, KEY, SAID)
        assert not held_in(log.lines, KEY, SAID)
    finally:
        await models.aclose()
    async with call_with(model, tmp_path) as call:
        assert not held_in(reprs_of(call.advising), KEY)


def reprs_of(root: object, depth: int = 4) -> list[str]:
    """The representations of an object of ours and of what it holds."""
    found, waiting = [repr(root)], [(root, 0)]
    while waiting:
        thing, level = waiting.pop()
        values = list(vars(thing).values()) if hasattr(thing, "__dict__") else []
        values += list(thing) if isinstance(thing, list | tuple | set | frozenset) else []
        for value in values:
            if isinstance(value, str | bytes):
                continue  # what is in it is not what is told of it
            found.append(repr(value))
            if level < depth and (isinstance(value, list | tuple) or type(value).__module__.startswith("cornerman")):
                waiting.append((value, level + 1))
    return found


async def test_the_end_of_a_call_leaves_nothing_running(model: FakeOpenAIChat, tmp_path: Path) -> None:
    """Twice: the first brings in what a process keeps for good."""
    shop = {"command": sys.executable, "args": [str(SERVED), "stdio"], "allow": ["stock"]}
    settings = all_at_work(
        model, tools={"mcp": {"shop": shop}}, notes={"enabled": True, "every": 0.05, "deadline": 0.5}
    )
    left: list[tuple[Any, ...]] = []
    for number in range(2):
        model.replies.decide(talkative)
        before = running()
        async with call_with(model, tmp_path / str(number), settings=settings, metadata=ACCOUNT) as call:
            await talk(call, model)
            model.replies.decide(lambda _: Reply(ending="stall", first=60))
            call.says(f"and {OBJECTION}")
            await call.until(partial(more_than, model, len(model.asked)), "a request that hangs")
            assert running() != before
        gc.collect()
        left.append((before, running()))
    before, after = left[-1]
    assert after == before


async def test_a_call_that_is_over_is_let_go_of(model: FakeOpenAIChat, tmp_path: Path) -> None:
    model.replies.decide(talkative)
    async with call_with(model, tmp_path, settings=all_at_work(model), metadata=ACCOUNT) as call:
        await talk(call, model)
        advising = weakref.ref(call.advising)
    del call
    await asyncio.sleep(0)
    gc.collect()
    assert advising() is None


def more_than(model: FakeOpenAIChat, count: int) -> bool:
    return len(model.asked) > count


def running() -> tuple[Any, ...]:
    """What this process runs: tasks but this one, threads, child processes, and open connections."""
    process = psutil.Process()
    tasks = sorted(task.get_name() for task in asyncio.all_tasks() - {asyncio.current_task()})
    threads = sorted(re.sub(r"[0-9]+", "", thread.name) for thread in threading.enumerate())
    pooled = [name for name in threads if not name.startswith("asyncio_")]  # the loop's own, kept until it is closed
    connections = sorted(one.status for one in process.net_connections("tcp") if one.status == "ESTABLISHED")
    return tasks, pooled, sorted(child.pid for child in process.children()), connections


def test_an_mcp_server_by_its_address_tells_no_key(log: Overheard) -> None:
    servers = McpServers({"shop": McpServerSettings(url=f"http://user:{KEY}@127.0.0.1:1/mcp", allow=("stock",))})
    assert not held_in([repr(servers), *servers.trouble()], KEY)
