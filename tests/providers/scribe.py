"""A transcriber that keeps what it was given and answers as a test tells it, and lines of the demo call to give it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import cache

import numpy as np
from speech_streams import RATE, Audio

from cornerman import demo_call
from cornerman.demo_call import Line, Speaker
from cornerman.providers.transcriber import Transcript

SILENCE = np.zeros(RATE, dtype=np.int16)
Answer = Callable[[bytes, bool], Awaitable[Transcript | None]]


class Scribe:
    """Keeps what it was given; says how many whole tenths of a second it was, unless told to `answer` otherwise."""

    def __init__(self, answer: Answer | None = None) -> None:
        self._answer = answer
        self.finals: list[bytes] = []
        self.interims: list[bytes] = []
        self.under_way = 0
        self.most_under_way = 0
        self.given_up = 0
        self.closed = False

    async def transcribe(self, pcm: bytes, *, final: bool) -> Transcript | None:
        (self.finals if final else self.interims).append(pcm)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            if self._answer is not None:
                return await self._answer(pcm, final)
            return Transcript(f"heard {len(pcm) // 3_200}", language="en", confidence=0.5)
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        finally:
            self.under_way -= 1

    async def aclose(self) -> None:
        self.closed = True


@cache
def call(speaker: Speaker) -> Audio:
    return demo_call.samples(speaker)


@cache
def lines(speaker: Speaker) -> tuple[Line, ...]:
    return tuple(line for line in demo_call.load_recording().lines if line.speaker == speaker)


def line_of_call(speaker: Speaker, index: int) -> Audio:
    """One spoken line without the silence around it."""
    line = lines(speaker)[index]
    return call(speaker)[round(line.start * RATE) : round(line.end * RATE)]


def without_pauses(speaker: Speaker) -> Audio:
    """All lines one after the other, joined where the voice is still sounding."""
    return np.concatenate([line_of_call(speaker, index)[1_600:-4_800] for index in range(len(lines(speaker)))])
