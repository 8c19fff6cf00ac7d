"""Hears one participant: audio frames in, recognised words out as turns, through whatever befalls the provider.

In: audio frames of one microphone. Out: Partial, Turn and Speaking events in call time, handed to `feed`. Audio is kept
until its words are final; a stream that fails is followed by another that hears the rest again, so that words come late
but come once, in order, with the times at which they were said. One participant's trouble touches nobody else.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from livekit import rtc
from livekit.agents import stt

from cornerman import metrics
from cornerman.events import Event, Speaking, Turn, Word
from cornerman.hearing.attempt import Attempt, StreamFailedError
from cornerman.hearing.audio_time import TrackClock
from cornerman.hearing.kept_audio import KeptAudio
from cornerman.hearing.route import Route
from cornerman.hearing.turns import TurnAssembler
from cornerman.hearing.voice import VoiceActivity
from cornerman.hearing.words import words_of
from cornerman.providers.engine import Engine
from cornerman.providers.provider import Provider
from cornerman.providers.segmented_stream import SETTLED

logger = logging.getLogger(__name__)

TICK = 0.02
MUTE_GRACE = 0.3
"""Seconds after a mute in which audio that was on its way still counts: the signal is faster than the sound."""
QUIET_SECONDS = 3.0
"""Silence after which a stream may be exchanged without cutting anything."""
HELD_LOOK = 0.25
LAST_FINAL_SECONDS = 2.0
"""How long a provider may take over the last utterance once it was told that no more comes."""
SPAN_END = 0.25
"""A provider says that an utterance ended at least so long after its last sound."""


class Frames(Protocol):
    """Where audio comes from: 16 kHz mono frames at real pace."""

    def __aiter__(self) -> AsyncIterator[rtc.AudioFrameEvent]: ...

    async def aclose(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Ends:
    """Where a listener's output goes. `note` takes facts for the journal; nothing in them was spoken."""

    feed: Callable[[Event], None]
    heard_words: Callable[[str], None]
    changed: Callable[[], None]
    note: Callable[[str, dict[str, object]], None]


class Listener:
    """The ear for one microphone of one participant. Owns three tasks, and a stream while one is open."""

    def __init__(
        self,
        frames: Frames,
        identity: str,
        *,
        language: str,
        route: Route,
        kept: KeptAudio,
        voice: VoiceActivity,
        assembler: TurnAssembler,
        ends: Ends,
        now: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.identity = identity
        self.provider = ""
        self._frames = frames
        self._language = language
        self._route = route
        self._kept = kept
        self._voice = voice
        self._assembler = assembler
        self._ends = ends
        self._now = now
        self._sleep = sleep
        self._clock = TrackClock()
        self._attempt: Attempt | None = None
        self._marks: deque[float] = deque(maxlen=100)
        self._muted_at: float | None = None
        self._pending = False
        self._was_held = False
        self._failed_once = False
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.sent: dict[str, float] = {}
        """Seconds of audio sent, for each provider."""

    # -- life --

    def start(self) -> None:
        """Starts hearing."""
        self._tasks = [
            asyncio.create_task(self._serve(), name=f"hearing.serve.{self.identity}"),
            asyncio.create_task(self._pump(), name=f"hearing.pump.{self.identity}"),
        ]

    async def finish(self, seconds: float) -> None:
        """No more audio will come: what is kept is recognised within so many seconds, then what was said is a turn."""
        serve, pump = self._tasks
        pump.cancel()
        await asyncio.gather(pump, return_exceptions=True)
        if self._kept.unsettled or self._assembler.pending:
            try:
                async with asyncio.timeout(seconds):
                    while not self._drain():
                        await asyncio.wait([serve], timeout=TICK)
            except TimeoutError:
                self._say("unheard", seconds=round(self._kept.behind, 2))
        await self._end()
        self._emit(self._assembler.close())

    async def forget(self) -> None:
        """Stops at once; nothing that was said or kept remains."""
        await self._end()
        self._kept.forget()

    def taken_over(self) -> None:
        """Somebody else speaks now."""
        self._emit(self._assembler.taken_over(self._now()))

    def muted(self, muted: bool) -> None:
        """The microphone was switched off or on."""
        self._muted_at = self._now() if muted else None

    # -- how it goes --

    @property
    def failing(self) -> bool:
        """True while no provider hears this participant."""
        return self._attempt is None and self._failed_once

    @property
    def behind(self) -> float:
        """Seconds with a voice in them that no provider has heard yet."""
        attempt = self._attempt
        return round(self._kept.behind, 1) if attempt is None or attempt.behind else 0.0

    @property
    def dropped(self) -> float:
        """Seconds with a voice in them that no provider will ever hear."""
        return self._kept.dropped

    # -- audio in --

    async def _pump(self) -> None:
        try:
            async for event in self._frames:
                self._take_in(event.frame)
        finally:
            await self._frames.aclose()

    def _take_in(self, frame: rtc.AudioFrame) -> None:
        now = self._now()
        start = self._clock.stamp(frame.duration, now)
        if self._voice.push(np.frombuffer(frame.data, dtype=np.int16)):
            self._voice_changed(now)
        off = self._muted_at is not None and now > self._muted_at + MUTE_GRACE
        if off:
            self._kept.muted(start)
        dropped = self._kept.dropped
        self._kept.append(frame, start, voice=self._voice.active and not off, speech=not self._voice.still)
        if self._kept.dropped > dropped:
            self._lost(self._kept.dropped - dropped, first=dropped == 0.0)
        attempt = self._attempt
        if attempt is not None:
            withheld = self._kept.withheld
            attempt.forward()
            metrics.audio_withheld(self.provider, self._kept.withheld - withheld)
            if self._should_exchange(attempt):
                self._exchange(attempt)

    def _voice_changed(self, now: float) -> None:
        self._assembler.speech(self._voice.active, now)
        self._ends.feed(Speaking(self.identity, self._voice.active, now))
        self._schedule()

    def _lost(self, seconds: float, *, first: bool) -> None:
        metrics.audio_dropped(seconds)
        self._emit(self._assembler.give_up(self._kept.oldest))
        if first:
            logger.warning("audio is being dropped unheard", extra={"participant": self.identity})
            self._ends.changed()

    def _drain(self) -> bool:
        """Sends what is left; returns whether all of it is final, as far as anybody can tell."""
        attempt = self._attempt
        if attempt is None:
            return False
        attempt.forward()
        if self._kept.behind:
            return False
        attempt.conclude()
        if self._pending:
            return False
        return self._kept.settled >= attempt.spoken_until - SPAN_END or attempt.concluded_for(LAST_FINAL_SECONDS)

    # -- providers --

    async def _serve(self) -> None:
        while True:
            choice = self._route.choose()
            if not isinstance(choice, Provider):
                await self._sleep(choice)
                continue
            await self._attend(choice)

    async def _attend(self, provider: Provider) -> None:
        """Hears with this provider until its stream ends or fails."""
        engine: Engine | None = None
        try:
            engine = provider.new(self._language)
            await self._listen_with(provider, engine)
        except StreamFailedError as failure:
            self._failed(provider, failure.kind)
        except Exception as failure:
            self._failed(provider, type(failure).__name__)
        finally:
            self._attempt = None
            if engine is not None:
                await engine.aclose()
            self._ends.changed()

    async def _listen_with(self, provider: Provider, engine: Engine) -> None:
        self._marks.clear()
        attempt = Attempt(provider, engine, self._kept, now=self._now, hear=self._hear, count=self._counted)
        if self.provider != provider.name:
            self._took_over(provider.name)
        self._attempt = attempt
        attempt.forward()
        self._ends.changed()
        await attempt.run()
        if not attempt.exchanged:
            raise StreamFailedError("ended")

    def _took_over(self, name: str) -> None:
        if self.provider:
            metrics.stt_takeover(self.provider, name)
            self._say("takeover", provider=name, before=self.provider)
        self.provider = name

    def _failed(self, provider: Provider, kind: str) -> None:
        self._failed_once = True
        self._route.failed(provider)
        metrics.stt_failure(provider.name, kind)
        logger.warning(
            "speech stream failed",
            extra={"participant": self.identity, "provider": provider.name, "kind": kind, "kept": self.behind},
        )
        self._say("failed", provider=provider.name, kind=kind)

    def _should_exchange(self, attempt: Attempt) -> bool:
        if attempt.exchanged or self._pending or self._kept.open or not attempt.quiet_for(QUIET_SECONDS):
            return False
        renew = attempt.provider.renew_after
        return self._route.better_than(attempt.provider) or (renew is not None and attempt.age > renew)

    def _exchange(self, attempt: Attempt) -> None:
        """In a quiet moment: back to a better provider, or a fresh stream before an old one is closed on us."""
        self._kept.settle(attempt.sent_until)
        attempt.exchange()

    def _counted(self, seconds: float) -> None:
        self.sent[self.provider] = self.sent.get(self.provider, 0.0) + seconds
        metrics.stt_seconds(self.provider, seconds)

    # -- words out --

    def _hear(self, event: stt.SpeechEvent) -> None:
        attempt = self._attempt
        if attempt is None:
            return
        now = self._now()
        kind = stt.SpeechEventType
        self._settle_as_told(event, attempt)
        if event.type == kind.END_OF_SPEECH:
            self._marks.append(self._utterance_end(attempt))
        elif event.type in (kind.INTERIM_TRANSCRIPT, kind.PREFLIGHT_TRANSCRIPT) and event.alternatives:
            words = self._words(event.alternatives[0], attempt, now)
            if words:
                self._ends.heard_words(self.identity)
                if attempt.proves():
                    self._route.answered(attempt.provider)
            self._pending = bool(words)
            self._emit(self._assembler.interim(words, now, late=attempt.behind))
        elif event.type == kind.FINAL_TRANSCRIPT and event.alternatives:
            said = event.alternatives[0]
            words = self._words(said, attempt, now)
            mark = self._marks.popleft() if self._marks else None
            self._pending = False
            self._emit(self._assembler.final(words, said.confidence, now, late=attempt.behind))
            self._settle(words, mark if not said.words else None)
            self._route.succeeded(attempt.provider)
        self._schedule()

    def _words(self, said: stt.SpeechData, attempt: Attempt, now: float) -> list[Word]:
        """The words in call time, without those that were final before the stream that says them was opened."""
        since = max(self._kept.settled, attempt.replay_from)
        until = self._marks[0] if self._marks else attempt.sent_until
        words = words_of(said, attempt.map, lambda: self._kept.between(since, until), now)
        return [word for word in words if (word.start + word.end) / 2 > attempt.replay_from]

    def _utterance_end(self, attempt: Attempt) -> float:
        """Where the utterance that the provider just ended did end, as the local detector heard it."""
        ended = [span.end for span in attempt.spans if span.end + SPAN_END <= attempt.sent_until]
        return ended[-1] if ended else attempt.sent_until

    def _settle_as_told(self, event: stt.SpeechEvent, attempt: Attempt) -> None:
        """An engine of ours knows exactly which audio it needs no more."""
        told = event.alternatives[0].metadata if event.alternatives else None
        if told and SETTLED in told:
            self._kept.settle(attempt.map.call_time(told[SETTLED]))

    def _settle(self, words: Sequence[Word], mark: float | None) -> None:
        if words:
            self._kept.settle(max(words[-1].end, mark or 0.0))

    def _emit(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, Turn) and event.words:
                self._kept.settle(event.end)
            self._ends.feed(event)

    # -- time --

    def _held(self) -> bool:
        """No turn ends on silence while words that belong to it may still be on their way."""
        attempt = self._attempt
        if attempt is None:
            return self._failed_once and self._assembler.pending
        return attempt.behind

    def _schedule(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._assembler.due is not None:
            delay = HELD_LOOK if self._was_held else max(self._assembler.due - self._now(), 0.0)
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def _tick(self) -> None:
        if self._held():
            self._was_held = True
        elif self._was_held:
            self._was_held = False
            self._assembler.resumed(self._now())
        else:
            self._emit(self._assembler.tick(self._now()))
        self._schedule()

    # -- the end --

    def _say(self, what: str, **facts: object) -> None:
        self._ends.note(self.identity, {"hearing": what, **facts})

    async def _end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._route.close()
        self._voice.close()
