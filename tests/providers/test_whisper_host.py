"""The neural engine's processes: shared in order, replaced when they die or hang, gone with whoever started them."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import textwrap
from pathlib import Path

import psutil
import pytest
from livekit.agents import APIConnectionError, APIError, APITimeoutError
from providers.tiny_whisper import ONE_THREAD, SAID, make_model, only_pid
from speech_streams import RATE, eventually

from cornerman.errors import ProviderError
from cornerman.providers.whisper.exchange import Question
from cornerman.providers.whisper.host import WhisperHost
from cornerman.providers.whisper.settings import WhisperSettings

AT_REAL_PACE = True
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


def question(*, final: bool = True, seconds: float = 3.0, language: str = "en", terms: str = "") -> Question:
    return Question(bytes(round(seconds * RATE) * 2), final, language, terms)


# -- sharing --


async def test_a_host_nobody_started_starts_itself(weights: Path) -> None:
    host = WhisperHost(weights, settings=ONE_THREAD)
    answer = await host.transcribe(question())
    assert answer is not None
    assert answer.text == SAID
    await host.aclose()


async def test_more_terms_than_fit_do_no_harm(whisper_host: WhisperHost) -> None:
    answer = await whisper_host.transcribe(question(seconds=25.0, terms=", ".join(["Clearwater"] * 200)))
    assert answer is not None


async def test_finals_go_before_interims_and_streams_share_a_process(weights: Path) -> None:
    host = WhisperHost(weights, settings=WhisperSettings(cpu_threads=1, interim_patience=60.0))
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


async def test_two_processes_work_side_by_side(weights: Path) -> None:
    host = WhisperHost(weights, settings=WhisperSettings(cpu_threads=1, workers=2))
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


async def test_a_busy_engine_gives_up_interims_and_refuses_finals_without_end(weights: Path) -> None:
    host = WhisperHost(weights, settings=WhisperSettings(cpu_threads=1, most_waiting=2, interim_patience=0.05))
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


async def test_a_question_nobody_wants_any_more_confuses_no_other(whisper_host: WhisperHost) -> None:
    os.kill(only_pid(whisper_host), signal.SIGSTOP)
    under_way = asyncio.create_task(whisper_host.transcribe(question(terms="ab, c")))
    waiting = asyncio.create_task(whisper_host.transcribe(question(terms="ab, c")))
    wanted = asyncio.create_task(whisper_host.transcribe(question()))
    await eventually(lambda: (whisper_host.working, whisper_host.waiting) == (1, 2))
    under_way.cancel()
    waiting.cancel()
    os.kill(only_pid(whisper_host), signal.SIGCONT)
    answer = await wanted
    assert answer is not None
    assert answer.text == SAID
    assert [task.cancelled() for task in (under_way, waiting)] == [True, True]


# -- what goes wrong --


async def test_a_process_that_died_idle_is_replaced_before_anybody_is_failed(whisper_host: WhisperHost) -> None:
    pid = only_pid(whisper_host)
    os.kill(pid, signal.SIGKILL)
    await eventually(lambda: whisper_host.pids == ())
    answer = await whisper_host.transcribe(question())
    assert answer is not None
    assert answer.text == SAID
    assert only_pid(whisper_host) != pid


async def test_a_stuck_process_is_killed_at_the_deadline(weights: Path) -> None:
    host = WhisperHost(weights, settings=WhisperSettings(cpu_threads=1, deadline=2.0))
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


async def test_what_the_model_refuses_is_an_error_no_other_try_mends(whisper_host: WhisperHost) -> None:
    with pytest.raises(APIError) as raised:
        await whisper_host.transcribe(Question(b"odd", True, "en", ""))
    assert not raised.value.retryable
    answer = await whisper_host.transcribe(question())
    assert answer is not None


# -- processes --


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
async def test_processes_end_with_their_parent(weights: Path, end: signal.Signals) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(weights), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert parent.stdout is not None
    async with asyncio.timeout(60):
        pids = [int(pid) for pid in (await parent.stdout.readline()).split()]
    assert pids
    parent.send_signal(end)
    await parent.wait()
    await eventually(lambda: not any(psutil.pid_exists(pid) for pid in pids))


async def test_closing_ends_processes_and_whoever_waits(weights: Path) -> None:
    host = WhisperHost(weights, settings=ONE_THREAD)
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
        await asyncio.to_thread(WhisperHost.start, _closed(weights))


def _closed(folder: Path) -> WhisperHost:
    host = WhisperHost(folder)
    host.close()
    return host


async def test_processes_are_given_no_secrets_and_no_network(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEKIT_API_SECRET", "do not tell")
    host = WhisperHost(weights, settings=WhisperSettings(cpu_threads=3))
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
