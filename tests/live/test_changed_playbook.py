"""A playbook changed under a running worker: the next call uses it, the running one does not, and a broken change
stops nothing.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from calls import LiveCall, live_call, planted, until
from livekit import api

from cornerman.livekit_server import ServerAddress
from cornerman.paths import find_project_file
from cornerman.playbook import load_playbook
from cornerman.stand_ins.threaded import threaded
from cornerman.stand_ins.voice import Voice
from cornerman.stand_ins.worker_process import worker
from cornerman_client import CoachClient

LISTENING = {"mode": "granted", "granted": ["prospect"]}
KIND = "buying_signal"
FIRST = "headline: Stop selling and propose the very next step"
SECOND = "headline: Name the next step and two dates for it"


@dataclass(frozen=True)
class Playbooks:
    """The folders a worker uses, to be changed while it runs."""

    default: Path
    library: Path

    def rewrite(self, folder: Path, old: str, new: str) -> str:
        """Changes the card of the buying signal; returns the digest the folder has then."""
        card = folder / "plays" / "buying-signal.md"
        text = card.read_text(encoding="utf-8")
        assert old in text
        card.write_text(text.replace(old, new), encoding="utf-8")
        return load_playbook(folder).digest

    def break_all(self) -> None:
        """A change that no playbook survives."""
        for folder in (self.default, self.library):
            (folder / "moments" / "interest.yaml").write_text("- id: half-written\n  kind: [", encoding="utf-8")


@dataclass(frozen=True)
class Stage:
    server: ServerAddress
    livekit: api.LiveKitAPI
    journals: Path
    log: Path
    playbooks: Playbooks

    @asynccontextmanager
    async def call(self, room: str, playbook: str = "") -> AsyncIterator[tuple[LiveCall, CoachClient, Voice]]:
        """A call in which the coach hears the prospect."""
        async with live_call(self.server, self.livekit, room, "cornerman-changed", self.journals) as call:
            await call.dispatch(consent=LISTENING, playbook=playbook)
            client = await call.rep()
            prospect = await call.person("prospect")
            await call.coach_is_there(client)
            await call.heard(client, prospect)
            yield call, client, prospect

    def complaints(self) -> list[str]:
        """What the worker and its processes say of broken playbooks."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [one["message"] for one in lines if "has changed and cannot be used" in one["message"]]


@pytest.fixture
async def stage(livekit_server: ServerAddress, server_api: api.LiveKitAPI, tmp_path: Path) -> AsyncIterator[Stage]:
    playbooks = Playbooks(tmp_path / "default", tmp_path / "emea")
    for folder in (playbooks.default, playbooks.library):
        shutil.copytree(find_project_file("playbook"), folder)
        card = folder / "plays" / "buying-signal.md"
        headline = next(line for line in card.read_text(encoding="utf-8").splitlines() if line.startswith("headline"))
        playbooks.rewrite(folder, headline, FIRST)
    environment = {
        "CORNERMAN__WORKER__AGENT_NAME": "cornerman-changed",
        "CORNERMAN__WORKER__MAX_CPU": "1",
        "CORNERMAN__JOURNAL__PATH": str(tmp_path / "calls"),
        "CORNERMAN__PLAYBOOK__PATH": str(playbooks.default),
        "CORNERMAN__PLAYBOOK__LIBRARY": json.dumps({"emea": str(playbooks.library)}),
    }
    async with threaded(worker(livekit_server, tmp_path / "worker.log", environment)):
        yield Stage(livekit_server, server_api, tmp_path / "calls", tmp_path / "worker.log", playbooks)


def digest_of(call: LiveCall) -> str:
    return str(call.segment().header["playbook"]["digest"])


@pytest.mark.parametrize("name", ["", "emea"], ids=["default", "library"])
async def test_a_changed_playbook_counts_for_the_next_call_and_a_broken_one_for_none(
    stage: Stage, room_name: str, name: str
) -> None:
    folder = stage.playbooks.library if name else stage.playbooks.default
    first = load_playbook(folder).digest
    async with stage.call(f"{room_name}-1", name) as (running, _, prospect):
        second = stage.playbooks.rewrite(folder, FIRST, SECOND)
        async with stage.call(f"{room_name}-2", name) as (call, _, voice):
            await voice.play(planted(KIND))
            assert (await call.nudge(KIND)).headline == SECOND.removeprefix("headline: ")
            assert digest_of(call) == second
        await prospect.play(planted(KIND))
        assert (await running.nudge(KIND)).headline == FIRST.removeprefix("headline: ")
        assert digest_of(running) == first
    assert stage.complaints() == []

    stage.playbooks.break_all()
    # Two calls: the second runs in a process that was started when the playbook was broken already.
    for number in (3, 4):
        async with stage.call(f"{room_name}-{number}", name) as (call, client, _):
            assert digest_of(call) == second
            assert client.state
    told = await until(stage.complaints, "the broken change is in the log")
    assert any(f"the playbook {folder} " in one and second[:12] in one and "interest.yaml:2" in one for one in told)
