"""Give a real plugin's stream audio and see what becomes of it.

In: a stream of `livekit.agents.stt`, samples. Out: its events and how it ended. Promise: no fixed waits; everything has
a deadline that fails the test.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import numpy as np
from livekit import rtc
from livekit.agents import APIConnectOptions, stt
from numpy.typing import NDArray

DEADLINE = 10.0
ONCE = APIConnectOptions(max_retry=0, timeout=2.0)
"""Connect once: whoever uses the plugins here does the trying again."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word as the plugin tells it, in seconds of the stream."""

    text: str
    start: float
    end: float


@dataclass(slots=True)
class Outcome:
    """What a stream said so far; `ended` once it says no more, with its `error` if it raised one."""

    events: list[stt.SpeechEvent] = field(default_factory=list)
    error: Exception | None = None
    ended: bool = False

    def texts(self, kind: stt.SpeechEventType) -> list[str]:
        return [event.alternatives[0].text for event in self.events if event.type is kind and event.alternatives]

    @property
    def finals(self) -> list[str]:
        return self.texts(stt.SpeechEventType.FINAL_TRANSCRIPT)

    @property
    def interims(self) -> list[str]:
        return self.texts(stt.SpeechEventType.INTERIM_TRANSCRIPT)

    @property
    def heard(self) -> list[str]:
        """The words of all finals in order."""
        return " ".join(self.finals).split()

    @property
    def words(self) -> list[Word]:
        """The timed words of all finals in order."""
        finals = [event for event in self.events if event.type is stt.SpeechEventType.FINAL_TRANSCRIPT]
        timed = [word for event in finals for word in event.alternatives[0].words or []]
        return [Word(text=str(word), start=_number(word.start_time), end=_number(word.end_time)) for word in timed]


def _number(value: object) -> float:
    assert isinstance(value, float | int)
    return float(value)


@asynccontextmanager
async def listening(stream: stt.RecognizeStream) -> AsyncIterator[Outcome]:
    """The outcome of `stream`, filled as it speaks; closes the stream at the end."""
    outcome = Outcome()

    async def follow() -> None:
        try:
            async for event in stream:
                outcome.events.append(event)
        except Exception as error:  # every failure of a plugin is an outcome
            outcome.error = error
        outcome.ended = True

    follower = asyncio.create_task(follow(), name="follows a plugin's stream")
    try:
        yield outcome
    finally:
        await asyncio.wait_for(stream.aclose(), DEADLINE)
        follower.cancel()
        await asyncio.gather(follower, return_exceptions=True)


def frames(signal: NDArray[np.int16], rate: int = 16_000, length: float = 0.02) -> Iterator[rtc.AudioFrame]:
    """`signal` in frames of `length` seconds, the last one shorter."""
    size = round(length * rate)
    for at in range(0, len(signal), size):
        part = signal[at : at + size]
        yield rtc.AudioFrame(part.tobytes(), rate, 1, len(part))


async def feed(stream: stt.RecognizeStream, signal: NDArray[np.int16], rate: int = 16_000) -> None:
    """Push all of `signal`, as fast as the event loop turns; stops when the stream is dead."""
    for frame in frames(signal, rate):
        try:
            stream.push_frame(frame)
        except RuntimeError:
            return
        await asyncio.sleep(0)


async def until(condition: Callable[[], object], what: str = "") -> None:
    """Wait until `condition` holds; fails the test after `DEADLINE` seconds.

    A condition that raises LookupError (it looks at a record that has not come yet) does not hold.
    """

    def holds() -> bool:
        with suppress(LookupError):
            return bool(condition())
        return False

    try:
        async with asyncio.timeout(DEADLINE):
            while not holds():
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(f"did not come true within {DEADLINE:g} s: {what or condition}") from None
