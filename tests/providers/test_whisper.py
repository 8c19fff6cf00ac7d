"""A speaker's stream through the neural engine: the real faster-whisper, on a model that the test makes itself."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest
from livekit.agents import APIConnectionError
from providers.tiny_whisper import ONE_THREAD, SAID, WORDS, make_model, only_pid
from speech_streams import END, FINAL, INTERIM, RATE, START, Audio, eventually, hear, push, rest, speech, until

from cornerman import demo_call
from cornerman.providers.whisper.exchange import Question
from cornerman.providers.whisper.host import WhisperHost
from cornerman.providers.whisper.stt import whisper_stt


@pytest.fixture
def spoken_line() -> Audio:
    """One spoken line with a second of silence before and after."""
    said = next(line for line in demo_call.load_recording().lines if line.text.startswith("I can look at ten"))
    return demo_call.samples("rep")[round((said.start - 1) * RATE) : round((said.end + 1) * RATE)]


async def test_an_utterance_starts_is_final_and_ends_with_words_within_it(
    whisper_host: WhisperHost, spoken_line: Audio
) -> None:
    events = await hear(whisper_stt(whisper_host, language="en-US"), spoken_line)
    kinds = [event.type for event in events if event.type in (START, FINAL, END)]
    assert kinds == [START, FINAL, END]
    (final,), (end,) = speech(events, FINAL), speech(events, END)
    assert final.text == SAID
    assert final.language == "en"
    assert 0.0 < final.confidence <= 1.0
    times = [float(str(time)) for word in final.words or () for time in (word.start_time, word.end_time)]
    assert len(times) == 2 * len(WORDS)
    assert times == sorted(times)
    assert 0.6 <= times[0] <= times[-1] <= end.start_time + 0.4


async def test_interims_come_while_the_voice_goes_on(whisper_host: WhisperHost, spoken_line: Audio) -> None:
    engine = whisper_stt(whisper_host, language="en")
    async with engine.stream() as stream:
        push(stream, spoken_line[: 3 * RATE])
        events = await until(stream, INTERIM)
        stream.end_input()
        events += await rest(stream)
    assert speech(events, START)[0].start_time == pytest.approx(1.0, abs=0.1)
    (interim,) = speech(events, INTERIM)
    assert interim.text == SAID
    assert all(1.0 <= word.start_time <= word.end_time <= 3.0 for word in interim.words or ())  # type: ignore[operator]
    assert [said.text for said in speech(events, FINAL)] == [SAID]


async def test_the_playbooks_terms_reach_the_model(whisper_host: WhisperHost, spoken_line: Audio) -> None:
    # they stand before the words in the model's context, which moves its positions: this model then says less
    (final,) = speech(await hear(whisper_stt(whisper_host, language="en", terms=["ab", "c"]), spoken_line), FINAL)
    assert final.text != SAID
    assert SAID.endswith(final.text)


@pytest.mark.parametrize("invented", ["nothing was said", "the same without end"])
async def test_what_the_model_makes_up_is_left_out(tmp_path: Path, spoken_line: Audio, invented: str) -> None:
    if invented == "nothing was said":
        make_model(tmp_path, hears_nothing=True)
    else:
        make_model(tmp_path, words=["again"] * 60)
    host = WhisperHost(tmp_path, settings=ONE_THREAD)
    for final in (True, False):
        answer = await host.transcribe(Question(spoken_line.tobytes(), final, "en", ""))
        assert answer is not None
        assert answer.text == ""
    assert speech(await hear(whisper_stt(host), spoken_line), FINAL) == []
    await host.aclose()


async def test_a_process_that_dies_fails_its_piece_and_is_started_again(
    whisper_host: WhisperHost, spoken_line: Audio
) -> None:
    pid = only_pid(whisper_host)
    os.kill(pid, signal.SIGSTOP)
    engine = whisper_stt(whisper_host)
    async with engine.stream() as stream:
        push(stream, spoken_line)
        stream.end_input()
        await eventually(lambda: whisper_host.working == 1)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(APIConnectionError, match="ended unexpectedly"):
            await rest(stream)
    assert [said.text for said in speech(await hear(engine, spoken_line), FINAL)] == [SAID]
    assert only_pid(whisper_host) != pid
    assert not psutil.pid_exists(pid)
