"""Two LiveKit nodes with one Redis, two workers on different nodes, several calls: one machine loses power, and every
call goes on.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import subprocess
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import yaml
from calls import LiveCall, hearing, line, live_call, planted, until
from crm.redis_server import redis_binary
from livekit import api
from own_server import free_ports
from pydantic import SecretStr
from redis import Redis
from redis.exceptions import RedisError
from watched_calls import AGENT_NAME, Machine, WatchdogProcess, alone, holder, machine, watchdog_process

from cornerman.livekit_server import LocalServer, ServerAddress
from cornerman.livekit_server.server_api import server_api as open_api
from cornerman.paths import find_project_file
from cornerman.record.reading import segments_of
from cornerman.stand_ins.tokens import prospect_token
from cornerman.stand_ins.voice import Voice
from cornerman.stand_ins.witness_process import WitnessProcess, witness
from cornerman_client import CoachClient

PLAYS_MANY_CALLS = True
LOOPBACK = "127.0.0.1"
CALLS = 4
NODES, NODES_OF_ROOMS = "nodes", "room_node_map"
"""Where LiveKit keeps its nodes, and which of them has a room."""


@contextmanager
def redis(folder: Path) -> Iterator[Redis]:
    """A Redis of its own, on a port of loopback, since LiveKit takes no socket."""
    (port,) = free_ports(socket.SOCK_STREAM, 1)
    options = ["--port", str(port), "--bind", LOOPBACK, "--save", "", "--appendonly", "no", "--dir", str(folder)]
    process = subprocess.Popen([str(redis_binary()), *options], stdout=subprocess.DEVNULL)
    try:
        with Redis(host=LOOPBACK, port=port, decode_responses=True) as client:
            _wait_for(client)
            yield client
    finally:
        process.kill()
        process.wait()


def _wait_for(client: Redis) -> None:
    for _ in range(500):
        try:
            if client.ping():
                return
        except RedisError:
            time.sleep(0.02)
    raise AssertionError("Redis does not answer")


@contextmanager
def nodes(binary: Path, folder: Path, redis_port: int) -> Iterator[tuple[ServerAddress, ServerAddress]]:
    """Two LiveKit nodes of one cluster."""
    configuration = yaml.safe_load(find_project_file("livekit.yaml").read_text())
    configuration["redis"] = {"address": f"{LOOPBACK}:{redis_port}"}
    file = folder / "livekit.yaml"
    file.write_text(yaml.safe_dump(configuration))
    key, secret = f"API{secrets.token_hex(8)}", SecretStr(secrets.token_urlsafe(36))
    with (
        LocalServer(binary, configuration=file, api_key=key, api_secret=secret) as first,
        LocalServer(binary, configuration=file, api_key=key, api_secret=secret) as second,
    ):
        yield first, second


@dataclass(frozen=True)
class Played:
    """A call of this test."""

    call: LiveCall
    client: CoachClient
    prospect: Voice
    watching: WitnessProcess
    coach: str

    async def is_taken_over(self) -> None:
        """The rep hears from a second coach, and it is the only one in the room."""
        await until(lambda: self.client.state and self.client.state.segment == 2 and self.client.coach, "a successor")
        assert self.client.coach != self.coach
        await alone(self.call, self.client)


async def played(
    stack: AsyncExitStack, server: ServerAddress, livekit: api.LiveKitAPI, room: str, journals: Path
) -> Played:
    """A coached call whose people are connected to `server`, with a witness."""
    call = await stack.enter_async_context(live_call(server, livekit, room, AGENT_NAME, journals))
    client = await call.rep()
    watching = await stack.enter_async_context(witness(server.url, prospect_token(server, room, "witness")))
    prospect = await call.person("prospect")
    await call.dispatch()
    await call.coach_is_there(client)
    await client.consent(["prospect"], granted=True, how="said aloud")
    await call.heard(client, prospect)
    await prospect.play(line("We need single sign on"))
    await call.nudge("requirement")
    assert client.coach is not None
    return Played(call, client, prospect, watching, client.coach)


@dataclass(frozen=True)
class Cluster:
    """Everything that runs."""

    redis: Redis
    nodes: tuple[ServerAddress, ServerAddress]
    watchdog: WatchdogProcess
    machines: tuple[Machine, Machine]


@pytest.fixture
def cluster(livekit_server_binary: Path, tmp_path: Path) -> Iterator[Cluster]:
    """Two nodes, a worker at each, journals shared, and a watchdog at the first node."""
    journals = tmp_path / "calls"
    with (
        redis(tmp_path) as store,
        nodes(livekit_server_binary, tmp_path, store.connection_pool.connection_kwargs["port"]) as (first, second),
        watchdog_process(first, tmp_path / "watchdog") as watchdog,
        machine(first, tmp_path / "first", [watchdog], journals=journals) as one,
        machine(second, tmp_path / "second", [watchdog], journals=journals) as other,
    ):
        yield Cluster(store, (first, second), watchdog, (one, other))


@pytest.fixture
async def calls(cluster: Cluster) -> AsyncIterator[list[Played]]:
    """Calls whose rooms are at both nodes in turn, and whose people come in by both."""
    homes = sorted(cluster.redis.hkeys(NODES))
    async with AsyncExitStack() as stack:
        made = []
        for number in range(CALLS):
            server = cluster.nodes[number % 2]
            livekit = await stack.enter_async_context(open_api(server))
            room = f"call-{uuid.uuid4().hex[:10]}"
            home = str(homes[number // 2 % 2])
            await livekit.room.create_room(api.CreateRoomRequest(name=room, node_id=home, empty_timeout=60))
            made.append(await played(stack, server, livekit, room, cluster.machines[0].journals))
        yield made


@pytest.mark.timeout(600)
@pytest.mark.drill
async def test_calls_are_spread_and_those_of_a_machine_that_dies_go_on_with_one_coach_each(
    cluster: Cluster, calls: list[Played]
) -> None:
    holders = {one.call.room: await holder(cluster.machines, one.call.room) for one in calls}
    spread = Counter(one.log for one in holders.values())
    assert len(spread) == 2, f"one worker coaches all of the calls: {spread}"
    assert len(set(cluster.redis.hvals(NODES_OF_ROOMS))) == 2, "one node has all of the rooms"
    await cluster.watchdog.sees(workers=2, coached_calls=CALLS)

    dying = cluster.machines[0]
    dying.lose_power()
    bereft = [one for one in calls if holders[one.call.room] is dying]
    await asyncio.gather(*(one.is_taken_over() for one in bereft))
    await cluster.watchdog.sees(workers=1, coached_calls=CALLS, rooms_without_coach=0)
    for one in calls:
        assert len(await one.call.coaches()) == 1
        await one.call.heard(one.client, one.prospect)
        await one.prospect.play(planted("price_objection"))
        await one.call.nudge("price_objection")
    for one in calls:
        assert hearing(one.client) >= {"prospect"}
        testimony = await one.watching.testify()
        assert testimony.clean, replace(testimony)
        folder = await one.call.end()
        expected = [1, 2] if one in bereft else [1]
        assert [segment.number for segment in segments_of(folder)] == expected
    assert cluster.watchdog.asked_for == len(bereft)
