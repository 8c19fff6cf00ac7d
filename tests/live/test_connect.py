"""The framework's own `connect` command: a worker that goes straight into a room, for development."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from calls import LiveCall


async def test_connect_joins_the_room_it_is_told(call: LiveCall, tmp_path: Path) -> None:
    client = await call.rep()
    environment = {
        **os.environ,
        **call.server.environment(),
        "CORNERMAN__JOURNAL__PATH": str(tmp_path / "calls"),
        "CORNERMAN_JOB_METADATA": json.dumps({"v": 1, "rep": "rep"}),
    }
    command = [sys.executable, "-m", "cornerman.room.worker", "connect", "--room", call.room]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--participant-identity", "cornerman-dev"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        state = await call.coach_is_there(client)
        assert (client.coach, state.status) == ("cornerman-dev", "waiting_for_consent")
    finally:
        process.kill()
        process.wait()
