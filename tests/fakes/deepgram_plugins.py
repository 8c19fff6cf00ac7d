"""The real Deepgram plugins, connected to a fake, and what the fakes' tests expect of the words they tell."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

import aiohttp
from livekit.agents import APIConnectOptions, stt
from livekit.plugins import deepgram

from fakes.deepgram_flux import FakeDeepgramFlux
from fakes.deepgram_nova import FakeDeepgramNova
from fakes.expectations import EXACT
from fakes.hearing import Outcome
from fakes.tones import Spoken

Provider = FakeDeepgramNova | FakeDeepgramFlux


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
