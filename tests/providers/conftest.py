"""A neural engine small enough for tests: its weights, and a host that was started."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from providers.tiny_whisper import ONE_THREAD, make_model

from cornerman.providers.whisper.host import WhisperHost


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of weights that says `tiny_whisper.WORDS`."""
    return make_model(tmp_path_factory.mktemp("weights") / "tiny")


@pytest.fixture
async def whisper_host(weights: Path) -> AsyncIterator[WhisperHost]:
    host = WhisperHost(weights, settings=ONE_THREAD)
    await asyncio.to_thread(host.start)
    yield host
    await host.aclose()
