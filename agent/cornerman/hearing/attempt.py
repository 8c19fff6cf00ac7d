"""One speech stream on one provider, from opening to its end or failure: audio in at the right pace, events out.

Sends what `KeptAudio` gives, live audio at once and kept audio faster than life, and knows which call time each moment
of the stream is. Says when the provider hangs. Ends by an exception where the stream failed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from typing import Any

import aiohttp
import numpy as np
from livekit import rtc
from livekit.agents import APIConnectOptions, APIError, APIStatusError, stt

from cornerman import metrics
from cornerman.hearing.audio_time import Span, TimeMap
from cornerman.hearing.kept_audio import KeptAudio, Piece
from cornerman.hearing.pulse import Pulse
from cornerman.hearing.voice import SAMPLE_RATE
from cornerman.providers.engine import Engine
from cornerman.providers.provider import Provider

CONNECT_SECONDS = 5.0
LIVE_LAG = 0.3
"""Audio older than this is sent at the replay's pace, so that a provider is not flooded."""
FILL_SECONDS = 0.1
SPAN_GAP = 0.2
"""Silence within a span: between words that are spoken in one breath."""
CLOSE_SECONDS = 3.0
BURST = 1.0
"""Kept audio that may be sent at once, in seconds."""


class StreamFailedError(Exception):
    """A speech stream ended that should not have. `kind` says how, in one word or two, without anything heard."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Attempt:
    """One stream. `now` is call time; `hear` gets every event of the stream."""

    def __init__(
        self,
        provider: Provider,
        engine: Engine,
        kept: KeptAudio,
        *,
        now: Callable[[], float],
        hear: Callable[[stt.SpeechEvent], None],
        count: Callable[[float], None],
    ) -> None:
        self.provider = provider
        self.map = TimeMap()
        kept.only_speech = provider.only_speech
        self.replay_from = kept.rewind()
        self.spans: deque[Span] = deque(maxlen=500)
        self.opened_at = now()
        self._kept = kept
        self._now = now
        self._hear = hear
        self._count = count
        self._engine = engine
        self._stream = engine.recogniser.stream(conn_options=APIConnectOptions(max_retry=0, timeout=CONNECT_SECONDS))
        self._alive = True
        self._over: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._pulse = Pulse(provider, now)
        self._paced_at = self.opened_at
        self._allowed = 0.0
        self._sent_at = self._voice_sent_at = self.opened_at
        self._utterance_open = False
        self._is_proven = False
        self._concluded_at: float | None = None
        self.sent_until = self.replay_from
        if engine.signs is not None:
            engine.signs.answered = self._pulse.answered
            engine.signs.complained = self._fail

    @property
    def behind(self) -> bool:
        """True while kept audio is being caught up with."""
        return self._kept.replaying or self._kept.lag > self._kept_lag_limit()

    @property
    def answered(self) -> bool:
        """True once the provider has answered anything."""
        return self._pulse.felt

    @property
    def age(self) -> float:
        """Seconds since the stream was opened."""
        return self._now() - self.opened_at

    def quiet_for(self, seconds: float) -> bool:
        """True when nothing was sent for so long, or only what keeps the connection open."""
        return not self._utterance_open and self._now() - max(self._voice_sent_at, self.opened_at) >= seconds

    @property
    def spoken_until(self) -> float:
        """Call time of the last voice that was sent."""
        return self.spans[-1].end if self.spans else self.replay_from

    def conclude(self) -> None:
        """Once all is sent and no more will come: has the provider finish the utterance under way."""
        if self._concluded_at is None:
            self._concluded_at = self._now()
            self._utterance_open = True
            self._end_utterance()

    def concluded_for(self, seconds: float) -> bool:
        """True when the provider had so long to finish."""
        return self._concluded_at is not None and self._now() - self._concluded_at >= seconds

    def exchange(self) -> None:
        """Ends the stream on purpose, for another to follow. Call it when nothing is under way."""
        if not self._over.done():
            self._over.set_result("")

    def proves(self) -> bool:
        """True once: for the first words of this stream."""
        first = not self._is_proven
        self._is_proven = True
        return first

    async def run(self) -> None:
        """Hears until the stream is exchanged.

        Raises:
            StreamFailedError: it failed, ended by itself, or hangs.
        """
        reading = asyncio.create_task(self._read(), name="hearing.attempt.read")
        try:
            ends: set[asyncio.Future[Any]] = {reading, self._over}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                await reading
                raise StreamFailedError("ended")
            if kind := self._over.result():
                raise StreamFailedError(kind)
        finally:
            self._alive = False
            if self._engine.signs is not None:
                self._engine.signs.forget()
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._stream.aclose()

    def forward(self) -> None:
        """Sends what may be sent now. Call with every frame that arrives, or every 20 ms where none does."""
        if not self._alive:
            return
        self._pace()
        while self._may_send() and (piece := self._kept.take()) is not None:
            self._send(piece)
        if not self._kept.open and self._kept.lag <= self._kept_lag_limit():
            self._end_utterance()
            self._keep_open()
        if self._pulse.hangs:
            self._fail("hang")

    # -- sending --

    def _kept_lag_limit(self) -> float:
        return LIVE_LAG + self._kept.prefix

    def _pace(self) -> None:
        now = self._now()
        self._allowed = min(self._allowed + (now - self._paced_at) * self.provider.replay_speed, BURST)
        self._paced_at = now

    def _may_send(self) -> bool:
        return self._alive and (self._allowed > 0 or self._kept.lag <= self._kept_lag_limit())

    def _send(self, piece: Piece) -> None:
        again = self._kept.replaying
        if not self._push(piece.frame):
            return
        seconds = piece.end - piece.start
        if again:
            metrics.audio_replayed(self.provider.name, seconds)
        self.map.sent(piece.start, seconds)
        self.sent_until = piece.end
        self._allowed -= seconds
        self._pulse.sent(seconds, speech=piece.speech)
        if piece.voiced:
            self._utterance_open = True
            self._voice_sent_at = self._sent_at
        if piece.speech:
            if self.spans and piece.start - self.spans[-1].end < SPAN_GAP:
                self.spans[-1] = Span(self.spans[-1].start, piece.end)
            else:
                self.spans.append(Span(piece.start, piece.end))

    def _push(self, frame: rtc.AudioFrame) -> bool:
        try:
            self._stream.push_frame(frame)
        except RuntimeError:
            self._alive = False  # the stream just died: `run` is about to say how
            return False
        self._sent_at = self._now()
        self._count(frame.duration)
        return True

    def _end_utterance(self) -> None:
        """The voice and its tail are over: the provider is told, so that it does not wait for what will not come."""
        if self._utterance_open and (self._kept.only_speech or self._concluded_at is not None):
            self._utterance_open = False
            self._fill(self.provider.closing_silence - (self.sent_until - self.spoken_until))
            if self._alive:
                self._stream.flush()

    def _keep_open(self) -> None:
        if self.provider.keepalive is not None and self._now() - self._sent_at >= self.provider.keepalive:
            self._fill(FILL_SECONDS)

    def _fill(self, seconds: float) -> None:
        if seconds > 0:
            silence = np.zeros(round(seconds * SAMPLE_RATE), dtype=np.int16)
            if self._push(rtc.AudioFrame(silence.tobytes(), SAMPLE_RATE, 1, len(silence))):
                self.map.filled(seconds)

    # -- listening --

    async def _read(self) -> None:
        try:
            async for event in self._stream:
                if self._engine.signs is None and event.type is not stt.SpeechEventType.RECOGNITION_USAGE:
                    self._pulse.answered()
                if event.type in (stt.SpeechEventType.START_OF_SPEECH, stt.SpeechEventType.END_OF_SPEECH):
                    self._pulse.utterance(event.type == stt.SpeechEventType.START_OF_SPEECH)
                self._hear(event)
        except APIStatusError as error:
            raise StreamFailedError(f"status_{error.status_code}") from None
        except APIError as error:
            raise StreamFailedError(type(error).__name__) from None
        except aiohttp.WSServerHandshakeError as error:
            raise StreamFailedError(f"status_{error.status}") from None

    def _fail(self, kind: str) -> None:
        if not self._over.done():
            self._over.set_result(kind)
