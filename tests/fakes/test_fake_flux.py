"""What only the second version of Deepgram's protocol does."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import numpy as np
from livekit.plugins import deepgram

from fakes.deepgram_flux import FakeDeepgramFlux
from fakes.deepgram_plugins import connected, stream_to
from fakes.expectations import SIGNAL
from fakes.hearing import ONCE, feed, listening, until
from fakes.tones import speak


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
