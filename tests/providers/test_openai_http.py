"""OpenAI's transcription endpoint, by the real plugin, becomes a streaming recogniser that says when it fails."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator

import numpy as np
import pytest
from fakes.faults import Behaviour, complain, garbage, hang, healthy, kill, refuse, throttle
from fakes.openai_http import FakeOpenAIHttp
from fakes.tones import speak
from livekit.agents import APIConnectionError, APIError, APIStatusError, APITimeoutError
from livekit.plugins import openai
from numpy.typing import NDArray
from speech_streams import FINAL, INTERIM, RATE, push, rest, speech, until

from cornerman.providers.openai_http import OpenAITranscriber
from cornerman.providers.segmented import SegmentedSTT


@pytest.fixture
async def provider() -> AsyncIterator[FakeOpenAIHttp]:
    async with FakeOpenAIHttp(key="the right key") as provider:
        yield provider


def transcriber(
    provider: FakeOpenAIHttp, *, model: str = "gpt-4o-transcribe", key: str = "the right key"
) -> OpenAITranscriber:
    plugin = openai.STT(
        model=model,
        language="en",
        prompt="Names: Northstar",
        base_url=provider.base_url,
        api_key=key,
        use_realtime=False,
    )
    return OpenAITranscriber(plugin)


def engine(
    provider: FakeOpenAIHttp, *, interim_every: float = 1.0, deadline: float = 5.0, key: str = "the right key"
) -> SegmentedSTT:
    return SegmentedSTT(transcriber(provider, key=key), interim_every=interim_every, deadline=deadline)


async def test_every_word_is_heard_once_in_order_and_near_its_true_time(provider: FakeOpenAIHttp) -> None:
    sentences = ("that is too expensive for us", "can you give us a discount", "we need single sign on")
    spoken = []
    audio: list[NDArray[np.int16]] = []
    at = 0.0
    for sentence in sentences:
        samples, words = speak(sentence, lead=0.5, tail=0.5)
        spoken += [(word.text, at + word.start, at + word.end) for word in words]
        audio.append(samples)
        at += len(samples) / RATE
    hearing = engine(provider)
    async with hearing.stream() as stream:
        push(stream, np.concatenate(audio))
        stream.end_input()
        events = await rest(stream)
    heard = [word for said in speech(events, FINAL) for word in said.words or ()]
    assert [str(word) for word in heard] == [text for text, _, _ in spoken]
    for word, (_, start, end) in zip(heard, spoken, strict=True):
        assert (word.start_time, word.end_time) == pytest.approx((start, end), abs=0.1)
    assert len(speech(events, FINAL)) >= len(sentences)
    await hearing.aclose()


async def test_interims_come_before_the_final(provider: FakeOpenAIHttp) -> None:
    audio, _ = speak("we are also looking at northstar", word=0.4, gap=0.06, lead=0.3)
    hearing = engine(provider)
    async with hearing.stream() as stream:
        push(stream, audio[: 2 * RATE])
        events = await until(stream, INTERIM)
        push(stream, audio[2 * RATE :])
        stream.end_input()
        events += await rest(stream)
    texts = [said.text for said in speech(events, INTERIM)]
    (final,) = speech(events, FINAL)
    assert final.text == "we are also looking at northstar"
    assert texts
    assert all(final.text.startswith(text) for text in texts)
    assert all(one != other for one, other in itertools.pairwise(texts))
    await hearing.aclose()


async def test_what_was_chosen_goes_to_the_server(provider: FakeOpenAIHttp) -> None:
    audio, _ = speak("yes", lead=0.1, tail=0.1)
    hearing = transcriber(provider)
    answer = await hearing.transcribe(audio.tobytes(), final=True)
    assert (answer.text, answer.language, answer.words) == ("yes", "en", None)
    (record,) = provider.records
    (form,) = record.control
    assert form["model"] == "gpt-4o-transcribe"
    assert form["language"] == "en"
    assert form["prompt"] == "Names: Northstar"
    await hearing.aclose()


async def test_the_language_the_server_heard_is_told(provider: FakeOpenAIHttp) -> None:
    audio, _ = speak("yes", lead=0.1, tail=0.1)
    hearing = transcriber(provider, model="whisper-1")
    assert (await hearing.transcribe(audio.tobytes(), final=True)).language == "en"
    assert provider.records[0].control[0]["response_format"] == "verbose_json"
    await hearing.aclose()


async def test_a_scrap_of_audio_is_made_long_enough_for_the_server(provider: FakeOpenAIHttp) -> None:
    hearing = transcriber(provider)
    assert (await hearing.transcribe(bytes(320), final=True)).text == ""
    assert provider.records[0].audio >= 0.2
    await hearing.aclose()


FAILURES = [
    (refuse(503), APIStatusError, 503),
    (refuse(400), APIStatusError, 400),
    (throttle(), APIStatusError, 429),
    (complain(), APIStatusError, 500),
    (kill(), APIConnectionError, None),
    (garbage(), APIConnectionError, None),
    (hang(), APITimeoutError, None),
]


@pytest.mark.parametrize("interim", [False, True])
@pytest.mark.parametrize(
    ("fault", "kind", "status"), FAILURES, ids=[fault.fault + str(fault.status) for fault, *_ in FAILURES]
)
async def test_a_failing_server_ends_the_stream_after_one_try(
    provider: FakeOpenAIHttp, fault: Behaviour, kind: type[APIError], status: int | None, interim: bool
) -> None:
    provider.script.play(fault)
    audio, _ = speak("that is too expensive for us", lead=0.3)
    hearing = engine(provider, interim_every=1.0 if interim else 0.0, deadline=1.0 if fault.fault == "hang" else 30.0)
    async with hearing.stream() as stream:
        push(stream, audio[: 2 * RATE])
        if not interim:
            stream.end_input()
        with pytest.raises(kind) as raised:
            await rest(stream)
    assert getattr(raised.value, "status_code", None) == status
    assert raised.value.retryable is (status != 400)
    assert len(provider.records) == 1
    await hearing.aclose()


async def test_a_wrong_key_is_a_failure_that_no_other_try_mends(provider: FakeOpenAIHttp) -> None:
    hearing = transcriber(provider, key="a wrong key")
    with pytest.raises(APIStatusError) as raised:
        await hearing.transcribe(bytes(32_000), final=True)
    assert raised.value.status_code == 401
    assert not raised.value.retryable
    await hearing.aclose()


async def test_nobody_listening_is_a_connection_error(provider: FakeOpenAIHttp) -> None:
    provider.stop_listening()
    hearing = transcriber(provider)
    with pytest.raises(APIConnectionError):
        await hearing.transcribe(bytes(32_000), final=True)
    await hearing.aclose()


async def test_a_slow_answer_holds_back_the_next_utterance_but_not_its_request(provider: FakeOpenAIHttp) -> None:
    provider.script.play(healthy(final_delay=0.5))
    audio = np.concatenate([speak(word, lead=0.3, tail=0.5)[0] for word in ("hello", "thanks")])
    hearing = engine(provider, interim_every=0.0)
    async with hearing.stream() as stream:
        push(stream, audio)
        stream.end_input()
        events = await rest(stream)
    assert [said.text for said in speech(events, FINAL)] == ["hello", "thanks"]
    await hearing.aclose()
