"""What only the first version of Deepgram's protocol does."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import numpy as np
import pytest
from livekit.agents import APIStatusError
from livekit.plugins import deepgram

from fakes.deepgram_nova import NO_AUDIO_REASON, FakeDeepgramNova
from fakes.deepgram_plugins import assert_as_spoken, connected, stream_to
from fakes.expectations import SIGNAL, WORDS
from fakes.hearing import ONCE, feed, listening, until
from fakes.tones import speak


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
