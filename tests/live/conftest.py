"""Fixtures for tests against a real LiveKit server: one server a run, a room a test, participants that leave again."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest
from calls import LiveCall, RunningWorker, live_call
from livekit import api, rtc
from pydantic import SecretStr

from cornerman.livekit_server import ServerAddress, open_server
from cornerman.stand_ins.worker_process import worker

JOIN_SECONDS = 15.0
LEAVE_SECONDS = 10.0
TASKS_END_SECONDS = 3.0
LIVE_SECONDS = 420
"""How long a live test may take."""

_HERE = Path(__file__).parent


class Token(Protocol):
    """`token("rep")` lets in with the usual rights; `token("rep", can_publish=False)` takes one away.

    Every keyword but the named ones is a video grant of LiveKit.
    """

    def __call__(
        self,
        identity: str,
        room: str | None = None,
        *,
        name: str = "",
        attributes: dict[str, str] | None = None,
        room_config: api.RoomConfiguration | None = None,
        **grants: Any,
    ) -> str: ...


class Join(Protocol):
    """`await join("rep")` connects a participant to the test's room; it leaves when the test ends.

    `into` is a room object that already has its handlers; the other keywords are those of `token`.
    """

    def __call__(
        self,
        identity: str,
        room: str | None = None,
        *,
        into: rtc.Room | None = None,
        options: rtc.RoomOptions | None = None,
        **token_keywords: Any,
    ) -> Awaitable[rtc.Room]: ...


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks live tests, and gives them the time that whole calls take."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.live)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(LIVE_SECONDS))


@pytest.fixture(scope="session")
def livekit_server(livekit_server_binary: Path) -> Iterator[ServerAddress]:
    """The server of this run: the one LIVEKIT_URL names, else one of our own on loopback."""
    with open_server() as address:
        yield address


@pytest.fixture
def room_name() -> str:
    """A room nobody else is in."""
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def token(livekit_server: ServerAddress, room_name: str) -> Token:
    def mint(
        identity: str,
        room: str | None = None,
        *,
        name: str = "",
        attributes: dict[str, str] | None = None,
        room_config: api.RoomConfiguration | None = None,
        **grants: Any,
    ) -> str:
        wanted = {"room_join": True, "room": room or room_name, **grants}
        minted = (
            api.AccessToken(livekit_server.api_key, _plain(livekit_server.api_secret))
            .with_identity(identity)
            .with_name(name or identity)
            .with_ttl(timedelta(minutes=10))
            .with_grants(api.VideoGrants(**wanted))
        )
        if attributes:
            minted = minted.with_attributes(attributes)
        if room_config:
            minted = minted.with_room_config(room_config)
        return minted.to_jwt()

    return mint


@pytest.fixture
async def join(livekit_server: ServerAddress, token: Token) -> AsyncIterator[Join]:
    joined: list[rtc.Room] = []

    async def connect(
        identity: str,
        room: str | None = None,
        *,
        into: rtc.Room | None = None,
        options: rtc.RoomOptions | None = None,
        **token_keywords: Any,
    ) -> rtc.Room:
        connecting = into or rtc.Room()
        joined.append(connecting)
        async with asyncio.timeout(JOIN_SECONDS):
            await connecting.connect(
                livekit_server.url, token(identity, room, **token_keywords), options or rtc.RoomOptions()
            )
        return connecting

    yield connect
    for leaving in reversed(joined):
        async with asyncio.timeout(LEAVE_SECONDS):
            await leaving.disconnect()


@pytest.fixture
async def server_api(livekit_server: ServerAddress) -> AsyncIterator[api.LiveKitAPI]:
    """The server's own API: rooms, participants as the server sees them, dispatch."""
    async with api.LiveKitAPI(
        livekit_server.http_url, livekit_server.api_key, _plain(livekit_server.api_secret)
    ) as client:
        yield client


@pytest.fixture(autouse=True)
async def fail_on_tasks_left_behind() -> AsyncIterator[None]:
    """A test whose code leaves a task running fails, whatever else it showed.

    LiveKit's own tasks end a moment after a room is left, hence the grace; a leaked task does not end in it.
    """
    before = asyncio.all_tasks()
    yield
    # The end of a fixture runs in a task of its own: this one.
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    if left:
        await asyncio.wait(left, timeout=TASKS_END_SECONDS)
    left = {task for task in left if not task.done()}
    for task in left:
        task.cancel()
    if left:
        names = "\n".join(sorted(f"  {task.get_name()}: {task.get_coro()!r}" for task in left))
        pytest.fail(f"the test left {len(left)} tasks running:\n{names}", pytrace=False)


@pytest.fixture(scope="session")
def coach_worker(livekit_server: ServerAddress, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWorker]:
    """A real worker process, registered under a name of its own, journals in a temporary folder."""
    folder = tmp_path_factory.mktemp("worker")
    broken = folder / "broken"
    (broken / "moments").mkdir(parents=True)
    (broken / "playbook.yaml").write_text("name: broken\nlanguage: en\nstages: 7\n")
    (broken / "moments" / "price.yaml").write_text("- id: price\n  kind: no_such_kind\n  phrases: ['(too']\n")
    known = RunningWorker("cornerman-test", folder / "calls", folder / "worker.log", "broken", 0)
    (folder / "accounts.yaml").write_text("][")
    environment = {
        "CORNERMAN__ACCOUNTS__FILE": str(folder / "accounts.yaml"),
        "CORNERMAN__WORKER__AGENT_NAME": known.agent_name,
        "CORNERMAN__WORKER__MAX_CPU": "1",
        "CORNERMAN__JOURNAL__PATH": str(known.journals),
        "CORNERMAN__PLAYBOOK__LIBRARY": json.dumps({known.broken_playbook: str(broken)}),
    }
    with worker(livekit_server, known.log, environment) as pid:
        yield replace(known, pid=pid)


@pytest.fixture
async def call(
    livekit_server: ServerAddress, coach_worker: RunningWorker, server_api: api.LiveKitAPI, room_name: str
) -> AsyncIterator[LiveCall]:
    """A room in which a coach can be asked for."""
    async with live_call(
        livekit_server, server_api, room_name, coach_worker.agent_name, coach_worker.journals
    ) as opened:
        yield opened


def _plain(secret: SecretStr) -> str:
    return secret.get_secret_value()
