"""Asks a language model for one whole answer, for lanes that nobody waits for.

In: a conversation, the form of the answer (None: prose), a deadline in seconds. Out: the text of the answer, or a
`ModelError`. More than `LONGEST` characters are not read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

from livekit.agents import llm
from pydantic import BaseModel

from cornerman.errors import CornermanError
from cornerman.providers.llm import Answering, Began, ModelBrokenError, Purpose, Text, Used

LONGEST: Final = 20_000


class Models(Protocol):
    """Language models that can be asked; `cornerman.providers.llm.Models` is one."""

    def open(
        self, chat: llm.ChatContext, *, purpose: Purpose, schema: type[BaseModel] | None, deadline: float
    ) -> AbstractAsyncContextManager[Answering]:
        """Asks; leaving hangs up."""
        ...


def unmetered(_used: Used) -> None:
    """Nobody wants to know what an answer took."""


class ForgottenError(CornermanError):
    """What a model was asked about is to be forgotten: its answer is not wanted."""


class Question:
    """A question that is being answered, and may have to be forgotten meanwhile."""

    def __init__(self, asking: Coroutine[object, object, str], name: str) -> None:
        self._task = asyncio.create_task(asking, name=name)
        self._forgotten = False

    def forget(self) -> None:
        """Hangs up; there is no answer."""
        self._forgotten = True
        self._task.cancel()

    async def answer(self) -> str:
        """The answer; whoever gives up waiting for it hangs up.

        Raises:
            ModelError: there is none.
            ForgottenError: it is not wanted any more.
        """
        try:
            await asyncio.wait([self._task])
            if self._forgotten:
                raise ForgottenError("what was asked about is forgotten")
            return self._task.result()
        finally:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)


async def whole_answer(
    models: Models,
    chat: llm.ChatContext,
    purpose: Purpose,
    schema: type[BaseModel] | None,
    deadline: float,
    used: Callable[[Used], None] = unmetered,
) -> str:
    """The text of the answer; `used` is told what it took.

    Raises: ModelError: there is none.
    """
    text = ""
    async with models.open(chat, purpose=purpose, schema=schema, deadline=deadline) as answering:
        async for piece in answering:
            match piece:
                case Began():
                    text = ""
                case Text():
                    text += piece.text
                case Used():
                    used(piece)
            if len(text) > LONGEST:
                raise ModelBrokenError(f"the answer is longer than {LONGEST} characters")
    return text


def chat_of(rules: str, material: str) -> llm.ChatContext:
    """A request: what is to be done, which is the same every time, then what it is to be done with."""
    chat = llm.ChatContext.empty()
    chat.add_message(role="system", content=rules)
    chat.add_message(role="user", content=material)
    return chat
