"""A recorded call as audio: a file for each speaker, recognised by the configured speech provider.

In: WAV or FLAC files that begin at the same time, the provider's engine. Out: a `RecordedCall` whose words have the
times the provider told; a turn ends where it fell silent. Audio is read piece by piece and sent as fast as the provider
takes it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from pathlib import Path

from livekit import rtc
from livekit.agents import APIConnectOptions, APIError, stt

from cornerman.errors import ProviderError
from cornerman.events import Word
from cornerman.plain import plain
from cornerman.providers.offline.stream import OfflineStream
from cornerman.providers.provider import Provider
from cornerman.replay.audio_files import SAMPLE_RATE, Recording, pieces_of, role_of
from cornerman.replay.call_file import (
    LONGEST_WORD,
    RecordedCall,
    Speaker,
    SpokenTurn,
    tidy,
    with_one_rep,
)

AHEAD = 6.0
"""Seconds of audio that may be under way to the embedded engine: it reports every 5 s of audio it has heard, and drops
what waits longer than 5 s before it is sent on."""
LAST_WORDS = 120.0
"""Seconds a provider may take to finish once it has all the audio, and the embedded engine over 5 s of it."""
CONNECT_SECONDS = 10.0


async def recognise(recording: Recording, provider: Provider, language: str, silence: float) -> RecordedCall:
    """Has every speaker recognised, as many at a time as there are processors. `silence` (seconds) ends a turn.

    Raises:
        CallFileError: a file is no audio.
        ProviderError: the provider failed, could not keep up, or tells no times of words.
    """
    at_once = asyncio.Semaphore(os.cpu_count() or 1)

    async def heard(speaker: str, file: Path) -> list[Word]:
        async with at_once:
            return await _words(file, provider, language)

    words = await asyncio.gather(*(heard(speaker, file) for speaker, file in recording.files.items()))
    spoken = [
        (said[0].start, speaker, said)
        for speaker, heard_words in zip(recording.files, words, strict=True)
        for said in _turns(heard_words, silence)
    ]
    return RecordedCall(
        id=recording.id,
        language=language,
        speakers=with_one_rep(Speaker(one, one, role_of(one)) for one in recording.files),
        turns=tuple(
            SpokenTurn(index, speaker, start, said[-1].end, tuple(said))
            for index, (start, speaker, said) in enumerate(sorted(spoken, key=lambda one: one[:2]))
        ),
    )


def _turns(words: Sequence[Word], silence: float) -> Iterator[list[Word]]:
    said: list[Word] = []
    for word in words:
        if said and word.start - said[-1].end > silence:
            yield said
            said = []
        said.append(word)
    if said:
        yield said


async def _words(file: Path, provider: Provider, language: str) -> list[Word]:
    engine = provider.new(language)
    try:
        options = APIConnectOptions(max_retry=0, timeout=CONNECT_SECONDS)
        stream = engine.recogniser.stream(conn_options=options)
        async with aclosing(stream):
            return await _Hearing(file, provider, stream).words()
    except APIError as error:
        raise ProviderError(f"{provider.name} failed on {file}: {error.message}; see stt.* in the settings") from None
    finally:
        await engine.aclose()


class _Hearing:
    """One file on its way through one stream."""

    def __init__(self, file: Path, provider: Provider, stream: stt.RecognizeStream) -> None:
        self._file = file
        self._provider = provider
        self._stream = stream
        self._heard = 0.0
        self._sent = 0.0
        self._heard_more = asyncio.Event()

    async def words(self) -> list[Word]:
        sending = asyncio.create_task(self._send(), name="replay.recording.send")
        reading = asyncio.create_task(self._read(), name="replay.recording.read")
        try:
            # a stream that fails ends the reading first
            await asyncio.wait([sending, reading], return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                await sending
            async with asyncio.timeout(LAST_WORDS):
                words = await reading
            await sending
        except TimeoutError:
            raise ProviderError(f"{self._provider.name} did not finish {self._file} in {LAST_WORDS:g} s") from None
        finally:
            for task in (sending, reading):
                task.cancel()
            await asyncio.gather(sending, reading, return_exceptions=True)
        dropped = self._stream.dropped_seconds if isinstance(self._stream, OfflineStream) else 0.0
        if dropped:
            raise ProviderError(
                f"{self._provider.name} could not keep up and left out {dropped:.1f} s of {self._file}; "
                "replay again when the machine has less to do"
            )
        return words

    async def _send(self) -> None:
        began = time.monotonic()
        with contextlib.suppress(RuntimeError):  # nothing can be sent to a stream that died: its reader tells why
            async for frame in _frames(self._file):
                self._stream.push_frame(frame)
                self._sent += frame.duration
                await self._wait_to_send(began)
            closing = round(self._provider.closing_silence * SAMPLE_RATE)
            if closing:
                self._stream.push_frame(rtc.AudioFrame(bytes(2 * closing), SAMPLE_RATE, 1, closing))
            self._stream.end_input()

    async def _wait_to_send(self, began: float) -> None:
        """Until the provider can bear more: the embedded engine says so itself, others have a pace."""
        if isinstance(self._stream, OfflineStream):
            while self._sent > self._heard + AHEAD:
                self._heard_more.clear()
                async with asyncio.timeout(LAST_WORDS):
                    await self._heard_more.wait()
        else:
            early = self._sent / self._provider.replay_speed - (time.monotonic() - began)
            await asyncio.sleep(max(early, 0.0))

    async def _read(self) -> list[Word]:
        words: list[Word] = []
        async for event in self._stream:
            if event.type is stt.SpeechEventType.RECOGNITION_USAGE and event.recognition_usage is not None:
                self._heard += event.recognition_usage.audio_duration
                self._heard_more.set()
            elif event.type is stt.SpeechEventType.FINAL_TRANSCRIPT and event.alternatives:
                words.extend(self._timed(event.alternatives[0]))
        return sorted(words, key=lambda word: word.start)

    def _timed(self, said: stt.SpeechData) -> Iterator[Word]:
        if said.text.strip() and not said.words:
            raise ProviderError(
                f"{self._provider.name} tells no times of words, which a replay needs; set stt.provider to another one"
            )
        for word in said.words or ():
            start, end, text = word.start_time, word.end_time, plain(str(word), LONGEST_WORD)
            if isinstance(start, float | int) and isinstance(end, float | int) and text:
                yield Word(text, tidy(max(start, 0.0)), tidy(max(start, end, 0.0)))


async def _frames(file: Path) -> AsyncIterator[rtc.AudioFrame]:
    """The file in pieces of a tenth of a second, decoded off the event loop."""
    pieces = pieces_of(file)
    while (pcm := await asyncio.to_thread(next, pieces, None)) is not None:
        yield rtc.AudioFrame(pcm, SAMPLE_RATE, 1, len(pcm) // 2)
