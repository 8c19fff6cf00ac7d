"""Give a streaming recogniser audio and read what it says of it, for tests of recognisers.

In: a stream or an engine of `livekit.agents.stt`, and 16-bit audio as samples or bytes. Out: its events. No fixed
waits; everything has a deadline that fails the test.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
from livekit import rtc
from livekit.agents import stt
from livekit.agents.stt import SpeechData, SpeechEvent, SpeechEventType
from numpy.typing import NDArray

RATE = 16_000
START, INTERIM, FINAL, END, USAGE = (
    SpeechEventType.START_OF_SPEECH,
    SpeechEventType.INTERIM_TRANSCRIPT,
    SpeechEventType.FINAL_TRANSCRIPT,
    SpeechEventType.END_OF_SPEECH,
    SpeechEventType.RECOGNITION_USAGE,
)
DEADLINE = 60.0
Audio = NDArray[np.int16]


def push(stream: stt.RecognizeStream, audio: Audio | bytes, *, rate: int = RATE, channels: int = 1) -> None:
    """All of the audio at once, in frames of 20 ms."""
    pcm = audio if isinstance(audio, bytes) else audio.tobytes()
    step = rate // 50 * 2 * channels
    for at in range(0, len(pcm), step):
        part = pcm[at : at + step]
        stream.push_frame(rtc.AudioFrame(part, rate, channels, len(part) // (2 * channels)))


async def rest(stream: stt.RecognizeStream) -> list[SpeechEvent]:
    """All events until the stream ends."""
    async with asyncio.timeout(DEADLINE):
        return [event async for event in stream]


async def until(stream: stt.RecognizeStream, kind: SpeechEventType) -> list[SpeechEvent]:
    """Events up to and with the first of `kind`."""
    events = []
    async with asyncio.timeout(DEADLINE):
        async for event in stream:
            events.append(event)
            if event.type is kind:
                return events
    raise AssertionError(f"the stream ended without {kind}")


async def eventually(holds: Callable[[], bool]) -> None:
    """Waits for what no event tells."""
    async with asyncio.timeout(DEADLINE / 2):
        while not holds():
            await asyncio.sleep(0.01)


async def hear(engine: stt.STT[Any], audio: Audio | bytes) -> list[SpeechEvent]:
    """All that a stream of its own says of the audio."""
    async with engine.stream() as stream:
        push(stream, audio)
        stream.end_input()
        return await rest(stream)


def speech(events: list[SpeechEvent], kind: SpeechEventType) -> list[SpeechData]:
    """What the events of one kind say, in order."""
    return [event.alternatives[0] for event in events if event.type is kind]
