"""A client's session, and a running fake of each of Deepgram's two protocols."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from fakes.deepgram_flux import FakeDeepgramFlux
from fakes.deepgram_nova import FakeDeepgramNova
from fakes.deepgram_plugins import Provider


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture(params=[FakeDeepgramNova, FakeDeepgramFlux], ids=["nova", "flux"])
async def provider(request: pytest.FixtureRequest) -> AsyncIterator[Provider]:
    async with request.param() as running:
        yield running
