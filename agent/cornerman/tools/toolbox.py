"""The tools of one call: what the model may call, what is looked up before it does, and what came of it.

In: competitors, percentages and the account as the call brings them up, and the model's tool calls. Out: results for
the prompt and for the check of what is advised; proposals the rep may confirm. Promises: the model's calls are answered
within `patience`, late results come by `on_late`; the same thing is looked up once; nothing the model calls writes;
no task outlives `aclose`.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from livekit.agents import llm

from cornerman.config import ToolSettings
from cornerman.contract import Account
from cornerman.playbook import Playbook
from cornerman.retrieval import Query
from cornerman.tools.arguments import checked, key_for
from cornerman.tools.errors import ToolError
from cornerman.tools.functions import Accounts, Functions, Retrieves
from cornerman.tools.mcp_servers import McpServers
from cornerman.tools.result import Found, Proposal, ToolResult, tidy
from cornerman.tools.runner import Job, Late, Runner

PATIENCE: Final = 1.0
"""Seconds a model's answer waits for what it asked to look up, unless said otherwise; a card is due within four."""
MOST_CALLS: Final = 8
"""Tool calls of one answer that are looked at."""
LONGEST_ERROR: Final = 400
STILL: Final = "Still being looked up. Answer without it, or stay silent; do not ask for it again."
Tool = llm.FunctionTool[..., Any] | llm.RawFunctionTool[..., Any]


@dataclass(frozen=True, slots=True)
class Answered:
    """What a tool call is answered. `result` is what may be cited, None where there is nothing (yet)."""

    call: llm.FunctionToolCall
    output: str
    is_error: bool
    result: ToolResult | None = None


class Toolbox:
    """The tools of one call. `query` makes the playbook's query of a text, with stage, account and what was shown."""

    def __init__(
        self,
        *,
        playbook: Playbook,
        retriever: Retrieves,
        accounts: Accounts,
        account: Account,
        settings: ToolSettings,
        now: Callable[[], float],
        on_late: Callable[[Late], None] = lambda _: None,
        query: Callable[[str], Query] = Query,
        provided: Sequence[llm.ProviderTool] = (),
        mcp: McpServers | None = None,
    ) -> None:
        self._functions = Functions(
            playbook=playbook,
            retriever=retriever,
            query=query,
            accounts=accounts,
            account=account,
        )
        self._own: dict[str, llm.FunctionTool[..., Any]] = {tool.info.name: tool for tool in self._functions.tools()}
        self._has_discounts = playbook.discounts is not None
        self._provided = tuple(provided)
        self._mcp = mcp
        self._patience = min(PATIENCE, settings.deadline)
        self._runner = Runner(deadline=settings.deadline, now=now, on_late=on_late)

    def tools(self, needed: Container[str] | None = None) -> tuple[llm.Tool, ...]:
        """What the model is offered now: of the functions here those that are needed, all where nothing is said, and
        what an operator has added. An MCP server's tools are among them once it has answered.
        """
        own = [tool for tool in self._functions.offered() if needed is None or tool.info.name in needed]
        return (*own, *self._served().values(), *self._provided)

    def prefetch(
        self,
        *,
        competitors: Iterable[str] = (),
        percents: Iterable[float] = (),
        account: bool = False,
        saw: Iterable[str] = (),
    ) -> tuple[str, ...]:
        """Begins to look up what is likely to be wanted. Returns the keys of it, for `results` and `ready`; what
        nothing can be found of has a key too. `saw`: the participants whose words named it.
        """
        asked: list[tuple[str, dict[str, Any]]] = [("get_battlecard", {"competitor": name}) for name in competitors]
        if self._has_discounts:
            asked += [("check_discount_authority", {"percent": percent}) for percent in percents]
        named = [self._ahead(tool, arguments, saw) for tool, arguments in asked]
        return (*named, *([self._ahead("get_account_context", {}, ())] if account else []))

    async def ready(self, keys: Sequence[str], within: float) -> tuple[ToolResult, ...]:
        """The results of these keys, waited for at most `within` seconds."""
        await self._runner.settled(self._runner.jobs(keys), within)
        return self._runner.known(keys)

    def results(self, keys: Sequence[str] | None = None) -> tuple[ToolResult, ...]:
        """What is known, in the order it was asked for; of these keys alone where keys are given."""
        return self._runner.known(keys)

    async def run(
        self,
        calls: Sequence[llm.FunctionToolCall],
        generation: str,
        *,
        saw: Iterable[str] = (),
        patience: float | None = None,
    ) -> tuple[Answered, ...]:
        """Answers what the model called, in its order: with what is there within `patience` seconds, and word that the
        rest is still being looked up. Cancelled, it cancels the generation. `saw`: the participants whose words the
        model was shown.
        """
        jobs = [self._asked(call, generation, tuple(saw), number) for number, call in enumerate(calls)]
        waiting = [job for job in jobs if isinstance(job, Job)]
        try:
            await self._runner.settled(waiting, self._patience if patience is None else patience)
        except BaseException:
            self.cancel(generation)
            raise
        return tuple(_answered(call, job, generation) for call, job in zip(calls, jobs, strict=True))

    def proposal(self, id_: str) -> Proposal | None:
        """What was proposed under this id."""
        proposals = (result.proposal for result in self._runner.known())
        return next((one for one in proposals if one is not None and one.id == id_), None)

    def cancel(self, generation: str) -> None:
        """The call has moved on: what only this generation waited for is given up."""
        self._runner.cancel(generation)

    def forget(self, identity: str) -> None:
        """Drops what was asked, found and proposed with a participant's words."""
        self._runner.forget(identity)

    async def aclose(self) -> None:
        """Ends what is being looked up. MCP servers are their owner's to end."""
        await self._runner.aclose()

    def _ahead(self, name: str, arguments: Mapping[str, Any], saw: Iterable[str]) -> str:
        tool = self._own[name]
        canonical = self._functions.canonical(name, arguments)
        key = key_for(name, canonical)
        try:
            self._runner.ask(name, key, lambda: tool(**arguments), saw=saw)
        except ToolError:
            return key  # as much as may be is being looked up: the model can still ask
        return key

    def _asked(self, call: llm.FunctionToolCall, generation: str, saw: Iterable[str], number: int) -> Job | ToolError:
        try:
            if number >= MOST_CALLS:
                raise ToolError(f"At most {MOST_CALLS} calls at once. Go on without it.")
            tool = self._tool(call.name)
            arguments = checked(tool, call.arguments)
            if isinstance(tool, llm.RawFunctionTool):
                key = key_for(call.name, arguments, exact=True)
                return self._runner.ask(
                    call.name, key, lambda: _found_by(tool, arguments), generation=generation, saw=saw
                )
            key = key_for(call.name, self._functions.canonical(call.name, arguments))
            return self._runner.ask(call.name, key, lambda: tool(**arguments), generation=generation, saw=saw)
        except ToolError as error:
            return error

    def _served(self) -> dict[str, llm.RawFunctionTool[..., Any]]:
        tools = self._mcp.tools() if self._mcp else ()
        return {tool.info.name: tool for tool in tools if tool.info.name not in self._own}

    def _tool(self, name: str) -> Tool:
        served = self._served()
        tool = self._own.get(name) or served.get(name)
        if tool is None:
            raise ToolError(f"There is no such tool. Tools: {', '.join([*self._own, *served])}.")
        return tool


async def _found_by(tool: llm.RawFunctionTool[..., Any], arguments: dict[str, Any]) -> Found:
    found = await tool(raw_arguments=arguments)
    return found if isinstance(found, Found) else Found(tool.info.name, str(found), "")


def _answered(call: llm.FunctionToolCall, job: Job | ToolError, generation: str) -> Answered:
    if isinstance(job, ToolError):
        return Answered(call, tidy(str(job), LONGEST_ERROR), is_error=True)
    if job.result is not None:
        return Answered(call, f"[{job.result.id}] {job.result.title}\n{job.result.text}", False, job.result)
    if job.error is not None:
        return Answered(call, tidy(str(job.error), LONGEST_ERROR), is_error=True)
    if generation in job.wanted:
        job.late.add(generation)
    return Answered(call, STILL, is_error=False)
