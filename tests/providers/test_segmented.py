"""Anything that transcribes pieces of audio becomes a streaming recogniser that loses, doubles and reorders nothing."""

from __future__ import annotations

import asyncio
import itertools
import json
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from livekit import rtc
from livekit.agents.metrics import STTMetrics
from livekit.agents.stt import SpeechEvent
from providers.scribe import SILENCE, Scribe, call, line_of_call, lines, without_pauses
from speech_streams import END, FINAL, INTERIM, RATE, START, USAGE, Audio, eventually, hear, push, rest, speech, until

from cornerman.demo_call import Speaker
from cornerman.providers.segmented import SegmentedSTT
from cornerman.providers.segmented_stream import SETTLED
from cornerman.providers.transcriber import TimedWord, Transcript

AT_REAL_PACE = True
STEP = 18_000
"""A little more than grows an utterance by a second, which is when an interim is due."""
CLIPS = Path(__file__).parent / "clips"


def places(pieces: list[bytes], audio: Audio) -> list[tuple[int, int]]:
    """Where in `audio` each piece was taken from, each looked for after the one before."""
    source = audio.tobytes()
    found = []
    after = 0
    for piece in pieces:
        at = source.find(piece, after)
        assert at >= 0, "a final holds audio that is not the call's, or is told out of order"
        assert at % 2 == 0
        found.append((at // 2, (at + len(piece)) // 2))
        after = at + len(piece)
    return found


@pytest.fixture
async def scribe() -> Scribe:
    return Scribe()


@pytest.fixture
async def engine(scribe: Scribe) -> AsyncIterator[SegmentedSTT]:
    engine = SegmentedSTT(scribe, model="scribe", provider="test")
    yield engine
    await engine.aclose()


@pytest.mark.parametrize("speaker", ["rep", "prospect"])
async def test_every_sample_of_speech_reaches_exactly_one_final(
    engine: SegmentedSTT, scribe: Scribe, speaker: Speaker
) -> None:
    await hear(engine, call(speaker))
    found = places(scribe.finals, call(speaker))
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(found))
    for line in lines(speaker):
        heard = sum(
            max(0, min(end, round(line.end * RATE)) - max(start, round(line.start * RATE))) for start, end in found
        )
        assert heard == round(line.end * RATE) - round(line.start * RATE), line.text


async def test_little_besides_speech_is_sent(engine: SegmentedSTT) -> None:
    events = await hear(engine, call("prospect"))
    sent = sum(event.recognition_usage.audio_duration for event in events if event.recognition_usage)
    spoken = sum(line.end - line.start for line in lines("prospect"))
    assert spoken < sent < spoken + 0.8 * len(speech(events, END))


async def test_voice_starts_and_stops_when_it_really_does(engine: SegmentedSTT) -> None:
    events = await hear(engine, call("rep"))
    starts = [said.start_time for said in speech(events, START)]
    ends = [said.start_time for said in speech(events, END)]
    assert len(starts) == len(ends)
    for line in lines("rep"):
        assert min(abs(start - line.start) for start in starts) < 0.15
        assert min(abs(end - line.end) for end in ends) < 0.15


async def test_events_of_each_utterance_come_in_order(engine: SegmentedSTT) -> None:
    events = await hear(engine, call("prospect"))
    kinds = [event.type for event in events if event.type is not USAGE]
    assert kinds == [START, FINAL, END] * (len(kinds) // 3)
    settled = [said.metadata[SETTLED] for said in (*speech(events, FINAL),) if said.metadata]
    assert settled == sorted(settled)
    assert len(settled) == len(kinds) // 3
    names = [event.request_id for event in events if event.type is FINAL]
    assert len(set(names)) == len(names)


async def test_times_given_by_the_transcriber_become_times_of_the_stream() -> None:
    async def answer(pcm: bytes, final: bool) -> Transcript:
        words = (TimedWord("too", 0.5, 0.7, 0.9), TimedWord("expensive", 0.7, 1.4), TimedWord("padding", 28.0, 29.0))
        return Transcript("too expensive padding", words=words, language="de", confidence=0.7)

    scribe = Scribe(answer)
    engine = SegmentedSTT(scribe)
    async with engine.stream() as stream:
        stream.start_time_offset = 100.0
        push(stream, np.concatenate([SILENCE, line_of_call("prospect", 0), SILENCE]))
        stream.end_input()
        events = await rest(stream)
    ((start, end),) = places(scribe.finals, np.concatenate([SILENCE, line_of_call("prospect", 0), SILENCE]))
    (said,) = speech(events, FINAL)
    words = said.words or []
    begin = 100.0 + start / RATE
    assert [str(word) for word in words] == ["too", "expensive", "padding"]
    assert (words[0].start_time, words[0].end_time) == pytest.approx((begin + 0.5, begin + 0.7), abs=1e-3)
    assert words[0].confidence == 0.9
    # what an engine sees in its own padding was said before the utterance ended
    assert (words[2].start_time, words[2].end_time) == pytest.approx((100.0 + end / RATE,) * 2, abs=1e-3)
    assert (said.text, said.language, said.confidence) == ("too expensive padding", "de", 0.7)
    await engine.aclose()


@pytest.mark.parametrize("clip", ["too_expensive", "hubspot"])
async def test_words_without_times_are_laid_over_the_voice(clip: str) -> None:
    true = json.loads((CLIPS / "truth.json").read_text())[clip]

    async def answer(pcm: bytes, final: bool) -> Transcript:
        return Transcript(" ".join(word for word, _, _ in true))

    with wave.open(str(CLIPS / f"{clip}.wav")) as recording:
        audio = np.frombuffer(recording.readframes(recording.getnframes()), dtype=np.int16)
    engine = SegmentedSTT(Scribe(answer), language="en-US")
    (said,) = speech(await hear(engine, np.concatenate([SILENCE, audio, SILENCE])), FINAL)
    assert said.language == "en-US"
    for word, (text, start, end) in zip(said.words or (), true, strict=True):
        assert str(word) == text
        assert (word.start_time, word.end_time) == pytest.approx((1.0 + start, 1.0 + end), abs=0.2)
    await engine.aclose()


async def test_interims_come_while_the_voice_goes_on_and_grow(engine: SegmentedSTT, scribe: Scribe) -> None:
    audio = line_of_call("rep", 3)[: 4 * STEP]
    events: list[SpeechEvent] = []
    async with engine.stream() as stream:
        for at in range(0, len(audio), STEP):
            push(stream, audio[at : at + STEP])
            events += await until(stream, INTERIM)
        push(stream, SILENCE)
        events += await until(stream, END)
    kinds = [event.type for event in events if event.type is not USAGE]
    assert kinds == [START, INTERIM, INTERIM, INTERIM, INTERIM, FINAL, END]
    (final,) = speech(events, FINAL)
    lengths = [len(pcm) for pcm in scribe.interims]
    assert lengths == sorted(set(lengths))
    assert lengths[0] <= 2 * STEP
    assert all(scribe.finals[0].startswith(pcm) for pcm in scribe.interims)
    assert len({event.request_id for event in events if event.type in (INTERIM, FINAL)}) == 1
    assert final.end_time > speech(events, INTERIM)[-1].end_time - 0.2
    assert scribe.most_under_way == 1


async def test_without_interims_only_finals_are_asked_for(scribe: Scribe) -> None:
    engine = SegmentedSTT(scribe, interim_every=0.0)
    async with engine.stream() as stream:
        push(stream, line_of_call("rep", 3)[: 3 * RATE])
        await until(stream, START)
        stream.end_input()
        events = await rest(stream)
    assert scribe.interims == []
    assert len(speech(events, FINAL)) == 1
    assert not engine.capabilities.interim_results
    await engine.aclose()


async def test_one_interim_at_a_time_and_one_overtaken_by_its_final_is_given_up() -> None:
    never = asyncio.Event()

    async def answer(pcm: bytes, final: bool) -> Transcript:
        if not final:
            await never.wait()
        return Transcript("whole")

    scribe = Scribe(answer)
    engine = SegmentedSTT(scribe, deadline=60.0)
    audio = line_of_call("rep", 3)[: 4 * STEP]
    async with engine.stream() as stream:
        for at in range(0, len(audio), STEP):
            push(stream, audio[at : at + STEP])
            await eventually(lambda: bool(scribe.interims))
        stream.flush()
        events = await until(stream, END)
    assert len(scribe.interims) == 1
    assert scribe.given_up == 1
    assert [said.text for said in speech(events, FINAL)] == ["whole"]
    assert speech(events, INTERIM) == []
    await engine.aclose()


async def test_an_engine_too_busy_for_an_interim_is_asked_again_later() -> None:
    async def answer(pcm: bytes, final: bool) -> Transcript | None:
        return Transcript("words") if final or len(pcm) > 6 * RATE else None

    scribe = Scribe(answer)
    engine = SegmentedSTT(scribe)
    audio = line_of_call("rep", 3)[: 4 * STEP]
    async with engine.stream() as stream:
        for at in range(0, len(audio), STEP):
            push(stream, audio[at : at + STEP])
            await eventually(lambda count=at // STEP: len(scribe.interims) > count)  # type: ignore[misc]
        events = await until(stream, INTERIM)
    assert len(scribe.interims) == 4
    assert [said.text for said in speech(events, INTERIM)] == ["words"]
    await engine.aclose()


async def test_a_final_without_words_takes_back_interims_and_is_not_told_otherwise() -> None:
    async def answer(pcm: bytes, final: bool) -> Transcript:
        return Transcript("" if final else "cough")

    engine = SegmentedSTT(Scribe(answer))
    async with engine.stream() as stream:
        push(stream, line_of_call("rep", 3)[: 2 * RATE])
        events = await until(stream, INTERIM)
        stream.end_input()
        events += await rest(stream)
    assert [event.type for event in events if event.type is not USAGE] == [START, INTERIM, FINAL, END]
    assert [said.text for said in speech(events, FINAL)] == [""]
    events = await hear(engine, np.concatenate([line_of_call("rep", 3), SILENCE]))
    assert speech(events, FINAL) == []
    await engine.aclose()


async def test_utterances_are_told_in_order_however_long_each_takes() -> None:
    release = asyncio.Event()
    answered: list[int] = []

    async def answer(pcm: bytes, final: bool) -> Transcript:
        number = len(answered)
        answered.append(len(pcm))
        if number == 0:
            await release.wait()
        else:
            release.set()
        return Transcript(f"number {number}")

    scribe = Scribe(answer)
    engine = SegmentedSTT(scribe, interim_every=0.0, deadline=60.0)
    audio = np.concatenate([np.concatenate([line_of_call("rep", index), SILENCE]) for index in (3, 4)])
    events = await hear(engine, audio)
    assert [said.text for said in speech(events, FINAL)] == [f"number {number}" for number in range(len(answered))]
    assert [event.type for event in events if event.type is not USAGE] == [START, FINAL, END] * len(answered)
    assert scribe.most_under_way == 2
    await engine.aclose()


@pytest.mark.parametrize("longest", [5.0, 12.0])
async def test_speech_without_a_pause_is_cut_at_the_cap_and_nothing_is_lost_or_doubled(longest: float) -> None:
    audio = np.concatenate([without_pauses("rep"), SILENCE])
    scribe = Scribe()
    engine = SegmentedSTT(scribe, longest=longest, silence=2.0)
    events = await hear(engine, audio)
    found = places(scribe.finals, audio)
    assert all(end - start <= longest * RATE for start, end in found)
    assert all(end == start for (_, end), (start, _) in itertools.pairwise(found)), "each begins where the last ended"
    assert found[0][0] <= 1_600
    assert found[-1][1] >= len(audio) - len(SILENCE)
    kinds = [event.type for event in events if event.type is not USAGE]
    assert kinds == [START, *[FINAL] * len(found), END]
    await engine.aclose()


async def test_the_cap_cuts_where_it_is_quiet() -> None:
    audio = np.concatenate([line_of_call("prospect", 0), SILENCE[:3_200], line_of_call("prospect", 1), SILENCE])
    scribe = Scribe()
    engine = SegmentedSTT(scribe, longest=6.0, silence=1.0)
    await hear(engine, audio)
    first, second, *_ = places(scribe.finals, audio)
    pause = len(line_of_call("prospect", 0))
    assert pause - 800 <= first[1] <= pause + 3_200 + 800
    assert second[0] == first[1]
    await engine.aclose()


async def test_flush_ends_the_utterance_under_way_with_all_audio_so_far(engine: SegmentedSTT, scribe: Scribe) -> None:
    audio = np.concatenate([line_of_call("prospect", 1), SILENCE])
    async with engine.stream() as stream:
        push(stream, audio[:30_001])
        stream.flush()
        events = await until(stream, END)
        assert places(scribe.finals, audio)[0][1] == 30_001
        push(stream, audio[30_001:])
        events += await until(stream, END)
        # nothing is under way now: nothing happens
        stream.flush()
        stream.end_input()
        events += await rest(stream)
    found = places(scribe.finals, audio)
    assert found[0][1] == found[1][0]
    assert [event.type for event in events if event.type in (START, FINAL, END)] == [START, FINAL, END] * 2


async def test_stereo_at_another_rate_is_understood(engine: SegmentedSTT) -> None:
    mono = np.concatenate([line_of_call("prospect", 0), SILENCE])
    fine = np.interp(np.arange(len(mono) * 3) / 3, np.arange(len(mono)), mono).astype(np.int16)
    async with engine.stream() as stream:
        push(stream, np.repeat(fine, 2), rate=48_000, channels=2)
        stream.end_input()
        events = await rest(stream)
    (start,), (end,) = speech(events, START), speech(events, END)
    assert (start.start_time, end.start_time) == pytest.approx((0.0, len(mono) / RATE - 1.0), abs=0.15)


async def test_silence_and_noise_send_nothing(engine: SegmentedSTT, scribe: Scribe) -> None:
    noise = np.random.default_rng(7).normal(0, 300, 3 * RATE).astype(np.int16)
    assert await hear(engine, np.concatenate([SILENCE, noise])) == []
    assert scribe.finals == scribe.interims == []


async def test_usage_is_what_was_sent(engine: SegmentedSTT, scribe: Scribe) -> None:
    metrics: list[STTMetrics] = []
    engine.on("metrics_collected", metrics.append)
    async with engine.stream() as stream:
        push(stream, line_of_call("rep", 3)[: 3 * RATE])
        events = await until(stream, INTERIM)
        stream.end_input()
        events += await rest(stream)
    used = sum(event.recognition_usage.audio_duration for event in events if event.recognition_usage)
    assert used == pytest.approx(sum(map(len, scribe.finals + scribe.interims)) / 2 / RATE)
    await eventually(lambda: sum(metric.audio_duration for metric in metrics) == pytest.approx(used))
    assert {metric.metadata.model_name for metric in metrics if metric.metadata} == {"scribe"}


async def test_a_long_burst_leaves_room_for_others(engine: SegmentedSTT) -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    async with engine.stream() as stream:
        push(stream, call("rep")[: 60 * RATE])
        before = turns
        stream.end_input()
        await rest(stream)
    assert turns - before >= 50
    task.cancel()


async def test_what_it_cannot_do_is_refused(engine: SegmentedSTT) -> None:
    with pytest.raises(NotImplementedError, match="streams only"):
        await engine.recognize(rtc.AudioFrame(bytes(320), RATE, 1, 160))
    async with engine.stream(language="fr") as stream:
        with pytest.raises(ValueError, match="non-negative"):
            stream.start_time_offset = -1.0
