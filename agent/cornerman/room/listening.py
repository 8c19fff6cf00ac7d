"""Hears one participant: audio from a subscribed track into a speech stream of its own, recognised words out as turns.

In: audio frames of one track. Out: Partial, Turn and Speaking events in call time, handed to `feed`. A speech stream
that dies is opened again with back-off; what was heard before stands. One participant's trouble touches nobody else.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence

from livekit import rtc
from livekit.agents import APIError, NotGiven, stt

from cornerman.events import Event, Speaking, Word
from cornerman.providers.stt import SpeechEngine
from cornerman.room.plain import plain
from cornerman.room.turns import TurnAssembler

logger = logging.getLogger(__name__)

SAMPLE_RATE = 16_000
LONGEST_WORD = 80
LONGEST_TEXT = 20_000
"""Characters of a word and of an utterance that are believed to be speech."""
FRAME_MS = 20
"""Short frames: every millisecond of framing is a millisecond later with the rep."""
FRAME_CAPACITY = 250
"""Frames kept while the speech stream is not ready: 5 s of audio; the oldest are dropped then."""
RETRY_DELAYS = (1.0, 2.0, 4.0, 8.0)
CLOCK_WINDOW = 250
"""Frames over which the least delayed one tells the offset between stream time and call time: 5 s."""


class AudioClock:
    """Maps a speech stream's time to call time. The least delayed of the newest frames sets the offset."""

    def __init__(self) -> None:
        self._pushed = 0.0
        self._offsets: deque[float] = deque(maxlen=CLOCK_WINDOW)

    def push(self, seconds: float, now: float) -> None:
        """A frame of so many seconds arrived and was handed to the stream."""
        self._pushed += seconds
        self._offsets.append(now - self._pushed)

    def call_time(self, stream_time: float) -> float:
        """Seconds since the call began for a time of the stream."""
        return round(stream_time + min(self._offsets, default=0.0), 3)


class Listener:
    """The ear for one audio track of one participant. Owns its speech engine instance and two tasks."""

    def __init__(
        self,
        track: rtc.Track,
        identity: str,
        engine: SpeechEngine,
        assembler: TurnAssembler,
        *,
        now: Callable[[], float],
        feed: Callable[[Event], None],
        heard_words: Callable[[str], None],
    ) -> None:
        self.identity = identity
        self._track = track
        self._engine = engine
        self._assembler = assembler
        self._now = now
        self._feed = feed
        self._heard_words = heard_words
        self._clock = AudioClock()
        self._stream: stt.RecognizeStream | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.failing = False

    def start(self) -> None:
        """Starts hearing."""
        self._tasks = [
            asyncio.create_task(self._recognise(), name=f"listening.recognise.{self.identity}"),
            asyncio.create_task(self._pump(), name=f"listening.pump.{self.identity}"),
        ]

    def taken_over(self) -> None:
        """Somebody else speaks now."""
        self._emit(self._assembler.taken_over(self._now()))

    async def aclose(self, *, forget: bool = False) -> None:
        """Stops hearing. What was said so far becomes a turn, unless it is to be forgotten."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        if self._timer is not None:
            self._timer.cancel()
        if not forget:
            self._emit(self._assembler.close())
        await self._engine.aclose()

    async def _pump(self) -> None:
        audio = rtc.AudioStream.from_track(
            track=self._track,
            sample_rate=SAMPLE_RATE,
            num_channels=1,
            frame_size_ms=FRAME_MS,
            capacity=FRAME_CAPACITY,
        )
        try:
            async for event in audio:
                stream = self._stream
                if stream is None:
                    continue
                try:
                    stream.push_frame(event.frame)
                except RuntimeError:
                    continue  # the stream just died: the other task opens a new one
                self._clock.push(event.frame.duration, self._now())
        finally:
            await audio.aclose()

    async def _recognise(self) -> None:
        failures = 0
        while True:
            self._clock = AudioClock()
            stream = self._engine.stream()
            self._stream = stream
            try:
                async for event in stream:
                    failures = 0
                    self.failing = False
                    self._hear(event)
            except APIError as error:
                logger.warning(
                    "speech stream failed", extra={"participant": self.identity, "error": type(error).__name__}
                )
            finally:
                self._stream = None
                await stream.aclose()
            self.failing = True
            await asyncio.sleep(RETRY_DELAYS[min(failures, len(RETRY_DELAYS) - 1)])
            failures += 1

    def _hear(self, event: stt.SpeechEvent) -> None:
        now = self._now()
        kind = stt.SpeechEventType
        if event.type in (kind.START_OF_SPEECH, kind.END_OF_SPEECH):
            active = event.type == kind.START_OF_SPEECH
            self._assembler.speech(active, now)
            self._feed(Speaking(self.identity, active, now))
        elif event.type in (kind.INTERIM_TRANSCRIPT, kind.PREFLIGHT_TRANSCRIPT) and event.alternatives:
            words = self._words(event.alternatives[0])
            if words:
                self._heard_words(self.identity)
            self._emit(self._assembler.interim(words, now))
        elif event.type == kind.FINAL_TRANSCRIPT and event.alternatives:
            said = event.alternatives[0]
            self._emit(self._assembler.final(self._words(said), said.confidence, now))
        self._schedule()

    def _words(self, said: stt.SpeechData) -> list[Word]:
        """The recogniser's words in call time; where it gives no times for words, they are spread over the
        utterance.
        """
        if said.words:
            timed = [(plain(str(word), LONGEST_WORD), word) for word in said.words]
            return [
                Word(text, self._call_time(word.start_time), self._call_time(word.end_time))
                for text, word in timed
                if text
            ]
        texts = [text[:LONGEST_WORD] for text in plain(said.text, LONGEST_TEXT).split()]
        step = max(said.end_time - said.start_time, 0.0) / max(len(texts), 1)
        times = [said.start_time + step * index for index in range(len(texts) + 1)]
        return [
            Word(text, self._clock.call_time(times[index]), self._clock.call_time(times[index + 1]))
            for index, text in enumerate(texts)
        ]

    def _call_time(self, stream_time: float | NotGiven) -> float:
        return self._clock.call_time(stream_time) if isinstance(stream_time, float | int) else self._now()

    def _emit(self, events: Sequence[Event]) -> None:
        for event in events:
            self._feed(event)

    def _schedule(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._assembler.due is not None:
            delay = max(self._assembler.due - self._now(), 0.0)
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def _tick(self) -> None:
        self._emit(self._assembler.tick(self._now()))
        self._schedule()
