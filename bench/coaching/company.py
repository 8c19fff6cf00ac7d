"""People in calls of their own, all in this process: they join, do what they are asked to, and leave.

In: questions on standard input, `join` (a list of url and token) and `leave` among them; the others are the owner's.
Promises that everybody has left when the bench ends, however it ends.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from typing import Any, Generic, Protocol, TypeVar

from livekit import rtc

from bench.coaching.microphone import Microphone
from bench.processes import answer_questions
from cornerman.stand_ins.voice import joined


class Person(Protocol):
    """Whoever has a microphone."""

    microphone: Microphone


P = TypeVar("P", bound=Person)


class Company(Generic[P]):
    """Everybody who is here. `make` makes one of the number of a call and its room."""

    def __init__(self, make: Callable[[int, rtc.Room], P]) -> None:
        self.people: list[P] = []
        self._make = make
        self._call = AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []

    def have(self, work: Coroutine[Any, Any, None]) -> None:
        """Somebody does this until all leave."""
        self._tasks.append(asyncio.create_task(work, name="bench.company"))

    async def serve(self, asked: Callable[[dict[str, Any]], None]) -> None:
        """Answers until there are no more questions; `asked` is told each once people have joined or left for it."""

        async def answer(question: dict[str, Any]) -> dict[str, Any]:
            match question:
                case {"join": seats}:
                    await self._join(seats)
                case {"leave": True}:
                    await self._leave()
            asked(question)
            return {"pid": os.getpid()}

        try:
            await answer_questions(answer)
        finally:
            await self._leave()

    async def _join(self, seats: Sequence[tuple[str, str]]) -> None:
        self.people += await asyncio.gather(*(self._sit(number, *seat) for number, seat in enumerate(seats)))

    async def _sit(self, number: int, url: str, token: str) -> P:
        person = self._make(number, await self._call.enter_async_context(joined(url, token)))
        self._call.push_async_callback(person.microphone.aclose)
        await person.microphone.publish()
        return person

    async def _leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._call.aclose()
        self._tasks.clear()
        self.people.clear()
