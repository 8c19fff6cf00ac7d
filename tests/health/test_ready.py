"""Readiness means what it says: each thing that a call needs is looked at, and broken for real here."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fakes.deepgram_nova import FakeDeepgramNova
from fakes.openai_chat import FakeOpenAIChat
from pydantic import SecretStr

from cornerman.config import Settings
from cornerman.health.check import Check, Probe
from cornerman.health.disk import disk_check
from cornerman.health.providers import origin_of
from cornerman.health.readiness import Readiness
from cornerman.playbook import Shelf
from cornerman.providers.breaker import Breakers, create_worker_state
from cornerman.providers.llm import Models

PLAYBOOK = Path(__file__).parents[2] / "playbook"


@dataclass(frozen=True)
class Standing:
    """A worker as far as readiness asks of it."""

    registered: bool = True
    draining: bool = False


@pytest.fixture
def state() -> Iterator[Path]:
    """The folder that a worker's processes share."""
    with create_worker_state() as folder:
        yield folder


@pytest.fixture
def free(unused_tcp_port: int) -> str:
    """An address at which nobody listens."""
    return f"http://127.0.0.1:{unused_tcp_port}/v1"


def settings(folder: Path, **sections: object) -> Settings:
    return Settings.model_validate(
        {"journal": {"path": str(folder / "calls")}, "health": {"probe_every": 1, "disk_mb": 1}, **sections}
    )


async def checks(readiness: Readiness, standing: Standing | None = None) -> dict[str, Check]:
    try:
        return {check.name: check for check in await readiness.checks(standing or Standing())}
    finally:
        await readiness.aclose()


def broken(found: dict[str, Check]) -> list[str]:
    return [name for name, check in found.items() if not check.ok and check.required]


def readiness_of(used: Settings, folder: Path = PLAYBOOK) -> Readiness:
    return Readiness(used, lambda: Shelf().open(folder))


async def test_a_worker_that_has_everything_is_ready(tmp_path: Path, state: Path) -> None:
    with FakeDeepgramNova() as nova, FakeOpenAIChat() as chat:
        used = settings(
            tmp_path,
            stt={"provider": "deepgram", "base_url": nova.listen_url},
            llm={"provider": "openai", "model": "fake", "base_url": chat.base_url},
        )
        found = await checks(readiness_of(used))
        assert broken(found) == []
        assert list(found) == ["registered", "draining", "journal", "playbook", "speech", "models"]
        assert nova.heard == ()
        assert not chat.asked, "nothing that costs was asked"


@pytest.mark.parametrize(
    ("standing", "name"), [(Standing(registered=False), "registered"), (Standing(draining=True), "draining")]
)
async def test_what_the_worker_says_of_itself_counts(
    tmp_path: Path, state: Path, standing: Standing, name: str
) -> None:
    assert broken(await checks(readiness_of(settings(tmp_path)), standing)) == [name]


async def test_providers_that_nobody_reaches_make_it_unready(tmp_path: Path, state: Path, free: str) -> None:
    used = settings(
        tmp_path,
        stt={"provider": "deepgram", "base_url": free},
        llm={"provider": "openai", "model": "fake", "base_url": free},
    )
    found = await checks(readiness_of(used))
    assert broken(found) == ["speech", "models"]
    assert "cannot be reached" in found["speech"].detail
    assert "127.0.0.1" not in found["speech"].detail


async def test_one_speech_provider_of_the_chain_suffices(tmp_path: Path, state: Path, free: str) -> None:
    used = settings(tmp_path, stt={"provider": "deepgram", "base_url": free, "fallback": [{"provider": "offline"}]})
    found = await checks(readiness_of(used))
    assert broken(found) == []
    assert "deepgram: cannot be reached" in found["speech"].detail
    assert "offline: can be asked" in found["speech"].detail


async def test_models_may_be_told_of_without_counting(tmp_path: Path, state: Path, free: str) -> None:
    used = settings(
        tmp_path,
        llm={"provider": "openai", "model": "fake", "base_url": free},
        health={"models": False, "disk_mb": 1},
    )
    found = await checks(readiness_of(used))
    assert broken(found) == []
    assert not found["models"].ok


async def test_breakers_that_calls_opened_make_it_unready(tmp_path: Path, state: Path) -> None:
    with FakeOpenAIChat() as chat:
        used = settings(tmp_path, llm={"provider": "openai", "model": "fake", "base_url": chat.base_url})
        for breaker in (Breakers(state).of("offline"), Models(used.llm).members[0].breaker()):
            while not breaker.failed():
                pass
        found = await checks(readiness_of(used))
    assert broken(found) == ["speech", "models"]
    assert found["speech"].detail == "offline: its breaker is open"


async def test_a_playbook_that_never_loaded_makes_it_unready(tmp_path: Path, state: Path) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "playbook.yaml").write_text("name: broken\nstages: 7\n")
    assert broken(await checks(readiness_of(settings(tmp_path), folder))) == ["playbook"]


def test_a_journal_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert disk_check(tmp_path / "calls", 1).ok
    assert oct((tmp_path / "calls").stat().st_mode & 0o777) == "0o700"
    assert not disk_check(blocked / "calls", 1).ok
    full = disk_check(tmp_path / "calls", 1 << 40)
    assert not full.ok
    assert "MB free" in full.detail


async def test_a_disk_that_hangs_costs_no_more_than_the_deadline_and_one_thread(tmp_path: Path, state: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)  # opening it waits for a writer
    readiness = Readiness(settings(tmp_path, health={"probe_timeout": 0.1}), lambda: pipe.read_text())
    first, second = await readiness.checks(Standing()), await readiness.checks(Standing())
    for found in (first, second):
        (book,) = [check for check in found if check.name == "playbook"]
        assert not book.ok
        assert "no answer" in book.detail
    with pipe.open("w") as writer:
        writer.write("it goes on")
    await readiness.aclose()


async def test_a_probe_looks_once_for_many_who_ask() -> None:
    looked = 0
    go_on = asyncio.Event()

    async def look() -> Check:
        nonlocal looked
        looked += 1
        await go_on.wait()
        return Check("one", True, "seen")

    probe = Probe("one", look, every=60, timeout=5)
    asking = asyncio.gather(*(probe.check() for _ in range(5)))
    await asyncio.sleep(0)
    go_on.set()
    assert {check.detail for check in await asking} == {"seen"}
    await probe.check()
    assert looked == 1
    await probe.aclose()


async def test_what_a_probe_meets_is_told_by_its_class() -> None:
    async def look() -> Check:
        raise RuntimeError("https://user:secret@host")

    probe = Probe("one", look, every=60, timeout=5)
    assert (await probe.check()).detail == "failed: RuntimeError"
    await probe.aclose()


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("wss://api.example.com/v1/listen?model=x", "https://api.example.com"),
        ("ws://10.0.0.1:8080/v1", "http://10.0.0.1:8080"),
        ("http://[::1]:11434/v1", "http://[::1]:11434"),
        ("https://user:secret@models.example.com/v1", "https://models.example.com"),
        ("models.example.com", None),
    ],
)
def test_the_origin_of_an_address_has_no_path_and_no_key(url: str, origin: str | None) -> None:
    assert origin_of(url) == origin


@pytest.fixture
def unused_tcp_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def test_no_secret_stands_in_what_is_told(
    tmp_path: Path, state: Path, free: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    used = settings(
        tmp_path,
        llm={"provider": "openai", "model": "fake", "base_url": free},
        livekit={"url": "wss://host", "api_key": "key", "api_secret": SecretStr("the-server-secret")},
    )
    told = str([check.as_json() for check in (await checks(readiness_of(used))).values()])
    assert "secret" not in told
    assert str(tmp_path) not in told
