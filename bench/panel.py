"""How soon a card is painted in the rep's browser, and what a long call leaves behind there.

Everything is real but the coach, which is played by a participant of kind agent: a LiveKit server, a Chromium, and the
rep's package as it is published. Beside it a bare page that sets the text of one paragraph and answers after the frame:
what no panel could do faster. Rounds of ours and of the peer alternate.

    python -m bench.panel              # from the root of the repository, after `make web`; under three minutes
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import re
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from livekit import rtc
from playwright.async_api import Browser
from rich.console import Console

from bench.command import as_command
from bench.measured import Figure, Run, as_table, percentile, this_machine, write_json
from bench.panel_browser import WEB, Memory, Subject, browser, subject
from bench.processes import ROOT
from cornerman.contract import wire
from cornerman.errors import CornermanError
from cornerman.livekit_server import ServerAddress, open_server
from cornerman.stand_ins.tokens import agent_token, rep_token
from cornerman.stand_ins.voice import joined

LONGEST = 500.0
WIDTH = 150
REVISIONS_A_SECOND = 20
REVISIONS_A_CARD = 24
WARMING = 60
"""Revisions before anything counts: scripts are compiled, fonts are laid out."""
PAINTED_LIMIT, TASK_LIMIT, BUNDLE_LIMIT = 32.0, 50.0, 20_000.0
FILLING = 750
"""Nudges before memory is looked at: the client remembers 500 cards, so that none is shown twice."""
HEAP_LIMIT, NODES_LIMIT, LISTENERS_LIMIT = 100.0, 10.0, 10.0
"""What a thousand nudges may leave behind then, in kB, nodes and listeners. A card that were kept would be 2 kB."""
PEER = "a bare page"
OURS_AND_PEER = ("panel", "bare")
SENTENCE = "Ask what waiting one more quarter would cost them, and let them say the number before you name yours. "


@dataclass(slots=True)
class Streamed:
    """One round of a stream: milliseconds from the handler's entry to the paint, from sent to answered, and what the
    page's main thread took 50 ms or longer for.
    """

    painted: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    long_tasks: list[float] = field(default_factory=list)


class Coach:
    """Plays the coach: sends revisions, and keeps what the page answers."""

    def __init__(self, room: rtc.Room) -> None:
        self._room = room
        self._ids = itertools.count(1)
        for method in wire.COACH_METHODS:
            room.local_participant.register_rpc_method(method, self._answer)

    async def _answer(self, _call: rtc.RpcInvocationData) -> str:
        return state()

    async def meet(self) -> None:
        """Waits until the page answers."""
        while True:
            try:
                await self._call(wire.STATE, state())
                return
            except rtc.RpcError:
                await asyncio.sleep(0.1)

    async def stream(self, revisions: int) -> Streamed:
        """Streams cards word by word, `REVISIONS_A_SECOND`, one revision under way at a time as the coach does."""
        found = Streamed()
        loop = asyncio.get_running_loop()
        due = loop.time()
        for payload in itertools.islice(self._words(), revisions):
            await asyncio.sleep(max(due - loop.time(), 0.0))
            due = max(due + 1 / REVISIONS_A_SECOND, loop.time())
            sent = loop.time()
            ack = json.loads(await self._call(wire.NUDGE, payload))
            found.answered.append(1000 * (loop.time() - sent))
            if ack["status"] != "shown":
                raise CornermanError(f"the page answered {ack['status']}: it has to be in sight while it is measured")
            found.painted.append(ack["painted_ms"])
        return found

    async def nudges(self, count: int) -> None:
        """So many cards, each plain first and then in its final words, as fast as they are painted."""
        for _ in range(count):
            number = next(self._ids)
            await self._call(wire.NUDGE, nudge(number, 0, "", final=False))
            await self._call(wire.NUDGE, nudge(number, 1, SENTENCE * 3, final=True))

    def _words(self) -> Iterator[str]:
        words = (SENTENCE * 3).split(" ")
        while True:
            number = next(self._ids)
            for revision in range(REVISIONS_A_CARD):
                said = len(words) * (revision + 1) // REVISIONS_A_CARD
                yield nudge(number, revision, " ".join(words[:said]), final=revision == REVISIONS_A_CARD - 1)

    async def _call(self, method: str, payload: str) -> str:
        return await self._room.local_participant.perform_rpc(
            destination_identity="rep", method=method, payload=payload, response_timeout=8.0, max_round_trip_latency=2.0
        )


def nudge(number: int, revision: int, detail: str, *, final: bool) -> str:
    """A card of usual size."""
    said = {"type": "words", "speaker": "tom", "role": "prospect", "start": 61.0, "end": 62.5, "quote": "too expensive"}
    fields: dict[str, Any] = {
        "v": 1,
        "id": f"1-{number}",
        "rev": revision,
        "final": final,
        "status": "live",
        "kind": "price_objection",
        "headline": f"Ask what waiting would cost them ({number})",
        "detail": detail.strip(),
        "priority": 500,
        "ttl_ms": 15_000,
        "because": [said],
        "sources": [{"id": "card:price", "title": "Price", "locator": "objections/price.md"}],
        "timing": {"spoken": 62.5, "heard": 62.7, "decided": 62.7, "sent": 62.7},
    }
    return json.dumps(fields)


def state() -> str:
    """A call in which both sides are heard."""
    people = [
        wire.Hearing(identity=name, name=name.title(), role=role, present=True, consent="granted", heard=True)
        for name, role in (("rep", "rep"), ("tom", "prospect"))
    ]
    told = wire.State(segment=1, at=1.0, status="listening", consent_mode="granted", participants=tuple(people))
    return told.to_json()


@asynccontextmanager
async def call(server: ServerAddress, opened: Browser, address: str, page: str) -> AsyncIterator[tuple[Coach, Subject]]:
    """A room of its own with a page and a coach, acquainted."""
    room = f"bench-{page}"
    async with (
        subject(opened, address, page) as looked_at,
        joined(server.url, agent_token(server, room, wire.DEFAULT_IDENTITY_PREFIX + "bench")) as own,
    ):
        coach = Coach(own)
        await looked_at.join(server.url, rep_token(server, room, "rep"))
        await coach.meet()
        yield coach, looked_at


async def streams(
    server: ServerAddress, opened: Browser, address: str, rounds: int, seconds: float
) -> list[list[Streamed]]:
    """Rounds of a stream, ours and the peer's in turns."""
    found: list[list[Streamed]] = []
    async with (
        call(server, opened, address, OURS_AND_PEER[0]) as ours,
        call(server, opened, address, OURS_AND_PEER[1]) as peer,
    ):
        for coach, page in (ours, peer):
            await coach.stream(WARMING)
            await page.forget_long_tasks()
        for _ in range(rounds):
            both = []
            for coach, page in (ours, peer):
                streamed = await coach.stream(int(seconds * REVISIONS_A_SECOND))
                streamed.long_tasks = await page.long_tasks()
                await page.forget_long_tasks()
                both.append(streamed)
            found.append(both)
    return found


async def left_behind(server: ServerAddress, opened: Browser, address: str, count: int) -> list[Memory]:
    """What so many nudges leave behind in ours and in the peer, once the client's own memory of cards is full."""
    found = []
    for name in OURS_AND_PEER:
        async with call(server, opened, address, name) as (coach, page):
            await coach.nudges(FILLING)
            before = await page.memory()
            await coach.nudges(count)
            found.append((await page.memory()).since(before))
    return found


async def bundle() -> float:
    """The panel's weight, in bytes, as `tools/size.mjs` of the package says."""
    node = shutil.which("node", path=str(ROOT / ".venv" / "bin")) or shutil.which("node")
    if node is None:
        raise CornermanError("there is no Node.js on this machine: run tools/node.sh, which gets it")
    process = await asyncio.create_subprocess_exec(
        node, "tools/size.mjs", cwd=WEB, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    told = (await process.communicate())[0].decode()
    weighed = re.search(r"element\.js: (\d+) bytes", told)
    if weighed is None:
        raise CornermanError(f"the package could not be weighed: {told}")
    return float(weighed[1])


def figures_of(rounds: list[list[Streamed]], memory: list[Memory], weight: float, count: int) -> list[Figure]:
    """The figures of all rounds."""
    calls = sum(len(both[0].painted) for both in rounds)

    def each(of: str, share: float) -> tuple[Run, ...]:
        return tuple(Run(*(percentile(getattr(one, of), share) for one in both)) for both in rounds)

    longest = tuple(Run(*(max(one.long_tasks, default=0.0) for one in both)) for both in rounds)
    ours, peer = memory
    return [
        Figure("call received to painted, median", "ms", PEER, each("painted", 0.5), calls),
        Figure("call received to painted, p95", "ms", PEER, each("painted", 0.95), calls, PAINTED_LIMIT),
        Figure("call sent to answer, p95", "ms", PEER, each("answered", 0.95), calls),
        Figure("longest task of the main thread; 0: none of 50 ms", "ms", PEER, longest, calls, TASK_LIMIT),
        Figure(
            f"heap left by {count} nudges", "kB", PEER, (Run(ours.heap / 1000, peer.heap / 1000),), count, HEAP_LIMIT
        ),
        Figure(f"DOM nodes left by {count} nudges", "", PEER, (Run(ours.nodes, peer.nodes),), count, NODES_LIMIT),
        Figure(
            f"listeners left by {count} nudges",
            "",
            PEER,
            (Run(ours.listeners, peer.listeners),),
            count,
            LISTENERS_LIMIT,
        ),
        Figure("the panel, gzip", "bytes", "", (Run(weight),), 1, BUNDLE_LIMIT),
    ]


async def measure(options: argparse.Namespace, console: Console) -> bool:
    """Runs the bench and reports; whether every limit was kept."""
    machine = this_machine()
    async with asyncio.timeout(LONGEST), open_server_and_browser() as (server, opened, address):
        rounds = await streams(server, opened, address, options.rounds, options.seconds)
        memory = await left_behind(server, opened, address, options.nudges)
    figures = figures_of(rounds, memory, await bundle(), options.nudges)
    title = f"A card that streams at {REVISIONS_A_SECOND} revisions a second, and a call of {options.nudges} nudges"
    console.print(as_table(title, figures, machine))
    write_json(options.json, figures, machine)
    return all(figure.kept is not False for figure in figures)


@asynccontextmanager
async def open_server_and_browser() -> AsyncIterator[tuple[ServerAddress, Browser, str]]:
    """What everything needs."""
    async with open_server() as server, browser() as (opened, address):
        yield server, opened, address


def parsed(arguments: list[str]) -> argparse.Namespace:
    """The command's options."""
    parser = argparse.ArgumentParser(prog="python -m bench.panel", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0, help="of one round")
    parser.add_argument("--nudges", type=int, default=1000)
    parser.add_argument("--json", type=Path, default=ROOT / "bench" / "panel.json")
    return parser.parse_args(arguments)


def main() -> None:
    """The command."""
    as_command("bench.panel", measure(parsed(sys.argv[1:]), Console(width=WIDTH)), f"not done within {LONGEST:g} s")


if __name__ == "__main__":
    main()
