"""Callers at work: starts the Go program, sees each planned call through, and collects what is told.

In: a server, plans, lines. Out: a `Running`, whose facts are those of everybody. Promises: what was started ends with
the block; rooms are closed; a coach that does not come is asked for again, and both are told.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from livekit import api

from bench.load.building import build
from bench.load.facts import Fact, read_fact
from bench.load.lines import SILENCE, Line
from bench.load.plan import Caller, CallPlan
from cornerman.contract import wire
from cornerman.errors import CornermanError
from cornerman.livekit_server import ServerAddress
from cornerman.livekit_server.server_api import server_api
from cornerman.stand_ins.tokens import prospect_token, rep_token

logger = logging.getLogger(__name__)

ASKED_AGAIN_AFTER = 15.0
TIMES_ASKED = 3
JOIN_SECONDS = 40.0
LEARN_SECONDS = 30.0
LEAVE_SECONDS = 15.0
LONGEST_FACT = 1 << 20
SERVER_SECONDS = 10.0


class Running:
    """Calls under way. `facts` are all so far, `lines` what can be said, by name."""

    def __init__(self, server: ServerAddress, process: asyncio.subprocess.Process, lines: Mapping[str, Line]) -> None:
        self.lines = lines
        self.facts: list[Fact] = []
        self.began = time.time()
        self._server = server
        self._process = process
        self._news = asyncio.Event()
        self._ended = False
        self._numbers = 0
        self._reading = asyncio.create_task(self._read(), name="load.facts")
        self._calls: list[asyncio.Task[None]] = []

    @property
    def pid(self) -> int:
        """The callers' process."""
        return self._process.pid

    # -- what is told --

    async def events(self) -> AsyncIterator[Fact]:
        """All facts from the first on, as they come, until everybody left."""
        at = 0
        while True:
            news, ended = self._news, self._ended
            for fact in self.facts[at:]:
                at += 1
                yield fact
            if news is not self._news:
                continue
            if ended:
                return
            await news.wait()

    async def until(self, found: Callable[[Fact], bool], seconds: float) -> Fact:
        """The first fact, of those told already or to come, that is such a one.

        Raises:
            TimeoutError: there was none within so many seconds, or the callers ended before.
        """
        async with asyncio.timeout(seconds):
            async for fact in self.events():
                if found(fact):
                    return fact
        raise TimeoutError("the callers ended")

    def of(self, kind: str, call: str = "") -> list[Fact]:
        """Facts of a kind so far, of one call or all."""
        return [fact for fact in self.facts if fact.kind == kind and call in ("", fact.call)]

    # -- what is asked --

    def join(
        self, room: str, caller: Caller, *, rep: bool = False, hello: bool = True, consents: Sequence[str] = ()
    ) -> None:
        """Somebody joins; `joined` or `lost` tells what became of it."""
        token = (
            rep_token(self._server, room, caller.identity)
            if rep
            else prospect_token(self._server, room, caller.identity, attributes=caller.attributes)
        )
        self._command(
            "join", url=self._server.url, token=token, call=room, identity=caller.identity, rep=rep, hello=hello,
            speaks=caller.speaks, listens=caller.listens, consents=list(consents), prefix=wire.DEFAULT_IDENTITY_PREFIX,
        )  # fmt: skip

    def say(self, room: str, identity: str, line: str) -> int:
        """Somebody says a line, after what they are saying; the number that its `said` will have."""
        if line not in self.lines:
            raise CornermanError(f"{identity} in {room} is to say {line!r}, and there is no such line")
        self._numbers += 1
        self._command("say", call=room, identity=identity, line=line, number=self._numbers)
        return self._numbers

    def leave(self, room: str, identity: str) -> None:
        """Somebody hangs up."""
        self._command("leave", call=room, identity=identity)

    async def look(self) -> Fact:
        """Has everybody tell what they received, then what the callers' process used: that fact is returned."""
        before = len(self.of("used"))
        self._command("look")
        await self.until(lambda _: len(self.of("used")) > before, LEARN_SECONDS)
        return self.of("used")[-1]

    def hush(self) -> None:
        """Nobody begins another line; what is being said is said to its end."""
        for task in self._calls:
            task.cancel()

    async def over(self) -> None:
        """Waits until all that was planned is said. A plan with `every` is never over.

        Raises:
            CornermanError: a call could not be set up.
        """
        await asyncio.gather(*self._calls)

    # -- inside --

    def tell(self, kind: str, call: str = "", **more: Any) -> None:
        """Adds a fact of the wrapper's own."""
        self._add(Fact(kind, time.time(), call, "", more))

    def _add(self, *facts: Fact) -> None:
        self.facts.extend(facts)
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        try:
            while line := await self._process.stdout.readline():
                self._add(read_fact(json.loads(line)))
        finally:
            self._ended = True
            self._add()

    def _command(self, what: str, **more: Any) -> None:
        assert self._process.stdin is not None
        if self._ended or self._process.stdin.is_closing():
            raise CornermanError("the callers' process ended before its time; see what it wrote to standard error")
        self._process.stdin.write(json.dumps({"do": what, **more}).encode() + b"\n")

    async def learn(self) -> None:
        """Has the callers read all lines."""
        files = {name: str(line.file) for name, line in self.lines.items()}
        self._command("learn", lines=files, levels={name: _base64(line.levels) for name, line in self.lines.items()})
        told = await self.until(lambda fact: fact.kind == "learned", LEARN_SECONDS)
        if told["lines"] != len(self.lines):
            raise CornermanError("; ".join(str(fact["why"]) for fact in self.of("refused")))

    def begin(self, plan: CallPlan) -> None:
        """Sees a call through in a task of its own."""
        self._calls.append(asyncio.create_task(_see_through(self, plan, self._server), name=f"load.{plan.room}"))

    async def aclose(self) -> None:
        """Everybody leaves."""
        for task in self._calls:
            task.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                await self._process.wait()
                await self._reading
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)


def _base64(raw: bytes) -> str:
    return b64encode(raw).decode()


@asynccontextmanager
async def callers(
    server: ServerAddress, plans: CallPlan | Sequence[CallPlan], lines: Mapping[str, Line]
) -> AsyncIterator[Running]:
    """Plays these calls from here to the end of the block; then everybody leaves and the rooms are closed.

    `lines` must hold one named `silence`. More people may join and more be said by the methods of `Running`.

    Raises:
        CornermanError: the callers could not be built or started.
    """
    planned = [plans] if isinstance(plans, CallPlan) else list(plans)
    if SILENCE not in lines:
        raise CornermanError(f"the lines lack {SILENCE!r}: make it with bench.load.silence")
    binary = await build()
    process = await asyncio.create_subprocess_exec(
        binary, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=LONGEST_FACT
    )
    running = Running(server, process, lines)
    try:
        await running.learn()
        for plan in planned:
            running.begin(plan)
        yield running
    finally:
        await running.aclose()
        await _close_rooms(server, [plan.room for plan in planned])


async def _close_rooms(server: ServerAddress, rooms: Sequence[str]) -> None:
    async with server_api(server) as livekit:
        for room in rooms:
            with contextlib.suppress(api.TwirpError, aiohttp.ClientError, TimeoutError):
                async with asyncio.timeout(SERVER_SECONDS):
                    await livekit.room.delete_room(api.DeleteRoomRequest(room=room))


# -- one call --


async def _see_through(running: Running, plan: CallPlan, server: ServerAddress) -> None:
    await asyncio.sleep(plan.after)
    async with server_api(server) as livekit:
        async with asyncio.timeout(SERVER_SECONDS):
            await livekit.room.create_room(api.CreateRoomRequest(name=plan.room, empty_timeout=60))
        for caller in plan.people:
            running.join(plan.room, caller, rep=caller is plan.rep, hello=plan.hello, consents=plan.consents)
        asking = asyncio.create_task(_ask(running, plan, livekit), name=f"load.ask.{plan.room}")
        try:
            came = await _settled(running, plan)
            running.tell("talking", plan.room, waited_for=plan.begins, came=came)
            await _talk(running, plan)
            await asking
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)


async def _ask(running: Running, plan: CallPlan, livekit: api.LiveKitAPI) -> None:
    """Asks for a coach, and again where none came: servers under load were seen to lose dispatches."""
    if not plan.agent_name:
        return
    request = api.CreateAgentDispatchRequest(
        agent_name=plan.agent_name, room=plan.room, metadata=json.dumps(plan.job())
    )
    for times in range(1, TIMES_ASKED + 1):
        async with asyncio.timeout(SERVER_SECONDS):
            await livekit.agent_dispatch.create_dispatch(request)
        running.tell("asked", plan.room, times=times)
        with contextlib.suppress(TimeoutError):
            await running.until(lambda fact: fact.call == plan.room and fact.kind == "coach", ASKED_AGAIN_AFTER)
            return


async def _settled(running: Running, plan: CallPlan) -> bool:
    """Waits for what the plan names; whether it came."""
    here = [fact for fact in plan.people if fact.speaks]
    waiting = {one.identity for one in here}

    def all_joined(fact: Fact) -> bool:
        if fact.call == plan.room and fact.kind in ("joined", "lost"):
            waiting.discard(fact.identity)
        return not waiting

    def ready(fact: Fact) -> bool:
        if fact.call != plan.room:
            return False
        if plan.begins == "coach":
            return fact.kind == "coach"
        return fact.kind in ("state", "acquainted", "consented") and speakers <= heard_in(fact.message)

    speakers = {one.identity for one in here}
    try:
        await running.until(all_joined, JOIN_SECONDS)
        if plan.begins != "joined":
            await running.until(ready, plan.settles)
    except TimeoutError:
        return False
    return True


def heard_in(state: Mapping[str, Any]) -> set[str]:
    """Identities that a state names as heard."""
    return {str(one["identity"]) for one in state.get("participants", ()) if one.get("heard")}


async def _talk(running: Running, plan: CallPlan) -> None:
    loop = asyncio.get_running_loop()
    sayings = sorted(
        ((one.at, who.identity, one.line) for who in plan.people for one in who.sayings), key=lambda it: it[0]
    )
    begun = loop.time()
    rounds = 0
    while sayings:
        for at, identity, line in sayings:
            await asyncio.sleep(max(begun + rounds * (plan.every or 0.0) + at - loop.time(), 0.0))
            running.say(plan.room, identity, line)
        rounds += 1
        if plan.every is None:
            last = max(running.lines[line].seconds for _, _, line in sayings)
            await asyncio.sleep(last)
            return
