"""Prospects in conversation with a rep, in a process of their own, each in a call of their own.

Asked with `join` (a list of url and token) they publish their microphones and make small talk; with `converse` (a time)
they take turns with the rep from then on, see `TURN`; with `leave` they leave. Times are of the machine's monotonic
clock.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from itertools import count
from typing import Any

import numpy as np
from fakes.tones import speak
from livekit import rtc
from numpy.typing import NDArray

from bench.coaching.said import GAP, REP_SAYS, SMALL_TALK, TURN, TURN_WORDS, WORD, Utterance, utterances
from bench.processes import answer_questions
from cornerman.stand_ins.voice import SAMPLE_RATE, joined

FRAME = 0.02
QUEUE_MS = 60
SMALL_TALK_PAUSE = 1.0


class Microphone:
    """A published microphone that knows when each of its samples was due."""

    def __init__(self, room: rtc.Room) -> None:
        self._room = room
        self._source = rtc.AudioSource(SAMPLE_RATE, 1, queue_size_ms=QUEUE_MS)
        self._track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)

    async def publish(self) -> None:
        """Publishes it."""
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await self._room.local_participant.publish_track(self._track, options)

    async def play(self, samples: NDArray[np.int16]) -> None:
        """Plays at real pace."""
        length = round(FRAME * SAMPLE_RATE)
        began = time.monotonic()
        for number, start in enumerate(range(0, len(samples), length)):
            wait = began + number * FRAME - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            block = np.zeros(length, dtype=np.int16)
            chunk = samples[start : start + length]
            block[: len(chunk)] = chunk
            await self._source.capture_frame(rtc.AudioFrame(block.tobytes(), SAMPLE_RATE, 1, length))

    async def say(self, words: tuple[str, ...]) -> None:
        """Says words."""
        samples, _ = speak(list(words), rate=SAMPLE_RATE, word=WORD, gap=GAP)
        await self.play(samples)

    async def aclose(self) -> None:
        """Releases it."""
        await self._source.aclose()


class Prospect:
    """Somebody who talks as long as the task runs."""

    def __init__(self, microphone: Microphone, call: int) -> None:
        self._microphone = microphone
        self._script: Iterator[Utterance] = utterances(call)
        self._begins: float | None = None

    def begin(self, at: float) -> None:
        """The conversation begins then; small talk ends with the present sentence."""
        self._begins = at

    async def talk(self) -> None:
        """Small talk, then every other turn of the conversation; two in three of them hold nothing of a sale."""
        while self._begins is None:
            await self._microphone.say(tuple(SMALL_TALK.split()))
            await asyncio.sleep(SMALL_TALK_PAUSE)
        for number in count():
            trigger = next(self._script).trigger.phrase.split() if number % 3 == 0 else []
            await asyncio.sleep(max(self._begins + 2 * TURN * number - time.monotonic(), 0.0))
            await self._microphone.say((*trigger, *REP_SAYS.split())[:TURN_WORDS])


async def main() -> None:
    """Speaks until the bench ends."""
    async with AsyncExitStack() as stack:
        prospects: list[Prospect] = []
        tasks: list[asyncio.Task[None]] = []
        call = AsyncExitStack()
        stack.push_async_callback(call.aclose)

        async def join(number: int, url: str, token: str) -> None:
            microphone = Microphone(await call.enter_async_context(joined(url, token)))
            call.push_async_callback(microphone.aclose)
            await microphone.publish()
            prospects.append(Prospect(microphone, number))

        async def leave() -> None:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await call.aclose()
            tasks.clear()
            prospects.clear()

        async def answer(question: dict[str, Any]) -> dict[str, Any]:
            match question:
                case {"join": seats}:
                    await asyncio.gather(*(join(number, *seat) for number, seat in enumerate(seats)))
                    tasks.extend(asyncio.create_task(one.talk(), name="bench.prospect") for one in prospects)
                case {"converse": begins}:
                    for one in prospects:
                        one.begin(begins)
                case {"leave": True}:
                    await leave()
            return {"pid": os.getpid()}

        try:
            await answer_questions(answer)
        finally:
            await leave()


if __name__ == "__main__":
    asyncio.run(main())
