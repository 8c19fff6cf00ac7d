"""An event loop whose time passes at once, and models that answer on it: hours of a call in milliseconds.

For what depends on time alone. Nothing on such a loop may wait for a socket or a thread.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from livekit.agents import llm
from pydantic import BaseModel

from cornerman.providers.llm import Answering, Began, ModelLateError, Piece, Purpose, Text

Value = TypeVar("Value")


class _Selector(selectors.DefaultSelector):
    """Skips every wait, and says how long it would have been."""

    def __init__(self) -> None:
        super().__init__()
        self.skipped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout:
            self.skipped += timeout
        return ready


class SlowTimeLoop(asyncio.SelectorEventLoop):
    """A loop whose clock starts at 0 and jumps to whatever is due next."""

    def __init__(self) -> None:
        self._skipping = _Selector()
        super().__init__(self._skipping)

    def time(self) -> float:
        return self._skipping.skipped


def in_slow_time(work: Callable[[], Coroutine[Any, Any, Value]]) -> Value:
    """Runs it on such a loop."""
    with asyncio.Runner(loop_factory=SlowTimeLoop) as runner:
        return runner.run(work())


def now() -> float:
    """The time of the running loop."""
    return asyncio.get_running_loop().time()


@dataclass
class TimedModels:
    """Models that answer `text` after `seconds`. `asked` tells when each request came, and what it showed."""

    text: Callable[[str], str]
    seconds: float = 0.5
    asked: list[tuple[float, str]] = field(default_factory=list)
    left: int = 0
    """Requests that were hung up on before they were answered."""

    @asynccontextmanager
    async def open(
        self, chat: llm.ChatContext, *, purpose: Purpose, schema: type[BaseModel] | None, deadline: float
    ) -> AsyncIterator[Answering]:
        prompt = "\n".join(message.text_content or "" for message in chat.messages())
        self.asked.append((now(), prompt))
        answered = False

        async def pieces() -> AsyncIterator[Piece]:
            nonlocal answered
            yield Began("timed")
            if self.seconds > deadline:
                await asyncio.sleep(deadline)
                answered = True
                raise ModelLateError(f"no whole answer within {deadline:g} s")
            await asyncio.sleep(self.seconds)
            answered = True
            yield Text(self.text(prompt))

        try:
            yield cast("Answering", pieces())
        finally:
            self.left += not answered
