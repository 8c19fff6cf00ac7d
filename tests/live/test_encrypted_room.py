"""End-to-end encrypted rooms: with the key the coach hears and coaches, without it it is deaf and says so."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from calls import LiveCall, RunningWorker, everything_in, hearing, line, live_call, turns_of, until
from livekit import api, rtc

from cornerman.contract import wire
from cornerman.dispatch import room_encryption
from cornerman.livekit_server import ServerAddress
from cornerman.room.room_key import NO_KEY, NOT_ENCRYPTED, TROUBLE, WRONG_KEY
from cornerman.stand_ins.tokens import agent_token, prospect_token, rep_token
from cornerman.stand_ins.voice import Voice, joined
from cornerman.stand_ins.worker_process import worker
from cornerman_client import CoachClient
from cornerman_client.encryption import room_options

KEY = secrets.token_urlsafe(32)
ANOTHER = secrets.token_urlsafe(32)
TERMS = room_encryption("acme", KEY).model_dump()


@pytest.fixture(scope="module")
def keyed_worker(livekit_server: ServerAddress, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWorker]:
    """A worker that holds the room's key in its environment, and another one in a file."""
    folder = tmp_path_factory.mktemp("keyed")
    (folder / "another.key").write_text(ANOTHER + "\n")
    known = RunningWorker("cornerman-keyed", folder / "calls", folder / "worker.log", "", 0)
    environment = {
        "CORNERMAN__WORKER__AGENT_NAME": known.agent_name,
        "CORNERMAN__WORKER__MAX_CPU": "1",
        "CORNERMAN__JOURNAL__PATH": str(known.journals),
        "CORNERMAN__ROOMS__KEYS": json.dumps({"acme": "env:ACME_ROOM_KEY", "old": f"file:{folder}/another.key"}),
        "ACME_ROOM_KEY": KEY,
    }
    with worker(livekit_server, known.log, environment) as pid:
        yield replace(known, pid=pid)


@pytest.fixture
async def call(
    livekit_server: ServerAddress, keyed_worker: RunningWorker, server_api: api.LiveKitAPI, room_name: str
) -> AsyncIterator[LiveCall]:
    opened = live_call(livekit_server, server_api, room_name, keyed_worker.agent_name, keyed_worker.journals)
    async with opened as one:
        yield one


async def rep_of(call: LiveCall, key: str | None = KEY) -> CoachClient:
    token = rep_token(call.server, call.room, "rep")
    client = await call.stack.enter_async_context(CoachClient.connect(call.server.url, token, room_key=key))
    collecting = asyncio.create_task(call._collect(client), name="test.collect")
    call.stack.push_async_callback(_ended, collecting)
    return client


async def person(call: LiveCall, identity: str, key: str | None = KEY) -> Voice:
    token = prospect_token(call.server, call.room, identity)
    return await call.voice(await call.stack.enter_async_context(joined(call.server.url, token, key)))


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def of(client: CoachClient, identity: str) -> wire.Hearing | None:
    listed = client.state.participants if client.state else ()
    return next((one for one in listed if one.identity == identity), None)


def why(client: CoachClient, identity: str) -> str:
    found = of(client, identity)
    return found.why if found is not None else ""


async def test_with_the_key_the_coach_hears_and_coaches(call: LiveCall, keyed_worker: RunningWorker) -> None:
    await call.dispatch(encryption=TERMS)
    client = await rep_of(call)
    prospect = await person(call, "prospect")
    state = await call.coach_is_there(client)
    assert TROUBLE not in state.trouble
    await client.consent(["prospect"], granted=True, how="said aloud")
    await call.heard(client, prospect)
    await prospect.play(line("We need single sign on"))
    nudge = await call.nudge("requirement")
    assert isinstance(nudge.because[0], wire.WordsBecause)
    assert prospect.publication is not None
    assert prospect.publication.encryption_type == rtc.EncryptionType.GCM
    folder = await call.end()
    (counts,) = [note for note in call.segment().notes() if "sent" in note]
    assert counts["sent"]["coach_nudge"] >= 1
    assert counts["refused"] == {}
    assert KEY.lower() not in everything_in(folder)
    own = psutil.Process(keyed_worker.pid)
    for process in (own, *own.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            assert KEY not in " ".join(process.cmdline())
    log = keyed_worker.log.read_text()
    assert KEY not in log
    assert ANOTHER not in log


async def test_a_key_that_is_not_the_rooms_is_told_to_the_rep_and_nothing_is_heard(call: LiveCall) -> None:
    await call.dispatch(encryption={**TERMS, "key": "old"}, consent={"mode": "granted", "granted": ["prospect"]})
    client = await rep_of(call)
    prospect = await person(call, "prospect")
    state = await call.coach_is_there(client)
    assert TROUBLE in state.trouble
    await until(lambda: why(client, "prospect") == WRONG_KEY, "the state says why the prospect is not heard")
    await prospect.play(line("We need single sign on"))
    assert hearing(client) == set()
    assert not prospect.publication or not prospect.publication._first_subscription.done()
    await call.end()
    assert turns_of(call, "prospect") == []
    assert call.nudges == []


async def test_without_a_check_value_a_wrong_key_hears_nothing(call: LiveCall, keyed_worker: RunningWorker) -> None:
    granted = {"mode": "granted", "granted": ["prospect"]}
    await call.dispatch(encryption={"key": "old"}, consent=granted)
    await rep_of(call)
    prospect = await person(call, "prospect")
    said = asyncio.create_task(prospect.play(np.tile(line("We need single sign on"), 4)), name="test.said")
    call.stack.push_async_callback(_ended, said)
    await until(lambda: any(call.journals.glob(f"{call.room}-*")), "the journal")
    await until(lambda: _told_in_log(keyed_worker.log, call.room), "the log says that nothing can be decrypted")
    await said
    await call.end()
    assert turns_of(call, "prospect") == []


async def test_somebody_with_another_key_is_not_heard_and_the_rep_is_told(call: LiveCall) -> None:
    await call.dispatch(encryption=TERMS)
    client = await rep_of(call)
    prospect, other = await person(call, "prospect"), await person(call, "other", ANOTHER)
    plain = await person(call, "plain", None)
    await call.coach_is_there(client)
    await client.consent(["prospect", "other", "plain"], granted=True, how="said aloud")
    humming = asyncio.gather(*(one.play(np.tile(line("We need single sign on"), 20)) for one in (other, plain)))
    call.stack.push_async_callback(_gathered, humming)
    await call.heard(client, prospect)
    await until(lambda: why(client, "other") == WRONG_KEY, "the other one's sound cannot be read")
    await until(lambda: why(client, "plain") == NOT_ENCRYPTED, "who is not encrypted is not heard")
    assert client.state is not None
    assert TROUBLE in client.state.trouble
    assert hearing(client) == {"prospect"}
    await prospect.play(line("We need single sign on"))
    await call.nudge("requirement")
    assert turns_of(call, "other") == turns_of(call, "plain") == []


async def _gathered(humming: asyncio.Future[list[None]]) -> None:
    humming.cancel()
    await asyncio.gather(humming, return_exceptions=True)


@pytest.mark.parametrize("granted", [("prospect",), ()])
async def test_a_coach_whose_job_names_no_key_subscribes_to_nothing_and_says_so(
    call: LiveCall, granted: tuple[str, ...]
) -> None:
    await call.dispatch(consent={"mode": "granted", "granted": granted})
    client = await rep_of(call)
    prospect = await person(call, "prospect")
    await call.coach_is_there(client)
    await until(lambda: client.state is not None and TROUBLE in client.state.trouble, "the trouble is told")
    await until(lambda: why(client, "prospect") == (NO_KEY if granted else "no consent yet"), "the state says why")
    assert prospect.publication is not None
    assert not prospect.publication._first_subscription.done()


async def test_a_job_that_names_a_key_nobody_has_is_refused(call: LiveCall, keyed_worker: RunningWorker) -> None:
    await call.dispatch(encryption={"key": "nobody's"})
    refusal = await until(lambda: keyed_worker.refusals(call.room), "the refusal")
    assert 'encryption.key: no key "nobody\'s" in rooms.keys (known: acme, old)' in refusal[0]


@pytest.mark.parametrize(
    ("rep", "coach", "answered"),
    [(KEY, KEY, True), (KEY, ANOTHER, False), (None, KEY, False)],
    ids=["both have it", "the coach has another", "the rep has none"],
)
async def test_calls_between_rep_and_coach_are_encrypted_too(
    livekit_server: ServerAddress, room_name: str, rep: str | None, coach: str, answered: bool
) -> None:
    """Whoever lacks the key can neither read a call of the coach nor answer it; the server that carries it lacks it."""
    read: list[str] = []
    async with (
        joined(livekit_server.url, rep_token(livekit_server, room_name, "rep"), rep) as reps,
        joined(livekit_server.url, agent_token(livekit_server, room_name, "cornerman-x"), coach) as coachs,
    ):

        async def shown(call: rtc.RpcInvocationData) -> str:
            read.append(call.payload)
            return "shown"

        reps.local_participant.register_rpc_method(wire.NUDGE, shown)
        calling = coachs.local_participant.perform_rpc(
            destination_identity="rep",
            method=wire.NUDGE,
            payload="a card",
            response_timeout=4,
            max_round_trip_latency=2,
        )
        if answered:
            assert await calling == "shown"
            assert read == ["a card"]
        else:
            with pytest.raises(rtc.RpcError):
                await calling
            assert read == []


@pytest.mark.parametrize(("key", "seen"), [(KEY, True), (ANOTHER, False)], ids=["the key", "another"])
async def test_a_screen_is_seen_with_the_key_only(
    livekit_server: ServerAddress, room_name: str, key: str, seen: bool
) -> None:
    """Frames of a share, decoded by a coach's room."""
    from shared_screen import SharedScreen

    failed, frames = asyncio.Event(), asyncio.Event()
    viewer = rtc.Room()
    viewer.on("e2ee_state_changed", lambda _who, state: failed.set() if state in (2, 3, 4) else None)
    tasks: list[asyncio.Task[None]] = []

    async def look(track: rtc.Track) -> None:
        stream = rtc.VideoStream(track, capacity=1)
        async for event in stream:
            if event.frame.width:
                frames.set()

    viewer.on("track_subscribed", lambda track, *_: tasks.append(asyncio.create_task(look(track), name="test.look")))
    async with joined(livekit_server.url, rep_token(livekit_server, room_name, "rep"), KEY) as reps:
        await viewer.connect(
            livekit_server.url, agent_token(livekit_server, room_name, "cornerman-x"), room_options(key)
        )
        try:
            async with SharedScreen(reps, fps=10), asyncio.timeout(30):
                await (frames if seen else failed).wait()
            assert frames.is_set() == seen
        finally:
            for task in tasks:
                await _ended(task)
            await viewer.disconnect()


def _told_in_log(log: Path, room: str) -> bool:
    lines = [json.loads(text) for text in log.read_text().splitlines() if text.startswith("{")]
    return any(one.get("room") == room and "cannot be decrypted" in one["message"] for one in lines)
