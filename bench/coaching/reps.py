"""Reps in conversation, in a process of their own, with no more than the two methods that a coach calls.

Asked with `join` (a list of url and token) they publish microphones; with `converse` (a time) they share their screens
and take turns with the prospects from then on; with `leave` they leave.
"""

from __future__ import annotations

import asyncio
import time
from itertools import count
from typing import Any

from livekit import rtc

from bench.coaching.company import Company
from bench.coaching.microphone import Microphone
from bench.coaching.said import REP_SAYS, TURN, TURN_WORDS
from bench.reps_process import share
from cornerman.contract import wire


class Rep:
    """One rep, who answers at once."""

    def __init__(self, _: int, room: rtc.Room) -> None:
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
    reps = Company(Rep)

    def asked(question: dict[str, Any]) -> None:
        match question:
            case {"converse": begins}:
                for rep in reps.people:
                    reps.have(share(rep.room))
                    reps.have(rep.converse(begins))

    await reps.serve(asked)


if __name__ == "__main__":
    asyncio.run(main())
