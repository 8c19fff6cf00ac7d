"""Reps in conversation, in a process of their own, with no more than the two methods that a coach calls.

Asked with `join` (a list of url and token) they publish microphones; with `converse` (a time) they share their screens
and take turns with the prospects from then on; with `leave` they leave.
"""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import AsyncExitStack
from itertools import count
from typing import Any

from livekit import rtc

from bench.coaching.said import REP_SAYS, TURN, TURN_WORDS
from bench.coaching.speakers import Microphone
from bench.processes import answer_questions
from bench.reps_process import share
from cornerman.contract import wire
from cornerman.stand_ins.voice import joined


class Rep:
    """One rep, who answers at once."""

    def __init__(self, room: rtc.Room) -> None:
        self.room = room
        self.microphone = Microphone(room)
        room.local_participant.register_rpc_method(wire.NUDGE, self._nudge)
        room.local_participant.register_rpc_method(wire.STATE, self._state)

    async def converse(self, begins: float) -> None:
        """Says every other turn."""
        for number in count():
            await asyncio.sleep(max(begins + TURN * (2 * number + 1) - time.monotonic(), 0.0))
            await self.microphone.say(tuple(REP_SAYS.split()[:TURN_WORDS]))

    async def _nudge(self, _: rtc.RpcInvocationData) -> str:
        return "shown"

    async def _state(self, _: rtc.RpcInvocationData) -> str:
        return "ok"


async def main() -> None:
    """Serves until the bench ends."""
    reps: list[Rep] = []
    tasks: list[asyncio.Task[None]] = []
    async with AsyncExitStack() as stack:
        call = AsyncExitStack()
        stack.push_async_callback(call.aclose)

        async def join(url: str, token: str) -> None:
            room = await call.enter_async_context(joined(url, token))
            rep = Rep(room)
            reps.append(rep)
            call.push_async_callback(rep.microphone.aclose)
            await rep.microphone.publish()

        async def leave() -> None:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await call.aclose()
            tasks.clear()
            reps.clear()

        async def answer(question: dict[str, Any]) -> dict[str, Any]:
            match question:
                case {"join": seats}:
                    await asyncio.gather(*(join(*seat) for seat in seats))
                case {"converse": begins}:
                    for rep in reps:
                        tasks.append(asyncio.create_task(share(rep.room), name="bench.shares"))
                        tasks.append(asyncio.create_task(rep.converse(begins), name="bench.converses"))
                case {"leave": True}:
                    await leave()
            return {"pid": os.getpid()}

        try:
            await answer_questions(answer)
        finally:
            await leave()


if __name__ == "__main__":
    asyncio.run(main())
