"""A worker that is told to end takes no more calls and says so, sees its call to the end, and leaves in order."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from calls import LiveCall, line, live_call, planted, until
from livekit import api
from operated import free_port, page, ready

from cornerman.livekit_server import ServerAddress
from cornerman.record.reading import segments_of
from cornerman.stand_ins.threaded import threaded
from cornerman.stand_ins.worker_process import worker
from cornerman_client import CoachClient

LISTENING = {"mode": "granted", "granted": ["prospect"]}
ENDS_WITHIN = 40.0
UNANSWERED = 6.0
"""Seconds after which a job that nobody takes stays without a coach."""


@dataclass
class Draining:
    """A worker in a call, which is about to be told to end."""

    pid: int
    port: int
    log: Path
    call: LiveCall
    client: CoachClient

    def tell(self) -> None:
        os.kill(self.pid, signal.SIGTERM)

    async def told(self) -> None:
        """It knows."""
        await until(lambda: "draining worker" in self.log.read_text(), "the worker drains")

    async def ended(self) -> int:
        """Its exit status, once it has ended."""
        return int(await asyncio.to_thread(psutil.Process(self.pid).wait, ENDS_WITHIN))


@asynccontextmanager
async def in_a_call(
    server: ServerAddress, livekit: api.LiveKitAPI, room: str, folder: Path, drain_timeout: float
) -> AsyncIterator[Draining]:
    """A worker of its own, coaching a call in which a prospect is heard."""
    name, journals, log, port = f"cornerman-{room}", folder / "calls", folder / "worker.log", free_port()
    environment = {
        "CORNERMAN__WORKER__AGENT_NAME": name,
        "CORNERMAN__WORKER__MAX_CPU": "1",
        "CORNERMAN__WORKER__HTTP_PORT": str(port),
        "CORNERMAN__WORKER__DRAIN_TIMEOUT": str(drain_timeout),
        "CORNERMAN__JOURNAL__PATH": str(journals),
    }
    async with (
        threaded(worker(server, log, environment)) as pid,
        live_call(server, livekit, room, name, journals) as call,
    ):
        await call.dispatch(consent=LISTENING)
        yield Draining(pid, port, log, call, await call.rep())


async def test_a_worker_that_is_told_to_end_sees_its_call_to_the_end_and_takes_no_other(
    livekit_server: ServerAddress, server_api: api.LiveKitAPI, room_name: str, tmp_path: Path
) -> None:
    async with in_a_call(livekit_server, server_api, room_name, tmp_path, 600) as draining:
        call = draining.call
        prospect = await call.person("prospect")
        await call.coach_is_there(draining.client)
        await call.heard(draining.client, prospect)
        status, checks = await ready(draining.port)
        assert status == 200, checks

        draining.tell()
        await draining.told()
        status, checks = await ready(draining.port)
        assert status == 503
        assert [name for name, check in checks.items() if not check["ok"]] == ["draining"]
        assert (await page(draining.port, "/live"))[0] == 200

        async with live_call(
            livekit_server, server_api, f"{room_name}-second", call.agent_name, call.journals
        ) as second:
            await second.dispatch(consent=LISTENING)
            rep = await second.rep()
            with pytest.raises(AssertionError):
                await until(lambda: rep.state, "a coach", UNANSWERED)
            assert await second.coaches() == []

        await prospect.play(planted("buying_signal"))
        await call.nudge("buying_signal")
        await call.heard(draining.client, prospect)
        await prospect.play(line("We need single sign on"))
        await call.nudge("requirement")
        folder = await call.end()
        assert await draining.ended() == 0
        (segment,) = segments_of(folder)
        assert [note for note in segment.notes() if "usage" in note] != []


@pytest.mark.drill
async def test_a_second_signal_ends_it_at_once(
    livekit_server: ServerAddress, server_api: api.LiveKitAPI, room_name: str, tmp_path: Path
) -> None:
    async with in_a_call(livekit_server, server_api, room_name, tmp_path, 600) as draining:
        await draining.call.coach_is_there(draining.client)
        draining.tell()
        await draining.told()
        assert psutil.Process(draining.pid).is_running()
        draining.tell()
        assert await draining.ended() == 1


@pytest.mark.drill
async def test_a_call_that_outlasts_the_drain_is_ended_in_order(
    livekit_server: ServerAddress, server_api: api.LiveKitAPI, room_name: str, tmp_path: Path
) -> None:
    async with in_a_call(livekit_server, server_api, room_name, tmp_path, 2) as draining:
        call = draining.call
        await call.coach_is_there(draining.client)
        draining.tell()
        assert await draining.ended() == 0
        (segment,) = segments_of(call.folder())
        assert [note for note in segment.notes() if "usage" in note] != []
