"""Prospects in conversation with a rep, in a process of their own, each in a call of their own.

Asked with `join` (a list of url and token) they publish their microphones and make small talk; with `converse` (a time)
they take turns with the rep from then on, see `TURN`; with `leave` they leave. Times are of the machine's monotonic
clock.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from itertools import count
from typing import Any

from livekit import rtc

from bench.coaching.company import Company
from bench.coaching.microphone import Microphone
from bench.coaching.said import REP_SAYS, SMALL_TALK, TURN, TURN_WORDS, Utterance, utterances

SMALL_TALK_PAUSE = 1.0


class Prospect:
    """Somebody who talks as long as the task runs."""

    def __init__(self, call: int, room: rtc.Room) -> None:
        self.microphone = Microphone(room)
        self._script: Iterator[Utterance] = utterances(call)
        self._begins: float | None = None

    def begin(self, at: float) -> None:
        """The conversation begins then; small talk ends with the present sentence."""
        self._begins = at

    async def talk(self) -> None:
        """Small talk, then every other turn of the conversation; two in three of them hold nothing of a sale."""
        while self._begins is None:
            await self.microphone.say(tuple(SMALL_TALK.split()))
            await asyncio.sleep(SMALL_TALK_PAUSE)
        for number in count():
            trigger = next(self._script).trigger.phrase.split() if number % 3 == 0 else []
            await asyncio.sleep(max(self._begins + 2 * TURN * number - time.monotonic(), 0.0))
            await self.microphone.say((*trigger, *REP_SAYS.split())[:TURN_WORDS])


async def main() -> None:
    """Speaks until the bench ends."""
    prospects = Company(Prospect)

    def asked(question: dict[str, Any]) -> None:
        match question:
            case {"join": _}:
                for one in prospects.people:
                    prospects.have(one.talk())
            case {"converse": begins}:
                for one in prospects.people:
                    one.begin(begins)

    await prospects.serve(asked)


if __name__ == "__main__":
    asyncio.run(main())
