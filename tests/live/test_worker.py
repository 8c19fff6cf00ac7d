"""The worker as its operator and the people on the call see it: what it is called, what it logs, how it stops."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from functools import partial
from pathlib import Path

import psutil
from calls import LiveCall, RunningWorker, line, live_call, planted, turns_of, until
from livekit import api, rtc

from cornerman.contract import wire
from cornerman.livekit_server import ServerAddress
from cornerman.stand_ins.threaded import threaded
from cornerman.stand_ins.worker_process import worker

LISTENING = {"mode": "granted", "granted": ["prospect"]}
SAID = ("single sign", "two hundred", "nine passwords", "passwords", "remember")
"""What the line about single sign-on says."""
HELP_SECONDS = 60.0


async def test_people_see_an_assistant_that_is_an_agent_under_the_reserved_prefix(call: LiveCall) -> None:
    await call.dispatch()
    client = await call.rep()
    prospect = await call.person("prospect")
    await call.coach_is_there(client)

    def seen_by(room: rtc.Room) -> list[rtc.RemoteParticipant]:
        agent = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
        return [one for one in room.remote_participants.values() if one.kind == agent]

    for room in (client._room, prospect.room):
        (coach,) = await until(partial(seen_by, room), "the coach in the room's list")
        assert coach.identity == client.coach
        assert coach.identity.startswith(wire.DEFAULT_IDENTITY_PREFIX)
        assert coach.name == "AI assistant"
        assert coach.track_publications == {}
        assert wire.CONSENT_ATTRIBUTE not in coach.attributes
    await call.end()


async def test_the_log_tells_of_the_call_but_not_a_word_of_it(call: LiveCall, coach_worker: RunningWorker) -> None:
    await call.dispatch(consent=LISTENING)
    client = await call.rep()
    prospect = await call.person("prospect")
    await call.coach_is_there(client)
    await call.heard(client, prospect)
    await prospect.play(line("We need single sign on"))
    nudge = await call.nudge("requirement")
    await until(lambda: turns_of(call, "prospect"), "the turn is in the journal")
    heard = " ".join(turns_of(call, "prospect"))
    await client.consent(["prospect"], granted=False, how="they said please forget it")
    await call.end()
    log = coach_worker.log.read_text().lower()
    assert call.room in log
    assert [phrase for phrase in SAID if phrase in heard] != []
    assert [phrase for phrase in (*SAID, heard, "please forget") if phrase in log] == []
    assert all(because.type != "words" or because.quote not in log for because in nudge.because)
    assert nudge.headline.lower() not in log


async def test_a_slow_account_look_up_does_not_delay_joining(
    livekit_server: ServerAddress, server_api: api.LiveKitAPI, room_name: str, tmp_path: Path
) -> None:
    accounts = tmp_path / "accounts.yaml"
    os.mkfifo(accounts)  # reading it takes until somebody writes
    journals = tmp_path / "calls"
    environment = {
        "CORNERMAN__WORKER__AGENT_NAME": "cornerman-accounts",
        "CORNERMAN__WORKER__MAX_CPU": "1",
        "CORNERMAN__JOURNAL__PATH": str(journals),
        "CORNERMAN__ACCOUNTS__FILE": str(accounts),
        "CORNERMAN__ACCOUNTS__TIMEOUT": "30",
    }
    async with (
        threaded(worker(livekit_server, tmp_path / "worker.log", environment)),
        live_call(livekit_server, server_api, room_name, "cornerman-accounts", journals) as call,
    ):
        await call.dispatch(consent=LISTENING, account={"company": "Harbor Foods"})
        client = await call.rep()
        prospect = await call.person("prospect")
        await call.coach_is_there(client)
        await call.heard(client, prospect)

        def known() -> list[str | None]:
            return [note["account"] for note in call.segment().notes() if "account" in note]

        assert known() == [], "the coach hears, and the account is not there yet"
        await asyncio.to_thread(accounts.write_text, "- {id: hf-1, company: Harbor Foods}\n")
        await until(known, "the account is looked up")
        assert known() == ["hf-1"]
        await call.end()


async def test_a_worker_told_to_stop_sees_its_call_to_the_end(
    livekit_server: ServerAddress, server_api: api.LiveKitAPI, room_name: str, tmp_path: Path
) -> None:
    journals = tmp_path / "calls"
    environment = {
        "CORNERMAN__WORKER__AGENT_NAME": "cornerman-stopping",
        "CORNERMAN__WORKER__MAX_CPU": "1",
        "CORNERMAN__JOURNAL__PATH": str(journals),
    }
    log = tmp_path / "worker.log"
    async with (
        threaded(worker(livekit_server, log, environment)) as pid,
        live_call(livekit_server, server_api, room_name, "cornerman-stopping", journals) as call,
    ):
        await call.dispatch(consent=LISTENING)
        client = await call.rep()
        prospect = await call.person("prospect")
        await call.coach_is_there(client)
        await call.heard(client, prospect)
        os.kill(pid, signal.SIGTERM)
        await until(lambda: "draining worker" in log.read_text(), "the worker takes no more calls")
        await prospect.play(planted("buying_signal"))
        await call.nudge("buying_signal")
        assert psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
        await call.end()
        await until(lambda: psutil.Process(pid).status() == psutil.STATUS_ZOMBIE, "the worker ends after its call")


async def test_the_framework_s_own_commands_are_there() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cornerman.room.worker", "--help", stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(HELP_SECONDS):
        output, _ = await process.communicate()
    assert process.returncode == 0
    listed = output.decode().split()
    assert {"dev", "start", "connect"} <= set(listed)
