"""The LiveKit server of the project: found in the promised order, started on loopback, and always gone afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import yaml
from pydantic import SecretStr

from cornerman.errors import ServerError
from cornerman.livekit_server import (
    GivenServer,
    LocalServer,
    ServerAddress,
    find_binary,
    get_server,
    given_address,
    open_server,
    process,
)
from cornerman.paths import find_project_file

GONE_SECONDS = 10.0

GIVEN = {"LIVEKIT_URL": "wss://calls.example.com/", "LIVEKIT_API_KEY": "key", "LIVEKIT_API_SECRET": "s" * 32}

OPEN_AND_WAIT = """
import signal, sys, time
from pathlib import Path
from cornerman.livekit_server import LocalServer
signal.signal(signal.SIGINT, signal.default_int_handler)  # as at a terminal, also where the tests run in the background
with LocalServer(Path(sys.argv[1])) as server:
    print(server.url, flush=True)
    time.sleep(120)
"""


def executable(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def port_of(url: str) -> int:
    return int(url.rsplit(":", 1)[1].split("/")[0])


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def family(process_id: int | None) -> list[psutil.Process]:
    """The guard and the server below it."""
    guard = psutil.Process(process_id)
    return [guard, *guard.children(recursive=True)]


@pytest.fixture
def before() -> set[psutil.Process]:
    """Processes that tests of another file, run by this process before, may have left to others of theirs."""
    return set(psutil.Process().children(recursive=True))


def started_since(before: set[psutil.Process]) -> set[psutil.Process]:
    return set(psutil.Process().children(recursive=True)) - before


def all_gone(processes: list[psutil.Process]) -> bool:
    return not psutil.wait_procs(processes, timeout=GONE_SECONDS)[1]


@contextlib.contextmanager
def server_of_another_process(binary: Path) -> Iterator[tuple[subprocess.Popen[str], list[psutil.Process]]]:
    """A process that holds a server open, and the processes of that server."""
    with subprocess.Popen(
        [sys.executable, "-c", OPEN_AND_WAIT, str(binary)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        try:
            assert holder.stdout.readline().startswith("ws://127.0.0.1:")
            servers = psutil.Process(holder.pid).children(recursive=True)
            assert any(each.exe() == str(binary.resolve()) for each in servers)
            yield holder, servers
        finally:
            holder.kill()


# -- a server that was given ---------------------------------------------------------------------------------------


def test_a_given_server_is_used_as_it_is_and_nothing_is_started(before: set[psutil.Process]) -> None:
    server = open_server(environment=GIVEN)
    assert isinstance(server, GivenServer)
    with server as address:
        assert (address.url, address.http_url) == ("wss://calls.example.com", "https://calls.example.com")
        assert address.environment() == {**GIVEN, "LIVEKIT_URL": "wss://calls.example.com"}
    assert started_since(before) == set()


@pytest.mark.parametrize(
    ("environment", "faults"),
    [
        ({"LIVEKIT_URL": "wss://h"}, ["LIVEKIT_API_KEY is missing", "LIVEKIT_API_SECRET is missing"]),
        ({**GIVEN, "LIVEKIT_API_SECRET": " "}, ["LIVEKIT_API_SECRET is missing"]),
        ({**GIVEN, "LIVEKIT_URL": "localhost:7880"}, ["LIVEKIT_URL must look like wss://host"]),
    ],
)
def test_a_half_given_server_is_refused_with_every_fault(environment: dict[str, str], faults: list[str]) -> None:
    with pytest.raises(ServerError) as refused:
        open_server(environment=environment)
    for fault in faults:
        assert fault in str(refused.value)


def test_the_secret_shows_in_no_repr() -> None:
    address = given_address(GIVEN)
    assert address is not None
    assert GIVEN["LIVEKIT_API_SECRET"] not in f"{address!r} {address} {GivenServer(address)!r}"


def test_half_a_key_pair_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="together or not at all"):
        LocalServer(tmp_path / "livekit-server", api_secret=SecretStr("s" * 32))


# -- the order in which a binary is found --------------------------------------------------------------------------


def test_a_server_on_path_comes_before_the_copy_built_here(tmp_path: Path) -> None:
    on_path = executable(tmp_path / "bin" / "livekit-server", "echo livekit-server version 9.9.9")
    built = executable(tmp_path / "cache" / "livekit-server-v1.13.5" / "livekit-server", "exit 0")
    environment = {"PATH": str(on_path.parent), "CORNERMAN_CACHE": str(tmp_path / "cache")}
    assert find_binary(environment) == on_path
    assert get_server(environment=environment) == f"LiveKit server: 9.9.9 at {on_path} (on PATH)"
    assert find_binary({**environment, "PATH": str(tmp_path)}) == built


def test_a_given_server_comes_before_all_others(tmp_path: Path) -> None:
    on_path = executable(tmp_path / "livekit-server", "exit 1")
    assert "given by LIVEKIT_URL" in get_server(environment={**GIVEN, "PATH": str(on_path.parent)})


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    assert find_binary({"PATH": str(tmp_path), "CORNERMAN_CACHE": str(tmp_path)}) is None


def test_something_else_called_livekit_server_is_named(tmp_path: Path) -> None:
    on_path = executable(tmp_path / "livekit-server", "exit 3")
    with pytest.raises(ServerError, match=f"{on_path} does not look like a LiveKit server"):
        get_server(environment={"PATH": str(tmp_path)})


# -- a server of our own -------------------------------------------------------------------------------------------


def test_a_server_answers_to_its_own_keys_and_leaves_nothing_behind(livekit_server_binary: Path) -> None:
    server = LocalServer(livekit_server_binary)
    with server as address:
        processes, log_file = family(server.process_id), server.log_file
        assert process._answers(address)
        stranger = ServerAddress(address.url, address.api_key, SecretStr("another secret of more than 32 letters"))
        assert not process._answers(stranger)
        assert len(address.api_secret.get_secret_value()) >= 32
        assert log_file is not None
        assert log_file.is_file()
    assert all_gone(processes)
    assert not is_open(port_of(address.url))
    assert not log_file.parent.exists()
    with pytest.raises(ServerError, match="not running"):
        _ = server.address


def test_every_run_has_its_own_keys_and_given_ones_are_kept(livekit_server_binary: Path) -> None:
    first, second = LocalServer(livekit_server_binary), LocalServer(livekit_server_binary)
    with first as one, second as other:
        assert (one.api_key, one.api_secret) != (other.api_key, other.api_secret)
        assert port_of(one.url) != port_of(other.url)
    secret = SecretStr("x" * 40)
    with LocalServer(livekit_server_binary, api_key="mine", api_secret=secret) as address:
        assert (address.api_key, address.api_secret) == ("mine", secret)
        assert process._answers(address)


def test_nobody_outside_this_machine_can_reach_the_server(livekit_server_binary: Path) -> None:
    server = LocalServer(livekit_server_binary)
    with server:
        listening = [each for one in family(server.process_id) for each in one.net_connections(kind="inet")]
    assert {each.laddr.ip for each in listening} == {"127.0.0.1"}
    assert {each.type for each in listening} == {socket.SOCK_STREAM, socket.SOCK_DGRAM}


def test_the_secret_is_on_no_command_line(livekit_server_binary: Path) -> None:
    server = LocalServer(livekit_server_binary)
    with server as address:
        lines = [argument for each in family(server.process_id) for argument in each.cmdline()]
    assert str(livekit_server_binary) in lines
    assert not any(address.api_secret.get_secret_value() in argument for argument in lines)


def test_the_metrics_page_is_there(livekit_server_binary: Path) -> None:
    with LocalServer(livekit_server_binary) as address:
        assert address.prometheus_url is not None
        with urllib.request.urlopen(address.prometheus_url, timeout=5) as page:
            assert b"livekit_room_total" in page.read()


def test_variables_meant_for_another_server_change_nothing(
    livekit_server_binary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"LIVEKIT_CONFIG": "port: 1", "LIVEKIT_KEYS": "a: b", "REDIS_HOST": "127.0.0.1:1"}.items():
        monkeypatch.setenv(name, value)
    with LocalServer(livekit_server_binary) as address:
        assert process._answers(address)


def test_a_port_taken_meanwhile_is_replaced(livekit_server_binary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pick = process._free_ports
    with socket.create_server(("127.0.0.1", 0)) as taken:
        answers = [[taken.getsockname()[1], *pick(socket.SOCK_STREAM, 1)]]

        def unlucky_once(kind: socket.SocketKind, count: int) -> list[int]:
            return answers.pop() if answers and count == 2 else pick(kind, count)

        monkeypatch.setattr(process, "_free_ports", unlucky_once)
        with LocalServer(livekit_server_binary) as address:
            assert port_of(address.url) != taken.getsockname()[1]
    assert not answers


# -- starts that fail ----------------------------------------------------------------------------------------------


def test_a_configuration_the_server_refuses_shows_its_own_words(
    livekit_server_binary: Path, tmp_path: Path, before: set[psutil.Process]
) -> None:
    broken = tmp_path / "livekit.yaml"
    broken.write_text("no_such_setting: 1\n")
    server = LocalServer(livekit_server_binary, configuration=broken)
    with pytest.raises(ServerError, match=r"(?s)instead of starting.*no_such_setting"):
        server.start()
    assert server.process_id is None
    assert started_since(before) == set()


def test_a_server_that_never_answers_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: set[psutil.Process]
) -> None:
    monkeypatch.setattr(process, "START_SECONDS", 0.3)
    silent = executable(tmp_path / "livekit-server", "echo here I am; trap '' TERM; while :; do sleep 1; done")
    with pytest.raises(ServerError, match=r"(?s)did not answer.*here I am"):
        LocalServer(silent).start()
    assert started_since(before) == set()


def test_a_binary_that_cannot_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match=r"no-such-server.* instead of starting"):
        LocalServer(tmp_path / "no-such-server").start()


# -- always stopped again ------------------------------------------------------------------------------------------


def test_an_error_in_the_block_stops_the_server(livekit_server_binary: Path) -> None:
    server = LocalServer(livekit_server_binary)
    processes: list[psutil.Process] = []

    def fail_inside() -> None:
        with server:
            processes.extend(family(server.process_id))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_inside()
    assert len(processes) == 2
    assert all_gone(processes)


def test_stop_may_be_called_twice_and_start_again(livekit_server_binary: Path) -> None:
    server = LocalServer(livekit_server_binary)
    server.stop()
    first = server.start()
    assert server.start() is first
    server.stop()
    server.stop()
    with server as second:
        assert process._answers(second)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_server_goes_with_the_process_that_started_it(livekit_server_binary: Path, how: signal.Signals) -> None:
    with server_of_another_process(livekit_server_binary) as (holder, servers):
        holder.send_signal(how)
        assert all_gone(servers)
        holder.wait(GONE_SECONDS)


def test_ctrl_c_at_the_terminal_does_not_reach_the_server_before_its_owner(livekit_server_binary: Path) -> None:
    server = LocalServer(livekit_server_binary)
    with server:
        assert os.getsid(server.process_id or 0) != os.getsid(0)


if sys.platform == "linux":  # elsewhere nobody can watch over the guard itself

    def test_a_killed_guard_takes_the_server_with_it(livekit_server_binary: Path) -> None:
        server = LocalServer(livekit_server_binary)
        with server:
            guard, *servers = family(server.process_id)
            guard.kill()
            assert servers
            assert all_gone(servers)


async def test_an_async_block_gives_the_same(livekit_server_binary: Path) -> None:
    server = LocalServer(livekit_server_binary)
    async with server as address:
        processes = family(server.process_id)
        assert await asyncio.to_thread(process._answers, address)
    assert all_gone(processes)


async def test_an_async_start_that_is_cancelled_leaves_nothing(tmp_path: Path) -> None:
    silent = executable(tmp_path / "livekit-server", "sleep 60")
    server = LocalServer(silent)
    entering = asyncio.create_task(server.__aenter__())
    deadline = time.monotonic() + GONE_SECONDS
    while server.process_id is None:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    processes = family(server.process_id)
    entering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await entering
    assert all_gone(processes)


# -- the configuration files ---------------------------------------------------------------------------------------


def test_no_key_is_committed() -> None:
    for name in ("livekit.yaml", "deploy/livekit.production.yaml"):
        settings = yaml.safe_load(find_project_file(name).read_text())
        assert "keys" not in settings
        assert "password" not in settings.get("redis", {})


def test_the_production_file_is_one_the_server_understands(livekit_server_binary: Path) -> None:
    said = subprocess.run(
        [livekit_server_binary, "--config", find_project_file("deploy/livekit.production.yaml"), "ports"],
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )
    assert "7881 - ICE/TCP" in said.stdout
    assert "5349 - TURN/TLS" in said.stdout
