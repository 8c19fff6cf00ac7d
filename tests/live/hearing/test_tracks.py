"""What people do with their microphones: switch them off and on, take another, use two at once."""

from __future__ import annotations

import asyncio

from calls import LiveCall, Subscriptions, subscribed_to, until
from hearing_calls import (
    FIRST,
    THEN,
    TOLERANCE,
    HearingWorker,
    all_heard,
    another_track,
    farthest,
    granted,
    humming,
    part,
    words_of,
)

from cornerman.contract import wire
from cornerman.livekit_server import ServerAddress
from cornerman_client import CoachClient

UNDER_WAY = 0.6
"""Seconds of audio that may still reach a provider after a microphone was switched off."""


def shown(client: CoachClient, identity: str) -> wire.Hearing | None:
    """How the rep sees this participant."""
    participants = client.state.participants if client.state is not None else ()
    return next((one for one in participants if one.identity == identity), None)


async def test_a_microphone_switched_off_sends_nothing_and_words_before_and_after_are_heard(
    call: LiveCall, hearing: HearingWorker
) -> None:
    await call.dispatch(consent=granted("prospect"))
    client = await call.rep()
    prospect = await call.person("prospect")
    await call.coach_is_there(client)
    await call.heard(client, prospect)
    known = len(hearing.fake.records) - 1
    said = await part(call, prospect, FIRST)
    prospect.mute()
    off = sum(record.audio for record in hearing.fake.records[known:])

    def is_shown(heard: bool, why: str) -> bool:
        now = shown(client, "prospect")
        return now is not None and (now.heard, now.why) == (heard, why)

    await part(call, prospect, ["security", "boss", "approve", "quarter"])
    await until(lambda: is_shown(False, "muted"), "the rep sees the muted microphone")
    assert sum(record.audio for record in hearing.fake.records[known:]) < off + UNDER_WAY
    prospect.unmute()
    async with humming(prospect):
        await until(lambda: is_shown(True, ""), "the rep sees the microphone again")
    said += await part(call, prospect, THEN)
    await all_heard(call, {"prospect": said}, prospect)


async def test_another_microphone_in_place_of_the_first_is_heard_on(
    call: LiveCall, livekit_server: ServerAddress
) -> None:
    subscriptions = Subscriptions(livekit_server)
    await subscriptions.become(0)
    await call.dispatch(consent=granted("prospect"))
    prospect = await call.person("prospect")
    await subscribed_to(prospect)
    said = await part(call, prospect, FIRST)
    await prospect.unpublish()
    await prospect.publish()
    await subscribed_to(prospect)
    await subscriptions.become(1)
    said += await part(call, prospect, THEN)
    await all_heard(call, {"prospect": said}, prospect)


async def test_two_microphones_of_one_participant_are_both_heard_and_no_word_twice(call: LiveCall) -> None:
    await call.dispatch(consent=granted("prospect"))
    desk = await call.person("prospect")
    await subscribed_to(desk)
    headset = await another_track(call, desk.room)
    await subscribed_to(headset)
    said = await asyncio.gather(part(call, desk, FIRST, 1.0), part(call, headset, 1.0, THEN))
    spoken = sorted((word for one in said for word in one), key=lambda word: word.start)
    async with humming(desk, headset):
        await until(lambda: len(words_of(call, "prospect")) >= len(spoken), "all words")
    await call.end()
    heard = sorted(words_of(call, "prospect"), key=lambda word: word.start)
    assert sorted(word.text for word in heard) == sorted(FIRST + THEN)
    for words in said:
        texts = {word.text for word in words}
        assert farthest([word for word in heard if word.text in texts], words) < TOLERANCE
