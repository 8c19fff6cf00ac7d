"""The recogniser host lives as long as it is needed and not a moment longer."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import AsyncIterator

import psutil
import pytest
from speech_streams import eventually

from cornerman.errors import ProviderError
from cornerman.providers.offline.host import RecogniserHost

AT_REAL_PACE = True
PARENT = textwrap.dedent(
    """
    import asyncio
    from cornerman.providers.offline.host import RecogniserHost

    async def main():
        host = RecogniserHost()
        # as a livekit job process may: from a thread that ends
        await asyncio.to_thread(host.start)
        connections = [await host.open(timeout=30) for _ in range(2)]
        print(host.pid, *(connection.pid for connection in connections), flush=True)
        await asyncio.sleep(3600)

    asyncio.run(main())
    """
)


@pytest.fixture
async def host() -> AsyncIterator[RecogniserHost]:
    host = RecogniserHost()
    yield host
    await host.aclose()


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
async def test_host_and_recognisers_die_with_their_parent(end: signal.Signals) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert parent.stdout is not None
    pids = [int(pid) for pid in (await parent.stdout.readline()).split()]
    assert len(pids) == 3
    assert not any(map(is_gone, pids))
    parent.send_signal(end)
    await eventually(lambda: all(map(is_gone, pids)))
    await parent.wait()


async def test_host_that_died_is_started_again_and_open_streams_live_on(host: RecogniserHost) -> None:
    first = await host.open(timeout=30)
    dead = host.pid
    assert dead is not None
    os.kill(dead, signal.SIGKILL)
    await eventually(lambda: host.pid is None)
    assert not is_gone(first.pid)
    second = await host.open(timeout=30)
    assert host.pid not in (None, dead)
    first.close()
    await eventually(lambda: is_gone(first.pid))
    second.close()


async def test_ending_the_host_ends_recognisers_whose_streams_are_open(host: RecogniserHost) -> None:
    connection = await host.open(timeout=30)
    await host.aclose()
    assert is_gone(connection.pid)
    assert await connection.receive() is None
    connection.close()


async def test_recogniser_that_dies_leaves_no_zombie(host: RecogniserHost) -> None:
    connection = await host.open(timeout=30)
    connection.close()
    await eventually(lambda: not psutil.pid_exists(connection.pid))


def test_starts_from_many_threads_make_one_process() -> None:
    host = RecogniserHost()
    before = {child.pid for child in psutil.Process().children()}
    threads = [threading.Thread(target=host.start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {child.pid for child in psutil.Process().children()} - before == {host.pid}
    host.close()


def test_host_that_does_not_come_up_in_time_is_an_error_and_leaves_nothing() -> None:
    before = {child.pid for child in psutil.Process().children()}
    host = RecogniserHost(start_timeout=0.01)
    with pytest.raises(ProviderError, match=r"did not start within 0\.01 s"):
        host.start()
    assert {child.pid for child in psutil.Process().children()} == before
    host.close()


def test_closed_host_stays_closed() -> None:
    host = RecogniserHost()
    host.close()
    with pytest.raises(ProviderError, match="was closed"):
        host.start()


def test_host_is_given_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEKIT_API_SECRET", "not for recognisers")
    host = RecogniserHost()
    host.start()
    try:
        assert "LIVEKIT_API_SECRET" not in psutil.Process(host.pid).environ()
    finally:
        host.close()


def test_host_does_not_load_the_agent_framework() -> None:
    code = "import sys, cornerman.providers.offline.process; print('livekit.agents' in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert printed == "False\n"


def test_host_has_one_thread_so_that_it_may_fork() -> None:
    host = RecogniserHost()
    host.start()
    try:
        assert psutil.Process(host.pid).num_threads() == 1
    finally:
        host.close()
