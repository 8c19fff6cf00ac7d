"""A listener without a room: audio fed at any pace, real plugins against a provider that hears, events collected."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from random import Random
from typing import Any

import numpy as np
from fakes.tones import speak
from livekit import rtc
from numpy.typing import NDArray

from cornerman.config import SttSettings, TurnSettings
from cornerman.events import Event, Partial, Turn, Word
from cornerman.hearing.end_of_turn import EndOfTurn, Silences
from cornerman.hearing.kept_audio import KeptAudio
from cornerman.hearing.listener import Listener
from cornerman.hearing.route import Route
from cornerman.hearing.scribe import Ends
from cornerman.hearing.turns import TurnAssembler
from cornerman.hearing.voice import SAMPLE_RATE, VoiceActivity
from cornerman.providers.provider import Provider
from cornerman.providers.speech import Heard, SpeechProviders

FRAME = SAMPLE_RATE // 50
FRAME_SECONDS = FRAME / SAMPLE_RATE
LONGEST_GAP = 5.0
"""Seconds after which a microphone that played nothing counts as switched on anew."""
LATE = 0.1
"""Seconds by which the machine may be late with a frame until the call's time waits for it."""

speak("we")  # its voices take half a second to make: before any microphone starts


class Microphone:
    """Frames as a subscribed track gives them: at real pace, silence where nothing is played.

    A busy machine delays frames but moves none in time: those that are a little late come in a burst, and where it
    cannot keep up at all the clock of the call waits for it.
    """

    def __init__(self) -> None:
        self._frames: asyncio.Queue[rtc.AudioFrameEvent | None] = asyncio.Queue(maxsize=500)
        self._played_until = 0.0
        self._stood = 0.0

    def now(self) -> float:
        """The monotonic clock, without the time for which the machine stood still."""
        return time.monotonic() - self._stood

    def __aiter__(self) -> AsyncIterator[rtc.AudioFrameEvent]:
        return self._take()

    async def _take(self) -> AsyncIterator[rtc.AudioFrameEvent]:
        while (event := await self._frames.get()) is not None:
            yield event

    async def aclose(self) -> None:
        """Nothing is held."""

    async def play(self, samples: NDArray[np.int16]) -> float:
        """Plays samples at real pace. Returns when the first of them sounded, by `now`."""
        now = self.now()
        silent = int((now - self._played_until) / FRAME_SECONDS)
        if silent * FRAME_SECONDS > LONGEST_GAP:
            self._played_until = now
        else:
            for _ in range(silent):
                self._put(np.zeros(FRAME, dtype=np.int16))
        began = self._played_until
        for start in range(0, len(samples) - FRAME + 1, FRAME):
            self._put(samples[start : start + FRAME])
            await asyncio.sleep(max(self._played_until - self.now(), 0))
            late = self.now() - self._played_until
            self._stood += late if late > LATE else 0.0
        return began

    def _put(self, samples: NDArray[np.int16]) -> None:
        self._frames.put_nowait(rtc.AudioFrameEvent(rtc.AudioFrame(samples.tobytes(), SAMPLE_RATE, 1, FRAME)))
        self._played_until += FRAME_SECONDS

    async def silence(self, seconds: float) -> None:
        await self.play(np.zeros(round(seconds * SAMPLE_RATE), dtype=np.int16))


class Rig:
    """One listener with everything round it. `waits` collects how long it would have waited between tries."""

    def __init__(
        self,
        settings: SttSettings,
        *,
        turns: TurnSettings | None = None,
        judge: tuple[EndOfTurn, Silences] | None = None,
        patient: bool = False,
        providers: SpeechProviders | None = None,
    ) -> None:
        """`providers`: those of a worker, shared with other rigs and closed by whoever made them."""
        self.providers = providers or SpeechProviders(settings, Heard())
        self._shares = providers is not None
        self.chain: Sequence[Provider] = self.providers.chain()
        self.events: list[Event] = []
        self.notes: list[dict[str, Any]] = []
        self.languages: list[str] = []
        self.spoken: list[Word] = []
        self.waits: list[float] = []
        self.told: list[bool] = []
        """Whether the listener was failing, each time it said that something changed."""
        self.microphone = Microphone()
        self.started = self.microphone.now()
        self._patient = patient
        self._skipped = 0.0
        self._turns = 0
        self.kept = KeptAudio(capacity=settings.keep, prefix=settings.prefix, tail=settings.tail)
        self.listener = Listener(
            self.microphone,
            "prospect",
            language=settings.language,
            route=Route(
                self.chain,
                self.providers.breakers,
                settings.retry,
                rest=settings.breaker_rest,
                now=self.route_now,
                random=Random(1),
            ),
            kept=self.kept,
            voice=VoiceActivity(0.4),
            assembler=TurnAssembler("prospect", "prospect", turns or TurnSettings(), self._mint),
            ends=Ends(
                feed=self.events.append,
                heard_words=lambda _: None,
                heard_language=lambda _, language: self.languages.append(language),
                changed=lambda: self.told.append(self.listener.failing),
                note=lambda _, facts: self.notes.append(facts),
            ),
            detection=(turns or TurnSettings()).detection,
            judge=judge,
            now=self.now,
            sleep=self._sleep,
        )

    async def __aenter__(self) -> Rig:
        self.providers.prewarm()
        self.listener.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.listener.forget()
        if not self._shares:
            await self.providers.aclose()

    def now(self) -> float:
        return self.microphone.now() - self.started

    def route_now(self) -> float:
        """The clock of the tries: waits between them pass at once, unless the rig is patient."""
        return self.now() + self._skipped

    @property
    def said(self) -> list[Word]:
        """Words of completed turns."""
        return [word for event in self.events if isinstance(event, Turn) for word in event.words]

    @property
    def texts(self) -> list[str]:
        return [word.text.strip(".,").lower() for word in self.said]

    @property
    def partials(self) -> list[Partial]:
        return [event for event in self.events if isinstance(event, Partial)]

    async def say(self, words: str, *, tail: float = 0.2) -> None:
        """Speaks at real pace; `spoken` has when, in call time."""
        samples, spoken = speak(words, tail=tail)
        began = await self.microphone.play(samples) - self.started
        self.spoken += [Word(word.text, began + word.start, began + word.end) for word in spoken]

    async def hears_all(self, seconds: float = 20.0) -> None:
        """Plays silence until as many words are in turns as were spoken. Does not fail: look at `texts` afterwards."""
        with suppress(TimeoutError):
            await self.until_said(len(self.spoken), seconds)

    @property
    def errors(self) -> list[float]:
        """By how much each word's start and end differ from when it was spoken, in seconds."""
        return [
            max(abs(heard.start - spoken.start), abs(heard.end - spoken.end))
            for heard, spoken in zip(self.said, self.spoken, strict=True)
        ]

    async def until_said(self, count: int, seconds: float = 30.0) -> None:
        """Plays silence until so many words are in turns."""
        async with asyncio.timeout(seconds):
            while len(self.said) < count:
                await self.microphone.silence(0.1)

    def _mint(self) -> str:
        self._turns += 1
        return f"t{self._turns}"

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        if self._patient:
            await asyncio.sleep(seconds)
        else:
            self._skipped += seconds
            await asyncio.sleep(0)
