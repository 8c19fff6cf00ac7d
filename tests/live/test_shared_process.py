"""Calls that share a process (`worker.calls_share_process`) stay apart: what is heard in one is known in no other."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from calls import LiveCall, RunningWorker, everything_in, hearing, line, live_call, turns_of, until
from livekit import api

from cornerman.livekit_server import ServerAddress
from cornerman.record.journal import call_folder
from cornerman.stand_ins.worker_process import worker

PLAYS_MANY_CALLS = True
CRASHED = "unhandled exception while running the job task"
"""The framework's word for a job that raised."""


@pytest.fixture(scope="module")
def shared_worker(livekit_server: ServerAddress, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWorker]:
    """A worker whose calls share its process."""
    folder = tmp_path_factory.mktemp("shared")
    known = RunningWorker("cornerman-shared", folder / "calls", folder / "worker.log", "", 0)
    environment = {
        "CORNERMAN__WORKER__AGENT_NAME": known.agent_name,
        "CORNERMAN__WORKER__MAX_CPU": "1",
        "CORNERMAN__WORKER__CALLS_SHARE_PROCESS": "true",
        "CORNERMAN__JOURNAL__PATH": str(known.journals),
    }
    with worker(livekit_server, known.log, environment) as pid:
        yield replace(known, pid=pid)


@pytest.fixture
async def calls(
    livekit_server: ServerAddress, shared_worker: RunningWorker, server_api: api.LiveKitAPI
) -> AsyncIterator[tuple[LiveCall, LiveCall]]:
    """Two rooms in which the same worker coaches."""
    async with AsyncExitStack() as stack:
        first, second = [
            await stack.enter_async_context(
                live_call(
                    livekit_server,
                    server_api,
                    f"test-{uuid.uuid4().hex[:12]}",
                    shared_worker.agent_name,
                    shared_worker.journals,
                )
            )
            for _ in range(2)
        ]
        yield first, second


def job_processes(pid: int) -> list[psutil.Process]:
    """Processes that the worker forked for calls."""
    return [one for one in psutil.Process(pid).children(recursive=True) if "forkserver" in " ".join(one.cmdline())]


async def test_words_consent_and_cards_of_one_call_never_reach_the_other(
    calls: tuple[LiveCall, LiveCall], shared_worker: RunningWorker
) -> None:
    """The same identities in both rooms: nothing but the call tells them apart."""
    first, second = calls
    await first.dispatch(consent={"mode": "granted", "granted": ["rep", "prospect"]})
    await second.dispatch()
    client, other = await first.rep(), await second.rep()
    await first.coach_is_there(client)
    await second.coach_is_there(other)
    assert not job_processes(shared_worker.pid)
    prospect, unheard = await first.person("prospect"), await second.person("prospect")
    await first.heard(client, prospect)
    await unheard.play(line("I like that. Now let me ask"))
    await prospect.play(line("We need single sign on"))
    await first.nudge("requirement")
    assert hearing(other) == set()
    assert not second.nudges
    await other.consent(["prospect"], granted=True, how="test", text="")
    await second.heard(other, unheard)
    await unheard.play(line("I like that. Now let me ask"))
    await second.nudge("trust_concern")
    assert {one.kind for one in first.nudges} == {"requirement"}
    assert {one.kind for one in second.nudges} == {"trust_concern"}
    assert any("passwords" in said for said in turns_of(first, "prospect"))
    assert "passwords" not in everything_in(second.folder())
    assert "bank" not in everything_in(first.folder())


async def test_a_call_that_crashes_ends_no_other(
    calls: tuple[LiveCall, LiveCall], shared_worker: RunningWorker
) -> None:
    first, second = calls
    await first.dispatch(consent={"mode": "granted", "granted": ["rep", "prospect"]})
    client = await first.rep()
    await first.coach_is_there(client)
    prospect = await first.person("prospect")
    await first.heard(client, prospect)
    (room,) = (await second.livekit.room.list_rooms(api.ListRoomsRequest(names=[second.room]))).rooms
    obstruct(call_folder(second.journals, room.name, room.sid))
    await second.dispatch()
    await until(lambda: CRASHED in shared_worker.log.read_text() or None, "the second call's crash")
    await prospect.play(line("We need single sign on"))
    await first.nudge("requirement")
    assert not second.nudges
    await first.end()


def obstruct(folder: Path) -> None:
    """Puts a file where a call's journal folder belongs: its job raises."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way")
