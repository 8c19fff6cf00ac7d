"""Promise 1: nothing the coach knows reaches anyone but the rep; and the test that says so can fail."""

from __future__ import annotations

import asyncio

import pytest
from calls import LiveCall, line, until
from livekit import rtc

from cornerman.contract import wire
from cornerman.errors import LineError
from cornerman.livekit_server import ServerAddress
from cornerman.room.line_guard import LineGuard
from cornerman.stand_ins.leaking_coach import LEAKS
from cornerman.stand_ins.tokens import agent_token, prospect_token
from cornerman.stand_ins.voice import joined
from cornerman.stand_ins.witness import Testimony
from cornerman.stand_ins.witness_process import witness
from cornerman_client import CoachRefused

TOLD = 4.0
"""Seconds after which the server has told everybody of everything; non-publishing participants take up to 2.5 s."""


async def whole_call(call: LiveCall, *, leak: str | None) -> Testimony:
    """Consent, talk, a nudge, feedback, control, a question and the end, with a witness there from first to last."""
    async with witness(call.server.url, prospect_token(call.server, call.room, "witness")) as watching:
        await call.dispatch()
        client = await call.rep()
        prospect = await call.person("prospect")
        await call.coach_is_there(client)
        await client.consent(["prospect"], granted=True, how="said aloud")
        await call.heard(client, prospect)
        await prospect.play(line("We need single sign on"))
        nudge = await call.nudge("requirement")
        await client.feedback(nudge.id, "useful")
        await client.control("quiet")
        asked = await client.ask("what do I say to that?")
        answer = await call.nudge("answer")
        assert answer.because == (wire.QuestionBecause(ask_id=asked),)
        if leak is not None:
            identity = wire.DEFAULT_IDENTITY_PREFIX + "leaking"
            token = agent_token(call.server, call.room, identity, can_update_own_metadata=True)
            async with joined(call.server.url, token) as leaking:
                await LEAKS[leak](leaking, "witness")
                await asyncio.sleep(TOLD)
                return await watching.testify()
        return await watching.testify()


def assert_nothing_reached(testimony: Testimony) -> None:
    assert (testimony.messages, testimony.bytes, testimony.tracks) == (0, 0, 0), testimony.kinds


async def test_prospect_receives_nothing_during_a_whole_call(call: LiveCall) -> None:
    assert_nothing_reached(await whole_call(call, leak=None))
    assert {(nudge.id, nudge.kind) for nudge in call.nudges} == {("1-1", "requirement"), ("1-2", "answer")}
    folder = await call.end()
    assert not any("what do I say" in file.read_text() for file in folder.iterdir())
    (counts,) = [note for note in call.segment().notes() if "sent" in note]
    assert counts["sent"]["coach_nudge"] >= 1
    assert counts["refused"] == {}


@pytest.mark.parametrize("leak", sorted(LEAKS))
async def test_a_leaking_coach_turns_the_same_test_red(call: LiveCall, leak: str) -> None:
    async with witness(call.server.url, prospect_token(call.server, call.room, "witness")) as watching:
        token = agent_token(call.server, call.room, "cornerman-leaking", can_update_own_metadata=True)
        async with joined(call.server.url, token) as leaking:
            await LEAKS[leak](leaking, "witness")
            await asyncio.sleep(TOLD)
            testimony = await watching.testify()
    with pytest.raises(AssertionError):
        assert_nothing_reached(testimony)


async def test_a_leak_within_a_whole_call_is_seen(call: LiveCall) -> None:
    with pytest.raises(AssertionError):
        assert_nothing_reached(await whole_call(call, leak="data"))


async def test_a_coach_that_is_switched_off_answers_nothing_and_says_why(call: LiveCall) -> None:
    await call.dispatch()
    client = await call.rep()
    await call.coach_is_there(client)
    await client.control("off")
    with pytest.raises(CoachRefused, match="switched off") as refused:
        await client.ask("what now?")
    assert refused.value.code == wire.SWITCHED_OFF_CODE
    await client.control("quiet")
    await client.ask("what now?")
    assert (await call.nudge("answer")).headline


async def test_the_server_grants_the_coach_neither_media_nor_metadata(call: LiveCall) -> None:
    from livekit import api

    await call.dispatch()
    client = await call.rep()
    await call.coach_is_there(client)
    coach = await call.livekit.room.get_participant(
        api.RoomParticipantIdentity(room=call.room, identity=client.coach or "")
    )
    granted = coach.permission
    assert (granted.can_publish, granted.can_update_metadata, granted.hidden) == (False, False, False)
    assert (granted.can_subscribe, granted.can_publish_data) == (True, True)
    assert coach.identity.startswith(wire.DEFAULT_IDENTITY_PREFIX)
    assert coach.name == "AI assistant"


@pytest.mark.parametrize("leak", sorted(LEAKS))
async def test_the_guard_refuses_whatever_is_not_for_the_rep(
    livekit_server: ServerAddress, room_name: str, leak: str
) -> None:
    """The coach's own process: even code that tries cannot send past the guard."""
    async with joined(livekit_server.url, agent_token(livekit_server, room_name, "cornerman-guarded")) as room:
        guard = LineGuard(room.local_participant, "rep")
        guard.install()
        try:
            with pytest.raises(LineError):
                await LEAKS[leak](room, "witness")
        finally:
            guard.remove()
        assert sum(guard.refused.values()) == 1
        assert not guard.sent


@pytest.mark.parametrize("method", wire.COACH_METHODS)
async def test_strangers_who_call_the_coach_get_one_fixed_answer(call: LiveCall, method: str) -> None:
    await call.dispatch()
    client = await call.rep()
    stranger = await call.rep("stranger")
    await call.coach_is_there(client)
    stranger_room = stranger._room
    for payload in ("{}", "not json", '{"v":1,"identities":["stranger"],"granted":true}'):
        with pytest.raises(rtc.RpcError) as refused:
            await stranger_room.local_participant.perform_rpc(
                destination_identity=client.coach or "", method=method, payload=payload
            )
        assert (refused.value.code, refused.value.message) == (wire.STRANGER_CODE, wire.STRANGER_TEXT)
    assert client.state is not None
    await until(lambda: client.state and client.state.status == "waiting_for_consent", "nothing was changed")
