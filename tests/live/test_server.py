"""The server as participants meet it: who may come in, what passes between them, and that it sends nobody elsewhere."""

from __future__ import annotations

import asyncio
import urllib.request
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from livekit import api, rtc
from livekit.protocol import rtc as signalling
from pydantic import SecretStr

from cornerman.livekit_server import LocalServer, ServerAddress

Join = Callable[..., Awaitable[rtc.Room]]

ARRIVAL_SECONDS = 10.0


async def test_two_participants_meet_and_call_each_other(join: Join) -> None:
    rep, coach = await join("rep"), await join("coach", can_publish=False)

    @rep.local_participant.register_rpc_method("greet")
    async def greet(call: rtc.RpcInvocationData) -> str:
        return f"{call.caller_identity}: {call.payload}"

    answer = await coach.local_participant.perform_rpc(destination_identity="rep", method="greet", payload="hello")
    assert answer == "coach: hello"


async def test_media_passes_and_the_server_counts_who_is_subscribed(
    livekit_server_binary: Path, room_name: str
) -> None:
    """On a server of this test's own: the counter is the whole server's."""
    async with LocalServer(livekit_server_binary) as server:
        speaker, listener = rtc.Room(), rtc.Room()
        heard = asyncio.Event()
        listener.on("track_subscribed", lambda *_: heard.set())
        assert await asyncio.to_thread(subscribed_tracks, server) == 0
        await speaker.connect(server.url, token_for(server, "speaker", room_name))
        await listener.connect(server.url, token_for(server, "listener", room_name))
        source = rtc.AudioSource(16000, 1)
        track = rtc.LocalAudioTrack.create_audio_track("voice", source)
        await speaker.local_participant.publish_track(
            track, rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        )
        async with asyncio.timeout(ARRIVAL_SECONDS):
            await heard.wait()
        assert await asyncio.to_thread(subscribed_tracks, server) == 1
        await listener.disconnect()
        await speaker.disconnect()
        await source.aclose()


async def test_a_participant_is_refused_what_its_token_does_not_grant(join: Join) -> None:
    silent = await join("silent", can_publish=False)
    source = rtc.AudioSource(16000, 1)
    track = rtc.LocalAudioTrack.create_audio_track("voice", source)
    with pytest.raises(rtc.participant.PublishTrackError):
        await silent.local_participant.publish_track(track)
    await source.aclose()


async def test_a_token_of_another_secret_lets_nobody_in(livekit_server: ServerAddress, room_name: str) -> None:
    stranger = ServerAddress(
        livekit_server.url, livekit_server.api_key, SecretStr("somebody else, long enough a secret")
    )
    room = rtc.Room()
    with pytest.raises(rtc.ConnectError):
        await room.connect(stranger.url, token_for(stranger, "stranger", room_name))


async def test_the_server_api_sees_who_is_in_the_room(join: Join, server_api: api.LiveKitAPI, room_name: str) -> None:
    await join("rep", attributes={"desk": "4"})
    present = await server_api.room.list_participants(api.ListParticipantsRequest(room=room_name))
    assert [(each.identity, dict(each.attributes)) for each in present.participants] == [("rep", {"desk": "4"})]


async def test_nobody_is_sent_to_a_server_outside_this_machine(livekit_server_binary: Path, room_name: str) -> None:
    """What a joining participant is told to ask for its own address: without our setting, public STUN servers."""
    async with (
        LocalServer(livekit_server_binary) as server,
        aiohttp.ClientSession() as session,
        session.ws_connect(
            f"{server.url}/rtc", params={"access_token": token_for(server, "curious", room_name), "protocol": "16"}
        ) as socket,
    ):
        first = signalling.SignalResponse.FromString(await socket.receive_bytes(timeout=ARRIVAL_SECONDS))
    told = [url for each in first.join.ice_servers for url in each.urls]
    assert told
    assert all(url.startswith("stun:127.0.0.1:") for url in told)


def token_for(server: ServerAddress, identity: str, room: str) -> str:
    minted = api.AccessToken(server.api_key, server.api_secret.get_secret_value()).with_identity(identity)
    return minted.with_ttl(timedelta(minutes=5)).with_grants(api.VideoGrants(room_join=True, room=room)).to_jwt()


def subscribed_tracks(server: ServerAddress) -> int:
    """Tracks the server believes are subscribed now, from its metrics."""
    assert server.prometheus_url is not None
    with urllib.request.urlopen(server.prometheus_url, timeout=5) as page:
        lines = page.read().decode().splitlines()
    return sum(int(float(line.split()[-1])) for line in lines if line.startswith("livekit_track_subscribed_total"))
