"""A LiveKit server for each test that does something to it, and calls on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from own_server import OwnServer


@pytest.fixture
def own_server(livekit_server_binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServer]:
    """A server that may be killed and started again, or be cut off."""
    with OwnServer(livekit_server_binary, tmp_path_factory.mktemp("server")) as server:
        yield server
