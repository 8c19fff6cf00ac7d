"""The framework's own `connect` command: a worker that goes straight into a room, for development."""

from __future__ import annotations

import asyncio
import json
import os
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
    command = ("-m", "cornerman.room.worker", "connect", "--room", call.room, "--participant-identity", "cornerman-dev")
    with (tmp_path / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, env=environment, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        state = await call.coach_is_there(client)
        assert (client.coach, state.status) == ("cornerman-dev", "waiting_for_consent")
    finally:
        process.kill()
        await process.wait()
