"""The offline engine hears real audio through real recogniser processes."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import wave
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from livekit import rtc
from livekit.agents import APIConnectOptions
from livekit.agents.metrics import STTMetrics
from livekit.agents.stt import SpeechData, SpeechEvent, STTError
from speech_streams import END, FINAL, INTERIM, RATE, START, USAGE, eventually, hear, push, rest, speech, until

from cornerman.errors import ProviderError
from cornerman.providers.offline.host import RecogniserHost
from cornerman.providers.offline.settings import OfflineSettings
from cornerman.providers.offline.stt import OfflineSTT

CLIPS = Path(__file__).parent / "clips"
TRUTH = json.loads((CLIPS / "truth.json").read_text())
SILENCE = bytes(2 * RATE)
QUICK_RETRY = APIConnectOptions(max_retry=3, retry_interval=0.05)


@pytest.fixture(scope="module")
def host() -> Iterator[RecogniserHost]:
    host = RecogniserHost(
        terms={"HubSpot": ["HH AH1 B S P AA2 T"], "discount": [], "zyx": [], "qux": ["QQ"], "big zyx": []}
    )
    host.start()
    yield host
    host.close()


@pytest.fixture
async def engine(host: RecogniserHost) -> AsyncIterator[OfflineSTT]:
    engine = OfflineSTT(host=host, longest_wait=60.0)
    yield engine
    await engine.aclose()


def clip(name: str) -> bytes:
    with wave.open(str(CLIPS / f"{name}.wav")) as recording:
        return bytes(recording.readframes(recording.getnframes()))


def heard_words(events: list[SpeechEvent]) -> list[str]:
    return [str(word) for said in speech(events, FINAL) for word in said.words or ()]


def assert_times_are_true(said: SpeechData, name: str, *, offset: float) -> None:
    true = {word: (start + offset, end + offset) for word, start, end in TRUTH[name]}
    known = [word for word in said.words or () if str(word) in true]
    assert len(known) >= len(true) - 1
    for word in known:
        assert (word.start_time, word.end_time) == pytest.approx(true[str(word)], abs=0.15)


async def test_words_come_with_their_true_times(engine: OfflineSTT) -> None:
    (said,) = speech(await hear(engine, SILENCE + clip("too_expensive") + SILENCE), FINAL)
    assert "way too expensive for us right now" in said.text
    assert_times_are_true(said, "too_expensive", offset=1.0)
    assert 0.0 < said.confidence <= 1.0
    assert said.language == "en"


async def test_offset_of_the_stream_is_added_to_all_times(engine: OfflineSTT) -> None:
    async with engine.stream() as stream:
        stream.start_time_offset = 100.0
        push(stream, clip("too_expensive") + SILENCE)
        stream.end_input()
        events = await rest(stream)
    assert_times_are_true(speech(events, FINAL)[0], "too_expensive", offset=100.0)
    (start,) = (event.alternatives[0].start_time for event in events if event.type is START)
    assert start == pytest.approx(100.175, abs=0.15)


async def test_an_utterance_starts_grows_is_final_and_ends(engine: OfflineSTT) -> None:
    events = await hear(engine, SILENCE + clip("too_expensive") + SILENCE)
    kinds = [event.type for event in events if event.type is not USAGE]
    assert kinds[0] is START
    assert kinds[-2:] == [FINAL, END]
    assert set(kinds[1:-2]) == {INTERIM}
    texts = [event.alternatives[0].text for event in events if event.type is INTERIM]
    assert any("expensive" in text and "now" not in text for text in texts)
    assert all(one != other for one, other in itertools.pairwise(texts))
    assert len({event.request_id for event in events if event.type in (INTERIM, FINAL)}) == 1
    voice_start, voice_end = (e.alternatives[0].start_time for e in events if e.type in (START, END))
    assert (voice_start, voice_end) == pytest.approx((1.175, 3.641), abs=0.2)


async def test_silence_between_sentences_separates_them(engine: OfflineSTT) -> None:
    events = await hear(engine, clip("too_expensive") + SILENCE[:16_000] + clip("manager") + SILENCE)
    first, second = speech(events, FINAL)
    assert "expensive" in first.text
    assert "manager" in second.text
    assert first.end_time < second.start_time


async def test_speech_without_a_pause_is_cut_at_the_longest_length() -> None:
    engine = OfflineSTT(settings=OfflineSettings(calm_cut=4.0, longest_utterance=5.0), longest_wait=60.0)
    voice = clip("too_expensive")[5_600:-8_000]
    events = await hear(engine, voice * 5 + SILENCE)
    assert [event.type for event in events if event.type in (START, END)] == [START, END]
    speeches = speech(events, FINAL)
    assert len(speeches) >= 3
    assert all(said.end_time - said.start_time <= 5.1 for said in speeches)
    assert sum(said.text.count("expensive") for said in speeches) >= 3
    await engine.aclose()


async def test_flush_ends_the_utterance_without_waiting_for_silence(engine: OfflineSTT) -> None:
    async with engine.stream() as stream:
        push(stream, clip("manager")[:-16_000])
        stream.flush()
        events = await until(stream, END)
    assert "manager" in speech(events, FINAL)[0].text


async def test_stereo_at_another_rate_is_understood(engine: OfflineSTT) -> None:
    mono = np.frombuffer(clip("manager") + SILENCE, dtype=np.int16)
    fine = np.interp(np.arange(len(mono) * 3) / 3, np.arange(len(mono)), mono).astype(np.int16)
    async with engine.stream() as stream:
        push(stream, np.repeat(fine, 2).tobytes(), rate=48_000, channels=2)
        stream.end_input()
        events = await rest(stream)
    assert "manager" in speech(events, FINAL)[0].text


async def test_silence_and_noise_say_nothing(engine: OfflineSTT) -> None:
    noise = np.random.default_rng(7).normal(0, 300, 3 * RATE).astype(np.int16).tobytes()
    events = await hear(engine, SILENCE + noise)
    assert {event.type for event in events} <= {USAGE}


async def test_two_streams_at_once_do_not_mix(engine: OfflineSTT) -> None:
    expensive, manager = await asyncio.gather(
        hear(engine, clip("too_expensive") + SILENCE), hear(engine, clip("manager") + SILENCE)
    )
    assert "expensive" in heard_words(expensive)
    assert "manager" not in heard_words(expensive)
    assert "manager" in heard_words(manager)
    assert "expensive" not in heard_words(manager)


async def test_usage_adds_up_to_the_audio_heard(engine: OfflineSTT) -> None:
    metrics: list[STTMetrics] = []
    engine.on("metrics_collected", metrics.append)
    pcm = clip("manager") + SILENCE * 4
    events = await hear(engine, pcm)
    used = sum(event.recognition_usage.audio_duration for event in events if event.recognition_usage)
    assert used == pytest.approx(len(pcm) / 2 / RATE, abs=0.04)
    assert sum(metric.audio_duration for metric in metrics) == pytest.approx(used)


async def test_taught_term_is_recognised_and_untaught_is_not(engine: OfflineSTT) -> None:
    assert "hubspot" in heard_words(await hear(engine, clip("hubspot") + SILENCE))
    plain = OfflineSTT()
    try:
        assert "hubspot" not in heard_words(await hear(plain, clip("hubspot") + SILENCE))
    finally:
        await plain.aclose()


def test_terms_that_cannot_be_heard_are_named_with_the_reason(host: RecogniserHost) -> None:
    assert set(host.missing_terms) == {"zyx", "qux", "big zyx"}
    assert "no pronunciation was given" in host.missing_terms["zyx"]
    assert "phones" in host.missing_terms["qux"]
    assert "word by word" in host.missing_terms["big zyx"]


async def test_killed_recogniser_is_a_retryable_error_and_no_word_is_lost(engine: OfflineSTT) -> None:
    errors: list[STTError] = []
    engine.on("error", errors.append)
    async with engine.stream(conn_options=QUICK_RETRY) as stream:
        pcm = SILENCE + clip("too_expensive")
        push(stream, pcm[:96_000])
        events = await until(stream, INTERIM)
        assert stream.recogniser_pid is not None
        os.kill(stream.recogniser_pid, signal.SIGKILL)
        await eventually(lambda: bool(errors))
        push(stream, pcm[96_000:] + SILENCE)
        stream.end_input()
        events += await rest(stream)
    assert [error.recoverable for error in errors] == [True]
    (said,) = speech(events, FINAL)
    assert "way too expensive for us right now" in said.text
    assert_times_are_true(said, "too_expensive", offset=1.0)
    assert [event.type for event in events if event.type in (START, END)] == [START, END]


async def test_audio_that_killed_two_recognisers_is_left_behind(engine: OfflineSTT) -> None:
    killed: list[int] = []
    async with engine.stream(conn_options=QUICK_RETRY) as stream:
        push(stream, clip("too_expensive")[:80_000])
        events = await until(stream, INTERIM)
        for _ in range(2):
            await eventually(lambda: stream.recogniser_pid not in (None, *killed))
            assert stream.recogniser_pid is not None
            killed.append(stream.recogniser_pid)
            os.kill(stream.recogniser_pid, signal.SIGKILL)
        await eventually(lambda: stream.recogniser_pid not in (None, *killed))
        push(stream, SILENCE + clip("manager") + SILENCE)
        stream.end_input()
        events += await rest(stream)
    first_final = next(index for index, event in enumerate(events) if event.type is FINAL)
    interims = [event.alternatives[0].text for event in events[:first_final] if event.type is INTERIM]
    assert speech(events, FINAL)[0].text == interims[-1]
    assert "manager" in speech(events, FINAL)[-1].text
    voices = [event.type for event in events if event.type in (START, END)]
    assert voices == [START, END] * (len(voices) // 2)


async def test_recogniser_that_always_dies_ends_the_stream_with_an_error(host: RecogniserHost) -> None:
    engine = OfflineSTT(host=host)
    errors: list[STTError] = []
    engine.on("error", errors.append)
    async with engine.stream(conn_options=APIConnectOptions(max_retry=0)) as stream:
        await eventually(lambda: stream.recogniser_pid is not None)
        assert stream.recogniser_pid is not None
        os.kill(stream.recogniser_pid, signal.SIGKILL)
        with pytest.raises(Exception, match="ended unexpectedly"):
            await rest(stream)
    assert [error.recoverable for error in errors] == [False]
    await engine.aclose()


async def test_audio_a_slow_recogniser_cannot_take_is_dropped_counted_and_keeps_time(host: RecogniserHost) -> None:
    engine = OfflineSTT(host=host, longest_wait=4.0)
    async with engine.stream() as stream:
        await eventually(lambda: stream.recogniser_pid is not None)
        assert stream.recogniser_pid is not None
        os.kill(stream.recogniser_pid, signal.SIGSTOP)
        push(stream, SILENCE * 20)
        await eventually(lambda: stream.dropped_seconds > 0)
        push(stream, clip("too_expensive") + SILENCE[:8_000])
        await eventually(lambda: stream.dropped_seconds > 12)
        os.kill(stream.recogniser_pid, signal.SIGCONT)
        stream.end_input()
        events = await rest(stream)
        assert stream.dropped_seconds < 24
    assert_times_are_true(speech(events, FINAL)[0], "too_expensive", offset=20.0)
    await engine.aclose()


async def test_closing_ends_the_recogniser_process(host: RecogniserHost) -> None:
    engine = OfflineSTT(host=host)
    stream = engine.stream()
    await eventually(lambda: stream.recogniser_pid is not None)
    pid = stream.recogniser_pid
    assert pid is not None
    await engine.aclose()
    await eventually(lambda: not psutil.pid_exists(pid))
    assert host.pid is not None


async def test_closing_an_engine_with_its_own_host_ends_that_too() -> None:
    engine = OfflineSTT()
    stream = engine.stream()
    await eventually(lambda: stream.recogniser_pid is not None)
    mine = {process.pid for process in psutil.Process().children(recursive=True)}
    assert stream.recogniser_pid in mine
    pid = stream.recogniser_pid
    await engine.aclose()
    await eventually(lambda: not psutil.pid_exists(pid or 0))
    assert engine.capabilities.streaming


async def test_what_it_cannot_do_is_refused(engine: OfflineSTT, host: RecogniserHost) -> None:
    with pytest.raises(ProviderError, match="English only"):
        engine.stream(language="de")
    with pytest.raises(ProviderError, match="belong to the host"):
        OfflineSTT(host=host, terms={})
    with pytest.raises(NotImplementedError, match="streams only"):
        await engine.recognize(rtc.AudioFrame(bytes(320), RATE, 1, 160))
