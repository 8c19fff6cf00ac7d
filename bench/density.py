"""What a call costs the machine that coaches it: processor and memory by number of calls, the floor beside it.

Each subject is a worker of its own on a real server, with real calls of two who speak and a fake provider that hears
them: the floor (`density_floor`), Cornerman with a process for each call, and with a process for several. Calls are
added to a running worker; what is counted is all processes of the worker and nothing else. Memory is the proportional
set size, in which a page that processes share counts once. Prints a table and writes bench/density.json.

    python -m bench.density            # from the root of the repository
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import psutil
from rich.console import Console

from bench.command import as_command
from bench.measured import Figure, Run, as_table, percentile, this_machine, write_json
from bench.processes import ROOT, Child, child
from cornerman.dispatch import Person, create_call
from cornerman.errors import CornermanError
from cornerman.livekit_server import ServerAddress, open_server

REGISTERED = b"registered worker"
START_SECONDS = 90.0
ANSWER_SECONDS = 60.0
WIDTH = 150
KEYS = {"DEEPGRAM_API_KEY": "any key opens a fake"}
MEGABYTE = 2**20
MACHINE_CORES, MACHINE_MB, MACHINE_CALLS = 4, 8 * 1024, 25
"""The machine of the field's published upper figure, and the calls it is said to carry."""
SUBJECTS = ("floor", "process", "shared")
SYSTEM_MB = 700
"""Of the 8 GB, for the system and the LiveKit server's share of it."""
FULL = 0.8
"""How much of the cores may be used before words come late."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A worker to measure. `prefix`: how the identities of its agents begin."""

    name: str
    module: str
    agent_name: str
    prefix: str
    environment: Mapping[str, str] = field(default_factory=dict)


def subjects(provider_url: str) -> dict[str, Subject]:
    """All of them, by name."""
    common = {"LIVEKIT_AGENTS_PRELOAD_LOCAL_INFERENCE": "0", **KEYS}
    ours = {
        **common,
        "CORNERMAN__STT__PROVIDER": "deepgram",
        "CORNERMAN__STT__BASE_URL": provider_url,
        "CORNERMAN__WORKER__MAX_CALLS": "64",
        "CORNERMAN__WORKER__MAX_CPU": "1",
    }
    module = "cornerman.room.worker"
    shared = {**ours, "CORNERMAN__WORKER__CALLS_SHARE_PROCESS": "true"}
    return {
        "floor": Subject("floor", "bench.density_floor", "floor", "agent-", {**common, "DEEPGRAM_URL": provider_url}),
        "process": Subject("a process a call", module, "cornerman", "cornerman-", ours),
        "shared": Subject("calls share a process", module, "cornerman", "cornerman-", shared),
    }


@dataclass(frozen=True, slots=True)
class Sample:
    """What a worker took over a stretch of time. `cores`: of processor; memory in MB."""

    calls: int
    cores: float
    memory: float
    private: tuple[float, ...]
    nudges: int
    delays: tuple[float, ...]
    """Seconds from a heard partial to the card on its way."""


@dataclass(slots=True)
class Stage:
    """What all subjects share: the server, the provider, the callers."""

    server: ServerAddress
    callers: Child
    provider_url: str
    logs: Path
    options: argparse.Namespace


@asynccontextmanager
async def running(subject: Subject, stage: Stage) -> AsyncIterator[tuple[psutil.Process, float]]:
    """The subject's worker, registered, and the seconds that took; ended at the end."""
    log = stage.logs / f"{subject.module}-{time.monotonic():.0f}.log"
    journals = {"CORNERMAN__JOURNAL__PATH": str(stage.logs / "calls")}
    began = time.monotonic()
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", subject.module, "start"),
            cwd=ROOT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **stage.server.environment(), **journals, **subject.environment},
            start_new_session=True,
        )
    try:
        while REGISTERED not in log.read_bytes():
            if process.returncode is not None or time.monotonic() - began > START_SECONDS:
                tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
                raise CornermanError(f"{subject.name} did not register; the end of its log:\n{tail}")
            await asyncio.sleep(0.05)
        yield psutil.Process(process.pid), time.monotonic() - began
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def family(worker: psutil.Process) -> list[psutil.Process]:
    """The worker's processes, itself among them."""
    return [worker, *worker.children(recursive=True)]


def processor_seconds(worker: psutil.Process) -> dict[int, float]:
    """Processor time so far, for each process that lives."""
    used = {}
    for one in family(worker):
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        used[one.pid] = times.user + times.system
    return used


def memory(worker: psutil.Process) -> tuple[float, tuple[float, ...]]:
    """Proportional memory of all the worker's processes, and what each has to itself, in MB."""
    whole, private = 0.0, []
    for one in family(worker):
        try:
            told = one.memory_full_info()
        except psutil.NoSuchProcess:
            continue
        whole += told.pss / MEGABYTE
        private.append(round(told.uss / MEGABYTE, 1))
    return whole, tuple(sorted(private))


async def sampled(worker: psutil.Process, stage: Stage, calls: int, seconds: float) -> Sample:
    """So many seconds of the worker."""
    await stage.callers.ask(ANSWER_SECONDS, told=True)
    before, began = processor_seconds(worker), time.monotonic()
    await asyncio.sleep(seconds)
    after, took = processor_seconds(worker), time.monotonic() - began
    used = sum(seconds - before.get(pid, 0.0) for pid, seconds in after.items())
    nudges = (await stage.callers.ask(ANSWER_SECONDS, told=True))["nudges"]
    whole, private = memory(worker)
    delays = tuple(one["sent"] - one["heard"] for one in nudges if one["rev"] == 0 and one.get("sent"))
    return Sample(calls, used / took, whole, private, len(nudges), delays)


async def open_calls(subject: Subject, stage: Stage, count: int, tag: str) -> None:
    """So many more calls, everybody speaking."""
    rooms = []
    for number in range(count):
        people = [Person("rep", role="rep", consent="granted"), Person("prospect", consent="granted")]
        call = await create_call(
            people,
            room=f"density-{tag}-{number}",
            coach="at_once",
            agent_name=subject.agent_name,
            identity_prefix=subject.prefix,
            server=stage.server,
            consent="granted",
        )
        rooms.append([call.tokens["rep"], call.tokens["prospect"]])
    await stage.callers.ask(ANSWER_SECONDS, url=stage.server.url, rooms=rooms, seconds=stage.options.longest)


async def measured(subject: Subject, stage: Stage, counts: Sequence[int]) -> tuple[float, list[Sample]]:
    """Seconds to register, and a sample of the idle worker and one for each number of calls."""
    options = stage.options
    async with running(subject, stage) as (worker, started):
        await asyncio.sleep(options.settle)
        samples = [await sampled(worker, stage, 0, options.seconds / 2)]
        opened = 0
        for count in counts:
            await open_calls(subject, stage, count - opened, f"{os.getpid()}-{time.monotonic():.0f}")
            opened = count
            await asyncio.sleep(options.warm)
            samples.append(await sampled(worker, stage, count, options.seconds))
        return started, samples


async def measure(options: argparse.Namespace, console: Console) -> None:
    """Runs the bench and reports."""
    machine = this_machine()
    runs: dict[str, list[list[Sample]]] = {name: [] for name in options.subjects}
    starts: dict[str, list[float]] = {name: [] for name in options.subjects}
    for _ in range(options.rounds):
        for name in options.subjects:
            async with AsyncExitStack() as stack:
                logs = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
                server = await stack.enter_async_context(open_server())
                provider = await stack.enter_async_context(child("bench.provider_process", logs / "nova.log", KEYS))
                url = (await provider.ask(ANSWER_SECONDS, provider="nova"))["url"]
                callers = await stack.enter_async_context(child("bench.density_callers", logs / "callers.log", KEYS))
                stage = Stage(server, callers, url, logs, options)
                started, samples = await measured(subjects(url)[name], stage, options.calls)
                starts[name].append(started)
                runs[name].append(samples)
                for sample in samples:
                    console.print(f"[dim]{name}: {told(sample)}[/dim]", highlight=False)
    figures = figures_of(runs, starts)
    console.print(as_table(f"density, {options.rounds} runs", figures, machine))
    for name, found in runs.items():
        console.print(f"{name}: {carried(found)}", highlight=False)
    write_json(options.json, figures, machine)


def told(sample: Sample) -> str:
    """A sample in a line."""
    late = f"; heard to sent {1000 * median(sample.delays):.1f} ms" if sample.delays else ""
    private = " ".join(f"{one:.0f}" for one in sample.private)
    return (
        f"{sample.calls} calls: {sample.cores:.3f} cores, {sample.memory:.0f} MB (own pages of each: {private}), "
        f"{sample.nudges} nudges{late}"
    )


def processor_a_call(samples: Sequence[Sample]) -> float:
    """Cores for each call beyond the idle worker's, at the most calls."""
    return (samples[-1].cores - samples[0].cores) / samples[-1].calls


def memory_a_call(samples: Sequence[Sample]) -> float:
    """MB for each call beyond the idle worker's, at the most calls."""
    return (samples[-1].memory - samples[0].memory) / samples[-1].calls


def memory_of_a_further_call(samples: Sequence[Sample]) -> float:
    """MB for each call after the first ones, which map what all share."""
    few = samples[1] if len(samples) > 2 else samples[0]
    return (samples[-1].memory - few.memory) / (samples[-1].calls - few.calls)


def carried(runs: Sequence[Sequence[Sample]]) -> str:
    """How many calls 4 cores and 8 GB carry, by the worker's own cost."""
    idle_cores, idle_mb = median(one[0].cores for one in runs), median(one[0].memory for one in runs)
    cores, megabytes = median(map(processor_a_call, runs)), median(map(memory_of_a_further_call, runs))
    by_cores = (MACHINE_CORES * FULL - idle_cores) / cores
    by_memory = (MACHINE_MB - SYSTEM_MB - idle_mb) / max(megabytes, 0.1)
    return (
        f"{MACHINE_CORES} cores and {MACHINE_MB // 1024} GB carry {by_cores:.0f} calls by processor "
        f"(({MACHINE_CORES} x {FULL:g} - {idle_cores:.3f}) / {cores:.4f}) and {by_memory:.0f} by memory "
        f"(({MACHINE_MB} - {SYSTEM_MB} - {idle_mb:.0f}) / {megabytes:.1f}); published: {MACHINE_CALLS}"
    )


def figures_of(runs: Mapping[str, list[list[Sample]]], starts: Mapping[str, list[float]]) -> list[Figure]:
    """The figures of all runs; the floor is the peer of the others."""
    figures: list[Figure] = []
    for name, found in runs.items():
        if name != "floor":
            figures += _cost_of(name, found, runs.get("floor", []))
            began: Sequence[float | None] = starts.get("floor") or [None] * len(found)
            pairs = tuple(Run(value, peer) for value, peer in zip(starts[name], began, strict=True))
            figures.append(Figure(f"{name}: start to registered", "s", "floor", pairs))
    return figures


def _cost_of(name: str, found: Sequence[Sequence[Sample]], floor: Sequence[Sequence[Sample]]) -> list[Figure]:
    most = found[0][-1].calls

    def compared(what: str, unit: str, of: Callable[[Sequence[Sample]], float]) -> Figure:
        peers: Sequence[float | None] = [of(one) for one in floor] or [None] * len(found)
        runs = tuple(Run(of(one), peer) for one, peer in zip(found, peers, strict=True))
        return Figure(f"{name}: {what}", unit, "floor" if floor else "", runs, calls=most)

    figures = [
        compared(f"processor a call, of {most}", "cores", processor_a_call),
        compared(f"memory a call, of {most}", "MB", memory_a_call),
        compared("memory of a further call", "MB", memory_of_a_further_call),
        compared("idle worker, memory", "MB", lambda one: one[0].memory),
        compared("idle worker, processor", "cores", lambda one: one[0].cores),
    ]
    late = [[delay for sample in one for delay in sample.delays] for one in found]
    if all(late):
        for share, word in ((0.5, "median"), (0.95, "p95")):
            sent = tuple(Run(1000 * percentile(one, share)) for one in late)
            figures.append(Figure(f"{name}: partial heard to card sent, {word}", "ms", "", sent))
    return figures


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="bench.density", description="What a call costs its machine.")
    parser.add_argument(
        "--subjects", nargs="+", choices=("floor", "process", "shared"), default=["floor", "process", "shared"]
    )
    parser.add_argument("--calls", nargs="+", type=int, default=[1, 2, 4], help="numbers of calls, rising")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--settle", type=float, default=5.0, help="seconds until the idle worker is measured")
    parser.add_argument("--warm", type=float, default=8.0, help="seconds of each number of calls that do not count")
    parser.add_argument("--seconds", type=float, default=20.0, help="seconds that count; two rounds of speech")
    parser.add_argument("--longest", type=float, default=600.0, help="seconds for which everybody speaks at most")
    parser.add_argument("--json", type=Path, default=ROOT / "bench" / "density.json")
    return parser.parse_args(arguments)


def main() -> None:
    """The command."""
    as_command("bench.density", measure(parsed(sys.argv[1:]), Console(width=WIDTH)))


if __name__ == "__main__":
    main()
