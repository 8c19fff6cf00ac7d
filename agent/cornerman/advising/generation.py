"""One answer of a model: asked for, read while it streams, checked clause by clause, told as it grows.

In: a prompt and what it offered. Out: steps, each whole and checked: first the headline, then the detail clause by
clause, then the end. What the model says that rests on nothing ends the answer: the plain card stands. Functions that
the model calls are run and their results offered in a second round. Leaving early ends the request upstream.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Container, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from livekit.agents import llm

from cornerman import metrics
from cornerman.advising.answer import (
    Action,
    AdviceAnswer,
    AnswerReader,
    Clause,
    Done,
    Headline,
    Malformed,
    Silent,
    Sources,
    Step,
)
from cornerman.advising.grounding import Fault, Grounds, Offered, check_card, prepare
from cornerman.advising.materials import of_result
from cornerman.advising.prompt import Prompt
from cornerman.advising.untrusted import enclosed
from cornerman.events import AdviceStatus
from cornerman.providers.llm import Answering, Began, ModelError, Models, Purpose, Queued, Text, ToolCalls, Used
from cornerman.tools import Answered, Toolbox

logger = logging.getLogger(__name__)

OUTPUT_LIMIT: Final = 2_500
READ_AFTER: Final = 0.02
"""Seconds after a request at which what its answer is checked against is read: by then the request has left."""
METERED_WITHIN: Final = 0.5
"""Seconds that are waited for what an answer took, once it is whole."""
MOST_ROUNDS: Final = 3
"""Requests an answer may take: functions are called in all but the last."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an answer has come: its words so far, the ids it cites, and the id of an action it proposes."""

    status: AdviceStatus
    headline: str = ""
    detail: str = ""
    cited: tuple[str, ...] = ()
    action: str = ""


class Generation:
    """One request's answer. `needed` are the functions that are offered, `tell` takes the steps, `grounds` makes what
    they are checked against, `used` meters.
    """

    def __init__(
        self,
        request: str,
        models: Models,
        toolbox: Toolbox,
        *,
        saw: Sequence[str],
        needed: Container[str],
        grounds: Callable[[Sequence[Offered]], Grounds],
        tell: Callable[[Progress], None],
        used: Callable[[Used], None],
    ) -> None:
        self._request = request
        self._models = models
        self._toolbox = toolbox
        self._saw = tuple(saw)
        self._needed = needed
        self._grounds_of = grounds
        self._tell = tell
        self._used = used
        self._headline = ""
        self._detail = ""
        self._cited: tuple[str, ...] = ()
        self._told = Progress("thinking")
        self._action = ""
        self._ids: Mapping[str, str] = {}
        self._over = False
        self._reading: asyncio.TimerHandle | None = None

    async def run(self, prompt: Prompt, purpose: Purpose, deadline: float) -> None:
        """Answers; always ends with a last step. `deadline` in seconds, for each round.

        Raises: asyncio.CancelledError: the answer is not wanted any more.
        """
        chat, known, self._ids = prompt.chat, list(prompt.offered), prompt.ids
        try:
            for left in reversed(range(MOST_ROUNDS)):
                calls = await self._round(chat, known, purpose, deadline, with_tools=left > 0)
                if self._over:
                    return
                if not calls:
                    break
                answered = await self._toolbox.run(calls, self._request, saw=self._saw)
                for one in answered:
                    chat.items.extend(_items(one))
                    known += [of_result(one.result)] if one.result is not None else []
        except ModelError as error:
            logger.warning("no answer from a model: %s", error)
            metrics.advice(type(error).__name__)
        self._conclude()

    def cut_short(self) -> None:
        """Time is up: what is there stays, the rest is given up."""
        if not self._over:
            metrics.advice("late")
            self._conclude()

    def give_up(self) -> None:
        """It is not wanted any more: what it was to be checked against is not read."""
        if self._reading is not None:
            self._reading.cancel()

    async def _round(
        self, chat: llm.ChatContext, offered: Sequence[Offered], purpose: Purpose, deadline: float, *, with_tools: bool
    ) -> tuple[llm.FunctionToolCall, ...]:
        reader = AnswerReader()
        grounds = self._grounds_of(offered)
        calls: tuple[llm.FunctionToolCall, ...] = ()
        tools = self._toolbox.tools(self._needed) if with_tools else ()
        # read while the model thinks, not when its first words are there
        self._reading = asyncio.get_running_loop().call_later(READ_AFTER, prepare, grounds)
        try:
            async with self._asked(chat, purpose, tools, deadline) as answering:
                async for piece in answering:
                    match piece:
                        case Queued():
                            self._tell(Progress("thinking"))
                        case Began():
                            reader = AnswerReader()
                        case Text(text=text):
                            self._read(reader.feed(text), grounds)
                        case ToolCalls(calls=asked):
                            calls += asked
                    if self._over:
                        await answering.drain(METERED_WITHIN)
                        return ()
        finally:
            self._reading.cancel()
        if not calls:
            self._read(reader.finish(), grounds)
        return calls

    @asynccontextmanager
    async def _asked(
        self, chat: llm.ChatContext, purpose: Purpose, tools: Sequence[llm.Tool], deadline: float
    ) -> AsyncIterator[Answering]:
        """The request, metered however it ends."""
        answering: Answering | None = None
        try:
            async with self._models.open(
                chat, purpose=purpose, schema=AdviceAnswer, tools=tools, deadline=deadline
            ) as answering:
                yield answering
        finally:
            if answering is not None and answering.used is not None:
                self._used(answering.used)

    def _read(self, steps: Sequence[Step], grounds: Grounds) -> None:
        for step in steps:
            if self._over:
                return
            match step:
                case Silent():
                    self._end("silent")
                case Sources(ids=ids):
                    self._cited = tuple(dict.fromkeys(self._ids.get(one, one) for one in ids))
                case Headline(text=text):
                    if self._stands(text, "", grounds):
                        self._headline = text
                case Clause(detail=detail):
                    if self._stands(self._headline, detail, grounds):
                        self._detail = detail
                case Action(id=name):
                    self._action = name
                case Done():
                    self._conclude()
                case Malformed():
                    metrics.advice("malformed")
                    self._conclude()
        now = Progress("words", self._headline, self._detail, self._cited)
        if not self._over and self._headline and now != self._told:
            self._told = now
            self._tell(now)

    def _stands(self, headline: str, detail: str, grounds: Grounds) -> bool:
        """Whether this may be shown; if not, nothing of the answer is."""
        fault = check_card(headline, detail, self._cited, grounds)
        if fault is None:
            return True
        self._refuse(fault)
        return False

    def _refuse(self, fault: Fault) -> None:
        metrics.advice_refused(fault.kind)
        logger.info("advice was refused", extra={"fault": fault.kind, "what": fault.what})
        self._headline = self._detail = ""
        self._end("failed")

    def _conclude(self) -> None:
        """No more comes: what stands is the answer."""
        self._end("final" if self._headline else "failed")

    def _end(self, status: AdviceStatus) -> None:
        if not self._over:
            self._over = True
            if status == "final":
                self._tell(Progress(status, self._headline, self._detail, self._cited, self._action))
            else:
                self._tell(Progress(status))


def _items(answered: Answered) -> tuple[llm.ChatItem, llm.ChatItem]:
    """A call and its answer as they stand in the conversation."""
    call = answered.call
    name = answered.result.id if answered.result is not None else call.name
    output = enclosed(answered.output, kind="tool", name=name, limit=OUTPUT_LIMIT)
    return (
        llm.FunctionCall(call_id=call.call_id, name=call.name, arguments=call.arguments),
        llm.FunctionCallOutput(call_id=call.call_id, name=call.name, output=output, is_error=answered.is_error),
    )
