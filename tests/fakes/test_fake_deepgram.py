"""The real Deepgram plugins against the fakes: words and times."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import aiohttp
import numpy as np
from livekit.agents import APIStatusError, stt

from fakes.deepgram_nova import FakeDeepgramNova
from fakes.deepgram_plugins import Provider, assert_as_spoken, stream_to
from fakes.expectations import SIGNAL, SPOKEN, WORDS
from fakes.faults import healthy, refuse
from fakes.hearing import feed, listening, until
from fakes.tones import speak


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
