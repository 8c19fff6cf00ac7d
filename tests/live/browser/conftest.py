"""Fixtures of the tests in a real browser: the demo page with the run's worker behind it, or with no coach at all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from browser_calls import BrowserCalls, browser_calls
from calls import RunningWorker
from livekit import api

from cornerman.livekit_server import ServerAddress


@pytest.fixture
async def coached(
    livekit_server: ServerAddress, coach_worker: RunningWorker, server_api: api.LiveKitAPI, tmp_path: Path
) -> AsyncIterator[BrowserCalls]:
    """Calls to which a real worker sends its coach."""
    async with browser_calls(
        livekit_server, server_api, tmp_path, agent_name=coach_worker.agent_name, journals=coach_worker.journals
    ) as calls:
        yield calls


@pytest.fixture
async def uncoached(
    livekit_server: ServerAddress, server_api: api.LiveKitAPI, tmp_path: Path
) -> AsyncIterator[BrowserCalls]:
    """Calls to which nobody sends a coach: the test plays it."""
    async with browser_calls(livekit_server, server_api, tmp_path) as calls:
        yield calls
