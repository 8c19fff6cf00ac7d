"""One speaker's stream through the offline engine: frames of any rate in, livekit `SpeechEvent`s out.

Words are livekit `TimedString`s with start and end in seconds of the stream's audio plus `start_time_offset`; every
interim carries all words of its utterance so far, and `request_id` names the utterance. START and END carry one
alternative without text, whose times say when the voice started or stopped. A FINAL without words takes back the
interims of its utterance.

Promises that the event loop never waits for a decoder; that a recogniser that dies is a retryable error of this
stream alone, and that the next one hears the unfinished utterance again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import time
from typing import Any

from livekit import rtc
from livekit.agents import APIConnectionError, APIConnectOptions, LanguageCode, stt, utils

from cornerman.errors import ProviderError
from cornerman.providers.offline.backlog import AudioBacklog
from cornerman.providers.offline.host import RecogniserConnection, RecogniserHost
from cornerman.providers.streaming import CountedStream, StreamingSTT
from cornerman.providers.transcriber import SAMPLE_RATE

logger = logging.getLogger(__name__)

LANGUAGE = LanguageCode("en")
MEMORY_SECONDS = 25.0
"""Audio kept to be heard again; more than the longest utterance."""
STUCK_SECONDS = 20.0
"""A recogniser that says nothing for so long while audio waits for it is stuck: it should report every 5 s of
audio."""


class OfflineStream(CountedStream):
    """One speaker's stream. Made by `OfflineSTT.stream`."""

    def __init__(
        self, *, recogniser: StreamingSTT, host: RecogniserHost, longest_wait: float, conn_options: APIConnectOptions
    ) -> None:
        super().__init__(recogniser, conn_options)
        self._host = host
        self._backlog = AudioBacklog(longest_wait=longest_wait, longest_memory=MEMORY_SECONDS)
        self._run_start = 0
        self._input_ended = False
        self._is_first_run = True
        self._hearing_again = False
        self._speaking = False
        self._utterance = 0
        self._unfinished: stt.SpeechData | None = None
        self._last_event_at = 0.0
        self._recogniser_pid: int | None = None

    @property
    def dropped_seconds(self) -> float:
        """Audio dropped so far because the recogniser could not keep up."""
        return self._backlog.dropped_samples / SAMPLE_RATE

    @property
    def recogniser_pid(self) -> int | None:
        """The process that hears this stream, while there is one."""
        return self._recogniser_pid

    # -- one recogniser's life --

    async def _run(self) -> None:
        self._begin_run()
        pump = asyncio.create_task(self._pump(), name="offline stt: take audio in")
        try:
            connection = await self._connect()
            try:
                await self._converse(connection, pump)
            finally:
                self._recogniser_pid = None
                connection.close()
        finally:
            await utils.aio.cancel_and_wait(pump)

    def _begin_run(self) -> None:
        # audio that killed two recognisers is left behind, or the stream would never get past it
        hear_again = not self._hearing_again
        self._run_start = self._backlog.rewind(hear_again=hear_again)
        self._hearing_again = hear_again and not self._is_first_run
        self._is_first_run = False
        if not hear_again:
            self._finish_for_the_dead()

    async def _connect(self) -> RecogniserConnection:
        began = time.perf_counter()
        reused = self._host.pid is not None
        try:
            connection = await self._host.open(timeout=self._conn_options.timeout)
        except (ProviderError, OSError) as failure:
            raise APIConnectionError(f"no offline recogniser could be opened: {failure}") from failure
        self._report_connection_acquired(time.perf_counter() - began, reused)
        self._recogniser_pid = connection.pid
        self._last_event_at = time.monotonic()
        return connection

    async def _converse(self, connection: RecogniserConnection, pump: asyncio.Task[None]) -> None:
        receiver = asyncio.create_task(self._receive(connection), name="offline stt: receive events")
        sender = asyncio.create_task(self._send(connection), name="offline stt: send audio")
        watch = asyncio.create_task(self._watch(connection), name="offline stt: watch the recogniser")
        tasks = (receiver, sender, pump)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in tasks:
                if task.done():
                    task.result()
        finally:
            await utils.aio.cancel_and_wait(receiver, sender, watch)

    async def _pump(self) -> None:
        """Keep the base class's unbounded queue empty."""
        dropped = self.dropped_seconds
        async for item in self._input_ch:
            if isinstance(item, rtc.AudioFrame):
                self._backlog.push_audio(bytes(item.data))
            else:
                self._backlog.push_flush()
            if self.dropped_seconds > dropped:
                if dropped == 0.0:
                    logger.warning("the offline recogniser cannot keep up: audio is being dropped")
                dropped = self.dropped_seconds
        if not self._input_ended:
            self._input_ended = True
            self._backlog.push_end()

    async def _send(self, connection: RecogniserConnection) -> None:
        # a recogniser that is gone is the receiver's to report
        with contextlib.suppress(OSError):
            while not (self._input_ended and self._backlog.is_empty):
                item = await self._backlog.take()
                await connection.send(item.packed())

    async def _watch(self, connection: RecogniserConnection) -> None:
        """Kill a recogniser that is stuck, so that the receiver sees it gone."""
        due_since = time.monotonic()
        while True:
            await asyncio.sleep(1.0)
            now = time.monotonic()
            if self._backlog.is_empty and not self._input_ended:
                due_since = now
            elif now - max(due_since, self._last_event_at) > STUCK_SECONDS:
                logger.warning("an offline recogniser is stuck and is killed")
                with contextlib.suppress(ProcessLookupError):
                    os.kill(connection.pid, signal.SIGKILL)

    async def _receive(self, connection: RecogniserConnection) -> None:
        while (event := await connection.receive()) is not None:
            self._last_event_at = time.monotonic()
            if event["type"] == "closed" and self._input_ended:
                return
            self._tell(event)
        raise APIConnectionError("the offline recogniser of this stream ended unexpectedly")

    # -- events --

    def _tell(self, event: dict[str, Any]) -> None:
        if "settled" in event:
            self._settle(event["settled"])
        match event["type"]:
            case "start":
                self._tell_start(event["at"])
            case "interim":
                self._unfinished = self._speech(event["words"])
                self._send_event(stt.SpeechEventType.INTERIM_TRANSCRIPT, self._unfinished)
            case "final":
                self._tell_final(self._speech(event["words"]))
            case "end":
                self._tell_end(event["at"])
            case "usage":
                self._send_usage(event["seconds"])

    def _tell_start(self, at: float) -> None:
        # an utterance that is heard again by a second recogniser was announced by the first
        if not self._speaking:
            self._speaking = True
            self._send_event(stt.SpeechEventType.START_OF_SPEECH, self._moment(at))

    def _tell_final(self, speech: stt.SpeechData) -> None:
        self._unfinished = None
        self._send_event(stt.SpeechEventType.FINAL_TRANSCRIPT, speech)
        self._utterance += 1

    def _tell_end(self, at: float) -> None:
        self._speaking = False
        self._send_event(stt.SpeechEventType.END_OF_SPEECH, self._moment(at))

    def _finish_for_the_dead(self) -> None:
        """What a dead recogniser had told of an utterance that nobody will hear again stands as its final."""
        if self._unfinished is not None:
            self._tell_final(self._unfinished)
        if self._speaking:
            self._tell_end(0.0)

    def _settle(self, seconds: float) -> None:
        if self._backlog.settle(self._run_start + round(seconds * SAMPLE_RATE)):
            self._hearing_again = False

    def _send_event(self, kind: stt.SpeechEventType, speech: stt.SpeechData) -> None:
        self._send_speech(kind, speech, f"utterance-{self._utterance}")

    def _stream_time(self, seconds: float) -> float:
        return self._time(self._run_start, seconds)

    def _moment(self, at: float) -> stt.SpeechData:
        return stt.SpeechData(LANGUAGE, "", start_time=self._stream_time(at), end_time=self._stream_time(at))

    def _speech(self, heard: list[list[Any]]) -> stt.SpeechData:
        words = [
            self._word(text, self._stream_time(start), self._stream_time(end), confidence)
            for text, start, end, confidence in heard
        ]
        confidences = [confidence for *_, confidence in heard if confidence is not None]
        return stt.SpeechData(
            LANGUAGE,
            " ".join(words),
            start_time=self._stream_time(heard[0][1]) if heard else 0.0,
            end_time=self._stream_time(heard[-1][2]) if heard else 0.0,
            confidence=round(sum(confidences) / len(confidences), 4) if confidences else 0.0,
            words=words,
        )
