"""The real OpenAI plugin against the fakes, realtime and by request: words, and what each failure looks like."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import numpy as np
import openai
import pytest
from livekit import rtc
from livekit.agents import APIConnectionError, APIConnectOptions, APIError, APIStatusError, stt
from livekit.agents.utils import http_context
from livekit.plugins import openai as plugins

from fakes.expectations import EXACT, SENTENCE, SIGNAL, SPOKEN, WORDS, assert_lost, by_lost_connection
from fakes.faults import Behaviour, complain, garbage, hang, healthy, kill, refuse, throttle
from fakes.hearing import ONCE, feed, listening, until
from fakes.openai_http import FakeOpenAIHttp
from fakes.openai_realtime import FakeOpenAIRealtime
from fakes.tones import speak

KEY = "sk-not-a-real-key"


@pytest.fixture
async def realtime() -> AsyncIterator[FakeOpenAIRealtime]:
    async with FakeOpenAIRealtime(key=KEY) as running, http_context.open():
        yield running


@pytest.fixture
async def by_request() -> AsyncIterator[FakeOpenAIHttp]:
    async with FakeOpenAIHttp(key=KEY) as running:
        yield running


@pytest.fixture
async def plugin(realtime: FakeOpenAIRealtime) -> AsyncIterator[plugins.STT]:
    one = plugins.STT(api_key=KEY, base_url=realtime.base_url, use_realtime=True)
    yield one
    await one.aclose()


# Realtime: words.


async def test_realtime_tells_words_in_order(realtime: FakeOpenAIRealtime, plugin: plugins.STT) -> None:
    stream = plugin.stream(conn_options=ONCE)
    async with listening(stream) as outcome:
        await feed(stream, SIGNAL)
        await until(lambda: outcome.finals == [SENTENCE])
    record = realtime.records[0]
    assert record.authorization == "Bearer"
    assert record.values("intent") == ("transcription",)
    assert record.words == tuple(WORDS)
    for was, told in zip(SPOKEN, record.heard, strict=True):
        assert told.start == pytest.approx(was.start, abs=EXACT)
        assert told.end == pytest.approx(was.end, abs=EXACT)
    kinds = [event.type for event in outcome.events]
    assert kinds[0] is stt.SpeechEventType.START_OF_SPEECH
    assert stt.SpeechEventType.END_OF_SPEECH in kinds
    assert outcome.words == []  # no times: whoever needs them counts the audio


async def test_realtime_speech_has_its_place_in_the_audio(realtime: FakeOpenAIRealtime) -> None:
    """What the plugin does not hand on, and what the protocol says."""
    url = f"{realtime.base_url}/realtime?intent=transcription"
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(url, headers={"Authorization": f"Bearer {KEY}"}) as socket,
    ):
        detection = {"type": "server_vad", "prefix_padding_ms": 100, "silence_duration_ms": 400}
        await socket.send_json(_session_update(detection))
        await socket.send_json(_append("yes thanks", lead=0.5, tail=1.0))
        events = await _events_until(socket, "conversation.item.input_audio_transcription.completed")
    by_type = {event["type"]: event for event in events}
    assert [event["type"] for event in events if not event["type"].endswith(".delta")] == [
        *("session.created", "session.updated"),
        *("input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped", "input_audio_buffer.committed"),
        *("conversation.item.added", "conversation.item.input_audio_transcription.completed"),
    ]
    assert by_type["input_audio_buffer.speech_started"]["audio_start_ms"] == pytest.approx(400, abs=40)
    assert by_type["input_audio_buffer.speech_stopped"]["audio_end_ms"] == pytest.approx(1_620, abs=60)
    assert [event["delta"] for event in events if event["type"].endswith(".delta")] == ["yes", " thanks"]
    assert len({event["item_id"] for event in events if "item_id" in event}) == 1
    assert by_type["conversation.item.input_audio_transcription.completed"]["transcript"] == "yes thanks"


async def test_realtime_commits_when_told(realtime: FakeOpenAIRealtime) -> None:
    url = f"{realtime.base_url}/realtime?intent=transcription"
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(url, headers={"Authorization": f"Bearer {KEY}"}) as socket,
    ):
        await socket.send_json(_append("yes thanks"))
        await socket.send_json({"type": "input_audio_buffer.commit"})
        events = await _events_until(socket, "conversation.item.input_audio_transcription.completed")
        assert events[-1]["transcript"] == "yes thanks"
        await socket.send_json({"type": "input_audio_buffer.commit"})
        error = (await _events_until(socket, "error"))[-1]["error"]
    assert error["code"] == "input_audio_buffer_commit_empty"


async def test_realtime_commits_by_the_plugins_own_detector(realtime: FakeOpenAIRealtime) -> None:
    """The realtime-only models: the plugin's detector must take the words for speech."""
    plugin = plugins.STT(api_key=KEY, base_url=realtime.base_url, model="gpt-live-transcribe", keywords=["northstar"])
    stream = plugin.stream(conn_options=ONCE)
    async with listening(stream) as outcome:
        await feed(stream, SIGNAL)
        await until(lambda: outcome.finals == [SENTENCE])
    await plugin.aclose()
    update, *rest = realtime.records[0].control
    assert update["session"]["audio"]["input"]["transcription"]["keywords"] == ["northstar"]
    assert [message["type"] for message in rest] == ["input_audio_buffer.commit"]


async def test_realtime_swapped_lost_and_doubled_audio_shows(realtime: FakeOpenAIRealtime, plugin: plugins.STT) -> None:
    first, second = speak("we need the report", tail=0.06)[0], speak("yes thanks", tail=0.06)[0]
    stream = plugin.stream(conn_options=ONCE)
    async with listening(stream) as outcome:
        await feed(stream, np.concatenate([second, first, first[6_720:], np.zeros(24_000, np.int16)]))
        await until(lambda: outcome.heard == ["yes", "thanks", "we", "need", "the", "report", "need", "the", "report"])


async def test_realtime_a_word_wrong_in_its_delta_is_right_when_completed(
    realtime: FakeOpenAIRealtime, plugin: plugins.STT
) -> None:
    realtime.script.play(healthy(revise={"that": "hello"}, interim_delay=0.05, final_delay=0.05))
    stream = plugin.stream(conn_options=ONCE)
    async with listening(stream) as outcome:
        await feed(stream, SIGNAL)
        await until(lambda: outcome.finals == [SENTENCE])
    assert outcome.interims[0] == "hello"


# Realtime: failures.


@pytest.mark.parametrize("status", [401, 429, 503])
async def test_realtime_a_refusal_is_no_api_error_and_its_repr_holds_the_key(
    realtime: FakeOpenAIRealtime, plugin: plugins.STT, status: int
) -> None:
    realtime.script.play(refuse(status))
    async with listening(plugin.stream(conn_options=ONCE)) as outcome:
        await until(lambda: outcome.ended)
    assert isinstance(outcome.error, aiohttp.WSServerHandshakeError)
    assert outcome.error.status == status
    assert KEY in repr(outcome.error)
    assert KEY not in str(outcome.error)


async def test_realtime_nobody_listening_is_no_api_error(realtime: FakeOpenAIRealtime, plugin: plugins.STT) -> None:
    realtime.stop_listening()
    async with listening(plugin.stream(conn_options=ONCE)) as outcome:
        await until(lambda: outcome.ended)
    assert isinstance(outcome.error, aiohttp.ClientConnectorError)
    realtime.listen_again()
    stream = plugin.stream(conn_options=ONCE)
    async with listening(stream) as outcome:
        await feed(stream, SIGNAL)
        await until(lambda: outcome.finals == [SENTENCE])


async def test_realtime_a_slow_connection_is_a_bare_timeout(realtime: FakeOpenAIRealtime, plugin: plugins.STT) -> None:
    realtime.script.play(healthy(connect_delay=5.0))
    soon = APIConnectOptions(max_retry=0, timeout=0.3)
    async with listening(plugin.stream(conn_options=soon)) as outcome:
        await until(lambda: outcome.ended)
    assert type(outcome.error) is TimeoutError


@pytest.mark.parametrize("behaviour", [throttle(), complain(1.5)], ids=["throttled", "in the middle"])
async def test_realtime_an_error_event_ends_the_stream_for_good(
    realtime: FakeOpenAIRealtime, plugin: plugins.STT, behaviour: Behaviour
) -> None:
    realtime.script.play(behaviour)
    stream = plugin.stream(conn_options=ONCE)
    async with listening(stream) as outcome:
        await feed(stream, SIGNAL)
        await until(lambda: outcome.ended)
    assert type(outcome.error) is APIError
    assert not outcome.error.retryable
    assert isinstance(outcome.error.body, dict)


@by_lost_connection
async def test_realtime_a_lost_connection_is_a_retryable_error(
    realtime: FakeOpenAIRealtime, plugin: plugins.STT, behaviour: Behaviour, code: int
) -> None:
    realtime.script.play(behaviour)
    stream = plugin.stream(conn_options=ONCE)
    async with listening(stream) as outcome:
        await feed(stream, SIGNAL)
        await until(lambda: outcome.ended)
    assert_lost(outcome, code)


@pytest.mark.parametrize("behaviour", [hang(), hang(1.5), hang(1.5, reads=False)], ids=["at once", "later", "deaf"])
async def test_realtime_a_hang_goes_unnoticed_by_the_plugin(
    realtime: FakeOpenAIRealtime, plugin: plugins.STT, behaviour: Behaviour
) -> None:
    realtime.script.play(behaviour)
    stream = plugin.stream(conn_options=ONCE)
    async with listening(stream) as outcome:
        await feed(stream, SIGNAL)
        await until(lambda: realtime.records[0].audio >= (5.5 if behaviour.reads else 1.5))
        assert not outcome.ended
        assert outcome.finals == []


async def test_realtime_garbage_is_only_logged(
    realtime: FakeOpenAIRealtime, plugin: plugins.STT, caplog: pytest.LogCaptureFixture
) -> None:
    realtime.script.play(garbage(1.5))
    stream = plugin.stream(conn_options=ONCE)
    with caplog.at_level(logging.WARNING):
        async with listening(stream) as outcome:
            await feed(stream, SIGNAL)
            await until(lambda: realtime.records[0].audio >= 5.5)
            assert not outcome.ended
    assert outcome.finals == []
    assert "failed to process OpenAI message" in caplog.text


# By request.


def one_frame() -> rtc.AudioFrame:
    return rtc.AudioFrame(SIGNAL.tobytes(), 16_000, 1, len(SIGNAL))


Maker = Callable[..., plugins.STT]


@pytest.fixture
async def request_plugin(by_request: FakeOpenAIHttp) -> AsyncIterator[Maker]:
    """Makes plugins whose client is closed afterwards: the plugin closes none, not even its own."""
    clients: list[openai.AsyncClient] = []

    def make(*, api_key: str = KEY, **options: Any) -> plugins.STT:
        clients.append(openai.AsyncClient(api_key=api_key, base_url=by_request.base_url, max_retries=0))
        return plugins.STT(client=clients[-1], **options)

    yield make
    for client in clients:
        await client.close()


async def test_a_request_is_answered_with_the_words_of_its_audio(
    by_request: FakeOpenAIHttp, request_plugin: Maker
) -> None:
    for options, form in (
        ({"model": "whisper-1", "prompt": "Northstar"}, {"prompt": "Northstar", "response_format": "verbose_json"}),
        ({"model": "gpt-4o-mini-transcribe"}, {"language": "en", "response_format": "json"}),
        ({"model": "gpt-transcribe", "keywords": ["northstar", "blue fin"]}, {"keywords": ["northstar", "blue fin"]}),
    ):
        event = await request_plugin(**options).recognize(one_frame(), conn_options=ONCE)
        assert event.alternatives[0].text == SENTENCE
        assert event.alternatives[0].words is None  # the plugin hands on no times
        record = by_request.records[-1]
        assert form.items() <= record.control[0].items()
        assert record.control[0]["model"] == options["model"]
        assert record.audio == pytest.approx(len(SIGNAL) / 16_000)
        assert record.words == tuple(WORDS)


@pytest.mark.parametrize(
    ("behaviour", "status", "retryable"),
    [
        (refuse(401), 401, False),
        (refuse(503), 503, True),
        (throttle(2), 429, True),
        (complain(), 500, True),
    ],
)
async def test_a_refused_request_is_a_status_error(
    by_request: FakeOpenAIHttp, request_plugin: Maker, behaviour: Behaviour, status: int, retryable: bool
) -> None:
    by_request.script.play(behaviour)
    with pytest.raises(APIStatusError) as caught:
        await request_plugin().recognize(one_frame(), conn_options=ONCE)
    assert (caught.value.status_code, caught.value.retryable) == (status, retryable)
    assert isinstance(caught.value.body, dict)
    assert "message" in caught.value.body


async def test_a_wrong_key_is_refused(by_request: FakeOpenAIHttp, request_plugin: Maker) -> None:
    with pytest.raises(APIStatusError) as caught:
        await request_plugin(api_key="sk-wrong").recognize(one_frame(), conn_options=ONCE)
    assert caught.value.status_code == 401
    assert KEY not in repr(caught.value)


@pytest.mark.parametrize("behaviour", [kill(), garbage()], ids=["killed", "garbage"])
async def test_a_broken_answer_is_a_connection_error(
    by_request: FakeOpenAIHttp, request_plugin: Maker, behaviour: Behaviour
) -> None:
    by_request.script.play(behaviour)
    with pytest.raises(APIConnectionError) as caught:
        await request_plugin().recognize(one_frame(), conn_options=ONCE)
    assert caught.value.retryable


async def test_a_request_to_nobody_is_a_connection_error(by_request: FakeOpenAIHttp, request_plugin: Maker) -> None:
    by_request.stop_listening()
    with pytest.raises(APIConnectionError):
        await request_plugin().recognize(one_frame(), conn_options=ONCE)


async def test_a_request_that_hangs_outlives_the_connection_timeout(
    by_request: FakeOpenAIHttp, request_plugin: Maker
) -> None:
    """The plugin gives an answer 30 s, whatever it is told: whoever calls it needs a deadline of their own."""
    by_request.script.play(hang())
    soon = APIConnectOptions(max_retry=0, timeout=0.3)
    request = asyncio.ensure_future(request_plugin().recognize(one_frame(), conn_options=soon))
    done, _ = await asyncio.wait([request], timeout=1.0)
    assert not done
    request.cancel()
    await asyncio.gather(request, return_exceptions=True)
    assert by_request.records[0].words == tuple(WORDS)


# Plain messages.


def _session_update(turn_detection: dict[str, Any]) -> dict[str, Any]:
    return {"type": "session.update", "session": {"audio": {"input": {"turn_detection": turn_detection}}}}


def _append(words: str, *, lead: float = 0.0, tail: float = 0.0) -> dict[str, Any]:
    signal, _ = speak(words, rate=24_000, lead=lead, tail=tail)
    return {"type": "input_audio_buffer.append", "audio": base64.b64encode(signal.tobytes()).decode()}


async def _events_until(socket: aiohttp.ClientWebSocketResponse, kind: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    async with asyncio.timeout(5):
        while not events or events[-1]["type"] != kind:
            events.append(await socket.receive_json())
    return events
