"""Eight calls that share one process, at once: each is coached in time, and nobody else is told of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hearing_calls import hearing_worker

from bench.load import build, callers, silence
from bench.load.tally import tally
from bench.load.voices import distinct_calls, write_playbook
from cornerman.livekit_server import ServerAddress
from cornerman.stand_ins.threaded import threaded

PLAYS_MANY_CALLS = True
BUILT_SECONDS = 1500
"""The first run on a machine builds the callers' program."""
CALLS = 8
TALKED_SECONDS = 40.0
DRAINED_SECONDS = 6.0
DEADLINE = 90.0
SHARING = {"CORNERMAN__WORKER__CALLS_SHARE_PROCESS": "true"}


@pytest.mark.drill
@pytest.mark.timeout(BUILT_SECONDS)
async def test_each_of_eight_calls_in_one_process_gets_its_cards(livekit_server: ServerAddress, tmp_path: Path) -> None:
    await build()
    environment = SHARING | {"CORNERMAN__PLAYBOOK__PATH": str(write_playbook(tmp_path / "playbook"))}
    async with threaded(hearing_worker(livekit_server, tmp_path, "nova", environment)) as coach:
        plans, lines = distinct_calls(CALLS, tmp_path / "lines", coach.agent_name, f"share-{tmp_path.name}")
        lines |= {"silence": silence(tmp_path / "lines")}
        async with callers(livekit_server, plans, lines) as running:
            await running.until(lambda _: len(running.of("talking")) == CALLS, DEADLINE)
            await asyncio.sleep(TALKED_SECONDS)
            running.hush()
            await asyncio.sleep(DRAINED_SECONDS)
            await running.look()
        counted = tally(plans, running.facts, lines)
    assert counted.faults == []
    for call in counted.calls:
        assert call.heard
        assert call.most_coaches == 1
        assert call.reached == 0
        assert call.nudges >= call.triggers - 1 > 0, "cards were lost"
