"""`deploy/livekit.production.yaml` is what a real server takes: it starts with it, keeps rooms in Redis, and relays."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from crm.redis_server import redis_binary
from deployed import SERVER_FILE, server_configuration
from deployed_server import KEY, SECRET, free_port, is_open, with_test_values
from livekit import api, rtc
from pydantic import SecretStr
from redis.asyncio import Redis

from cornerman.errors import ServerError
from cornerman.livekit_server import LocalServer, ServerAddress
from cornerman.livekit_server.server_api import server_api

START_SECONDS = 20.0
JOIN_SECONDS = 15.0
REFUSED_SECONDS = 6.0
"""A join that the relay lets through takes less than one."""


@pytest.fixture
def redis_address(tmp_path: Path) -> Iterator[str]:
    port = free_port()
    command = [str(redis_binary()), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as redis:
        deadline = time.monotonic() + START_SECONDS
        while not is_open(port) and time.monotonic() < deadline:
            time.sleep(0.02)
        yield f"127.0.0.1:{port}"
        redis.terminate()


def local_server(binary: Path, file: Path) -> LocalServer:
    return LocalServer(binary, configuration=file, api_key=KEY, api_secret=SecretStr(SECRET))


async def join_by_relay(server: ServerAddress, room: str, seconds: float) -> None:
    """Somebody whose network lets them reach nothing but the relay comes into a room, and is told that they are in."""
    grants = api.VideoGrants(room_join=True, room=room)
    token = api.AccessToken(KEY, SECRET).with_identity("far away").with_grants(grants).to_jwt()
    only_relay = rtc.RtcConfiguration(ice_transport_type=rtc.IceTransportType.TRANSPORT_RELAY, ice_servers=[])
    guest = rtc.Room()
    try:
        async with asyncio.timeout(seconds):
            await guest.connect(server.url, token, rtc.RoomOptions(rtc_config=only_relay, connect_timeout=seconds))
            source = rtc.AudioSource(16000, 1)
            track = rtc.LocalAudioTrack.create_audio_track("voice", source)
            await guest.local_participant.publish_track(track)
            await source.aclose()
    finally:
        await guest.disconnect()


@pytest.mark.parametrize("everything", [False, True], ids=["as it is", "with what is commented out"])
async def test_the_server_starts_with_the_file(
    livekit_server_binary: Path, tmp_path: Path, redis_address: str, everything: bool
) -> None:
    configuration = server_configuration(everything=everything)
    assert ("webhook" in configuration) is everything
    if everything:
        configuration["webhook"]["api_key"] = KEY
        # The test's Redis speaks no TLS, and the files of a real authority are elsewhere.
        configuration["redis"]["tls"] |= {"enabled": False}
    file = with_test_values(configuration, tmp_path, redis_address)
    async with local_server(livekit_server_binary, file) as server, server_api(server) as lk:
        # Made by the back end, as auto_create is off; and it is in Redis, where every other server finds it.
        await lk.room.create_room(api.CreateRoomRequest(name="call-1"))
        async with Redis.from_url(f"redis://{redis_address}", decode_responses=True) as client:
            assert "call-1" in await client.hkeys("rooms")


async def test_a_token_alone_opens_no_room(livekit_server_binary: Path, tmp_path: Path, redis_address: str) -> None:
    file = with_test_values(server_configuration(), tmp_path, redis_address)
    async with local_server(livekit_server_binary, file) as server:
        with pytest.raises((rtc.ConnectError, TimeoutError)):
            await join_by_relay(server, "nobody made this", REFUSED_SECONDS)


async def test_who_reaches_nothing_but_the_relay_is_in_the_call(
    livekit_server_binary: Path, tmp_path: Path, redis_address: str
) -> None:
    file = with_test_values(server_configuration(), tmp_path, redis_address)
    async with local_server(livekit_server_binary, file) as server, server_api(server) as lk:
        await lk.room.create_room(api.CreateRoomRequest(name="call-1"))
        await join_by_relay(server, "call-1", JOIN_SECONDS)


async def test_without_the_private_address_named_the_relay_passes_nothing_on(
    livekit_server_binary: Path, tmp_path: Path, redis_address: str
) -> None:
    """Why the file has `allow_restricted_peer_cidrs`: without it such a guest would wait in vain."""
    configuration = server_configuration()
    del configuration["turn"]["allow_restricted_peer_cidrs"]
    file = with_test_values(configuration, tmp_path, redis_address)
    async with local_server(livekit_server_binary, file) as server, server_api(server) as lk:
        await lk.room.create_room(api.CreateRoomRequest(name="call-1"))
        with pytest.raises((rtc.ConnectError, rtc.participant.PublishTrackError, TimeoutError)):
            await join_by_relay(server, "call-1", REFUSED_SECONDS)


def test_a_word_the_server_does_not_know_stops_it(
    livekit_server_binary: Path, tmp_path: Path, redis_address: str
) -> None:
    """So that the tests above mean something: the server reads the file strictly."""
    configuration = server_configuration()
    configuration["rtc"]["udp_prot"] = 7882
    file = with_test_values(configuration, tmp_path, redis_address)
    with pytest.raises(ServerError, match="udp_prot"):
        local_server(livekit_server_binary, file).start()


def test_keys_that_others_can_read_stop_it(livekit_server_binary: Path, tmp_path: Path, redis_address: str) -> None:
    file = with_test_values(server_configuration(), tmp_path, redis_address)
    (tmp_path / "keys.yaml").chmod(0o644)
    with pytest.raises(ServerError, match="permission"):
        local_server(livekit_server_binary, file).start()


def test_no_secret_stands_in_the_file() -> None:
    configuration = server_configuration(everything=True)
    assert "keys" not in configuration
    assert "password" not in configuration["redis"]
    assert configuration["webhook"]["api_key"] == "CHANGE"


def test_the_address_is_left_to_the_environment_and_the_relay_may_pass_on_to_it() -> None:
    """The server passes NODE_IP over where the file has an address: compose.yaml's would count for nothing."""
    assert "node_ip" not in server_configuration()["rtc"]
    configuration = server_configuration(everything=True)
    assert configuration["turn"]["allow_restricted_peer_cidrs"] == [f"{configuration['rtc']['node_ip']}/32"]


def test_no_group_of_lines_stands_without_a_word_about_it() -> None:
    lines = ["", *SERVER_FILE.read_text(encoding="utf-8").splitlines(), ""]
    unexplained = [
        line
        for above, line, below in zip(lines, lines[1:], lines[2:], strict=False)
        if line.strip() and not any("#" in each for each in (above, line, below)) and not above.strip()
    ]
    assert not unexplained
