"""What the recognisers of this package have in common as livekit's streaming `stt.STT`.

In: audio frames of any rate and any number of channels. Out: events whose times are seconds of the stream's audio plus
`start_time_offset`. Promises that an offset stays exact when audio waits or is heard again, and that an engine that is
closed has closed its streams.
"""

from __future__ import annotations

import weakref
from typing import Self, TypeVar

from livekit import rtc
from livekit.agents import NOT_GIVEN, APIConnectOptions, NotGivenOr, stt
from livekit.agents.types import TimedString
from livekit.agents.utils import AudioBuffer

from cornerman.providers.audio import as_mono
from cornerman.providers.transcriber import SAMPLE_RATE

Stream = TypeVar("Stream", bound="CountedStream")


class StreamingSTT(stt.STT[str]):
    """Hears streams only, tells times with each word, and owns the streams it made.

    Errors and metrics fire on the object, not on a stream: make one object for each speaker.
    """

    def __init__(self, *, interim_results: bool) -> None:
        super().__init__(
            capabilities=stt.STTCapabilities(
                streaming=True,
                interim_results=interim_results,
                aligned_transcript="word",
                offline_recognize=False,
                manual_flush=True,
            )
        )
        self._streams: weakref.WeakSet[CountedStream] = weakref.WeakSet()

    def _own(self, stream: Stream) -> Stream:
        self._streams.add(stream)
        return stream

    async def _recognize_impl(
        self, buffer: AudioBuffer, *, language: NotGivenOr[str] = NOT_GIVEN, conn_options: APIConnectOptions
    ) -> stt.SpeechEvent:
        raise NotImplementedError("this recogniser hears streams only; use stream()")

    async def aclose(self) -> None:
        """Closes the streams."""
        for stream in tuple(self._streams):
            await stream.aclose()


class CountedStream(stt.RecognizeStream):
    """One speaker's stream, whose audio arrives as 16 kHz mono."""

    def __init__(self, recogniser: StreamingSTT, conn_options: APIConnectOptions) -> None:
        super().__init__(stt=recogniser, conn_options=conn_options, sample_rate=SAMPLE_RATE)
        self._origin = 0.0

    @property
    def start_time_offset(self) -> float:
        """Added to all times. The base class adds the wall clock's time to it with each retry; here the audio is
        counted instead, which stays exact when audio waited or is heard again."""
        return self._origin

    @start_time_offset.setter
    def start_time_offset(self, value: float) -> None:
        if value < 0:
            raise ValueError("start_time_offset must be non-negative")
        self._origin = value

    def push_frame(self, frame: rtc.AudioFrame) -> None:
        super().push_frame(as_mono(frame))

    async def __aenter__(self) -> Self:
        return self

    # -- telling --

    def _time(self, position: int, seconds: float = 0.0) -> float:
        """The time of so many samples of the stream's audio, and so many seconds after them."""
        return round(self._origin + position / SAMPLE_RATE + seconds, 4)

    def _word(self, text: str, start: float, end: float, confidence: float | None) -> TimedString:
        """A word between two times of the stream."""
        return TimedString(
            text,
            start_time=start,
            end_time=end,
            confidence=NOT_GIVEN if confidence is None else confidence,
            start_time_offset=self._origin,
        )

    def _send_speech(self, kind: stt.SpeechEventType, speech: stt.SpeechData, utterance: str = "") -> None:
        self._event_ch.send_nowait(stt.SpeechEvent(type=kind, request_id=utterance, alternatives=[speech]))

    def _send_usage(self, seconds: float, utterance: str = "") -> None:
        """So much audio was listened to."""
        self._event_ch.send_nowait(
            stt.SpeechEvent(
                type=stt.SpeechEventType.RECOGNITION_USAGE,
                request_id=utterance,
                recognition_usage=stt.RecognitionUsage(audio_duration=seconds),
            )
        )
