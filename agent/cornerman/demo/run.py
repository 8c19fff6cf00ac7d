"""Plays the recorded call: server, worker, rep, prospect and witness, all real, then the report."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from livekit import api, rtc

from cornerman.config import Settings, load_settings
from cornerman.contract import Account, JobMetadata, Listed, wire
from cornerman.demo.cast import COMPANY, NAMES, PROSPECT, REP, WITNESS
from cornerman.demo.report import Report, Shown, make_report
from cornerman.demo.screen import Screen
from cornerman.demo.serving import Beside, house, interrupted, page_beside
from cornerman.demo_call import SAMPLE_RATE, Recording, load_recording, samples
from cornerman.dispatch import send_coach
from cornerman.errors import CornermanError
from cornerman.livekit_server import ServerAddress
from cornerman.livekit_server.server_api import server_api
from cornerman.stand_ins.tokens import prospect_token, rep_token
from cornerman.stand_ins.voice import Voice, joined
from cornerman.stand_ins.witness_process import WitnessProcess, witness
from cornerman_client import CoachClient

JOIN_DEADLINE = 45.0
AFTERGLOW = 3.0
"""Seconds to wait after the recording for what is still under way."""
LAST_LINE = '{"note":{"sent":'
"""How the line begins that a coach writes into its journal last."""
DISCLOSURE = "An AI assistant listens to this call and helps me; is that all right with you?"


@dataclass(frozen=True, slots=True)
class Stage:
    """Everybody in the room."""

    rep: Voice
    prospect: Voice
    client: CoachClient
    witness: WitnessProcess
    room: str


async def run_demo(
    screen: Screen, told: Callable[[Report], None], seconds: float | None, page: Beside, page_port: int = 0
) -> Report:
    """The whole demo, or its first `seconds`. `told` gets the report while everything is still running; the page, if
    there is one beside it, is served on after that, until somebody interrupts.

    Raises:
        CornermanError: a part could not be started or the coach did not come; nothing is proved then.
    """
    settings = load_settings()
    recording = load_recording()
    if seconds is not None:
        recording = recording.first(seconds)
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(house(settings, screen))
        address = await stack.enter_async_context(page_beside(page, server, settings, screen, page_port))
        report = await _coached_call(server, settings, recording, screen)
        told(report)
        if address and page == "until_interrupted":
            screen.progress(f"The call page is still at {address} (ctrl-C ends it)")
            await interrupted()
    return report


async def _coached_call(server: ServerAddress, settings: Settings, recording: Recording, screen: Screen) -> Report:
    async with _stage(server, settings, screen) as stage:
        started, shown = await _play(stage, recording, screen)
        testimony = await stage.witness.testify()
        offset = started - await _call_zero(server, stage.room)
        folder = await _close(server, stage, settings)
    newest = [Shown(nudge, acked - started, offset) for nudge, acked in shown.values()]
    return make_report(recording, newest, folder, testimony)


@asynccontextmanager
async def _stage(server: ServerAddress, settings: Settings, screen: Screen) -> AsyncIterator[Stage]:
    """Room, dispatch, three participants; the coach is there and hears both voices when this yields."""
    name = f"demo-{time.strftime('%Y%m%d-%H%M%S')}"
    metadata = JobMetadata(
        rep=REP,
        participants={
            identity: Listed(role="rep" if identity == REP else "prospect", name=NAMES[identity])
            for identity in (REP, PROSPECT, WITNESS)
        },
        account=Account(company=COMPANY),
    )
    async with AsyncExitStack() as stack:
        async with server_api(server) as livekit:
            await livekit.room.create_room(api.CreateRoomRequest(name=name, empty_timeout=60))
            prefix = settings.worker.identity_prefix
            await send_coach(livekit, name, metadata, agent_name=settings.worker.agent_name, identity_prefix=prefix)
        rep_room = await stack.enter_async_context(joined(server.url, rep_token(server, name, REP, NAMES[REP])))
        client = await stack.enter_async_context(CoachClient(rep_room, client="cornerman demo"))
        prospect_room = await stack.enter_async_context(
            joined(server.url, prospect_token(server, name, PROSPECT, NAMES[PROSPECT]))
        )
        third = await stack.enter_async_context(
            witness(server.url, prospect_token(server, name, WITNESS, NAMES[WITNESS]))
        )
        rep, prospect = await _voice(stack, rep_room), await _voice(stack, prospect_room)
        await _consent(client, rep, prospect, screen)
        yield Stage(rep, prospect, client, third, name)


async def _voice(stack: AsyncExitStack, room: rtc.Room) -> Voice:
    voice = Voice(room)
    stack.push_async_callback(voice.aclose)
    await voice.publish()
    return voice


async def _consent(client: CoachClient, rep: Voice, prospect: Voice, screen: Screen) -> None:
    """Waits for the coach, discloses it, and waits until both are heard. Deaf until then."""
    humming = asyncio.gather(rep.silence(JOIN_DEADLINE * 2), prospect.silence(JOIN_DEADLINE * 2))
    try:
        async with asyncio.timeout(JOIN_DEADLINE):
            await _until(client, lambda _: True)
            screen.progress(f"{client.coach} has joined and hears nobody yet; {NAMES[REP]} discloses it")
            await client.consent([PROSPECT], granted=True, how="said aloud", text=DISCLOSURE)
            await _until(client, _both_heard)
    except TimeoutError:
        raise CornermanError(
            "the coach did not come or does not hear in time: see .cornerman/demo-worker.log, or run cornerman doctor"
        ) from None
    finally:
        humming.cancel()
        await asyncio.gather(humming, return_exceptions=True)


async def _until(client: CoachClient, holds: Callable[[wire.State], bool]) -> None:
    async for state in client.states():
        if state is not None and holds(state):
            return


def _both_heard(state: wire.State) -> bool:
    return {one.identity for one in state.participants if one.heard} >= {REP, PROSPECT}


async def _play(
    stage: Stage, recording: Recording, screen: Screen
) -> tuple[float, dict[str, tuple[wire.Nudge, float]]]:
    """Plays both tracks in step. Gives the epoch time of the recording's zero, and each nudge with when it was first
    shown.
    """
    end = int(recording.duration * SAMPLE_RATE)
    rep_track, prospect_track = samples("rep")[:end], samples("prospect")[:end]
    shown: dict[str, tuple[wire.Nudge, float]] = {}
    started = time.time()
    watching = [
        asyncio.create_task(_watch(stage.client, shown, started, screen), name="demo.nudges"),
        asyncio.create_task(_tell(recording, started, screen), name="demo.lines"),
    ]
    try:
        await asyncio.gather(stage.rep.play(rep_track), stage.prospect.play(prospect_track))
        await asyncio.gather(stage.rep.silence(AFTERGLOW), stage.prospect.silence(AFTERGLOW))
    finally:
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
    return started, shown


async def _watch(
    client: CoachClient, shown: dict[str, tuple[wire.Nudge, float]], started: float, screen: Screen
) -> None:
    async for nudge in client.nudges():
        now = time.time()
        first = shown[nudge.id][1] if nudge.id in shown else now
        shown[nudge.id] = (nudge, first)
        screen.nudge(nudge, now - started)


async def _tell(recording: Recording, started: float, screen: Screen) -> None:
    for line in recording.lines:
        await asyncio.sleep(max(started + line.start - time.time(), 0))
        screen.line(NAMES[line.speaker], line.text, line.start)


async def _call_zero(server: ServerAddress, room: str) -> float:
    """When the room was created, in epoch seconds."""
    async with server_api(server) as livekit:
        rooms = (await livekit.room.list_rooms(api.ListRoomsRequest(names=[room]))).rooms
    return rooms[0].creation_time_ms / 1000


async def _close(server: ServerAddress, stage: Stage, settings: Settings) -> Path:
    """Ends the call and waits for the journal's end."""
    folders = [path for path in settings.journal.path.glob(f"{stage.room}-*") if path.is_dir()]
    if len(folders) != 1:
        raise CornermanError(
            f"expected one journal of {stage.room} under {settings.journal.path}, found {len(folders)}"
        )
    async with server_api(server) as livekit:
        await livekit.room.delete_room(api.DeleteRoomRequest(room=stage.room))
    for _ in range(100):
        if LAST_LINE in (folders[0] / "events-1.jsonl").read_text(encoding="utf-8"):
            return folders[0]
        await asyncio.sleep(0.1)
    raise CornermanError(f"the coach did not close its journal in {folders[0]}")
