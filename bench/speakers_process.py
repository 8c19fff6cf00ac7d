"""Participants who speak, in a process of their own: each joins with a microphone and talks on and on.

Asked with `url`, `tokens` and `seconds` they join, and answer once all microphones are published; they speak words
that the fake providers hear, at real pace, for so many seconds.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import numpy as np
from fakes.tones import VOCABULARY, speak
from numpy.typing import NDArray

from bench.processes import answer_questions
from cornerman.stand_ins.voice import SAMPLE_RATE, Voice, joined

WORDS = 6
PAUSES = (0.6, 0.6, 3.2)
"""Seconds of silence after each utterance: two in which a voice's tail is still sent, and one that outlasts it."""
STAGGER = 0.7
"""Seconds by which each speaker is behind the one before, so that not all say a word's end at once."""


def monologue(number: int) -> NDArray[np.int16]:
    """What one speaker says over and over."""
    start = number * WORDS * len(PAUSES)
    words = [VOCABULARY[(start + index) % len(VOCABULARY)] for index in range(WORDS * len(PAUSES))]
    parts = [
        speak(words[at * WORDS : (at + 1) * WORDS], rate=SAMPLE_RATE, tail=pause)[0] for at, pause in enumerate(PAUSES)
    ]
    return np.concatenate(parts)


async def talk(voice: Voice, number: int, seconds: float) -> None:
    """One speaker, for so many seconds."""
    said = monologue(number)
    async with asyncio.timeout(seconds):
        await voice.silence(STAGGER * number)
        while True:
            await voice.play(said)


async def main() -> None:
    """Speaks until the bench ends."""
    async with AsyncExitStack() as stack:
        tasks: list[asyncio.Task[None]] = []

        async def answer(question: dict[str, Any]) -> dict[str, Any]:
            for number, token in enumerate(question["tokens"]):
                voice = Voice(await stack.enter_async_context(joined(question["url"], token)))
                stack.push_async_callback(voice.aclose)
                await voice.publish()
                name = f"bench.speaker.{number}"
                tasks.append(asyncio.create_task(talk(voice, number, question["seconds"]), name=name))
            return {"speaking": len(tasks)}

        try:
            await answer_questions(answer)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main())
