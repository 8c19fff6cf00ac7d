"""The load generator counts right, and the soak that stands on it turns red where a word, a coach or a secret is out of
place.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hearing_calls import hearing_worker

from bench.load import Caller, CallPlan, Fact, Line, Running, Saying, build, callers, silence, tone_line
from bench.load.journals import Heard, heard_in_journal, misheard
from bench.load.tally import Tally, tally
from bench.load.voices import PROSPECT, REP, distinct_calls, write_playbook
from bench.soak import judge
from cornerman.contract import wire
from cornerman.errors import CornermanError
from cornerman.livekit_server import ServerAddress
from cornerman.stand_ins.leaking_coach import LEAKS
from cornerman.stand_ins.threaded import threaded
from cornerman.stand_ins.tokens import agent_token
from cornerman.stand_ins.voice import joined

PLAYS_MANY_CALLS = True
BUILT_SECONDS = 1500
"""The first run on a machine builds the callers' program, which may take a Go toolchain and its modules first."""
pytestmark = pytest.mark.timeout(BUILT_SECONDS)

CALLS = 2
TALKED_SECONDS = 22.0
DRAINED_SECONDS = 6.0
DEADLINE = 60.0
NOBODY = "an-agent-nobody-runs"
RUN = "load-test"


@dataclass(frozen=True)
class Played:
    """Calls that are over: with a coach, and one that none came to."""

    plans: list[CallPlan]
    lonely: CallPlan
    lines: Mapping[str, Line]
    facts: list[Fact]
    journals: Path

    def heard(self, journals: Path | None = None) -> dict[str, Heard]:
        """What the journals hold."""
        return {plan.room: heard_in_journal(journals or self.journals, plan.room) for plan in self.plans}

    def tally(self) -> Tally:
        """All counted."""
        return tally([*self.plans, self.lonely], self.facts, self.lines)


@pytest.fixture
async def played(livekit_server: ServerAddress, tmp_path: Path) -> AsyncIterator[Played]:
    """Two calls of distinct voices, coached by a real worker, and a call whose coach never comes."""
    await build()
    environment = {"CORNERMAN__PLAYBOOK__PATH": str(write_playbook(tmp_path / "playbook"))}
    async with threaded(hearing_worker(livekit_server, tmp_path, "nova", environment)) as coach:
        plans, lines = distinct_calls(CALLS, tmp_path / "lines", coach.agent_name, f"{RUN}-{tmp_path.name}")
        lines |= {"silence": silence(tmp_path / "lines")}
        lonely = replace(plans[0], room=f"{RUN}-{tmp_path.name}-lonely", agent_name=NOBODY, settles=5.0)
        async with callers(livekit_server, [*plans, lonely], lines) as running:
            await running.until(lambda _: len(running.of("talking")) == CALLS + 1, DEADLINE)
            await running.look()
            await asyncio.sleep(TALKED_SECONDS)
            running.hush()
            await asyncio.sleep(DRAINED_SECONDS)
            await running.look()
        async with asyncio.timeout(DEADLINE):
            while not all(heard_in_journal(coach.journals, plan.room).ended for plan in plans):
                await asyncio.sleep(0.2)
        yield Played(plans, lonely, lines, running.facts, coach.journals)


async def test_what_is_said_is_counted_and_whoever_is_missing_is_noticed(played: Played) -> None:
    counted = played.tally()
    coached, (alone,) = counted.calls[:CALLS], counted.calls[CALLS:]

    # the call that no coach came to is told, and no other
    assert counted.never_came == [played.lonely.room]
    assert alone.asked >= 1
    assert alone.said > 0
    assert counted.faults == [f"{played.lonely.room}: no coach came"]

    for call in coached:
        assert call.came is not None
        assert call.heard
        assert call.most_coaches == 1
        assert call.nudges >= call.triggers - 1 > 0
        assert len(call.delays) == call.nudges
        assert call.witnesses == 1
        assert call.reached == 0
    assert 0 < counted.processor < 1


async def test_a_word_lost_a_word_of_anothers_and_a_second_coach_turn_the_soak_red(
    played: Played, tmp_path: Path
) -> None:
    # as it was: nothing to complain of
    green = await judge(played.plans, played.facts, played.lines, played.journals)
    assert green.faults == ()
    assert green.words == green.kept > 0

    # a word gone, a word of somebody else's, all words of somebody
    heard = played.heard()
    room = played.plans[0].room
    said = heard[room].words
    for planted, lost, foreign in (
        ({**said, PROSPECT: said[PROSPECT][:3] + said[PROSPECT][4:]}, (said[PROSPECT][3],), ()),
        ({**said, PROSPECT: (*said[PROSPECT], said[REP][0])}, (), (said[REP][0],)),
        ({REP: said[REP]}, said[PROSPECT], ()),
    ):
        wrong = {**heard, room: replace(heard[room], words=planted)}
        (found,) = misheard(played.plans, played.facts, played.lines, wrong)
        assert (found.call, found.identity, found.lost, found.foreign) == (room, PROSPECT, lost, foreign)

    # the same in the files themselves
    _swap_a_word_on_disk(played, tmp_path / "copy")
    red = await judge(played.plans, played.facts, played.lines, tmp_path / "copy")
    assert red.faults == (f"{room}, {PROSPECT}: 1 lost ({said[PROSPECT][0]}); 1 another's ({said[REP][0]})",)

    # a second coach, a byte at the prospect
    second = Fact("coach", 0.0, room, REP, {"coach": "cornerman-second", "there": 2})
    received = Fact("received", 0.0, room, PROSPECT, {"rep": False, "messages": 1, "bytes": 1, "kinds": {"data": 1}})
    red = await judge(played.plans, [*played.facts, second, received], played.lines, played.journals)
    assert red.faults == (f"{room}: 2 coaches at a time", f"{room}: 1 messages reached others")


def _swap_a_word_on_disk(played: Played, copy: Path) -> None:
    """In a copy of the journals, puts a word of the rep's into the prospect's words."""
    shutil.copytree(played.journals, copy)
    room = played.plans[0].room
    words = {plan.room: heard_in_journal(copy, plan.room).words for plan in played.plans}[room]
    (folder,) = copy.glob(f"{room}-RM_*")
    (segment,) = folder.glob("events-*.jsonl")
    listed = [json.loads(line) for line in segment.read_text().splitlines()]
    (name,) = [line["file"] for line in listed if line.get("words_of") == PROSPECT]
    first = words[PROSPECT][0]
    revisions = [json.loads(line) for line in (folder / name).read_text().splitlines()]
    first_turn = revisions[0]["turn"]
    for revision in revisions:
        if revision["turn"] == first_turn and revision["keep"] == 0 and revision["words"]:
            assert revision["words"][0][0].lower() == first
            revision["words"][0][0] = words[REP][0]
    (folder / name).write_text("".join(json.dumps(revision) + "\n" for revision in revisions))


@pytest.fixture
async def alone(livekit_server: ServerAddress, tmp_path: Path, room_name: str) -> AsyncIterator[Running]:
    """A rep and a prospect who ask for nobody."""
    lines = {line.name: line for line in (silence(tmp_path), tone_line("words", "hello team", tmp_path))}
    plan = CallPlan(room_name, Caller("rep", (Saying(0.0, "words"),)), (Caller("prospect"),), begins="joined")
    async with callers(livekit_server, plan, lines) as running:
        await running.over()
        yield running


async def received_by(running: Running, identity: str) -> Fact:
    """What reached somebody so far."""
    await running.look()
    return [fact for fact in running.of("received") if fact.identity == identity][-1]


@pytest.mark.parametrize("leak", sorted(LEAKS))
async def test_a_coach_that_leaks_is_noticed_at_the_prospect(
    leak: str, alone: Running, livekit_server: ServerAddress, room_name: str
) -> None:
    assert (await received_by(alone, "prospect"))["messages"] == 0
    token = agent_token(livekit_server, room_name, f"{wire.DEFAULT_IDENTITY_PREFIX}leaks", can_update_own_metadata=True)
    async with joined(livekit_server.url, token) as room:
        await alone.until(lambda fact: fact.kind == "coach" and fact.identity == "prospect", DEADLINE)
        await LEAKS[leak](room, "prospect")
        async with asyncio.timeout(DEADLINE):
            while not (seen := await received_by(alone, "prospect"))["messages"]:
                await asyncio.sleep(0.2)
    assert seen["channels"] > 0
    assert tally([CallPlan(room_name, Caller("rep"), (Caller("prospect"),))], alone.facts, alone.lines).faults


async def test_the_rep_answers_and_the_prospect_is_not_reached(
    alone: Running, livekit_server: ServerAddress, room_name: str
) -> None:
    token = agent_token(livekit_server, room_name, f"{wire.DEFAULT_IDENTITY_PREFIX}calls")
    async with joined(livekit_server.url, token) as room:
        await alone.until(lambda fact: fact.kind == "coach" and fact.identity == "rep", DEADLINE)
        me = room.local_participant
        assert await me.perform_rpc(destination_identity="rep", method=wire.NUDGE, payload='{"id":"1-1"}') == '"shown"'
        assert await me.perform_rpc(destination_identity="rep", method=wire.STATE, payload="{}") == '"ok"'
    assert [fact.message["id"] for fact in alone.of("nudge")] == ["1-1"]
    assert (await received_by(alone, "rep"))["messages"] >= 2
    assert (await received_by(alone, "prospect"))["messages"] == 0


async def test_somebody_thrown_out_is_lost_and_somebody_who_hangs_up_is_not(
    alone: Running, room_name: str, livekit_server: ServerAddress
) -> None:
    token = agent_token(livekit_server, room_name, "rep")  # the same identity again: the first is thrown out
    async with joined(livekit_server.url, token):
        lost = await alone.until(lambda fact: fact.kind == "lost", DEADLINE)
    assert lost.identity == "rep"
    assert "duplicate" in lost["why"].lower()
    alone.leave(room_name, "prospect")
    assert (await alone.until(lambda fact: fact.kind == "left", DEADLINE)).identity == "prospect"
    alone.say(room_name, "prospect", "words")
    refused = await alone.until(lambda fact: fact.kind == "refused", DEADLINE)
    assert (refused.call, refused.identity) == (room_name, "prospect")


async def test_a_line_that_is_no_opus_is_refused(livekit_server: ServerAddress, tmp_path: Path) -> None:
    quiet = silence(tmp_path)
    quiet.file.write_bytes(quiet.file.read_bytes()[:-20])
    with pytest.raises(CornermanError, match="cut off"):
        async with callers(livekit_server, [], {quiet.name: quiet}):
            pass


async def test_without_go_and_without_a_package_index_the_build_says_so_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("CORNERMAN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("UV_OFFLINE", "1")
    with pytest.raises(CornermanError, match="the load generator could not be built"):
        await build()
    assert {path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()} == {"build.lock"}
