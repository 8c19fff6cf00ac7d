"""Least grants: what the tokens of a call allow, tried out against the real server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import aiohttp
import jwt
import pytest
from livekit import api, rtc

from cornerman.dispatch import Person, call_metadata, coach_dispatch, prospect_token, rep_token
from cornerman.livekit_server import ServerAddress
from cornerman.stand_ins.voice import joined

WITHIN = 15.0
MAYA = Person("maya", role="rep")
TOM = Person("tom", consent="granted")


@pytest.fixture
def tokens(livekit_server: ServerAddress, room_name: str) -> dict[str, str]:
    return {
        "maya": rep_token(room_name, MAYA, server=livekit_server),
        "tom": prospect_token(room_name, TOM, server=livekit_server),
    }


@pytest.fixture
async def people(livekit_server: ServerAddress, tokens: dict[str, str]) -> AsyncIterator[dict[str, rtc.Room]]:
    async with joined(livekit_server.url, tokens["maya"]) as maya, joined(livekit_server.url, tokens["tom"]) as tom:
        yield {"maya": maya, "tom": tom}


async def test_the_server_sees_the_grants_and_no_others(
    people: dict[str, rtc.Room], server_api: api.LiveKitAPI, room_name: str
) -> None:
    for identity, may_send in (("maya", True), ("tom", False)):
        who = api.RoomParticipantIdentity(room=room_name, identity=identity)
        granted = (await server_api.room.get_participant(who)).permission
        assert (granted.can_publish, granted.can_subscribe, granted.can_publish_data) == (True, True, may_send)
        assert not any(
            (
                granted.can_update_metadata,
                granted.hidden,
                granted.agent,
                granted.recorder,
                granted.can_manage_agent_session,
            )
        )


@pytest.mark.parametrize("identity", ["maya", "tom"])
async def test_nobody_changes_attributes_name_or_metadata_of_their_own(
    people: dict[str, rtc.Room], server_api: api.LiveKitAPI, room_name: str, identity: str
) -> None:
    me = people[identity].local_participant
    for change in (me.set_attributes({"cornerman.consent": "declined"}), me.set_metadata("x"), me.set_name("coach")):
        with contextlib.suppress(Exception):  # the library may tell of the refusal or not; what counts is the server
            async with asyncio.timeout(WITHIN):
                await change
    who = api.RoomParticipantIdentity(room=room_name, identity=identity)
    seen = await server_api.room.get_participant(who)
    assert (seen.metadata, seen.name) == ("", identity)
    assert dict(seen.attributes) == ({"cornerman.consent": "granted"} if identity == "tom" else {})


@pytest.mark.parametrize("identity", ["maya", "tom"])
@pytest.mark.parametrize("method", ["ListParticipants", "RemoveParticipant", "SendData", "UpdateParticipant"])
async def test_a_persons_token_is_no_key_to_the_servers_api(
    livekit_server: ServerAddress, tokens: dict[str, str], room_name: str, identity: str, method: str
) -> None:
    asked = {"room": room_name, "identity": "maya"}
    headers = {"Authorization": f"Bearer {tokens[identity]}"}
    url = f"{livekit_server.http_url}/twirp/livekit.RoomService/{method}"
    async with aiohttp.ClientSession() as session, session.post(url, json=asked, headers=headers) as answer:
        assert answer.status in {401, 403}


def test_tokens_end_and_hold_one_room_and_the_job_is_in_the_reps_alone(
    livekit_server: ServerAddress, tokens: dict[str, str], room_name: str
) -> None:
    metadata = call_metadata([MAYA, TOM], playbook="secret plans")
    coached = rep_token(room_name, MAYA, coach=coach_dispatch(metadata), server=livekit_server)
    for token in (*tokens.values(), coached):
        claims = jwt.decode(token, options={"verify_signature": False})
        assert 0 < claims["exp"] - claims["nbf"] <= 2 * 3600 + 60
        assert claims["video"]["room"] == room_name
        assert not {"roomAdmin", "roomCreate", "roomList", "roomRecord", "ingressAdmin"} & claims["video"].keys()
    assert "secret plans" in str(jwt.decode(coached, options={"verify_signature": False}))
    assert "roomConfig" not in jwt.decode(tokens["tom"], options={"verify_signature": False})
