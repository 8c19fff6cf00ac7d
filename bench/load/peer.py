"""What the callers take beside Python callers who do the same: N calls of two, both at once at one server."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from bench.load.lines import silence, tone_line
from bench.load.plan import Caller, CallPlan, Saying
from bench.load.running import callers
from bench.processes import child
from cornerman.livekit_server import open_server
from cornerman.stand_ins.tokens import prospect_token

START_SECONDS = 90.0
WARM_SECONDS = 3.0
WORDS = "the report week and team yes"
LINE_EVERY = 3.0


async def compare(calls: int, minutes: float, console: Console) -> bool:
    """Prints percent of a core a call; whether ours is less."""
    seconds = minutes * 60
    with tempfile.TemporaryDirectory(prefix="load-") as name:
        folder = Path(name)
        lines = {line.name: line for line in (silence(folder), tone_line("words", WORDS, folder))}
        said = (Saying(0.0, "words"),)
        plans = [
            CallPlan(f"go-{number}", Caller("a", said), (Caller("b", said),), begins="joined", every=LINE_EVERY)
            for number in range(calls)
        ]
        async with (
            open_server() as server,
            callers(server, plans, lines) as running,
            child("bench.speakers_process", folder / "speakers.log", {}) as speakers,
        ):
            tokens = [prospect_token(server, f"python-{number}", who) for number in range(calls) for who in "ab"]
            await speakers.ask(START_SECONDS, url=server.url, tokens=tokens, seconds=seconds + START_SECONDS)
            await running.until(lambda _: len(running.of("talking")) == calls, START_SECONDS)
            await asyncio.sleep(WARM_SECONDS)
            peer = next(one for one in psutil.Process().children() if "bench.speakers_process" in one.cmdline())
            processes = {"Go, encoded beforehand": psutil.Process(running.pid), "Python, encoded as it goes": peer}
            before, began = {name: _used(one) for name, one in processes.items()}, time.monotonic()
            await asyncio.sleep(seconds)
            took = time.monotonic() - began
            shares = {name: (_used(one) - before[name]) / took / calls for name, one in processes.items()}
            memory = {name: one.memory_info().rss / calls / 2**20 for name, one in processes.items()}
    table = Table("callers", "of a core, a call", "memory, a call", title=f"{calls} calls of two, {seconds:.0f} s")
    for name, share in shares.items():
        table.add_row(name, f"{100 * share:.2f} %", f"{memory[name]:.1f} MB")
    console.print(table)
    ours, theirs = shares.values()
    return ours < theirs


def _used(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
