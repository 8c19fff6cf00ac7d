"""The real Deepgram plugins against the fakes: words and times, and what each failure looks like from outside."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import aiohttp
import numpy as np
import pytest
from livekit.agents import APIConnectionError, APIConnectOptions, APIStatusError, stt
from livekit.plugins import deepgram

from fakes.deepgram_flux import FakeDeepgramFlux
from fakes.deepgram_nova import NO_AUDIO_REASON, FakeDeepgramNova
from fakes.faults import Behaviour, close, complain, garbage, hang, healthy, kill, refuse, throttle
from fakes.hearing import ONCE, Outcome, feed, frames, listening, until
from fakes.tones import Spoken, speak

SENTENCE = "that is too expensive for us we need the report"
WORDS = SENTENCE.split()
SIGNAL, SPOKEN = speak(SENTENCE, lead=0.3, tail=1.5)
EXACT = 0.04

Provider = FakeDeepgramNova | FakeDeepgramFlux


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture(params=[FakeDeepgramNova, FakeDeepgramFlux], ids=["nova", "flux"])
async def provider(request: pytest.FixtureRequest) -> AsyncIterator[Provider]:
    async with request.param() as running:
        yield running


def stream_to(provider: Provider, http: aiohttp.ClientSession, *, timeout: float = 2.0) -> stt.RecognizeStream:
    once = APIConnectOptions(max_retry=0, timeout=timeout)
    if isinstance(provider, FakeDeepgramFlux):
        flux = deepgram.STTv2(api_key="k", base_url=provider.listen_url, http_session=http)
        return flux.stream(conn_options=once)
    nova = deepgram.STT(api_key="k", base_url=provider.listen_url, http_session=http, endpointing_ms=300)
    return nova.stream(conn_options=once)


def connected(
    http: aiohttp.ClientSession, provider: Provider, query: str
) -> AbstractAsyncContextManager[aiohttp.ClientWebSocketResponse]:
    """A bare websocket, for what the plugins never do."""
    return http.ws_connect(provider.listen_url + query, headers={"Authorization": "Token k"})


def assert_as_spoken(outcome: Outcome, spoken: tuple[Spoken, ...]) -> None:
    assert [word.text for word in outcome.words] == [word.text for word in spoken]
    for was, told in zip(spoken, outcome.words, strict=True):
        assert abs(told.start - was.start) <= EXACT
        assert abs(told.end - was.end) <= EXACT


# Words.


async def test_words_order_and_times_are_told(provider: Provider, http: aiohttp.ClientSession) -> None:
    stream = stream_to(provider, http)
    async with listening(stream) as outcome:
        await feed(stream, SIGNAL)
        await until(lambda: len(outcome.heard) == len(WORDS))
    assert_as_spoken(outcome, SPOKEN)
    kinds = [event.type for event in outcome.events if event.type is not stt.SpeechEventType.RECOGNITION_USAGE]
    assert kinds[0] is stt.SpeechEventType.START_OF_SPEECH
    assert kinds[-1] is stt.SpeechEventType.END_OF_SPEECH
    assert [WORDS[: len(text.split())] for text in outcome.interims] == [text.split() for text in outcome.interims]
    assert len(outcome.interims) >= len(WORDS)


async def test_swapped_lost_and_doubled_audio_shows(provider: Provider, http: aiohttp.ClientSession) -> None:
    first, second = speak("we need the report", tail=0.06)[0], speak("yes thanks", tail=0.06)[0]
    end = np.zeros(24_000, np.int16)
    expected = ["yes", "thanks", "we", "need", "the", "report", "need", "the", "report"]
    stream = stream_to(provider, http)
    async with listening(stream) as outcome:
        await feed(stream, np.concatenate([second, first, first[6_720:], end]))
        await until(lambda: outcome.heard == expected)
    assert list(provider.records[0].words) == outcome.heard


async def test_a_word_may_be_wrong_once_and_is_right_in_the_end(
    provider: Provider, http: aiohttp.ClientSession
) -> None:
    provider.script.play(healthy(revise={"expensive": "approve"}))
    stream = stream_to(provider, http)
    async with listening(stream) as outcome:
        await feed(stream, SIGNAL)
        await until(lambda: outcome.heard == WORDS)
    assert [text for text in outcome.interims if "approve" in text] == ["that is too approve"]
    assert "that is too expensive" in " ".join(outcome.interims)


async def test_delays_are_kept_and_nothing_is_out_of_order(provider: Provider, http: aiohttp.ClientSession) -> None:
    provider.script.play(healthy(interim_delay=0.3, final_delay=0.1))
    stream = stream_to(provider, http)
    async with listening(stream) as outcome:
        await feed(stream, SIGNAL)
        await until(lambda: outcome.heard == WORDS)
    record = provider.records[0]
    told = [said for said in record.said if said.text]
    assert told[0].at - next(one.at for one in record.arrivals if one.seconds >= 0.6) >= 0.29
    assert [said.at for said in told] == sorted(said.at for said in told)
    assert told[-1].kind in ("final", "EndOfTurn", "Update")


async def test_two_participants_are_told_apart(provider: Provider, http: aiohttp.ClientSession) -> None:
    streams = [stream_to(provider, http) for _ in range(2)]
    sentences = ["yes good meeting friday", "we need the report"]
    async with listening(streams[0]) as one, listening(streams[1]) as other:
        signals = [speak(sentence, tail=1.5)[0] for sentence in sentences]
        await asyncio.gather(*(feed(stream, signal) for stream, signal in zip(streams, signals, strict=True)))
        await until(lambda: one.heard == sentences[0].split() and other.heard == sentences[1].split())


def test_another_process_is_answered_while_this_one_waits_for_it() -> None:
    client = """
import asyncio, sys, aiohttp, numpy as np
async def main():
    audio = np.frombuffer(sys.stdin.buffer.read(), dtype=np.int16)
    async with aiohttp.ClientSession() as http:
        async with http.ws_connect(sys.argv[1], headers={"Authorization": "Token k"}) as socket:
            await socket.send_bytes(audio.tobytes())
            await socket.send_json({"type": "CloseStream"})
            async for message in socket:
                if message.json()["type"] == "Results":
                    sys.stdout.write(message.json()["channel"]["alternatives"][0]["transcript"] + " ")
asyncio.run(main())
"""
    with FakeDeepgramNova() as provider:
        url = f"{provider.listen_url}?model=nova-3&encoding=linear16&sample_rate=16000&endpointing=300"
        command = [sys.executable, "-c", client, url]
        told = subprocess.run(command, input=SIGNAL.tobytes(), capture_output=True, check=True, timeout=30)
    assert told.stdout.decode().split() == WORDS
    assert provider.heard == tuple(WORDS)


async def test_a_test_may_choose_by_what_arrives(provider: Provider, http: aiohttp.ClientSession) -> None:
    provider.script.decide(lambda record: refuse(503) if record.value("model") else None)
    async with listening(stream_to(provider, http)) as outcome:
        await until(lambda: outcome.ended)
    assert isinstance(outcome.error, APIStatusError)


# Failures: what the plugin makes of them.


@pytest.mark.parametrize(
    ("behaviour", "status", "retryable"),
    [(refuse(401), 401, False), (refuse(429), 429, True), (refuse(503), 503, True), (throttle(3), 429, True)],
)
async def test_a_refusal_is_a_status_error(
    provider: Provider, http: aiohttp.ClientSession, behaviour: Behaviour, status: int, retryable: bool
) -> None:
    provider.script.play(behaviour)
    stream = stream_to(provider, http)
    async with listening(stream) as outcome:
        await until(lambda: outcome.ended)
        with pytest.raises(RuntimeError, match="closed"):
            await _push_until_refused(stream)
    assert isinstance(outcome.error, APIStatusError)
    assert (outcome.error.status_code, outcome.error.retryable) == (status, retryable)
    assert provider.records[0].ended == f"refused {status}"


async def _push_until_refused(stream: stt.RecognizeStream) -> None:
    for frame in frames(SIGNAL):
        stream.push_frame(frame)


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [(kill(), 1006), (kill(1.5), 1006), (close(1011, 1.5), 1011), (close(1000, 1.5), 1000)],
    ids=["kill at once", "kill", "close 1011", "close 1000"],
)
async def test_a_lost_connection_is_a_retryable_error(
    provider: Provider, http: aiohttp.ClientSession, behaviour: Behaviour, code: int
) -> None:
    provider.script.play(behaviour)
    stream = stream_to(provider, http)
    async with listening(stream) as outcome:
        await feed(stream, SIGNAL)
        await until(lambda: outcome.ended)
    # Whether reading or writing notices first decides the class.
    assert isinstance(outcome.error, APIStatusError | APIConnectionError)
    assert outcome.error.retryable
    if isinstance(outcome.error, APIStatusError):
        assert outcome.error.status_code == code
    assert set(WORDS[3:]).isdisjoint(outcome.heard)
    assert provider.records[0].ended in ("killed", f"closed {code}")


async def test_nobody_listening_is_a_connection_error_until_somebody_does(
    provider: Provider, http: aiohttp.ClientSession
) -> None:
    provider.stop_listening()
    async with listening(stream_to(provider, http)) as outcome:
        await until(lambda: outcome.ended)
    assert isinstance(outcome.error, APIConnectionError)
    assert outcome.error.retryable
    provider.listen_again()
    stream = stream_to(provider, http)
    async with listening(stream) as outcome:
        await feed(stream, SIGNAL)
        await until(lambda: outcome.heard == WORDS)


async def test_a_slow_connection_is_a_connection_error(provider: Provider, http: aiohttp.ClientSession) -> None:
    provider.script.play(healthy(connect_delay=5.0))
    async with listening(stream_to(provider, http, timeout=0.3)) as outcome:
        await until(lambda: outcome.ended)
    assert type(outcome.error) is APIConnectionError


@pytest.mark.parametrize("behaviour", [hang(), hang(1.5)], ids=["at once", "in the middle"])
async def test_a_hang_goes_unnoticed_by_the_plugin(
    provider: Provider, http: aiohttp.ClientSession, behaviour: Behaviour
) -> None:
    provider.script.play(behaviour)
    stream = stream_to(provider, http)
    async with listening(stream) as outcome:
        await feed(stream, SIGNAL)
        await until(lambda: provider.records[0].audio >= 5.5)
        assert not outcome.ended
        assert outcome.heard == []
    assert set(WORDS[3:]).isdisjoint(" ".join(outcome.interims).split())


async def test_a_provider_that_reads_no_more_goes_unnoticed_too(
    provider: Provider, http: aiohttp.ClientSession
) -> None:
    provider.script.play(hang(1.5, reads=False))
    stream = stream_to(provider, http)
    async with listening(stream) as outcome:
        await feed(stream, SIGNAL)
        await until(lambda: provider.records[0].ended == "hung")
        assert not outcome.ended
    assert provider.records[0].audio < 2.0


async def test_garbage_is_only_logged(
    provider: Provider, http: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    provider.script.play(garbage(1.5))
    stream = stream_to(provider, http)
    with caplog.at_level(logging.WARNING):
        async with listening(stream) as outcome:
            await feed(stream, SIGNAL)
            await until(lambda: provider.records[0].audio >= 5.5)
            assert not outcome.ended
    assert outcome.heard == []
    assert "failed to process deepgram message" in caplog.text
    assert list(provider.records[0].words) == WORDS  # it heard, and did not say so


async def test_an_error_message_is_only_logged(provider: Provider, http: aiohttp.ClientSession) -> None:
    provider.script.play(complain(1.5))
    stream = stream_to(provider, http)
    async with listening(stream) as outcome:
        await feed(stream, SIGNAL)
        await until(lambda: outcome.heard == WORDS)
        assert not outcome.ended
    assert provider.records[0].said_of("Error")


async def test_a_kill_now_hits_what_is_open(provider: Provider, http: aiohttp.ClientSession) -> None:
    stream = stream_to(provider, http)
    async with listening(stream) as outcome:
        await feed(stream, SIGNAL[:16_000])
        await until(lambda: provider.records[0].audio >= 0.9)
        provider.kill_open()
        await until(lambda: outcome.ended)
    assert isinstance(outcome.error, APIStatusError | APIConnectionError)


async def test_the_script_goes_in_order_of_arrival(provider: Provider, http: aiohttp.ClientSession) -> None:
    provider.script.play(refuse(503), kill(1.0), then=healthy())
    errors = []
    for _ in range(3):
        stream = stream_to(provider, http)
        async with listening(stream) as outcome:
            await feed(stream, SIGNAL)
            await until(lambda outcome=outcome: outcome.ended or outcome.heard == WORDS)  # type: ignore[misc]
        errors.append(outcome.error)
    assert [error is None for error in errors] == [False, False, True]
    assert len(provider.records) == 3


# What only nova does.


async def test_nova_is_asked_for_what_the_plugin_was_told(http: aiohttp.ClientSession) -> None:
    async with FakeDeepgramNova(key="right") as provider:
        plugin = deepgram.STT(
            api_key="right", base_url=provider.listen_url, http_session=http, keyterm=["northstar", "blue fin"]
        )
        async with listening(plugin.stream(conn_options=ONCE)):
            await until(lambda: provider.records)
        wrong = deepgram.STT(api_key="wrong", base_url=provider.listen_url, http_session=http)
        async with listening(wrong.stream(conn_options=ONCE)) as outcome:
            await until(lambda: outcome.ended)
    record = provider.records[0]
    assert record.values("keyterm") == ("northstar", "blue fin")
    assert (record.path, record.value("model"), record.authorization) == ("/v1/listen", "nova-3", "Token")
    assert "right" not in repr(vars(record))
    assert isinstance(outcome.error, APIStatusError)
    assert outcome.error.status_code == 401


async def test_nova_finalizes_and_closes_on_request(http: aiohttp.ClientSession) -> None:
    signal, spoken = speak("we need the report", lead=0.2)
    async with FakeDeepgramNova() as provider:
        stream = stream_to(provider, http)
        async with listening(stream) as outcome:
            await feed(stream, signal)
            stream.end_input()
            await until(lambda: provider.records[0].ended)
            await until(lambda: outcome.heard)
    assert_as_spoken(outcome, spoken)
    record = provider.records[0]
    assert [message["type"] for message in record.control if message["type"] != "KeepAlive"] == [
        "Finalize",
        "CloseStream",
    ]
    assert record.said[-1].kind == "Metadata"
    assert record.ended == "closed 1000"


async def test_nova_ends_utterances_by_endpointing(http: aiohttp.ClientSession) -> None:
    async with FakeDeepgramNova() as provider:
        plugin = deepgram.STT(
            api_key="k", base_url=provider.listen_url, http_session=http, endpointing_ms=25, utterance_end_ms=1000
        )
        stream = plugin.stream(conn_options=ONCE)
        async with listening(stream) as outcome:
            await feed(stream, SIGNAL)
            await until(lambda: provider.records[0].said_of("UtteranceEnd"))
            await until(lambda: outcome.heard == WORDS)
    assert outcome.finals == WORDS  # each pause between words is longer than 25 ms
    assert len(provider.records[0].said_of("UtteranceEnd")) == 1


async def test_nova_tells_silence_about_once_a_second(http: aiohttp.ClientSession) -> None:
    async with FakeDeepgramNova() as provider:
        stream = stream_to(provider, http)
        async with listening(stream) as outcome:
            await feed(stream, np.zeros(5 * 16_000, np.int16))
            await until(lambda: len(provider.records[0].said_of("interim")) >= 4)
    assert len(provider.records[0].said_of("interim")) <= 5
    assert outcome.interims == []


async def test_nova_closes_when_nothing_comes(http: aiohttp.ClientSession) -> None:
    query = "?model=nova-3&encoding=linear16&sample_rate=16000"
    async with FakeDeepgramNova(idle_limit=0.2) as provider, connected(http, provider, query) as socket:
        message = await asyncio.wait_for(socket.receive(), 5)
    assert (message.type, message.data, message.extra) == (aiohttp.WSMsgType.CLOSE, 1011, NO_AUDIO_REASON)


async def test_messages_read_as_documented(http: aiohttp.ClientSession) -> None:
    query = "?model=nova-3&encoding=linear16&sample_rate=16000&vad_events=true&endpointing=300"
    async with FakeDeepgramNova() as provider, connected(http, provider, query) as socket:
        await socket.send_bytes(speak("yes", tail=0.5)[0].tobytes())
        started = json.loads((await asyncio.wait_for(socket.receive(), 5)).data)
        results = json.loads((await asyncio.wait_for(socket.receive(), 5)).data)
    assert (started["type"], started["channel"]) == ("SpeechStarted", [0, 1])
    assert set(results) == {
        *("type", "channel_index", "duration", "start", "is_final", "speech_final", "channel", "metadata"),
        "from_finalize",
    }
    assert (results["is_final"], results["speech_final"], results["from_finalize"]) == (True, True, False)
    word = results["channel"]["alternatives"][0]["words"][0]
    assert set(word) == {"word", "start", "end", "confidence", "punctuated_word"}


@pytest.mark.parametrize("query", ["", "?model=nova-3&sample_rate=16000", "?encoding=linear16", "?encoding=opus"])
async def test_a_query_that_does_not_describe_the_audio_is_refused(http: aiohttp.ClientSession, query: str) -> None:
    async with FakeDeepgramNova() as provider:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="400"):
            await http.ws_connect(provider.listen_url + query, headers={"Authorization": "Token k"})
        with pytest.raises(aiohttp.WSServerHandshakeError, match="401"):
            await http.ws_connect(provider.listen_url + query)


# What only flux does.


async def test_flux_ends_turns_and_says_when_they_go_on(http: aiohttp.ClientSession) -> None:
    first, second = speak("we need", tail=0.25)[0], speak("the report", tail=1.0)[0]
    async with FakeDeepgramFlux() as provider:
        plugin = deepgram.STTv2(api_key="k", base_url=provider.listen_url, http_session=http, eager_eot_threshold=0.45)
        stream = plugin.stream(conn_options=ONCE)
        async with listening(stream) as outcome:
            await feed(stream, np.concatenate([first, second]))
            await until(lambda: outcome.heard)
    assert outcome.finals == ["we need the report"]
    states = [said.kind for said in provider.records[0].said if said.kind not in ("Update", "Connected")]
    assert states == ["StartOfTurn", "EagerEndOfTurn", "TurnResumed", "EagerEndOfTurn", "EndOfTurn"]


async def test_flux_is_configured_while_it_listens(http: aiohttp.ClientSession) -> None:
    async with FakeDeepgramFlux() as provider:
        plugin = deepgram.STTv2(api_key="k", base_url=provider.listen_url, http_session=http)
        stream = plugin.stream(conn_options=ONCE)
        async with listening(stream):
            await feed(stream, SIGNAL[:8_000])
            await until(lambda: provider.records[0].audio > 0)
            plugin.update_options(keyterm=["northstar"])
            await until(lambda: provider.records[0].said_of("ConfigureSuccess"))
    assert provider.records[0].control[0] == {"type": "Configure", "keyterms": ["northstar"]}


async def test_flux_loses_the_open_turn_when_the_input_ends(http: aiohttp.ClientSession) -> None:
    async with FakeDeepgramFlux() as provider:
        stream = stream_to(provider, http)
        async with listening(stream) as outcome:
            await feed(stream, speak("we need the report")[0])
            stream.end_input()
            await until(lambda: outcome.ended)
    assert outcome.error is None
    assert outcome.finals == []
    assert outcome.interims[-1] == "we need the report"
    assert provider.records[0].ended == "closed without code"


async def test_flux_does_not_know_keepalive_and_is_kept_by_pings(http: aiohttp.ClientSession) -> None:
    query = "?model=flux-general-en&encoding=linear16&sample_rate=16000"
    async with FakeDeepgramFlux(idle_limit=0.3) as provider:
        async with connected(http, provider, query) as socket:
            assert json.loads((await socket.receive()).data)["type"] == "Connected"
            for _ in range(20):
                await socket.ping()
                await asyncio.sleep(0.02)
            assert provider.records[0].ended is None
            await socket.send_json({"type": "KeepAlive"})
            assert json.loads((await asyncio.wait_for(socket.receive(), 5)).data)["type"] == "Error"
            assert (await asyncio.wait_for(socket.receive(), 5)).type is aiohttp.WSMsgType.CLOSE
        async with connected(http, provider, query) as socket:
            await socket.receive()
            assert json.loads((await asyncio.wait_for(socket.receive(), 5)).data)["code"] == "NET-0001"
