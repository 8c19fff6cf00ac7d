"""A real call for tests: a room, a dispatched coach, a rep with the Python client, people who talk.

What people say comes from the recorded demo call, line by line, so that the embedded engine hears real audio.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.request import urlopen

import numpy as np
from livekit import api, rtc
from numpy.typing import NDArray

from cornerman.contract import wire
from cornerman.demo_call import load_recording, samples
from cornerman.events import Turn
from cornerman.livekit_server import ServerAddress
from cornerman.record.reading import Segment, segments_of
from cornerman.stand_ins.tokens import prospect_token, rep_token
from cornerman.stand_ins.voice import Voice, joined
from cornerman_client import CoachClient, Nudge

RATE = 16_000
DEADLINE = 40.0
PATIENCE = 20.0
"""Seconds after which a dispatch counts as lost: servers under load were seen to lose some."""
LOOK_EVERY = 0.05

Value = TypeVar("Value")


def line(starting: str) -> NDArray[np.int16]:
    """The recorded line that starts with these words, with half a second of silence before and one after."""
    recording = load_recording()
    (found,) = [one for one in recording.lines if one.text.startswith(starting)]
    said = samples(found.speaker)[int(found.start * RATE) : int(found.end * RATE)]
    silence = np.zeros(RATE // 2, dtype=np.int16)
    return np.concatenate([silence, said, silence, silence])


async def until(condition: Callable[[], Value | None], what: str, seconds: float = DEADLINE) -> Value:
    """Waits until something is so; fails with what was waited for."""
    try:
        async with asyncio.timeout(seconds):
            while not (value := condition()):
                await asyncio.sleep(LOOK_EVERY)
            return value
    except TimeoutError:
        raise AssertionError(f"never came: {what}") from None


@dataclass(frozen=True)
class RunningWorker:
    """The worker of this run, as its tests need to know it."""

    agent_name: str
    journals: Path
    log: Path
    broken_playbook: str
    pid: int

    def refusals(self, room: str) -> list[str]:
        """What the log says of jobs refused in this room."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [one["message"] for one in lines if one.get("room") == room and "job refused" in one["message"]]


@dataclass
class LiveCall:
    """One call of one test."""

    server: ServerAddress
    livekit: api.LiveKitAPI
    room: str
    agent_name: str
    journals: Path
    stack: AsyncExitStack
    nudges: list[Nudge] = field(default_factory=list)
    rep_room: rtc.Room | None = None
    _asked: str = ""

    async def dispatch(self, **metadata: Any) -> None:
        """Asks for a coach; `raw` sends metadata as it stands."""
        text = metadata["raw"] if "raw" in metadata else json.dumps({"v": 1, "rep": "rep", **metadata})
        self._asked = text
        await self.livekit.agent_dispatch.create_dispatch(
            api.CreateAgentDispatchRequest(agent_name=self.agent_name, room=self.room, metadata=text)
        )

    async def rep(self, identity: str = "rep") -> CoachClient:
        """The rep joins with the Python client; nudges are collected."""
        room = await self.stack.enter_async_context(
            joined(self.server.url, rep_token(self.server, self.room, identity))
        )
        self.rep_room = room
        client = await self.stack.enter_async_context(CoachClient(room))
        collecting = asyncio.create_task(self._collect(client), name="calls.collect")
        self.stack.push_async_callback(_ended, collecting)
        return client

    async def person(self, identity: str, *, attributes: dict[str, str] | None = None) -> Voice:
        """Somebody joins with a prospect's token and a microphone that hums silence."""
        token = prospect_token(self.server, self.room, identity, attributes=attributes)
        room = await self.stack.enter_async_context(joined(self.server.url, token))
        return await self.voice(room)

    async def voice(self, room: rtc.Room) -> Voice:
        """Gives a joined participant a microphone."""
        voice = Voice(room)
        self.stack.push_async_callback(voice.aclose)
        await voice.publish()
        return voice

    async def coach_is_there(self, client: CoachClient) -> wire.State:
        """Waits until the rep's client knows the coach's state; asks again where the server lost the dispatch."""
        await self.coach_came()
        return await until(lambda: client.state, "the coach's first state")

    async def coach_came(self) -> None:
        """Waits until the server lists a coach; asks again where it lost the dispatch."""
        for patience in (PATIENCE, DEADLINE):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    while not await self.coaches():
                        await asyncio.sleep(LOOK_EVERY)
                    return
            if self._asked:
                await self.dispatch(raw=self._asked)
        raise AssertionError("never came: a coach")

    async def heard(self, client: CoachClient, *voices: Voice) -> None:
        """Waits until the coach hears these voices, which hum silence meanwhile."""
        humming = asyncio.gather(*(voice.silence(DEADLINE) for voice in voices))
        try:
            wanted = {voice.room.local_participant.identity for voice in voices}
            await until(lambda: wanted <= hearing(client), f"{wanted} are heard")
        finally:
            humming.cancel()
            await asyncio.gather(humming, return_exceptions=True)

    async def nudge(self, kind: str, *, status: str = "live") -> Nudge:
        """Waits for a nudge of a kind."""

        def find() -> Nudge | None:
            return next((one for one in self.nudges if one.kind == kind and one.status == status), None)

        return await until(find, f"a nudge of kind {kind}, {status}")

    def folder(self) -> Path:
        """The call's journal folder."""
        (folder,) = self.journals.glob(f"{self.room}-*")
        return folder

    def segment(self) -> Segment:
        """The newest segment as written so far."""
        return segments_of(self.folder())[-1]

    async def end(self) -> Path:
        """Closes the room; returns the folder of the finished journal."""
        await self.livekit.room.delete_room(api.DeleteRoomRequest(room=self.room))
        folder = self.folder()
        await until(lambda: any("sent" in note for note in segments_of(folder)[-1].notes()), "the journal's end")
        return folder

    async def coaches(self) -> list[str]:
        """Identities of agents the server lists in the room."""
        listed = await self.livekit.room.list_participants(api.ListParticipantsRequest(room=self.room))
        return [one.identity for one in listed.participants if one.kind == api.ParticipantInfo.Kind.AGENT]

    async def _collect(self, client: CoachClient) -> None:
        async for nudge in client.nudges():
            self.nudges.append(nudge)


def hearing(client: CoachClient) -> set[str]:
    """Identities the coach says it hears."""
    return {one.identity for one in client.state.participants if one.heard} if client.state else set()


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


StartCall = Callable[[], Awaitable[LiveCall]]


@asynccontextmanager
async def live_call(
    server: ServerAddress, livekit: api.LiveKitAPI, room: str, agent_name: str, journals: Path
) -> AsyncIterator[LiveCall]:
    """A room for a call; everybody leaves at the end."""
    await livekit.room.create_room(api.CreateRoomRequest(name=room, empty_timeout=60))
    async with AsyncExitStack() as stack:
        yield LiveCall(server, livekit, room, agent_name, journals, stack)
    # a call that goes on would keep the worker from ending
    with contextlib.suppress(api.TwirpError):
        await livekit.room.delete_room(api.DeleteRoomRequest(room=room))


class Subscriptions:
    """Subscribed tracks as the server counts them, all rooms together. In tests nobody but coaches subscribes."""

    def __init__(self, server: ServerAddress) -> None:
        assert server.prometheus_url, "these tests read the metrics of a server of their own: unset LIVEKIT_URL"
        self._url = server.prometheus_url

    async def count(self, kind: str = "AUDIO") -> int:
        """Tracks of a kind subscribed now."""
        return (await asyncio.to_thread(self._read)).get(kind, 0)

    async def become(self, wanted: int, kind: str = "AUDIO", seconds: float = DEADLINE) -> None:
        """Waits until so many are subscribed."""
        counted = -1
        try:
            async with asyncio.timeout(seconds):
                while (counted := await self.count(kind)) != wanted:
                    await asyncio.sleep(LOOK_EVERY)
        except TimeoutError:
            raise AssertionError(f"the server counts {counted} subscribed {kind} tracks, not {wanted}") from None

    async def most_during(self, doing: Awaitable[Any]) -> dict[str, int]:
        """The highest count of each kind while something is done, looked at before, again and again, and after."""
        task = asyncio.ensure_future(doing)
        most: dict[str, int] = {}
        over = False
        while not over:
            over = task.done()
            for kind, count in (await asyncio.to_thread(self._read)).items():
                most[kind] = max(count, most.get(kind, 0))
            await asyncio.sleep(LOOK_EVERY)
        await task
        return {kind: count for kind, count in most.items() if count}

    def _read(self) -> dict[str, int]:
        with urlopen(self._url, timeout=5) as page:
            text = page.read().decode()
        found = re.findall(r'^livekit_track_subscribed_total\{kind="(\w+)".*\} (\d+)$', text, re.MULTILINE)
        return {kind: int(count) for kind, count in found}


def turns_of(call: LiveCall, identity: str) -> list[str]:
    """Completed turns of a participant as the journal has them."""
    events = (one.event for one in call.segment().heard())
    return [
        " ".join(word.text for word in event.words)
        for event in events
        if isinstance(event, Turn) and event.identity == identity and event.words
    ]


def inputs_of(call: LiveCall, kind: str) -> list[Mapping[str, Any]]:
    """Inputs of a kind (`delivery`, `partial` ...) in the journal, as written."""
    return [one for one in call.segment().lines if one.get("in") == kind]


def decisions_of(call: LiveCall, kind: str) -> list[Mapping[str, Any]]:
    """Decisions of a kind (`nudge`, `held` ...) in the journal, as written."""
    return [one for one in call.segment().lines if one.get("out") == kind]


def everything_in(folder: Path) -> str:
    """Every byte of every journal file, in lower case."""
    return "\n".join(path.read_text() for path in sorted(folder.iterdir())).lower()


async def subscribed_to(voice: Voice) -> None:
    """Waits until the server says that somebody subscribes to this microphone."""
    assert voice.publication is not None
    async with asyncio.timeout(DEADLINE):
        await voice.publication.wait_for_subscription()


async def plain_rep(call: LiveCall, identity: str = "rep") -> rtc.Room:
    """The rep joins with a bare room: no client, no method registered."""
    return await call.stack.enter_async_context(joined(call.server.url, rep_token(call.server, call.room, identity)))


def planted(kind: str) -> NDArray[np.int16]:
    """The first recorded line with a planted moment of this kind."""
    recording = load_recording()
    found = next(one for one in recording.planted if one.kind == kind)
    return line(recording.lines[found.line].text)
