"""A coach that dies is replaced: one coach, a new segment, consent and cards as they were."""

from __future__ import annotations

import json

import psutil
from calls import LiveCall, RunningWorker, hearing, line, until

from cornerman.record.reading import segments_of


async def test_a_takeover_restores_consent_and_cards_and_leaves_one_coach(
    call: LiveCall, coach_worker: RunningWorker
) -> None:
    await call.dispatch()
    client = await call.rep()
    prospect = await call.person("prospect")
    await call.coach_is_there(client)
    await client.consent(["prospect"], granted=True, how="said aloud")
    await call.heard(client, prospect)
    await prospect.play(line("We need single sign on"))
    nudge = await call.nudge("requirement")
    first = client.coach
    assert first is not None
    _kill_job_process(coach_worker.pid, call)

    await call.dispatch(takeover={"of": first})
    await until(lambda: client.coach not in (None, first), "the second coach")
    assert await until(lambda: client.state if client.state and client.state.segment == 2 else None, "its state")
    await call.heard(client, prospect)
    assert hearing(client) >= {"prospect"}
    assert await call.coaches() == [client.coach]
    await client.consent(["prospect"], granted=False)
    withdrawn = await call.nudge("requirement", status="withdrawn")
    assert withdrawn.id == nudge.id
    folder = await call.end()
    assert [segment.number for segment in segments_of(folder)] == [1, 2]
    assert list(folder.glob("words-*")) == []


def _kill_job_process(worker: int, call: LiveCall) -> None:
    """Kills the process that writes this call's journal, as a crash would."""
    for process in psutil.Process(worker).children(recursive=True):
        if any(call.room in opened.path for opened in process.open_files()):
            process.kill()
            return
    raise AssertionError(json.dumps("no process writes the journal of this call"))
