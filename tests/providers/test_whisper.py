"""The neural engine: the real faster-whisper in real processes, on a model that the test makes itself."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import textwrap
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import psutil
import pytest
from livekit import rtc
from livekit.agents import APIConnectionError, APIError, APITimeoutError
from livekit.agents.stt import SpeechData, SpeechEvent, SpeechEventType
from numpy.typing import NDArray

from cornerman import demo_call
from cornerman.errors import ProviderError
from cornerman.providers.segmented import SegmentedSTT
from cornerman.providers.segmented_stream import SegmentedStream
from cornerman.providers.whisper.exchange import Question
from cornerman.providers.whisper.host import WhisperHost
from cornerman.providers.whisper.settings import WhisperSettings
from cornerman.providers.whisper.stt import whisper_stt

from .tiny_whisper import WORDS, make_model

RATE = 16_000
START, INTERIM, FINAL, END = (
    SpeechEventType.START_OF_SPEECH,
    SpeechEventType.INTERIM_TRANSCRIPT,
    SpeechEventType.FINAL_TRANSCRIPT,
    SpeechEventType.END_OF_SPEECH,
)
SAID = " ".join(WORDS)
ONE_THREAD = WhisperSettings(cpu_threads=1)
PARENT = textwrap.dedent(
    """
    import asyncio, sys
    from pathlib import Path
    from cornerman.providers.whisper.host import WhisperHost

    async def main():
        host = WhisperHost(Path(sys.argv[1]))
        await asyncio.to_thread(host.start)
        print(*host.pids, flush=True)
        await asyncio.sleep(3600)

    asyncio.run(main())
    """
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("weights") / "tiny")


@pytest.fixture
async def host(folder: Path) -> AsyncIterator[WhisperHost]:
    host = WhisperHost(folder, settings=ONE_THREAD)
    await asyncio.to_thread(host.start)
    yield host
    await host.aclose()


@pytest.fixture
def line() -> NDArray[np.int16]:
    """One spoken line with a second of silence before and after."""
    said = next(line for line in demo_call.load_recording().lines if line.text.startswith("I can look at ten"))
    return demo_call.samples("rep")[round((said.start - 1) * RATE) : round((said.end + 1) * RATE)]


def question(*, final: bool = True, seconds: float = 3.0, language: str = "en", terms: str = "") -> Question:
    return Question(bytes(round(seconds * RATE) * 2), final, language, terms)


def push(stream: SegmentedStream, audio: NDArray[np.int16]) -> None:
    for at in range(0, len(audio), RATE // 50):
        part = audio[at : at + RATE // 50]
        stream.push_frame(rtc.AudioFrame(part.tobytes(), RATE, 1, len(part)))


async def hear(engine: SegmentedSTT, audio: NDArray[np.int16]) -> list[SpeechEvent]:
    async with engine.stream() as stream, asyncio.timeout(60):
        push(stream, audio)
        stream.end_input()
        return [event async for event in stream]


def speech(events: list[SpeechEvent], kind: SpeechEventType) -> list[SpeechData]:
    return [event.alternatives[0] for event in events if event.type is kind]


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0.01)


def only_pid(host: WhisperHost) -> int:
    (pid,) = host.pids
    return pid


# -- hearing --


async def test_an_utterance_starts_is_final_and_ends_with_words_within_it(
    host: WhisperHost, line: NDArray[np.int16]
) -> None:
    events = await hear(whisper_stt(host, language="en-US"), line)
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


async def test_interims_come_while_the_voice_goes_on(host: WhisperHost, line: NDArray[np.int16]) -> None:
    engine = whisper_stt(host, language="en")
    async with engine.stream() as stream, asyncio.timeout(60):
        push(stream, line[: 3 * RATE])
        events = [await anext(stream)]
        while events[-1].type is not INTERIM:
            events.append(await anext(stream))
        stream.end_input()
        events += [event async for event in stream]
    assert speech(events, START)[0].start_time == pytest.approx(1.0, abs=0.1)
    (interim,) = speech(events, INTERIM)
    assert interim.text == SAID
    assert all(1.0 <= word.start_time <= word.end_time <= 3.0 for word in interim.words or ())  # type: ignore[operator]
    assert [said.text for said in speech(events, FINAL)] == [SAID]


async def test_the_playbooks_terms_reach_the_model(host: WhisperHost, line: NDArray[np.int16]) -> None:
    # they stand before the words in the model's context, which moves its positions: this model then says less
    (final,) = speech(await hear(whisper_stt(host, language="en", terms=["ab", "c"]), line), FINAL)
    assert final.text != SAID
    assert SAID.endswith(final.text)


async def test_more_terms_than_fit_do_no_harm(host: WhisperHost) -> None:
    answer = await host.transcribe(question(seconds=25.0, terms=", ".join(["Clearwater"] * 200)))
    assert answer is not None


@pytest.mark.parametrize("invented", ["nothing was said", "the same without end"])
async def test_what_the_model_makes_up_is_left_out(tmp_path: Path, line: NDArray[np.int16], invented: str) -> None:
    if invented == "nothing was said":
        make_model(tmp_path, hears_nothing=True)
    else:
        make_model(tmp_path, words=["again"] * 60)
    host = WhisperHost(tmp_path, settings=ONE_THREAD)
    for final in (True, False):
        answer = await host.transcribe(Question(line.tobytes(), final, "en", ""))
        assert answer is not None
        assert answer.text == ""
    assert speech(await hear(whisper_stt(host), line), FINAL) == []
    await host.aclose()


async def test_a_host_nobody_started_starts_itself(folder: Path) -> None:
    host = WhisperHost(folder, settings=ONE_THREAD)
    answer = await host.transcribe(question())
    assert answer is not None
    assert answer.text == SAID
    await host.aclose()


# -- sharing --


async def test_finals_go_before_interims_and_streams_share_a_process(folder: Path) -> None:
    host = WhisperHost(folder, settings=WhisperSettings(cpu_threads=1, interim_patience=60.0))
    await asyncio.to_thread(host.start)
    pid = only_pid(host)
    done: list[str] = []

    async def ask(name: str, *, final: bool) -> None:
        if await host.transcribe(question(final=final)) is not None:
            done.append(name)

    os.kill(pid, signal.SIGSTOP)
    tasks = [asyncio.create_task(ask("first", final=True))]
    await eventually(lambda: host.working == 1)
    tasks.append(asyncio.create_task(ask("interim", final=False)))
    tasks.append(asyncio.create_task(ask("second", final=True)))
    await eventually(lambda: host.waiting == 2)
    os.kill(pid, signal.SIGCONT)
    await asyncio.gather(*tasks)
    assert done == ["first", "second", "interim"]
    assert host.pids == (pid,)
    await host.aclose()


async def test_two_processes_work_side_by_side(folder: Path) -> None:
    host = WhisperHost(folder, settings=WhisperSettings(cpu_threads=1, workers=2))
    await asyncio.to_thread(host.start)
    stopped, working = host.pids
    os.kill(stopped, signal.SIGSTOP)
    os.kill(working, signal.SIGSTOP)
    asked = [asyncio.create_task(host.transcribe(question())) for _ in range(2)]
    await eventually(lambda: host.working == 2)
    os.kill(working, signal.SIGCONT)
    async with asyncio.timeout(30):
        done, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
    assert len(done) == 1
    os.kill(stopped, signal.SIGCONT)
    await asyncio.gather(*asked)
    await host.aclose()


async def test_a_busy_engine_gives_up_interims_and_refuses_finals_without_end(folder: Path) -> None:
    host = WhisperHost(folder, settings=WhisperSettings(cpu_threads=1, most_waiting=2, interim_patience=0.05))
    await asyncio.to_thread(host.start)
    os.kill(only_pid(host), signal.SIGSTOP)
    asked = [asyncio.create_task(host.transcribe(question())) for _ in range(3)]
    await eventually(lambda: host.waiting == 2)
    assert await host.transcribe(question(final=False)) is None
    with pytest.raises(APIConnectionError, match="2 utterances wait"):
        await host.transcribe(question())
    os.kill(only_pid(host), signal.SIGCONT)
    assert all(answer is not None and answer.text == SAID for answer in await asyncio.gather(*asked))
    await host.aclose()


async def test_a_question_nobody_wants_any_more_confuses_no_other(host: WhisperHost) -> None:
    os.kill(only_pid(host), signal.SIGSTOP)
    under_way = asyncio.create_task(host.transcribe(question(terms="ab, c")))
    waiting = asyncio.create_task(host.transcribe(question(terms="ab, c")))
    wanted = asyncio.create_task(host.transcribe(question()))
    await eventually(lambda: (host.working, host.waiting) == (1, 2))
    under_way.cancel()
    waiting.cancel()
    os.kill(only_pid(host), signal.SIGCONT)
    answer = await wanted
    assert answer is not None
    assert answer.text == SAID
    assert [task.cancelled() for task in (under_way, waiting)] == [True, True]


# -- what goes wrong --


async def test_a_process_that_dies_fails_its_piece_and_is_started_again(
    host: WhisperHost, line: NDArray[np.int16]
) -> None:
    pid = only_pid(host)
    os.kill(pid, signal.SIGSTOP)
    engine = whisper_stt(host)
    async with engine.stream() as stream:
        push(stream, line)
        stream.end_input()
        async with asyncio.timeout(30):
            await eventually(lambda: host.working == 1)
            os.kill(pid, signal.SIGKILL)
            with pytest.raises(APIConnectionError, match="ended unexpectedly"):
                async for _ in stream:
                    pass
    assert [said.text for said in speech(await hear(engine, line), FINAL)] == [SAID]
    assert only_pid(host) != pid
    assert not psutil.pid_exists(pid)


async def test_a_process_that_died_idle_is_replaced_before_anybody_is_failed(host: WhisperHost) -> None:
    pid = only_pid(host)
    os.kill(pid, signal.SIGKILL)
    await eventually(lambda: host.pids == ())
    answer = await host.transcribe(question())
    assert answer is not None
    assert answer.text == SAID
    assert only_pid(host) != pid


async def test_a_stuck_process_is_killed_at_the_deadline(folder: Path) -> None:
    host = WhisperHost(folder, settings=WhisperSettings(cpu_threads=1, deadline=2.0))
    await asyncio.to_thread(host.start)
    pid = only_pid(host)
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(APITimeoutError, match="stuck for 2 s"):
        await host.transcribe(question())
    answer = await host.transcribe(question())
    assert answer is not None
    assert not psutil.pid_exists(pid)
    await host.aclose()


async def test_an_engine_that_cannot_start_again_fails_whoever_waits(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "weights")
    host = WhisperHost(folder, settings=ONE_THREAD)
    await asyncio.to_thread(host.start)
    (folder / "model.bin").write_bytes(b"no model")
    os.kill(only_pid(host), signal.SIGKILL)
    await eventually(lambda: host.pids == ())
    with pytest.raises(APIConnectionError, match="cannot load"):
        await host.transcribe(question())
    make_model(folder)
    answer = await host.transcribe(question())
    assert answer is not None
    await host.aclose()


async def test_what_the_model_refuses_is_an_error_no_other_try_mends(host: WhisperHost) -> None:
    with pytest.raises(APIError) as raised:
        await host.transcribe(Question(b"odd", True, "en", ""))
    assert not raised.value.retryable
    answer = await host.transcribe(question())
    assert answer is not None


# -- weights --


@pytest.mark.parametrize("missing", ["model.bin", "config.json", "tokenizer.json", "vocabulary.json"])
def test_an_incomplete_folder_is_refused_with_what_is_missing(tmp_path: Path, missing: str) -> None:
    (make_model(tmp_path) / missing).unlink()
    with pytest.raises(ProviderError, match=rf"lacks {missing} .*cornerman models get") as raised:
        WhisperHost(tmp_path)
    assert str(tmp_path) in str(raised.value)


def test_a_missing_folder_is_refused_with_the_way_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match=r"no folder .*cornerman models get .*stt\.model"):
        WhisperHost(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("spoiled", "content"), [("model.bin", b"no model"), ("tokenizer.json", b"{"), ("model.bin", b"")]
)
def test_spoiled_weights_are_an_error_at_the_start(tmp_path: Path, spoiled: str, content: bytes) -> None:
    (make_model(tmp_path) / spoiled).write_bytes(content)
    host = WhisperHost(tmp_path, settings=ONE_THREAD)
    with pytest.raises(ProviderError, match="fetch the weights again"):
        host.start()
    assert host.pids == ()
    host.close()


def test_a_model_that_does_not_load_in_time_is_an_error(folder: Path) -> None:
    host = WhisperHost(folder, settings=WhisperSettings(start_timeout=0.001))
    with pytest.raises(ProviderError, match=r"within 0\.001 s"):
        host.start()
    assert host.pids == ()
    host.close()


def test_what_a_model_hears_is_known(tmp_path: Path, folder: Path) -> None:
    host = WhisperHost(folder, settings=ONE_THREAD)
    assert host.hears("en-GB")
    assert not host.hears("de-AT")
    host.start()
    assert host.hears("en")
    assert not host.hears("de")
    host.close()
    many = make_model(tmp_path)
    (many / "vocabulary.json").write_text(json.dumps(["word"] * 51_865))
    assert WhisperHost(many).hears("de-AT")


# -- processes --


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
async def test_processes_end_with_their_parent(folder: Path, end: signal.Signals) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(folder), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert parent.stdout is not None
    async with asyncio.timeout(60):
        pids = [int(pid) for pid in (await parent.stdout.readline()).split()]
    assert pids
    parent.send_signal(end)
    await parent.wait()
    await eventually(lambda: not any(psutil.pid_exists(pid) for pid in pids))


async def test_closing_ends_processes_and_whoever_waits(folder: Path) -> None:
    host = WhisperHost(folder, settings=ONE_THREAD)
    await asyncio.to_thread(host.start)
    pid = only_pid(host)
    os.kill(pid, signal.SIGSTOP)
    under_way = asyncio.create_task(host.transcribe(question()))
    waiting = asyncio.create_task(host.transcribe(question()))
    await eventually(lambda: (host.working, host.waiting) == (1, 1))
    os.kill(pid, signal.SIGCONT)
    await host.aclose()
    outcomes = await asyncio.gather(under_way, waiting, return_exceptions=True)
    assert isinstance(outcomes[0], asyncio.CancelledError)
    assert isinstance(outcomes[1], APIConnectionError)
    assert not psutil.pid_exists(pid)
    with pytest.raises(APIConnectionError, match="closed"):
        await host.transcribe(question())
    with pytest.raises(ProviderError, match="closed"):
        await asyncio.to_thread(WhisperHost.start, _closed(folder))


def _closed(folder: Path) -> WhisperHost:
    host = WhisperHost(folder)
    host.close()
    return host


async def test_processes_are_given_no_secrets_and_no_network(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEKIT_API_SECRET", "do not tell")
    host = WhisperHost(folder, settings=WhisperSettings(cpu_threads=3))
    await asyncio.to_thread(host.start)
    process = psutil.Process(only_pid(host))
    environment = process.environ()
    assert "LIVEKIT_API_SECRET" not in environment
    assert environment["HF_HUB_OFFLINE"] == "1"
    assert environment["OMP_NUM_THREADS"] == "3"
    assert process.nice() > psutil.Process().nice()
    assert process.net_connections("inet") == []
    loaded = {Path(mapped.path).name for mapped in process.memory_maps()}
    assert not any("livekit" in name or "pocketsphinx" in name for name in loaded)
    await host.aclose()
