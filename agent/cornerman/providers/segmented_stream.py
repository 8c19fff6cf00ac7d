"""One speaker's stream through a recogniser that takes whole pieces of audio.

In: audio frames of any rate. Out: livekit `SpeechEvent`s, each utterance in the order START_OF_SPEECH,
INTERIM_TRANSCRIPT, FINAL_TRANSCRIPT, END_OF_SPEECH (at the length cap: several finals before the end), with
RECOGNITION_USAGE for every piece that is sent. The local voice detector cuts the utterances; while one grows, it is
transcribed again and again for interim text. Words are livekit `TimedString`s in seconds of the stream's audio plus
`start_time_offset`; `request_id` names the utterance, and a FINAL without words takes back its interims. FINAL and
END carry `metadata["settled"]`: the time before which no audio will be needed again, so that a stream that takes over
can start exactly there.

Promises that utterances are told in order; that a transcription that fails or takes longer than the deadline ends the
stream with livekit's APIError, and is neither skipped nor tried again here; that the event loop never waits; and that
audio that waits for a slow transcriber is bounded: what is too far behind ends the stream the same way.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections import deque
from typing import Any

from livekit import local_inference, rtc
from livekit.agents import APIConnectionError, APIConnectOptions, APITimeoutError, LanguageCode, stt

from cornerman.providers.streaming import CountedStream, StreamingSTT
from cornerman.providers.transcriber import SAMPLE_RATE, TimedWord, Transcriber, Transcript
from cornerman.providers.utterances import Step, Utterance, UtteranceCutter, VoiceStarted, VoiceStopped
from cornerman.providers.word_times import lay_words, sounding

FIRST_INTERIM_SECONDS = 0.6
"""Voice after which the first interim is asked for: shorter pieces hold no whole word."""
BREATH_SECONDS = 1.0
"""Audio that is cut in one go before others may use the event loop: about a millisecond of work."""
SETTLED = "settled"
"""Key of the metadata of FINAL and END."""


@dataclasses.dataclass(frozen=True, slots=True)
class SegmentedSettings:
    """All in seconds, but `at_once`."""

    interim_every: float
    """Growth of an utterance between two interims; 0: no interims."""
    silence: float
    prefix: float
    longest: float
    deadline: float
    longest_wait: float
    """Audio of finished utterances that may wait for their transcriptions."""
    at_once: int
    """Finals asked for at the same time; more than one is needed only when a stream has to catch up."""


@dataclasses.dataclass(slots=True)
class _Pending:
    """A step that was heard and not told; an utterance also has the request for its transcript, once it is made."""

    step: Step
    request: asyncio.Task[Transcript | None] | None = None


class SegmentedStream(CountedStream):
    """One speaker's stream. Made by `SegmentedSTT.stream`."""

    def __init__(
        self,
        *,
        recogniser: StreamingSTT,
        transcriber: Transcriber,
        settings: SegmentedSettings,
        language: LanguageCode,
        conn_options: APIConnectOptions,
    ) -> None:
        super().__init__(recogniser, conn_options)
        self._transcriber = transcriber
        self._settings = settings
        self._language = language
        self._cutter = UtteranceCutter(
            local_inference.VAD(), silence=settings.silence, prefix=settings.prefix, longest=settings.longest
        )
        self._pending: deque[_Pending] = deque()
        self._input_ended = False
        self._changed = asyncio.Event()
        self._grown = asyncio.Event()
        self._asked: Utterance | None = None
        self._interim: asyncio.Task[Transcript | None] | None = None
        self._told = ""

    async def _run(self) -> None:
        telling = asyncio.create_task(self._tell_steps(), name="segmented stt: tell what was said")
        others = (
            asyncio.create_task(self._hear(), name="segmented stt: take audio in"),
            asyncio.create_task(self._tell_interims(), name="segmented stt: tell interims"),
        )
        try:
            # the first failure, or all told; interims go on until then
            waiting: set[asyncio.Task[None]] = {telling, *others}
            while not telling.done():
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            requests = [pending.request for pending in self._pending if pending.request is not None]
            await _end(telling, *others, *requests)

    # -- audio in --

    async def _hear(self) -> None:
        """Keep the base class's unbounded queue empty."""
        unbroken = 0
        async for item in self._input_ch:
            if isinstance(item, rtc.AudioFrame):
                self._take(self._cutter.hear(bytes(item.data)))
                unbroken += item.samples_per_channel
            else:
                self._take(self._cutter.flush())
            if self._input_ch.empty():
                unbroken = 0
                self._grown.set()
            elif unbroken > BREATH_SECONDS * SAMPLE_RATE:
                unbroken = 0
                await asyncio.sleep(0)
        self._input_ended = True
        self._changed.set()

    def _take(self, steps: list[Step]) -> None:
        if not steps:
            return
        self._pending += map(_Pending, steps)
        self._drop_overtaken_interim()
        waiting = sum(pending.step.seconds for pending in self._pending if isinstance(pending.step, Utterance))
        if waiting > self._settings.longest_wait:
            raise APIConnectionError(f"the transcriber is {waiting:.0f} s of audio behind and cannot keep up")
        self._ask_for_finals()
        self._changed.set()

    # -- finals --

    def _ask_for_finals(self) -> None:
        utterances = [pending for pending in self._pending if isinstance(pending.step, Utterance)]
        for pending in utterances[: self._settings.at_once]:
            if pending.request is None and isinstance(pending.step, Utterance):
                pending.request = asyncio.create_task(
                    self._ask(pending.step, final=True), name="segmented stt: ask for a final"
                )

    async def _tell_steps(self) -> None:
        while True:
            while not self._pending:
                if self._input_ended:
                    return
                self._changed.clear()
                await self._changed.wait()
            await self._tell(self._pending[0])
            self._pending.popleft()
            self._ask_for_finals()
            self._grown.set()

    async def _tell(self, pending: _Pending) -> None:
        match pending.step:
            case VoiceStarted(position):
                at = self._time(position)
                self._send_speech(stt.SpeechEventType.START_OF_SPEECH, stt.SpeechData(self._language, "", at, at))
            case Utterance() as utterance:
                assert pending.request is not None
                self._tell_final(utterance, await pending.request)
            case VoiceStopped(position, settled):
                at = self._time(position)
                speech = stt.SpeechData(self._language, "", at, at, metadata={SETTLED: self._time(settled)})
                self._send_speech(stt.SpeechEventType.END_OF_SPEECH, speech)

    def _tell_final(self, utterance: Utterance, transcript: Transcript | None) -> None:
        if transcript is None:
            raise APIConnectionError("the transcriber gave no transcript of a finished utterance")
        speech = self._speech(utterance, transcript)
        if speech.words or self._told:
            speech.metadata = {SETTLED: self._time(utterance.end)}
            self._send_speech(stt.SpeechEventType.FINAL_TRANSCRIPT, speech, _name(utterance))
        self._told = ""

    # -- interims --

    async def _tell_interims(self) -> None:
        """One at a time, and none while finals are due: those go first."""
        if self._settings.interim_every <= 0:
            return
        while True:
            await self._grown.wait()
            self._grown.clear()
            utterance = self._interim_due()
            if utterance is None:
                continue
            self._asked = utterance
            self._interim = asyncio.create_task(self._ask(utterance, final=False))
            try:
                await asyncio.wait({self._interim})
                if not self._interim.cancelled():
                    self._tell_interim(utterance, self._interim.result())
            finally:
                await _end(self._interim)
                self._interim = None
            self._grown.set()

    def _interim_due(self) -> Utterance | None:
        cutter, asked = self._cutter, self._asked
        # what arrives in a burst is told soon enough by its finals
        if self._pending or not self._input_ch.empty() or cutter.nearly_over:
            return None
        if cutter.voice_seconds < FIRST_INTERIM_SECONDS:
            return None
        utterance = cutter.growing()
        if utterance is None or (
            asked is not None
            and asked.number == utterance.number
            and utterance.seconds - asked.seconds < self._settings.interim_every
        ):
            return None
        return utterance

    def _drop_overtaken_interim(self) -> None:
        if self._interim is not None and self._asked is not None and self._cutter.number != self._asked.number:
            self._interim.cancel()

    def _tell_interim(self, utterance: Utterance, transcript: Transcript | None) -> None:
        if transcript is None or self._pending or self._cutter.number != utterance.number:
            return
        speech = self._speech(utterance, transcript)
        if speech.text != self._told:
            self._told = speech.text
            self._send_speech(stt.SpeechEventType.INTERIM_TRANSCRIPT, speech, _name(utterance))

    # -- both --

    async def _ask(self, utterance: Utterance, *, final: bool) -> Transcript | None:
        self._send_usage(utterance.seconds, _name(utterance))
        try:
            async with asyncio.timeout(self._settings.deadline):
                return await self._transcriber.transcribe(utterance.pcm, final=final)
        except TimeoutError:
            raise APITimeoutError(
                f"{utterance.seconds:.1f} s of audio were not transcribed within {self._settings.deadline:g} s"
            ) from None

    def _speech(self, utterance: Utterance, transcript: Transcript) -> stt.SpeechData:
        words = [
            self._word(
                word.text,
                self._time(utterance.start, word.start),
                self._time(utterance.start, word.end),
                word.confidence,
            )
            for word in timed_words(utterance, transcript)
        ]
        return stt.SpeechData(
            LanguageCode(transcript.language) if transcript.language else self._language,
            " ".join(words),
            start_time=self._time(utterance.start) if not words else words[0].start_time,  # type: ignore[arg-type]
            end_time=self._time(utterance.end) if not words else words[-1].end_time,  # type: ignore[arg-type]
            confidence=transcript.confidence,
            words=words,
        )


def timed_words(utterance: Utterance, transcript: Transcript) -> tuple[TimedWord, ...]:
    """The transcript's words with times inside the utterance, in order; laid over its voice where it has none."""
    if not transcript.words:
        return lay_words(transcript.text.split(), sounding(utterance.pcm, utterance.voiced))
    words = []
    earliest = 0.0
    for word in transcript.words:
        # an engine pads what it is given, and may see words in the padding
        start = min(max(word.start, earliest), utterance.seconds)
        end = min(max(word.end, start), utterance.seconds)
        words.append(dataclasses.replace(word, start=start, end=end))
        earliest = start
    return tuple(words)


def _name(utterance: Utterance) -> str:
    return f"utterance-{utterance.number}"


async def _end(*tasks: asyncio.Task[Any]) -> None:
    """Also takes what they raised: the first failure is the one to tell."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
