"""What hearing costs and adds: delay of partials, delay of audio on its way to the provider, processor per participant.

Everything real but the providers, which are fakes that hear: a LiveKit server, participants who speak, and the ears
are processes of their own. Runs of ours and of the peer alternate. Prints a table and writes bench/hearing.json.

    python -m bench.hearing            # from the root of the repository
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.command import as_command
from bench.delays import Delays, delays_of
from bench.measured import Figure, Run, as_table, percentile, this_machine, write_json
from bench.processes import ROOT, Child, child
from cornerman.errors import CornermanError
from cornerman.livekit_server import ServerAddress, open_server
from cornerman.stand_ins.tokens import agent_token, prospect_token

logger = logging.getLogger(__name__)

ROOM = "bench"
LONGEST = 235.0
"""Seconds after which the bench ends, whatever state it is in."""
START_SECONDS = 60.0
ANSWER_SECONDS = 40.0
WIDTH = 150
CLOSELY_HEARD = 3
"""How many of the speakers are heard by each of the ways whose delays are measured, all at the same time."""
KEYS = {"DEEPGRAM_API_KEY": "any key opens a fake"}
PARTIAL_LIMIT, AUDIO_LIMIT, PROCESSOR_LIMIT = 10.0, 40.0, 1.0


@dataclass(frozen=True, slots=True)
class Ear:
    """A way to hear with a provider, and what it is called in the report."""

    name: str
    way: str
    provider: str
    options: dict[str, Any]


EARS = (
    Ear("nova", "watched", "nova", {}),
    Ear("nova-bare", "bare", "nova", {}),
    Ear("flux", "watched", "flux", {}),
    Ear("flux-bare", "bare", "flux", {}),
    Ear("flux-20", "watched", "flux", {"audio_chunk_duration_ms": 20}),
    Ear("flux-20-bare", "bare", "flux", {"audio_chunk_duration_ms": 20}),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """What all runs share: the server, who speaks, the providers, and the processes that hear."""

    server: ServerAddress
    speakers: tuple[str, ...]
    providers: dict[str, Child]
    urls: dict[str, str]
    ears: dict[str, Child]
    warm: float

    async def hear(
        self, ear: Ear, seconds: float, *, tag: str = "", heard: int = 0, profiled: bool = False
    ) -> dict[str, Any]:
        """One run of one way to hear."""
        settings = {"provider": "deepgram", "base_url": self.urls[ear.provider], "options": ear.options}
        if ear.provider == "flux":
            settings["model"] = "flux-general-en"
        return await self.ears[ear.name].ask(
            self.warm + seconds + ANSWER_SECONDS,
            url=self.server.url,
            token=agent_token(self.server, ROOM, f"ear-{ear.name}"),
            way=ear.way,
            identities=self.speakers[: heard or None],
            warm=self.warm,
            seconds=seconds,
            tag=tag,
            stt=settings,
            profiled=profiled,
        )


RECEIVED = Ear("received", "received", "nova", {})
BARE = Ear("bare", "bare", "nova", {})
HEARD = Ear("heard", "heard", "nova", {})


async def set_up(stack: AsyncExitStack, options: argparse.Namespace) -> Stage:
    """Starts all that takes part; it ends with the stack."""
    logs = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
    server = await stack.enter_async_context(open_server())
    speakers = tuple(f"speaker-{number}" for number in range(options.speakers))
    talking = await stack.enter_async_context(child("bench.speakers_process", logs / "speakers.log", KEYS))
    providers = {
        name: await stack.enter_async_context(child("bench.provider_process", logs / f"{name}.log", KEYS))
        for name in ("nova", "flux")
    }
    ears = {
        ear.name: await stack.enter_async_context(child("bench.hearing_process", logs / f"{ear.name}.log", KEYS))
        for ear in chosen_ears(options)
    }
    urls = {name: (await one.ask(START_SECONDS, provider=name))["url"] for name, one in providers.items()}
    tokens = [prospect_token(server, ROOM, identity) for identity in speakers]
    await talking.ask(START_SECONDS, url=server.url, tokens=tokens, seconds=LONGEST)
    return Stage(server, speakers, providers, urls, ears, options.warm)


def chosen_ears(options: argparse.Namespace) -> list[Ear]:
    """The ways to hear that this run needs."""
    delays = EARS if options.only in ("", "delays") else ()
    return [*delays, *((RECEIVED, BARE, HEARD) if options.only in ("", "processor") else ())]


# -- processor --


@dataclass(frozen=True, slots=True)
class Processor:
    """Percent of a core for each participant: only received, with the provider's plugin alone, and heard."""

    received: float
    bare: float
    heard: float


async def processor_run(stage: Stage, seconds: float) -> Processor:
    """One run of each way, one after the other, so that none disturbs another."""
    received = await stage.hear(RECEIVED, seconds)
    bare = await stage.hear(BARE, seconds, tag="bare")
    heard = await stage.hear(HEARD, seconds)
    if not (bare["words"] and heard["words"]):
        raise CornermanError("nobody was heard while the processor time was measured: it would say nothing")
    share = 100 / len(stage.speakers)
    used = [share * one["processor"] / (one["until"] - one["since"]) for one in (received, bare, heard)]
    return Processor(*used)


def processor_figures(runs: Sequence[Processor], speakers: int) -> list[Figure]:
    """The figures of all runs."""
    name = f"processor per participant ({speakers} who speak)"
    unit = "% of a core"
    more = tuple(Run(run.heard - run.received, run.bare - run.received) for run in runs)
    return [
        Figure(f"{name}: heard", unit, "only receiving", tuple(Run(run.heard, run.received) for run in runs)),
        Figure(f"{name}: heard, more than receiving", unit, "bare plugin stream", more, limit=PROCESSOR_LIMIT),
    ]


# -- delays --


async def delays_run(stage: Stage, seconds: float, number: int) -> dict[str, Delays]:
    """The delays of all ways to hear, measured at the same time on the same speakers."""
    ways = [
        stage.hear(ear, seconds, tag=f"run{number}-{ear.name}", heard=min(CLOSELY_HEARD, len(stage.speakers)))
        for ear in EARS
    ]
    answers = await asyncio.gather(*ways)
    found = {}
    for ear, answer in zip(EARS, answers, strict=True):
        tags = [trace["tag"] for trace in answer["traces"]]
        records = (await stage.providers[ear.provider].ask(ANSWER_SECONDS, tags=tags))["records"]
        found[ear.name] = delays_of(answer, records)
    return found


def delay_figures(runs: Sequence[dict[str, Delays]]) -> list[Figure]:
    """The figures of all runs."""

    def figure(name: str, kind: str, share: float, ear: str, peer: str, limit: float | None = None) -> Figure:
        values = [
            Run(percentile(getattr(run[ear], kind), share), percentile(getattr(run[f"{ear}-bare"], kind), share))
            for run in runs
        ]
        return Figure(name, "ms", peer, tuple(values), limit=limit)

    figures = []
    for ear in ("nova", "flux"):
        half = figure(f"partial, {ear}: sent to told, median", "partials", 0.5, ear, "bare plugin stream")
        most = figure(f"partial, {ear}: sent to told, p95", "partials", 0.95, ear, "bare plugin stream", PARTIAL_LIMIT)
        more = tuple(Run(run.value - (run.peer_value or 0.0)) for run in most.runs)
        figures += [half, most, Figure(f"partial, {ear}: p95 more than the bare stream", "ms", "", more)]
    for ear, chunk in (("nova", "50 ms chunks"), ("flux", "50 ms chunks"), ("flux-20", "20 ms chunks")):
        name = f"audio to {ear.partition('-')[0]} ({chunk})"
        figures += [
            figure(f"{name}, median", "audio", 0.5, ear, "bare plugin stream", AUDIO_LIMIT),
            figure(f"{name}, p95", "audio", 0.95, ear, "bare plugin stream"),
        ]
    if all(run["nova"].onsets and run["nova-bare"].onsets for run in runs):
        name = "first sound after a silence to nova, median"
        figures.append(figure(name, "onsets", 0.5, "nova", "bare plugin stream (sends silence too)"))
    return figures


def lost(runs: Sequence[dict[str, Delays]]) -> str:
    """How many interims were measured, and how many could not be, for each way to hear."""
    ways = {name: [run[name] for run in runs] for name in runs[0]}
    return "interims measured (not seen to leave): " + ", ".join(
        f"{name} {sum(len(one.partials) for one in found)} ({sum(one.lost for one in found)})"
        for name, found in ways.items()
    )


# -- all --


async def measure(options: argparse.Namespace, console: Console) -> None:
    """Runs the bench and reports."""
    machine = this_machine()
    processor: list[Processor] = []
    delays: list[dict[str, Delays]] = []
    async with AsyncExitStack() as stack, asyncio.timeout(LONGEST):
        stage = await set_up(stack, options)
        if options.profile:
            answer = await stage.hear(HEARD, options.processor_seconds, profiled=True)
            console.print(*(f"{own:7.3f} s {calls:8} {name}" for name, calls, own in answer["costliest"]), sep="\n")
            return
        for number in range(options.rounds):
            if options.only in ("", "delays"):
                delays.append(await delays_run(stage, options.delay_seconds, number))
            if options.only in ("", "processor"):
                processor.append(await processor_run(stage, options.processor_seconds))
    figures = delay_figures(delays) if delays else []
    if processor:
        figures += processor_figures(processor, options.speakers)
    console.print(as_table(f"hearing, {options.rounds} runs", figures, machine))
    if delays:
        console.print(lost(delays))
    write_json(options.json, figures, machine)


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="bench.hearing", description="What hearing costs and adds.")
    parser.add_argument("--only", choices=["delays", "processor"], default="", help="one part of the bench")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--speakers", type=int, default=6)
    parser.add_argument("--warm", type=float, default=2.0, help="seconds of each run that do not count")
    parser.add_argument("--delay-seconds", type=float, default=12.0)
    parser.add_argument("--processor-seconds", type=float, default=15.0)
    parser.add_argument("--profile", action="store_true", help="where the processor time of hearing goes, nothing else")
    parser.add_argument("--json", type=Path, default=ROOT / "bench" / "hearing.json")
    options = parser.parse_args(arguments)
    if options.profile:
        options.only = "processor"
    return options


def main() -> None:
    """The command."""
    as_command("bench.hearing", measure(parsed(sys.argv[1:]), Console(width=WIDTH)), f"not done within {LONGEST:g} s")


if __name__ == "__main__":
    main()
