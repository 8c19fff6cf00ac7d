"""How soon advice is there, what the reflex lane feels of it, and what starting early buys and costs.

Calls are real but for recognition: a LiveKit server, a coach's call, reps with the Python client and a model's server,
each in a process of its own; turns are fed to the coach word for word. What is compared takes turns, sample by sample.

    python -m bench.advising            # from the root of the repository; under five minutes
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import cycle
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.advising_figures import Counts, answer_figures, reflex_figures, way_figures
from bench.advising_samples import PROSPECT, Seen
from bench.command import as_command
from bench.measured import Figure, as_table, this_machine, write_json
from bench.processes import ROOT, Child, child
from cornerman.livekit_server import ServerAddress, open_server
from cornerman.stand_ins.tokens import agent_token, rep_token

LONGEST = 297.0
"""Seconds after which the bench ends, whatever state it is in."""
START_SECONDS = 60.0
ANSWER_SECONDS = 30.0
ACQUAINTED = 6.0
"""Seconds after which a coach may call a rep who was there before it."""
WIDTH = 160
KEYS = {"OPENAI_API_KEY": "any key opens a fake"}
SAID_BEFORE = 300
"""Turns that were said before, as in a call of an hour: what is looked through for each answer."""
TURN_SILENCE = 0.5
"""Seconds between the end of a voice and that of a turn."""
CARD_BYTES = 800
"""Of a usual card with a model's headline."""
ACCOUNT = {
    "id": "hf-1",
    "company": "Harbor Foods",
    "industry": "Food",
    "employees": 450,
    "last_call": "asked for a security review before the pilot",
    "notes": "buys in spring only",
}
NOTICED = (
    "honestly for us that is too expensive",
    "before that can you give us a discount",
    "we also had a quote from northstar",
    "before that we would need single sign on",
    "we also had a quote from bluefin",
    "this year we simply have no budget",
    "we were thinking of maybe next year",
    "we also had a quote from ironbridge",
    "it would be a lot of work to switch",
    "we worry about is our data",
    "we also had a quote from silverline",
    "we are happy with what we have",
    "we have never heard of you",
    "tell me first can it integrate",
    "when can we start",
)
"""Each with a moment of its own card, whose last word is the last."""
RETURNS = 11.0
"""Seconds after which the same is said again: a refined card stands for eight from its last word, and would be the same
card twice.
"""
NAMED = (("northstar", "five"), ("bluefin", "eight"), ("ironbridge", "twelve"), ("silverline", "six"))
SHOWN = tuple(
    f"as you can see on this slide {name} came to {percent} percent and {noticed}"
    for noticed, (name, percent) in zip((one for one in NOTICED if "quote" not in one), cycle(NAMED), strict=False)
)
"""Each names a competitor and a percentage and points at the screen."""
POINTS = 7
"""Words of them that point at it, before any that a card is for."""


Script = list[list[Any]]
"""What happens in a turn, for the coach's process."""


@dataclass
class Coached:
    """One call, its rep, and what was fed to it."""

    name: str
    coach: Child
    turns: list[dict[str, Any]] = field(default_factory=list)
    peers: list[float] = field(default_factory=list)

    async def say(self, script: Script) -> None:
        """The prospect says a turn."""
        turn = f"{self.name}-{len(self.turns)}"
        self.turns.append(await self.coach.ask(ANSWER_SECONDS, turn=turn, script=script))

    async def call_rep(self, size: int) -> None:
        """The rep is called by nothing but LiveKit."""
        self.peers.append((await self.coach.ask(ANSWER_SECONDS, peer=size))["took"] * 1000)


@dataclass(frozen=True, slots=True)
class Stage:
    """What all calls share."""

    stack: AsyncExitStack
    server: ServerAddress
    model: Child
    reps: Child
    url: str
    folder: Path
    one_at_a_time: asyncio.Lock

    async def opens(
        self, name: str, *, model: str, earlier: int = 0, early: bool = True, screen: str = "off"
    ) -> Coached:
        """A call with a rep, whose coach asks such a model; empty: none."""
        coach = await self.stack.enter_async_context(child("bench.coach_process", self.folder / f"{name}.log", KEYS))
        rep, room = f"rep-{name}", f"bench-{name}"
        token = rep_token(self.server, room, rep)
        async with self.one_at_a_time:
            await self.reps.ask(START_SECONDS, join=rep, url=self.server.url, token=token, shares=screen != "off")
        accounts = self.folder / "accounts.yaml"
        accounts.write_text(json.dumps([ACCOUNT]))
        llm = {"provider": "openai", "model": model, "base_url": self.url} if model else {}
        settings = {
            "llm": llm,
            "advising": {"early": early},
            "screen": {"policy": screen},
            "accounts": {"file": str(accounts)},
        }
        metadata = {
            "v": 1,
            "rep": rep,
            "account": {"company": ACCOUNT["company"]},
            "consent": {"mode": "granted", "granted": [rep, PROSPECT]},
        }
        await coach.ask(
            START_SECONDS,
            url=self.server.url,
            token=agent_token(self.server, room, f"cornerman-{name}"),
            peer_token=agent_token(self.server, room, f"bare-{name}"),
            settings=settings,
            metadata=json.dumps(metadata),
            earlier=earlier,
        )
        return Coached(name, coach)

    @asynccontextmanager
    async def scene(self) -> AsyncIterator[Stage]:
        """Calls opened in it end with it."""
        async with AsyncExitStack() as stack:
            yield replace(self, stack=stack)

    async def seen(self, call: Coached) -> Seen:
        """What everybody noted of this call."""
        requests = (await self.model.ask(ANSWER_SECONDS, turns=f"{call.name}-"))["requests"]
        painted = (await self.reps.ask(ANSWER_SECONDS, painted=f"rep-{call.name}"))["painted"]
        acks = (await call.coach.ask(ANSWER_SECONDS))["acks"]
        return Seen(call.turns, requests, painted, acks)


async def set_up(stack: AsyncExitStack) -> Stage:
    """Starts what all calls share; it ends with the stack."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
    server = await stack.enter_async_context(open_server())
    model = await stack.enter_async_context(child("bench.model_process", folder / "model.log", KEYS))
    reps = await stack.enter_async_context(child("bench.reps_process", folder / "reps.log", KEYS))
    url = (await model.ask(START_SECONDS, start=True))["url"]
    return Stage(stack, server, model, reps, url, folder, asyncio.Lock())


# -- what is said --


def growing(text: str, *, every: float, parts: int = 4) -> Script:
    """Partials of a text, the last one whole."""
    words = text.split()
    steps: Script = []
    for part in range(1, parts + 1):
        steps += [["heard", " ".join(words[: -(-len(words) * part // parts)])], ["wait", every]]
    return steps


def at_once(text: str) -> Script:
    """A turn in no time of which the last partial brings the last word."""
    before = text.rpartition(" ")[0]
    return [["heard", before], ["wait", 0.05], ["heard", text], ["wait", 0.09], ["silent"], ["over"], ["wait", 0.04]]


def spoken(text: str, *, breath: bool) -> Script:
    """A turn as people say it: its end comes half a second after the voice fell silent. `breath`: they pause once."""
    words = text.split()
    half = " ".join(words[: len(words) // 2])
    first: Script = [["heard", half], ["wait", 0.15], ["silent"], ["wait", 0.3]] if breath else []
    return [*first, *growing(text, every=0.15, parts=2), ["silent"], ["wait", TURN_SILENCE], ["over"]]


# -- what is measured --


async def there_and_back(stage: Stage, samples: int) -> Coached:
    """Turns with all that can go with a request; after each, a bare call of the rep."""
    call = await stage.opens("way", model="instant", earlier=SAID_BEFORE, early=False, screen="every_turn")
    await asyncio.sleep(ACQUAINTED)
    for number in range(samples):
        text = SHOWN[number % len(SHOWN)]
        said: Script = [["heard", " ".join(text.split()[:POINTS])], ["wait", 0.1], ["heard", text], ["wait", 0.15]]
        await call.say([*said, ["silent"], ["wait", 0.1], ["over"], ["wait", 0.25]])
        await call.call_rep(CARD_BYTES)
        await asyncio.sleep(0.25)
    return call


async def reflexes(stage: Stage, samples: int) -> dict[str, Coached]:
    """The same turns without a model, with one that answers and with one that hangs, sample by sample."""
    ways = {"none": "", "healthy": "paced", "hangs": "hangs"}
    opening = (stage.opens(f"reflex_{way}", model=model, earlier=SAID_BEFORE) for way, model in ways.items())
    calls = dict(zip(ways, await asyncio.gather(*opening), strict=True))
    await asyncio.sleep(ACQUAINTED)
    order, began = list(calls.values()), time.monotonic()
    for number in range(samples):
        await asyncio.sleep(max(began + number * RETURNS / len(NOTICED) - time.monotonic(), 0.0))
        for call in order:
            await call.say(at_once(NOTICED[number % len(NOTICED)]))
        order = [*order[1:], order[0]]
    return calls


async def answers(stage: Stage, samples: int) -> dict[str, list[Coached]]:
    """Whole answers of a model at a usual pace, begun at the end of a turn and early; two calls of each at a time."""
    opening = (
        stage.opens(f"{way}_{number}", model="paced", early=way == "early", earlier=SAID_BEFORE)
        for way in ("late", "early")
        for number in range(2)
    )
    every = await asyncio.gather(*opening)
    await asyncio.sleep(ACQUAINTED)

    async def goes_on(call: Coached, behind: float) -> None:
        await asyncio.sleep(behind)
        for number in range(-(-samples // 2)):
            text = NOTICED[number % len(NOTICED)]
            await call.say([*spoken(f"well {text}", breath=number % 3 == 2), ["wait", 2.1]])

    await asyncio.gather(*(goes_on(call, 0.8 * number) for number, call in enumerate(every)))
    return {"late": every[:2], "early": every[2:]}


# -- all --


async def measure(options: argparse.Namespace, console: Console) -> bool:
    """Runs the bench and reports; whether every count is as it must be."""
    machine, began, counts = this_machine(), time.monotonic(), Counts()
    figures: list[Figure] = []
    async with AsyncExitStack() as outer, asyncio.timeout(LONGEST):
        stage = await set_up(outer)
        if options.only in ("", "way"):
            async with stage.scene() as scene:
                way = await there_and_back(scene, options.samples)
                figures += way_figures(await scene.seen(way), way.peers, counts)
        if options.only in ("", "reflex"):
            async with stage.scene() as scene:
                reflex = await reflexes(scene, options.samples)
                figures += reflex_figures({name: await scene.seen(call) for name, call in reflex.items()}, counts)
        if options.only in ("", "answers"):
            async with stage.scene() as scene:
                answered = await answers(scene, options.answers)
                seen = {name: [await scene.seen(call) for call in pair_] for name, pair_ in answered.items()}
                figures += answer_figures(seen, counts)
    console.print(as_table(f"advising, {options.samples} samples, {options.answers} answers", figures, machine))
    console.print(
        counts.as_table(f"took {time.monotonic() - began:.0f} s; load average {os.getloadavg()[0]:.2f} at the end")
    )
    write_json(options.json, figures, machine)
    return counts.kept


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="bench.advising", description="How soon advice is there, and at what cost.")
    parser.add_argument("--only", choices=["way", "reflex", "answers"], default="", help="one part of the bench")
    parser.add_argument("--samples", type=int, default=100)
    parser.add_argument("--answers", type=int, default=30, help="of each way to begin")
    parser.add_argument("--json", type=Path, default=ROOT / "bench" / "advising.json")
    return parser.parse_args(arguments)


def main() -> None:
    """The command; exit status 1 where a count is not what it must be. What the clock says is told, not judged."""
    as_command("bench.advising", measure(parsed(sys.argv[1:]), Console(width=WIDTH)), f"not done within {LONGEST:g} s")


if __name__ == "__main__":
    main()
