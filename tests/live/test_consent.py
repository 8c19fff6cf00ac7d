"""Promise 2: deaf until told. Subscriptions are counted by the server, words are looked for in the journal's files."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from calls import LiveCall, Subscriptions, everything_in, hearing, inputs_of, line, planted, turns_of, until
from livekit import api, rtc

from cornerman.contract import wire
from cornerman.livekit_server import ServerAddress
from cornerman_client import CoachClient, State

WITHDRAWN_WITHIN = 3.0
"""Seconds. A withdrawal is promised within one; the rest is for a busy machine and the look at the server's metrics."""
TELLING = ("passwords", "remember", "hundred")
"""Words of the line about single sign-on that stand in no card."""


@pytest.fixture
async def subscriptions(livekit_server: ServerAddress) -> Subscriptions:
    """The server's count, once earlier calls are out of it."""
    counted = Subscriptions(livekit_server)
    await counted.become(0, "AUDIO")
    await counted.become(0, "VIDEO")
    return counted


def consent_of(state: State | None) -> dict[str, wire.ConsentState]:
    return {one.identity: one.consent for one in state.participants} if state else {}


async def listed(client: CoachClient, identity: str, consent: wire.ConsentState) -> None:
    """Waits until the coach has said that it knows this participant, and its consent."""
    await until(lambda: consent_of(client.state).get(identity) == consent, f"{identity} is {consent}")


async def set_attribute(call: LiveCall, identity: str, value: str) -> None:
    """As the host application's server does it."""
    await call.livekit.room.update_participant(
        api.UpdateParticipantRequest(room=call.room, identity=identity, attributes={wire.CONSENT_ATTRIBUTE: value})
    )


def files_of(call: LiveCall, identity: str) -> list[Path]:
    """Words files of a participant that are there now."""
    paths = [call.folder() / name for name in call.segment().words_files(identity)]
    return [path for path in paths if path.exists()]


async def test_before_consent_nothing_is_subscribed_and_no_word_is_kept(
    call: LiveCall, subscriptions: Subscriptions
) -> None:
    await call.dispatch()
    client = await call.rep()
    rep = await call.voice(client._room)
    prospect = await call.person("prospect")
    await call.coach_is_there(client)
    await listed(client, "prospect", "waiting")

    talking = asyncio.gather(
        prospect.play(planted("buying_signal")), rep.play(line("What do your people use at the moment"))
    )
    assert await subscriptions.most_during(talking) == {}

    assert client.state is not None
    assert client.state.status == "waiting_for_consent"
    assert {one.why for one in client.state.participants if one.present} == {"no consent yet"}
    folder = await call.end()
    assert [path.name for path in folder.iterdir()] == ["events-1.jsonl"]
    assert inputs_of(call, "partial") == []
    assert inputs_of(call, "speaking") == []
    assert call.nudges == []


async def test_the_reps_word_opens_those_it_reached_only(call: LiveCall, subscriptions: Subscriptions) -> None:
    await call.dispatch()
    client = await call.rep()
    rep = await call.voice(client._room)
    prospect = await call.person("prospect")
    await call.person("refuser", attributes={wire.CONSENT_ATTRIBUTE: "declined"})
    await call.coach_is_there(client)
    await listed(client, "refuser", "declined")

    state = await client.consent(["prospect", "refuser"], granted=True, how="said aloud")
    assert consent_of(state) == {"rep": "granted", "prospect": "granted", "refuser": "declined"}
    await call.heard(client, rep, prospect)
    await subscriptions.become(2)

    late = await call.person("late")
    await listed(client, "late", "waiting")
    talking = asyncio.gather(
        late.play(planted("buying_signal")),
        prospect.play(planted("buying_signal")),
        rep.play(line("What do your people use at the moment")),
    )
    assert await subscriptions.most_during(talking) == {"AUDIO": 2}
    await until(lambda: turns_of(call, "prospect") and turns_of(call, "rep"), "what both said is in the journal")
    assert "steps" in " ".join(turns_of(call, "prospect"))
    assert "people" in " ".join(turns_of(call, "rep"))
    assert call.segment().words_files("late") == ()

    await client.consent(["late"], granted=True)
    await call.heard(client, late)
    await subscriptions.become(3)
    assert hearing(client) == {"rep", "prospect", "late"}
    await call.end()


async def test_each_participant_speaks_for_themselves_by_attribute(
    call: LiveCall, subscriptions: Subscriptions
) -> None:
    await call.dispatch(consent={"mode": "each_participant"})
    client = await call.rep()
    await call.voice(client._room)
    willing = await call.person("willing", attributes={wire.CONSENT_ATTRIBUTE: "granted"})
    later = await call.person("later")
    await call.person("refuser", attributes={wire.CONSENT_ATTRIBUTE: "declined"})
    await call.coach_is_there(client)
    await call.heard(client, willing)

    state = await client.consent(["rep", "later", "refuser"], granted=True, how="not theirs to give")
    assert consent_of(state) == {"rep": "waiting", "willing": "granted", "later": "waiting", "refuser": "declined"}
    await subscriptions.become(1)

    await set_attribute(call, "later", "granted")
    await call.heard(client, later)
    await later.play(line("We need single sign on"))
    await until(lambda: turns_of(call, "later"), "what was said with consent is in the journal")
    assert [word for word in TELLING if word in everything_in(call.folder())]
    await subscriptions.become(2)

    await set_attribute(call, "later", "declined")
    await subscriptions.become(1, seconds=WITHDRAWN_WITHIN)
    await listed(client, "later", "declined")
    assert files_of(call, "later") == []
    folder = await call.end()
    assert {"tombstone": "later"} in call.segment().lines
    assert [word for word in TELLING if word in everything_in(folder)] == []


async def test_granted_means_named_in_the_metadata(call: LiveCall, subscriptions: Subscriptions) -> None:
    terms = {"mode": "granted", "granted": ["prospect", "refuser"]}
    await call.dispatch(consent=terms)
    client = await call.rep()
    await call.voice(client._room)
    prospect = await call.person("prospect")
    await call.person("unnamed")
    await call.person("refuser", attributes={wire.CONSENT_ATTRIBUTE: "declined"})
    await call.coach_is_there(client)
    await call.heard(client, prospect)
    await listed(client, "unnamed", "waiting")
    state = await client.consent(["unnamed", "refuser"], granted=True)
    assert consent_of(state) == {"rep": "waiting", "prospect": "granted", "unnamed": "waiting", "refuser": "declined"}
    assert await subscriptions.most_during(prospect.silence(0.5)) == {"AUDIO": 1}
    assert hearing(client) == {"prospect"}
    await call.end()


async def test_a_screen_and_its_sound_are_never_subscribed(call: LiveCall, subscriptions: Subscriptions) -> None:
    await call.dispatch(consent={"mode": "granted", "granted": ["rep", "prospect"]})
    client = await call.rep()
    screen = rtc.VideoSource(320, 180)
    sound = rtc.AudioSource(16_000, 1)
    before = rtc.LocalVideoTrack.create_video_track("screen", screen)
    after = rtc.LocalAudioTrack.create_audio_track("sound", sound)
    me = client._room.local_participant
    # One is there when the coach comes, one comes when the coach is there: both ways a track is found.
    await me.publish_track(before, rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_SCREENSHARE))
    prospect = await call.person("prospect")
    await call.coach_is_there(client)
    await me.publish_track(after, rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_SCREENSHARE_AUDIO))
    rep = await call.voice(client._room)
    await call.heard(client, rep, prospect)
    screen.capture_frame(rtc.VideoFrame(320, 180, rtc.VideoBufferType.RGBA, bytes(320 * 180 * 4)))
    assert await subscriptions.most_during(prospect.silence(1.0)) == {"AUDIO": 2}
    await call.end()
    await sound.aclose()
    await screen.aclose()


async def test_withdrawal_stops_purges_and_takes_back_the_card(call: LiveCall, subscriptions: Subscriptions) -> None:
    await call.dispatch()
    client = await call.rep()
    rep = await call.voice(client._room)
    prospect = await call.person("prospect")
    await call.coach_is_there(client)
    await client.consent(["prospect"], granted=True)
    await call.heard(client, rep, prospect)
    await asyncio.gather(prospect.play(line("We need single sign on")), rep.silence(1.0))
    shown = await call.nudge("requirement")
    await until(lambda: turns_of(call, "prospect"), "the turn is in the journal")
    kept = [word for word in TELLING if word in everything_in(call.folder())]
    assert kept, turns_of(call, "prospect")
    assert files_of(call, "prospect")
    await subscriptions.become(2)

    state = await client.consent(["prospect"], granted=False)
    assert consent_of(state)["prospect"] == "declined"
    assert files_of(call, "prospect") == []
    assert {"tombstone": "prospect"} in call.segment().lines
    await subscriptions.become(1, seconds=WITHDRAWN_WITHIN)

    taken_back = await call.nudge("requirement", status="withdrawn")
    assert (taken_back.id, taken_back.rev > shown.rev) == (shown.id, True)
    assert taken_back.headline != shown.headline
    assert not taken_back.detail
    said = taken_back.model_dump_json().lower()
    assert all(because.type != "words" or "sign" not in because.quote.lower() for because in taken_back.because)
    assert [word for word in (*TELLING, "we need", "sign on") if word in said] == []

    afterwards = prospect.play(planted("buying_signal"))
    assert await subscriptions.most_during(afterwards) == {"AUDIO": 1}
    folder = await call.end()
    assert [word for word in (*TELLING, "calendar") if word in everything_in(folder)] == []
    assert {nudge.kind for nudge in call.nudges} == {"requirement"}
    assert files_of(call, "prospect") == []
