"""A call with a model: a worker with a fake of it for each file, and a room for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from advising_calls import AdvisedWorker, Told, advised_worker
from calls import LiveCall, live_call
from livekit import api

from cornerman.livekit_server import ServerAddress


@pytest.fixture(scope="module")
def advised(livekit_server: ServerAddress, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AdvisedWorker]:
    """The worker of this file. One whose worker is to be another overrides this."""
    with advised_worker(livekit_server, tmp_path_factory.mktemp("advised")) as running:
        yield running


@pytest.fixture
async def call(
    livekit_server: ServerAddress, advised: AdvisedWorker, server_api: api.LiveKitAPI, room_name: str
) -> AsyncIterator[LiveCall]:
    """A room in which a coach of this worker can be asked for. The model has no script before and after."""
    advised.script.forget()
    hearing = advised.hearing
    async with live_call(livekit_server, server_api, room_name, hearing.agent_name, hearing.journals) as opened:
        yield opened
    advised.script.forget()


@pytest.fixture
def told(call: LiveCall) -> Told:
    """The cards of the call."""
    return Told(call)
