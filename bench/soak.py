"""Many calls for many minutes, and what became of them: not a word lost, nobody mistaken, no second coach, no leak.

    python -m bench.soak --calls 8 --minutes 10      # from the root of the repository; load on loopback only

Starts a LiveKit server, a fake Deepgram that hears, and a worker, as processes of their own; plays calls of two by the
load generator; then reads the journals and the witnesses. Every voice says words of its own. Prints a table of
processor, memory and delay over time, and exits with status 1 where a word spoken is missing from the journals, a word
is another's, a coach was there twice or not at all, or a byte of anything reached a prospect.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from bench.command import as_command
from bench.load import CallPlan, Fact, Line, Running, callers, silence
from bench.load.journals import Heard, heard_in_journal, misheard
from bench.load.tally import Delay, Tally, as_table, tally
from bench.load.voices import distinct_calls, write_playbook
from bench.measured import percentile, this_machine
from bench.processes import child
from cornerman.errors import CornermanError
from cornerman.livekit_server import ServerAddress, open_server
from cornerman.stand_ins.threaded import threaded
from cornerman.stand_ins.worker_process import worker

AGENT_NAME = "cornerman-soak"
TAG = "soak"
"""The term to listen for by which the provider's connections of this run are known."""
START_SECONDS = 120.0
DRAIN_SECONDS = 8.0
"""From the last words to the end of the calls: what was said is in the journals by then."""
JOURNAL_SECONDS = 30.0
SAMPLES = 60
SHORTEST_SAMPLE = 2.0
WIDTH = 150


@dataclass(frozen=True, slots=True)
class Sample:
    """Processor seconds used since each part began, and bytes it holds now. `worker`: its jobs' processes included."""

    at: float
    processor: dict[str, float]
    memory: dict[str, int]


@dataclass(frozen=True, slots=True)
class Soaked:
    """How a soak went. `faults`: a sentence each; empty where all is as it must be. Words that were said, that the
    provider told of, and that are in the journals: what is lost before the provider was torn on its way there.
    """

    tally: Tally
    faults: tuple[str, ...]
    words: int
    kept: int
    told: int = 0
    samples: tuple[Sample, ...] = ()


def worker_environment(folder: Path, url: str, calls: int) -> dict[str, str]:
    """A worker that hears with the fake and coaches by words alone."""
    return {
        "CORNERMAN__WORKER__AGENT_NAME": AGENT_NAME,
        "CORNERMAN__WORKER__MAX_CPU": "1",
        "CORNERMAN__WORKER__MAX_CALLS": str(calls),
        "CORNERMAN__JOURNAL__PATH": str(folder / "calls"),
        "CORNERMAN__PLAYBOOK__PATH": str(write_playbook(folder / "playbook")),
        "CORNERMAN__STT__PROVIDER": "deepgram",
        "CORNERMAN__STT__BASE_URL": url,
        "CORNERMAN__STT__OPTIONS": json.dumps({"keyterm": [TAG]}),
        "CORNERMAN__MEANING__ENABLED": "off",
        "DEEPGRAM_API_KEY": "any key opens a fake",
    }


async def soak(calls: int, minutes: float, folder: Path) -> Soaked:
    """Plays the calls and looks at what is left of them in `folder`.

    Raises:
        CornermanError: something could not be started.
    """
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(open_server())
        provider = await stack.enter_async_context(child("bench.provider_process", folder / "provider.log", {}))
        url = str((await provider.ask(START_SECONDS, provider="nova"))["url"])
        environment = worker_environment(folder, url, calls)
        pid = await stack.enter_async_context(threaded(worker(server, folder / "worker.log", environment)))
        soaked = await _played(server, pid, folder, calls, minutes)
        records = (await provider.ask(START_SECONDS, tags=[TAG]))["records"]
        told = sum(len(text.split()) for one in records for _, kind, text in one["said"] if kind == "final")
        return replace(soaked, told=told)


async def _played(server: ServerAddress, worker_pid: int, folder: Path, calls: int, minutes: float) -> Soaked:
    plans, lines = distinct_calls(calls, folder / "lines", AGENT_NAME, f"soak-{uuid.uuid4().hex[:6]}")
    lines |= {"silence": silence(folder / "lines")}
    async with callers(server, plans, lines) as running:
        try:
            await running.until(lambda _: len(running.of("talking")) == calls, START_SECONDS + plans[-1].after)
        except TimeoutError:
            raise CornermanError("the calls did not begin: see the worker's log") from None
        await running.look()
        samples = await _watched(running, _parts(worker_pid, running.pid), minutes * 60)
        await running.look()
        running.hush()
        await asyncio.sleep(DRAIN_SECONDS)
    judged = await judge(plans, running.facts, lines, folder / "calls")
    return replace(judged, samples=tuple(samples))


async def judge(plans: Sequence[CallPlan], facts: Sequence[Fact], lines: Mapping[str, Line], folder: Path) -> Soaked:
    """What became of calls that are over, whose journals are in `folder`."""
    counted = tally(plans, facts, lines)
    faults = list(counted.faults)
    journals: dict[str, Heard] = {}
    for plan in plans:
        try:
            journals[plan.room] = await _journal(folder, plan.room)
        except CornermanError as error:
            faults.append(str(error))
    faults += [f"{room}: the coach was restarted" for room, one in journals.items() if one.segments > 1]
    faults += [f"{room}: the journal has no end" for room, one in journals.items() if not one.ended]
    heard_plans = [plan for plan in plans if plan.room in journals]
    faults += [str(one) for one in misheard(heard_plans, facts, lines, journals)]
    rooms = {plan.room for plan in plans}
    said = [fact for fact in facts if fact.kind == "said" and fact.call in rooms]
    words = sum(len(lines[str(fact["line"])].words) for fact in said)
    if not words:
        faults.append("nobody said anything: nothing is proved")
    kept = sum(len(texts) for one in journals.values() for texts in one.words.values())
    return Soaked(counted, tuple(faults), words, kept)


async def _journal(journals: Path, room: str) -> Heard:
    """A call's journal once it is closed, or as it is when that takes too long."""
    deadline = time.monotonic() + JOURNAL_SECONDS
    while True:
        found = await asyncio.to_thread(heard_in_journal, journals, room)
        if found.ended or time.monotonic() > deadline:
            return found
        await asyncio.sleep(0.2)


# -- processor and memory --


def _parts(worker_pid: int, callers_pid: int) -> dict[str, int]:
    """The processes that take part, by what they are."""
    found = {"worker": worker_pid, "callers": callers_pid}
    for process in psutil.Process().children(recursive=True):
        command = " ".join(process.cmdline())
        if "bench.provider_process" in command:
            found["provider"] = process.pid
        elif process.name() == "livekit-server":
            found["server"] = process.pid
    return found


async def _watched(running: Running, parts: dict[str, int], seconds: float) -> list[Sample]:
    every = max(seconds / SAMPLES, SHORTEST_SAMPLE)
    begun, samples = time.monotonic(), [await asyncio.to_thread(_sample, parts)]
    while (left := begun + seconds - time.monotonic()) > 0:
        await asyncio.sleep(min(every, left))
        samples.append(await asyncio.to_thread(_sample, parts))
    return samples


def _sample(parts: dict[str, int]) -> Sample:
    processor, memory = {}, {}
    for name, pid in parts.items():
        used, held = 0.0, 0
        main = psutil.Process(pid)
        for process in (main, *(main.children(recursive=True) if name == "worker" else ())):
            try:
                times = process.cpu_times()
                held += process.memory_full_info().pss
            except psutil.NoSuchProcess:
                continue
            used += times.user + times.system
        processor[name], memory[name] = used, held
    return Sample(time.time(), processor, memory)


def over_time(soaked: Soaked, parts: int = 4) -> Table:
    """Processor, memory and delay in so many parts of the time."""
    samples, delays = soaked.samples, soaked.tally.delays
    table = Table(
        "from", "to", "worker: cores", "memory", "server", "provider", "callers", "nudges", "median", "p95",
        title="over time; the worker with its jobs; memory as the proportional share",
    )  # fmt: skip
    began, length = samples[0].at, (samples[-1].at - samples[0].at) / parts
    for part in range(parts):
        since, until = began + part * length, began + (part + 1) * length
        inside = [one for one in samples if since - 1 <= one.at <= until + 1]
        if len(inside) < 2:
            continue
        first, last = inside[0], inside[-1]
        cores = {
            name: (last.processor[name] - first.processor[name]) / (last.at - first.at) for name in first.processor
        }
        table.add_row(
            f"{since - began:.0f} s",
            f"{until - began:.0f} s",
            f"{cores['worker']:.2f}",
            f"{last.memory['worker'] / 2**20:.0f} MB",
            *(f"{cores[name]:.2f}" if name in cores else "" for name in ("server", "provider", "callers")),
            *_spread([one for one in delays if since <= one.at < until]),
        )
    grown = (samples[-1].memory["worker"] - samples[0].memory["worker"]) / 2**20
    table.caption = f"the worker grew by {grown:.1f} MB from the first sample to the last"
    return table


def _spread(delays: Sequence[Delay]) -> tuple[str, str, str]:
    seconds = sorted(one.seconds for one in delays)
    if not seconds:
        return "0", "", ""
    return str(len(seconds)), f"{percentile(seconds, 0.5):.3f} s", f"{percentile(seconds, 0.95):.3f} s"


async def measure(options: argparse.Namespace, console: Console) -> bool:
    """Runs the soak and reports; whether all is as it must be."""
    machine = this_machine()
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        soaked = await soak(options.calls, options.minutes, Path(name))
    console.print(as_table(soaked.tally, f"{options.calls} calls for {options.minutes:g} min; {machine}"))
    console.print(over_time(soaked))
    for fault in soaked.faults:
        console.print(fault, style="bold red")
    verdict = f"{len(soaked.faults)} faults" if soaked.faults else "all were heard, nobody else was reached"
    console.print(f"{soaked.words} words said, {soaked.told} told by the provider, {soaked.kept} kept; {verdict}")
    return not soaked.faults


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="bench.soak", description="Many calls for many minutes; nothing may be lost.")
    parser.add_argument("--calls", type=int, default=8)
    parser.add_argument("--minutes", type=float, default=10.0)
    return parser.parse_args(arguments)


def main() -> None:
    """The command."""
    as_command("bench.soak", measure(parsed(sys.argv[1:]), Console(width=WIDTH)))


if __name__ == "__main__":
    main()
