"""Whoever comes to a call, in whatever way, is heard as who they are; whoever is no person on the call is not heard.

The worker and the speech plugin are real; the provider is a fake that hears words from the audio it is sent.
"""

from __future__ import annotations

import asyncio

from calls import LiveCall, Subscriptions, everything_in, subscribed_to, until
from fakes.faults import kill, refuse
from hearing_calls import (
    FIRST,
    HURRIED,
    THEN,
    HearingWorker,
    all_heard,
    another_track,
    come_as,
    events_of,
    granted,
    humming,
    part,
)
from livekit import api, rtc

from cornerman.events import Attendance, Turn
from cornerman.livekit_server import ServerAddress

SECRET = ["security", "boss", "approve", "quarter", "worried", "team"]
BREAKER_REST = float(HURRIED["CORNERMAN__STT__BREAKER_REST"])
KIND = api.ParticipantInfo.Kind


async def test_people_who_talk_at_once_are_each_heard_as_themselves_while_a_connection_dies(
    call: LiveCall, hearing: HearingWorker
) -> None:
    hearing.fake.script.play(kill(1.5))
    people = ["rep", "prospect", "second", "colleague"]
    await call.dispatch(consent=granted(*people), participants={"colleague": {"role": "colleague"}})
    voices = {one: await call.person(one) for one in people[1:]}
    voices["rep"] = await call.voice((await call.rep())._room)
    for voice in voices.values():
        await subscribed_to(voice)
    parts: dict[str, list[float | list[str]]] = {
        "prospect": [["we", "need", "the", "report", "next", "week"], 3.0, ["thanks"], 1.5],
        "second": [1.0, ["that", "is", "too", "expensive", "for", "us"], 2.0, ["how", "much", "does", "it", "cost"]],
        "rep": [2.0, ["hello", "can", "you", "give", "a", "discount"], 1.0, ["yes", "good", "meeting", "friday"]],
        "colleague": [0.5, ["security"], 1.0, ["budget"], 0.5, ["our", "boss", "has", "not", "come"], 1.0],
    }
    people = list(parts)
    played = await asyncio.gather(*(part(call, voices[one], *parts[one]) for one in people))
    said = dict(zip(people, played, strict=True))
    assert said["prospect"][0].start < said["second"][0].start < said["prospect"][5].end, "nobody spoke at once"
    await all_heard(call, said, *voices.values())
    roles = {event.identity: event.role for event in events_of(call) if isinstance(event, Turn)}
    assert roles == {"rep": "rep", "prospect": "prospect", "second": "prospect", "colleague": "colleague"}
    assert any(record.ended == "killed" for record in hearing.fake.records)


async def test_people_on_the_phone_are_heard_whatever_bridge_they_come_over_and_whatever_their_track_is_called(
    call: LiveCall,
) -> None:
    callers = {
        "sip": (FIRST, rtc.TrackSource.SOURCE_MICROPHONE),
        "sip-unnamed": (THEN, rtc.TrackSource.SOURCE_UNKNOWN),
        "connector": (["how", "much", "does", "it"], rtc.TrackSource.SOURCE_MICROPHONE),
        "connector-unnamed": (["can", "you", "come", "back"], rtc.TrackSource.SOURCE_UNKNOWN),
    }
    await call.dispatch(consent=granted(*callers))
    phones = [
        await come_as(call, identity, identity.removesuffix("-unnamed"), rate=8_000, source=source)
        for identity, (_, source) in callers.items()
    ]
    listed = await call.livekit.room.list_participants(api.ListParticipantsRequest(room=call.room))
    kinds = {one.identity: one.kind for one in listed.participants}
    assert [kinds[identity] for identity in callers] == [KIND.SIP, KIND.SIP, KIND.CONNECTOR, KIND.CONNECTOR]
    for phone in phones:
        await subscribed_to(phone)
    said = await asyncio.gather(
        *(part(call, phone, words) for phone, (words, _) in zip(phones, callers.values(), strict=True))
    )
    await all_heard(call, dict(zip(callers, said, strict=True)), *phones)


async def test_somebody_who_comes_late_with_consent_is_heard_from_then_on(call: LiveCall) -> None:
    await call.dispatch(consent=granted("prospect", "late"))
    prospect = await call.person("prospect")
    await subscribed_to(prospect)
    said = {"prospect": await part(call, prospect, FIRST)}
    async with humming(prospect):
        late = await call.person("late")
        await subscribed_to(late)
        said["late"] = await part(call, late, THEN)
    await all_heard(call, said, prospect, late)


async def test_somebody_who_joins_again_under_the_same_identity_is_heard_on_and_nothing_twice(
    call: LiveCall, livekit_server: ServerAddress
) -> None:
    subscriptions = Subscriptions(livekit_server)
    await subscriptions.become(0)
    await call.dispatch(consent=granted("prospect"))
    before = await call.person("prospect")
    await subscribed_to(before)
    said = await part(call, before, FIRST)
    was = before.room.local_participant.sid
    again = await call.person("prospect")
    assert again.room.local_participant.sid != was
    await subscribed_to(again)
    said += await part(call, again, THEN)
    await subscriptions.become(1)
    await all_heard(call, {"prospect": said}, again)


async def test_a_new_name_is_noted_and_shown_and_changes_nothing_else(call: LiveCall) -> None:
    await call.dispatch(consent=granted("prospect"))
    client = await call.rep()
    prospect = await call.person("prospect")
    await call.coach_is_there(client)
    await subscribed_to(prospect)
    naming = api.UpdateParticipantRequest(room=call.room, identity="prospect", name="Dana Fox")
    said, _ = await asyncio.gather(part(call, prospect, FIRST), call.livekit.room.update_participant(naming))

    def shown() -> bool:
        return client.state is not None and any(one.name == "Dana Fox" for one in client.state.participants)

    async with humming(prospect):
        await until(shown, "the new name as the rep sees it")
    await all_heard(call, {"prospect": said}, prospect)
    came = [event for event in events_of(call) if isinstance(event, Attendance) and event.identity == "prospect"]
    assert [one.name for one in came if one.present] == ["prospect", "Dana Fox"]


async def test_agents_recorders_feeds_and_the_sound_of_a_shared_screen_are_never_subscribed(
    call: LiveCall, hearing: HearingWorker, livekit_server: ServerAddress
) -> None:
    kinds = ["agent", "egress", "ingress", "bridge"]
    subscriptions = Subscriptions(livekit_server)
    await subscriptions.become(0)
    await call.dispatch(consent=granted("prospect", *kinds))
    others = [await come_as(call, kind, kind) for kind in kinds]
    prospect = await call.person("prospect")
    shared = await another_track(call, prospect.room, source=rtc.TrackSource.SOURCE_SCREENSHARE_AUDIO)
    listed = await call.livekit.room.list_participants(api.ListParticipantsRequest(room=call.room))
    known = {one.identity: one.kind for one in listed.participants}
    assert {kind: known[kind] for kind in kinds} == {kind: KIND.Value(kind.upper()) for kind in kinds}
    await subscribed_to(prospect)
    before = len(hearing.fake.records)
    speaking = asyncio.gather(
        part(call, prospect, FIRST), *(part(call, one, ["security", "budget", "boss"]) for one in [shared, *others])
    )
    most = await subscriptions.most_during(speaking)
    assert most == {"AUDIO": 1}
    await all_heard(call, {"prospect": speaking.result()[0]}, prospect)
    assert {word for record in hearing.fake.records[before:] for word in record.words} <= set(FIRST)


async def test_somebody_who_leaves_while_the_provider_is_down_is_heard_to_the_end(
    call: LiveCall, hearing: HearingWorker
) -> None:
    await call.dispatch(consent=granted("prospect", "second"))
    second = await call.person("second")
    hearing.fake.script.play(then=refuse(503))
    prospect = await call.person("prospect")
    await subscribed_to(prospect)
    said = {"prospect": await part(call, prospect, FIRST, 0.2, THEN)}
    await prospect.room.disconnect()
    hearing.fake.script.play()
    await all_heard(call, said, second)


async def test_what_was_kept_of_those_who_withdraw_is_sent_nowhere_and_written_nowhere_even_if_they_left(
    call: LiveCall, hearing: HearingWorker
) -> None:
    await call.dispatch(consent=granted("staying", "leaving", "other"))
    client = await call.rep()
    other = await call.person("other")
    await call.coach_is_there(client)
    hearing.fake.script.play(then=refuse(503))
    staying, leaving = await call.person("staying"), await call.person("leaving")
    for one in (other, staying, leaving):
        await subscribed_to(one)
    await asyncio.gather(part(call, staying, SECRET[:3]), part(call, leaving, SECRET[3:]))
    await leaving.room.disconnect()
    await until(lambda: "leaving" not in client._room.remote_participants, "one of them has left")
    await client.consent(["staying", "leaving"], granted=False, how="said so")
    known = len(hearing.fake.records)
    hearing.fake.script.play()
    said = {"other": await part(call, other, BREAKER_REST + 1.0, FIRST), "staying": [], "leaving": []}
    await all_heard(call, said, other)
    assert {word for record in hearing.fake.records[known:] for word in record.words} <= set(FIRST)
    written = everything_in(call.folder())
    assert not [word for word in SECRET if f'"{word}"' in written]
