"""The example that shows nudges on the desktop, a process of its own in a real room; `notify-send` only records."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from coach_end import COACH, DEADLINE, CoachEnd, agent_in, nudge_payload

from cornerman.livekit_server import ServerAddress
from cornerman.stand_ins.tokens import rep_token
from cornerman_client import contract

EXAMPLE = Path(__file__).parents[2] / "rep_client/python/examples/desktop_notifications.py"
NOTIFY_SEND = """\
#!/bin/sh
if [ "$1" = --help ]; then echo "  -r, --replace-id=ID"; exit; fi
echo "$*" >> {calls}
echo 7
"""


async def test_a_nudge_is_on_the_desktop_and_the_coach_is_told(
    livekit_server: ServerAddress, room_name: str, tmp_path: Path
) -> None:
    command, calls = tmp_path / "notify-send", tmp_path / "calls"
    command.write_text(NOTIFY_SEND.format(calls=calls))
    command.chmod(0o755)
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        str(EXAMPLE),
        livekit_server.url,
        rep_token(livekit_server, room_name, "rep"),
        env={**os.environ, "PATH": str(tmp_path)},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with agent_in(livekit_server, room_name, COACH) as room:
            coach = CoachEnd(room)
            ack = contract.parse_ack(await coach.reach(contract.NUDGE, nudge_payload(headline="Ask the price")))
            assert ack.status == "shown"
            assert ack.painted_ms is not None
            assert await coach.nudge(rev=1, status="withdrawn", headline="Withdrawn")
        card, withdrawn = calls.read_text().splitlines()
        assert card.endswith("-- Ask the price Price card")
        assert "--replace-id=7" in withdrawn
        assert "Ask the price" not in withdrawn
    finally:
        program.terminate()
        async with asyncio.timeout(DEADLINE):
            await program.wait()
