"""What becomes of a stream whose transcriber fails, is late or says nothing, and of one that is closed meanwhile."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from livekit.agents import APIConnectionError, APIConnectOptions, APIError, APIStatusError, APITimeoutError
from livekit.agents.stt import STTError
from providers.scribe import SILENCE, Scribe, call, line_of_call
from speech_streams import END, FINAL, RATE, eventually, hear, push, rest, speech, until

from cornerman.providers.segmented import SegmentedSTT
from cornerman.providers.transcriber import Transcript


@pytest.mark.parametrize("interim", [False, True])
@pytest.mark.parametrize(
    "failure",
    [APIStatusError("slow down", status_code=429), APIConnectionError("refused"), ValueError("a fault of ours")],
)
async def test_a_failure_ends_the_stream_and_is_not_tried_again(failure: Exception, interim: bool) -> None:
    async def answer(pcm: bytes, final: bool) -> Transcript:
        if final is not interim:
            raise failure
        return Transcript("words")

    scribe = Scribe(answer)
    engine = SegmentedSTT(scribe, interim_every=1.0 if interim else 0.0)
    errors: list[STTError] = []
    engine.on("error", errors.append)
    # what the base class would try again is not
    async with engine.stream(conn_options=APIConnectOptions(max_retry=3, retry_interval=0.01)) as stream:
        push(stream, line_of_call("rep", 3)[: 2 * RATE])
        if not interim:
            stream.end_input()
        with pytest.raises(type(failure)) as raised:
            await rest(stream)
    assert raised.value is failure
    assert len(scribe.interims if interim else scribe.finals) == 1
    assert [error.recoverable for error in errors] == [False]
    await engine.aclose()


@pytest.mark.parametrize("final", [True, False])
async def test_an_answer_that_does_not_come_in_time_is_a_failure(final: bool) -> None:
    async def answer(pcm: bytes, final: bool) -> Transcript:
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")

    scribe = Scribe(answer)
    engine = SegmentedSTT(scribe, deadline=0.1)
    async with engine.stream() as stream:
        push(stream, line_of_call("rep", 3)[: 2 * RATE])
        if final:
            stream.end_input()
        with pytest.raises(APITimeoutError, match=r"not transcribed within 0\.1 s"):
            await rest(stream)
    assert scribe.given_up == 1
    await engine.aclose()


async def test_words_told_before_a_failure_stand() -> None:
    async def answer(pcm: bytes, final: bool) -> Transcript:
        if len(voices.finals) > 1:
            raise APIConnectionError("gone")
        return Transcript("first")

    voices = Scribe(answer)
    engine = SegmentedSTT(voices, at_once=1)
    async with engine.stream() as stream:
        push(stream, np.concatenate([line_of_call("rep", 3), SILENCE, line_of_call("rep", 4), SILENCE]))
        stream.end_input()
        events = await until(stream, END)
        with pytest.raises(APIError, match="gone"):
            await rest(stream)
    assert [said.text for said in speech(events, FINAL)] == ["first"]
    await engine.aclose()


async def test_audio_too_far_ahead_of_the_transcriber_ends_the_stream() -> None:
    async def answer(pcm: bytes, final: bool) -> Transcript:
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")

    engine = SegmentedSTT(Scribe(answer), deadline=60.0, longest_wait=20.0)
    async with engine.stream() as stream:
        push(stream, call("rep"))
        with pytest.raises(APIConnectionError, match="s of audio behind"):
            await rest(stream)
    await engine.aclose()


async def test_a_final_without_an_answer_is_a_failure() -> None:
    async def answer(pcm: bytes, final: bool) -> None:
        return None

    engine = SegmentedSTT(Scribe(answer))
    with pytest.raises(APIConnectionError, match="no transcript"):
        await hear(engine, np.concatenate([line_of_call("rep", 3), SILENCE]))
    await engine.aclose()


async def test_closing_gives_up_what_is_under_way_and_closes_the_transcriber() -> None:
    async def answer(pcm: bytes, final: bool) -> Transcript:
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")

    scribe = Scribe(answer)
    engine = SegmentedSTT(scribe, deadline=60.0)
    stream = engine.stream()
    push(stream, np.concatenate([line_of_call("rep", 3), SILENCE]))
    await eventually(lambda: bool(scribe.finals))
    await engine.aclose()
    assert scribe.under_way == 0
    assert scribe.closed
    assert not [task for task in asyncio.all_tasks() if "segmented" in task.get_name()]
