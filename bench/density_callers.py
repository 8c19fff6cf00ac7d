"""The people of many calls, in one process: a rep and a prospect in each, who speak in turns and hear nobody.

Asked with `url`, `rooms` (for each the tokens of rep and prospect) and `seconds` they join and talk, and answer once
all microphones are published; asked with `told`, when each nudge came. Each speaks 45 % of the time, words that the
fake providers hear, now and then what a rule looks for. The rep answers every nudge at once.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import AsyncExitStack
from typing import Any

import numpy as np
from fakes.tones import VOCABULARY, speak
from livekit import rtc
from numpy.typing import NDArray

from bench.processes import answer_questions
from cornerman.contract import wire
from cornerman.stand_ins.voice import SAMPLE_RATE, Voice, joined

TRIGGER = "that is too expensive for us"
ROUND = 10.0
"""Seconds in which each of the two speaks once."""
SPOKEN = 4.5
STAGGER = 0.37
"""Seconds by which each call is behind the one before, so that not all say a word's end at once."""
WORDS = 10


def round_of(number: int) -> NDArray[np.int16]:
    """What one person says in one round: the trigger and a longer utterance, then the other's time in silence."""
    plain = [VOCABULARY[-1 - (number + index) % 11] for index in range(WORDS - len(TRIGGER.split()))]
    said, _ = speak([*TRIGGER.split(), *plain], rate=SAMPLE_RATE)
    whole = np.zeros(round(ROUND * SAMPLE_RATE), dtype=np.int16)
    whole[: min(len(said), len(whole))] = said[: len(whole)]
    return whole


async def talk(voice: Voice, number: int, seconds: float, late: float) -> None:
    """One person, for so many seconds."""
    said = round_of(number)
    async with asyncio.timeout(seconds):
        await voice.silence(late)
        while True:
            await voice.play(said)


def answer_nudges(room: rtc.Room, told: list[dict[str, Any]]) -> None:
    """The rep's side: every card counts as shown, and when it came is noted."""

    async def nudge(call: rtc.RpcInvocationData) -> str:
        sent = json.loads(call.payload)
        told.append(
            {"at": time.monotonic(), "room": room.name, "rev": sent.get("rev", 0), **(sent.get("timing") or {})}
        )
        return "shown"

    async def state(_: rtc.RpcInvocationData) -> str:
        return "ok"

    room.local_participant.register_rpc_method(wire.NUDGE, nudge)
    room.local_participant.register_rpc_method(wire.STATE, state)


async def main() -> None:
    """Speaks until the bench ends."""
    async with AsyncExitStack() as stack:
        tasks: list[asyncio.Task[None]] = []
        told: list[dict[str, Any]] = []

        async def answer(question: dict[str, Any]) -> dict[str, Any]:
            if "told" in question:
                since = [*told]
                told.clear()
                return {"nudges": since}
            for number, tokens in enumerate(question["rooms"]):
                for side, token in enumerate(tokens):
                    room = await stack.enter_async_context(joined(question["url"], token))
                    if side == 0:
                        answer_nudges(room, told)
                    voice = Voice(room)
                    stack.push_async_callback(voice.aclose)
                    await voice.publish()
                    late = STAGGER * number + side * ROUND / 2
                    talking = talk(voice, 2 * number + side, question["seconds"], late)
                    tasks.append(asyncio.create_task(talking, name=f"bench.speaker.{number}.{side}"))
            return {"speaking": len(tasks)}

        try:
            await answer_questions(answer)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main())
