"""The job processes of a worker share a provider's breaker: real processes on one file, some of them killed."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from cornerman.providers.breaker import (
    THRESHOLD,
    WORKER_STATE_VARIABLE,
    Breaker,
    Breakers,
    create_worker_state,
    worker_state_folder,
)
from cornerman.providers.breaker_record import BreakerFile


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deepgram.breaker"


CALLER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from cornerman.providers.breaker import Breaker

    breaker = Breaker(Path(sys.argv[1]), threshold=int(sys.argv[2]), rest=0.0, probe_limit=1e6)
    print("ready", flush=True)
    for line in sys.stdin:
        method, times = line.split()
        print(sum(bool(getattr(breaker, method)()) for _ in range(int(times))), flush=True)
    """
)
CALLERS = 6


@dataclass
class Caller:
    process: subprocess.Popen[str]

    def ask(self, method: str, times: int = 1) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{method} {times}\n")
        self.process.stdin.flush()

    def answer(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@contextmanager
def callers(file: Path, count: int, threshold: int) -> Iterator[list[Caller]]:
    """Processes that each have a breaker on `file`, and do as they are told."""
    command = [sys.executable, "-c", CALLER, str(file), str(threshold)]
    started = [
        Caller(subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        for _ in range(count)
    ]
    try:
        assert [caller.answer() for caller in started] == ["ready"] * count
        yield started
    finally:
        for caller in started:
            caller.process.kill()
            caller.process.communicate()


def test_no_failure_of_many_processes_is_lost_and_no_reader_sees_half_of_one(file: Path) -> None:
    each = 500
    seen: list[int] = []
    with callers(file, CALLERS, 10**9) as processes:
        for caller in processes:
            caller.ask("failed", each)
        reader, done = BreakerFile(file), threading.Event()

        def read() -> None:
            while not done.is_set():
                seen.append(reader.read().failures)

        thread = threading.Thread(target=read)
        thread.start()
        answers = [caller.answer() for caller in processes]
        done.set()
        thread.join()
    assert answers == ["0"] * CALLERS
    assert reader.read().failures == CALLERS * each
    assert seen == sorted(seen)
    assert reader._own is None


def test_exactly_one_of_many_processes_is_let_probe(file: Path) -> None:
    with callers(file, CALLERS, THRESHOLD) as processes:
        for caller in processes:
            caller.ask("failed")
        assert sorted(caller.answer() for caller in processes) == ["0"] * (CALLERS - 1) + ["1"]
        for _ in range(20):
            for caller in processes:
                caller.ask("may_try", 50)
            granted = [caller.answer() for caller in processes]
            assert sorted(granted) == ["0"] * (CALLERS - 1) + ["50"]
            prober = processes[granted.index("50")]
            prober.ask("failed")
            assert prober.answer() == "1"
        processes[0].ask("may_try")
        assert processes[0].answer() == "1"
        processes[0].ask("succeeded")
        assert processes[0].answer() == "1"
        for caller in processes:
            caller.ask("may_try")
        assert [caller.answer() for caller in processes] == ["1"] * CALLERS


@pytest.mark.parametrize("buried", [True, False])
def test_the_probe_of_a_killed_process_goes_to_the_next_who_asks(file: Path, buried: bool) -> None:
    survivor = Breaker(file, rest=0.0, probe_limit=1e6)
    with callers(file, 1, THRESHOLD) as (prober,):
        for _ in range(THRESHOLD):
            survivor.failed()
        prober.ask("may_try")
        assert prober.answer() == "1"
        assert not survivor.may_try()
        prober.process.send_signal(signal.SIGKILL)
        os.waitid(os.P_PID, prober.process.pid, os.WEXITED | (0 if buried else os.WNOWAIT))
        assert (survivor.state, survivor.retry_in) == ("open", 0)
        assert survivor.may_try()


async def test_processes_of_a_worker_find_its_state_and_nothing_is_left_of_it() -> None:
    code = "from cornerman.providers.breaker import *; Breakers(worker_state_folder()).of('x').failed()"
    before = os.environ.get(WORKER_STATE_VARIABLE)
    with create_worker_state() as folder:
        assert worker_state_folder() == folder
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        for _ in range(2):
            process = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
            assert await process.wait() == 0
        assert Breakers(worker_state_folder()).of("x").failures == 2
    assert not folder.exists()
    assert os.environ.get(WORKER_STATE_VARIABLE) == before


def test_a_process_of_no_worker_has_no_shared_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(WORKER_STATE_VARIABLE, raising=False)
    assert worker_state_folder() is None
