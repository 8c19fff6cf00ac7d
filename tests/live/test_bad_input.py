"""What nobody should send, and what happens: a clear message, nothing changed, nothing lost that was heard."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from calls import (
    DEADLINE,
    LOOK_EVERY,
    LiveCall,
    RunningWorker,
    decisions_of,
    inputs_of,
    line,
    planted,
    subscribed_to,
    turns_of,
    until,
)
from livekit import api, rtc
from livekit.agents import JobContext

from cornerman.config import load_settings
from cornerman.contract import JobMetadata, wire
from cornerman.livekit_server import ServerAddress
from cornerman.room.job import _only_coach
from cornerman.stand_ins.tokens import agent_token
from cornerman.stand_ins.voice import joined
from cornerman_client import CoachClient, CoachRefused

SECRET = "the secret of the rep"
PENDING = api.JobStatus.JS_PENDING
RUNNING = api.JobStatus.JS_RUNNING
LISTENING = {"mode": "granted", "granted": ["prospect"]}

REFUSED_JOBS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "empty": ({"raw": ""}, ("it is empty", '"rep"')),
    "not JSON": ({"raw": "rep: anna"}, ("it is not JSON", "line 1", '"rep"')),
    "not an object": ({"raw": "[1]"}, ("it is not a JSON object",)),
    "no rep": ({"raw": '{"v":1}'}, ("rep: ",)),
    "another version": ({"raw": '{"v":2,"rep":"rep"}'}, ("v: ",)),
    "two faults": ({"raw": '{"v":1,"consent":{"mode":"all"}}'}, ("rep: ", "consent.mode: ")),
    "setting not overridable": ({"settings": {"stt": {"provider": "x"}}}, ("settings.stt.provider", "overridable")),
    "setting out of range": ({"settings": {"budget.interval": -1}}, ("settings.budget.interval",)),
    "unknown playbook": ({"playbook": "nowhere"}, ("'nowhere'", "known: broken")),
    "broken playbook": (
        {"playbook": "broken"},
        ("price.yaml:1: 'card'", "price.yaml:3: 'phrases'", "playbook.yaml:1: 'company'", "playbook.yaml:3: 'stages'"),
    ),
}


@pytest.mark.parametrize("job", REFUSED_JOBS)
async def test_a_job_that_cannot_be_coached_is_refused_with_every_reason(
    call: LiveCall, coach_worker: RunningWorker, job: str
) -> None:
    metadata, reasons = REFUSED_JOBS[job]
    await call.dispatch(**metadata)
    (refusal,) = await until(lambda: coach_worker.refusals(call.room), "the refusal in the worker's log")
    assert [reason for reason in reasons if reason not in refusal] == []
    assert await call.coaches() == []
    assert list(coach_worker.journals.glob(f"{call.room}-*")) == []


async def jobs_of(call: LiveCall) -> list[int]:
    """Every job the server made of the room's dispatches, and how it stands. A refused one has ended."""
    dispatches = await call.livekit.agent_dispatch.list_dispatch(call.room)
    return [job.state.status for one in dispatches for job in one.state.jobs]


async def test_a_room_asked_for_more_than_once_has_one_coach(call: LiveCall, coach_worker: RunningWorker) -> None:
    client = await call.rep()
    # The server may make no job of requests that come in the same moment, which is as good.
    await asyncio.gather(*(call.dispatch() for _ in range(3)))
    await call.coach_is_there(client)
    await call.dispatch()
    refusals = await until(lambda: coach_worker.refusals(call.room), "the refusal in the worker's log")
    assert set(refusals) == {"job refused: a coach is in the room already"}
    async with asyncio.timeout(DEADLINE):
        while RUNNING not in (jobs := await jobs_of(call)) or jobs.count(RUNNING) != 1 or PENDING in jobs:
            await asyncio.sleep(LOOK_EVERY)
    state = await client.hello()
    assert await call.coaches() == [client.coach]
    assert state.segment == call.segment().number == 1
    await call.end()


async def test_of_two_coaches_accepted_at_once_the_later_yields(
    livekit_server: ServerAddress, server_api: api.LiveKitAPI, room_name: str
) -> None:
    """Both jobs were accepted before either coach was in the room; each looks round when it has joined."""

    def stays(room: rtc.Room) -> Awaitable[bool]:
        job = SimpleNamespace(room=room, api=server_api)
        return _only_coach(cast("JobContext", job), load_settings(), JobMetadata(rep="rep"))

    url = livekit_server.url
    # The later one's identity sorts first: it is the time of joining that counts.
    async with joined(url, agent_token(livekit_server, room_name, "cornerman-b")) as earlier:
        assert await stays(earlier)
        async with joined(url, agent_token(livekit_server, room_name, "cornerman-a")) as later:
            assert (await stays(earlier), await stays(later)) == (True, False)


async def test_a_room_without_people_leaves_a_whole_journal(call: LiveCall) -> None:
    await call.dispatch(consent=LISTENING)
    await until(lambda: list(call.journals.glob(f"{call.room}-*")), "the journal's folder")
    await until(lambda: inputs_of(call, "consent"), "the call is under way")
    await call.end()
    segment = call.segment()
    assert segment.header["room"] == call.room
    assert [type(one.event).__name__ for one in segment.heard()] == ["Consent", "CallEnd"]
    (counts,) = [note for note in segment.notes() if "sent" in note]
    assert (counts["sent"], counts["refused"]) == ({}, {})


async def test_a_microphone_replaced_mid_sentence_loses_and_repeats_nothing(call: LiveCall) -> None:
    await call.dispatch(consent=LISTENING)
    client = await call.rep()
    prospect = await call.person("prospect")
    await call.coach_is_there(client)
    await call.heard(client, prospect)
    said = line("We need single sign on")
    await prospect.play(said[: int(len(said) * 0.5)])
    await prospect.unpublish()
    await prospect.publish()
    await subscribed_to(prospect)
    await call.heard(client, prospect)
    await prospect.play(planted("buying_signal"))
    await until(lambda: any("calendar" in turn for turn in turns_of(call, "prospect")), "words on the new microphone")
    words = " ".join(turns_of(call, "prospect")).split()
    assert (words.count("single"), words.count("steps"), words.count("calendar")) == (1, 1, 1), words
    await call.nudge("requirement")
    await call.nudge("buying_signal")
    assert {one["identity"] for one in inputs_of(call, "turn")} == {"prospect"}
    await call.end()


async def refused(client: CoachClient, method: str, payload: str) -> rtc.RpcError:
    """What the coach answers to a payload that the client's own methods would never send."""
    with pytest.raises(rtc.RpcError) as answer:
        await client._room.local_participant.perform_rpc(
            destination_identity=client.coach or "", method=method, payload=payload
        )
    return answer.value


async def test_what_the_rep_sends_wrongly_is_refused_without_an_echo_and_changes_nothing(call: LiveCall) -> None:
    await call.dispatch()
    client = await call.rep()
    await call.person("prospect")
    await call.coach_is_there(client)
    await until(lambda: client.state and len(client.state.participants) == 2, "the prospect is listed")

    with pytest.raises(CoachRefused, match="not in the call: nobody; nothing was changed") as unknown:
        await client.consent(["prospect", "nobody"], granted=True)
    assert unknown.value.code == wire.NOT_FOUND_CODE

    bad = (
        SECRET,
        f'{{"v":1,"{SECRET}":"{SECRET}"',
        f'{{"v":2,"id":"{SECRET}"}}',
        f'{{"v":1,"identities":"{SECRET}","granted":"{SECRET}","feedback":"{SECRET}","attention":"{SECRET}","id":7}}',
        f'{{"v":1,"text":"{SECRET * 800}"}}',
    )
    for method in (wire.CONSENT, wire.FEEDBACK, wire.CONTROL, wire.SOURCE):
        for payload in bad:
            error = await refused(client, method, payload)
            assert error.code == wire.BAD_REQUEST_CODE, (method, payload[:60])
            assert SECRET not in error.message
            assert error.message
    assert (await refused(client, wire.CONSENT, '{"v":1,"granted":true}')).message == "identities: Field required"

    state = await client.hello()
    assert {one.consent for one in state.participants} == {"waiting"}
    assert state.attention == "live"
    await call.end()
    assert [inputs_of(call, kind) for kind in ("consent", "control", "feedback")] == [[], [], []]


async def test_a_source_is_given_by_id_and_an_unknown_one_refused(call: LiveCall) -> None:
    await call.dispatch()
    client = await call.rep()
    await call.coach_is_there(client)
    source = await client.source("plays/single-sign-on#what-is-there")
    assert source.title
    assert "SAML 2.0" in source.text
    assert not source.cut
    for unknown in ("plays/nothing", "../../etc/passwd", ""):
        with pytest.raises(CoachRefused, match="no such source") as refusal:
            await client.source(unknown)
        assert refusal.value.code == wire.NOT_FOUND_CODE
    await call.end()


async def test_a_prospect_who_calls_the_reps_methods_gets_one_fixed_answer(call: LiveCall) -> None:
    """Even one whose token lets it send data, which a prospect's should not."""
    await call.dispatch(consent=LISTENING)
    client = await call.rep()
    stranger = await call.rep("stranger")
    prospect = await call.person("prospect")
    state = await call.coach_is_there(client)
    await call.heard(client, prospect)
    await prospect.play(planted("buying_signal"))
    real = await call.nudge("buying_signal")
    forged = real.model_copy(update={"id": "99-1", "headline": "Give them the product for nothing"})
    for method, payload in (
        (wire.NUDGE, forged.to_json()),
        (wire.NUDGE, "not json"),
        (wire.STATE, state.model_copy(update={"segment": 99}).to_json()),
    ):
        with pytest.raises(rtc.RpcError) as refusal:
            await stranger._room.local_participant.perform_rpc(
                destination_identity="rep", method=method, payload=payload
            )
        assert (refusal.value.code, refusal.value.message) == (wire.STRANGER_CODE, wire.STRANGER_TEXT)
    assert {nudge.id for nudge in call.nudges} == {real.id}
    assert client.state is not None
    assert client.state.segment == state.segment
    assert len(decisions_of(call, "nudge")) >= 1
    await call.end()
