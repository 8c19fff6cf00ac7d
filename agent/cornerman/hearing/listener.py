"""Hears one participant: audio frames in, recognised words out as turns, through whatever befalls the provider.

In: audio frames of one microphone. Out: Partial, Turn and Speaking events in call time, handed to `feed`. Audio is kept
until its words are final; a stream that fails is followed by another that hears the rest again, so that words come late
but come once, in order, with the times at which they were said. One participant's trouble touches nobody else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Literal, Protocol

import numpy as np
from livekit import rtc

from cornerman import metrics
from cornerman.events import Speaking
from cornerman.hearing.attempt import Attempt, StreamFailedError
from cornerman.hearing.audio_time import TrackClock
from cornerman.hearing.end_of_turn import EndOfTurn, Silences
from cornerman.hearing.kept_audio import KeptAudio
from cornerman.hearing.pauses import Pauses
from cornerman.hearing.route import Route
from cornerman.hearing.scribe import Ends, Scribe
from cornerman.hearing.turns import TurnAssembler
from cornerman.hearing.voice import VoiceActivity
from cornerman.providers.engine import Engine
from cornerman.providers.provider import Provider

logger = logging.getLogger(__name__)

TICK = 0.02
MUTE_GRACE = 0.3
"""Seconds after a mute in which audio that was on its way still counts: the signal is faster than the sound."""
SILENT_PROBE = 1.0
"""Seconds for which somebody who says nothing may be the one who finds out whether a provider is up again."""
QUIET_SECONDS = 3.0
"""Silence after which a stream may be exchanged without cutting anything."""
UNKNOWN_SECONDS = 3.0
"""A stream that was opened after a failure and lives this long is taken to hear, although nobody has spoken."""
COUNT_EVERY = 1.0
"""Seconds of sent, or withheld, audio counted at once: a count for each frame costs half of what its hearing does."""
LAST_FINAL_SECONDS = 2.0
"""How long a provider may take over the last utterance once it was told that no more comes."""


class Frames(Protocol):
    """Where audio comes from: 16 kHz mono frames at real pace."""

    def __aiter__(self) -> AsyncIterator[rtc.AudioFrameEvent]: ...

    async def aclose(self) -> None: ...


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
        detection: Literal["silence", "provider", "local"] = "silence",
        judge: tuple[EndOfTurn, Silences] | None = None,
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
        self._ends = ends
        self._now = now
        self._sleep = sleep
        self._scribe = Scribe(identity, assembler, kept, route, ends, detection=detection, now=now)
        self._pauses = Pauses(*judge, self._scribe.judged) if judge is not None else None
        self._clock = TrackClock()
        self._attempt: Attempt | None = None
        self._muted_at: float | None = None
        self._failed_once = False
        self._told_failing = False
        self._uncounted = 0.0
        self._uncounted_silence = 0.0
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
        if self._kept.unsettled or self._scribe.unfinished:
            try:
                async with asyncio.timeout(seconds):
                    while not self._drain():
                        await asyncio.wait([serve], timeout=TICK)
            except TimeoutError:
                self._say("unheard", seconds=round(self._kept.behind, 2))
        await self._end()
        self._scribe.close(forget=False)

    async def forget(self) -> None:
        """Stops at once; nothing that was said or kept remains."""
        await self._end()
        self._scribe.close(forget=True)
        self._kept.forget()

    def taken_over(self) -> None:
        """Somebody else speaks now."""
        self._scribe.taken_over()

    def muted(self, muted: bool) -> None:
        """The microphone was switched off or on."""
        self._muted_at = self._now() if muted else None

    # -- how it goes --

    @property
    def failing(self) -> bool:
        """True while no provider hears this participant, or nothing is known yet of the one that was tried last."""
        attempt = self._attempt
        unknown = attempt is not None and not attempt.answered and attempt.age < UNKNOWN_SECONDS
        return self._failed_once and (attempt is None or unknown)

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
        samples = np.frombuffer(frame.data, dtype=np.int16)
        if self._voice.push(samples):
            # a voice is known to have stopped only after some stillness; it stopped when that began
            at = now if self._voice.active else round(max(now - self._voice.pause, 0.0), 4)
            self._ends.feed(Speaking(self.identity, self._voice.active, at))
            self._scribe.voice(self._voice.active)
        if self._pauses is not None:
            self._pauses.push(samples, self._voice.pause)
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
            self._withheld(self._kept.withheld - withheld)
            if attempt.quiet_for(SILENT_PROBE):
                self._route.spare(attempt.provider)
            if self._should_exchange(attempt):
                self._exchange(attempt)
        if self.failing != self._told_failing:  # time alone may end it: a stream that lives on is taken to hear
            self._told_failing = self.failing
            self._ends.changed()

    def _lost(self, seconds: float, *, first: bool) -> None:
        metrics.audio_dropped(seconds)
        self._scribe.give_up()
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
        return self._scribe.all_final(attempt) or (
            not self._scribe.pending and attempt.concluded_for(LAST_FINAL_SECONDS)
        )

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
            self._count_sent()
            self._scribe.attend(None)
            if engine is not None:
                await engine.aclose()
            self._ends.changed()

    async def _listen_with(self, provider: Provider, engine: Engine) -> None:
        hear, count = self._scribe.hear, self._counted
        attempt = Attempt(provider, engine, self._kept, now=self._now, hear=hear, count=count)
        if self.provider != provider.name:
            self._took_over(provider.name)
        self._attempt = attempt
        self._scribe.attend(attempt)
        attempt.forward()
        self._ends.changed()
        await attempt.run()

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
        if self._scribe.pending or self._kept.open or not attempt.quiet_for(QUIET_SECONDS):
            return False
        renew = attempt.provider.renew_after
        return self._route.better_than(attempt.provider) or (renew is not None and attempt.age > renew)

    def _exchange(self, attempt: Attempt) -> None:
        """In a quiet moment: back to a better provider, or a fresh stream before an old one is closed on us."""
        self._kept.settle(attempt.sent_until)
        attempt.exchange()

    def _counted(self, seconds: float) -> None:
        self.sent[self.provider] = self.sent.get(self.provider, 0.0) + seconds
        self._uncounted += seconds
        if self._uncounted >= COUNT_EVERY:
            self._count_sent()

    def _withheld(self, seconds: float) -> None:
        self._uncounted_silence += seconds
        if self._uncounted_silence >= COUNT_EVERY:
            self._count_withheld()

    def _count_sent(self) -> None:
        if self._uncounted:
            metrics.stt_seconds(self.provider, self._uncounted)
            self._uncounted = 0.0
        self._count_withheld()

    def _count_withheld(self) -> None:
        if self._uncounted_silence:
            metrics.audio_withheld(self.provider, self._uncounted_silence)
            self._uncounted_silence = 0.0

    # -- the end --

    def _say(self, what: str, **facts: object) -> None:
        self._ends.note(self.identity, {"hearing": what, **facts})

    async def _end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._pauses is not None:
            await self._pauses.aclose()
        self._route.close()
        self._voice.close()
