"""What each failure of a Deepgram fake looks like from outside, through the real plugins."""

from __future__ import annotations

import logging

import aiohttp
import pytest
from livekit.agents import APIConnectionError, APIStatusError, stt

from fakes.deepgram_plugins import Provider, stream_to
from fakes.expectations import SIGNAL, WORDS, assert_lost, by_lost_connection
from fakes.faults import Behaviour, complain, garbage, hang, healthy, kill, refuse, throttle
from fakes.hearing import feed, frames, listening, until


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


@by_lost_connection
async def test_a_lost_connection_is_a_retryable_error(
    provider: Provider, http: aiohttp.ClientSession, behaviour: Behaviour, code: int
) -> None:
    provider.script.play(behaviour)
    stream = stream_to(provider, http)
    async with listening(stream) as outcome:
        await feed(stream, SIGNAL)
        await until(lambda: outcome.ended)
    assert_lost(outcome, code)
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
