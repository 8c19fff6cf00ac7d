"""A call whose speech a paid provider hears: a worker with a fake of the provider, and a room for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from calls import LiveCall, live_call
from hearing_calls import HURRIED, HearingWorker, hearing_worker
from livekit import api

from cornerman.livekit_server import ServerAddress


@pytest.fixture(scope="package")
def hurried_nova(livekit_server: ServerAddress, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HearingWorker]:
    """A worker that hears with Deepgram's Nova and wastes no time between tries."""
    with hearing_worker(livekit_server, tmp_path_factory.mktemp("nova"), "nova", HURRIED) as running:
        yield running


@pytest.fixture
def hearing(hurried_nova: HearingWorker) -> HearingWorker:
    """The worker of this test. A file whose worker is to be another overrides this one."""
    return hurried_nova


@pytest.fixture
async def call(
    livekit_server: ServerAddress, hearing: HearingWorker, server_api: api.LiveKitAPI, room_name: str
) -> AsyncIterator[LiveCall]:
    """A room in which a coach of this worker can be asked for. The provider is healthy afterwards, whatever it did."""
    async with live_call(livekit_server, server_api, room_name, hearing.agent_name, hearing.journals) as opened:
        yield opened
    hearing.fake.script.play()
