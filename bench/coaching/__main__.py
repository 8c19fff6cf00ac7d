"""Cornerman, the textbook build and the floor in the same run: how soon, how much it costs, how many calls fit.

    python -m bench.coaching            # from the root of the repository; three quarters of an hour

A LiveKit server, a speech provider, a model's server, prospects and reps are processes of their own, and so is each
worker, one after the other: it is started, read while it waits, and given 1, 4 and 8 calls at once. Then each has a
call at the pace of real life, and what it is to be paid for is read.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from rich.console import Console

from bench.coaching.contenders import (
    AS_IN_LIFE,
    EVERYBODY,
    FLOOR,
    LATE,
    LOCAL_TURNS,
    NAMES,
    OURS,
    STT_TURNS,
    UNHURRIED,
    contender,
)
from bench.coaching.costs import waiting
from bench.coaching.figures import Contended, all_figures, meter_figures, stage_figures
from bench.coaching.goals import with_goals
from bench.coaching.meters import Meters, metered
from bench.coaching.play import Parties, parties, play
from bench.command import as_command
from bench.measured import Figure, as_table, this_machine, write_json
from bench.processes import ROOT
from cornerman.record.reading import Segment, segments_of
from cornerman.record.times import times_of

ALONE = frozenset({LATE, LOCAL_TURNS})
"""Who is given one call only: variants that differ in delay and not in cost."""
CALLS = (1, 4, 8)
SECONDS = {1: 40.0}
SECONDS_OF_MANY = 30.0
QUICK_SECONDS = 20.0
METER_SECONDS = 120.0
"""Insights are looked for once a minute, notes written every two."""
LONGEST_ROUND = 3600.0
WIDTH = 170


async def contended(
    parties: Parties, who: str, counts: Sequence[int], options: argparse.Namespace, console: Console
) -> tuple[Contended, list[Sequence[Segment]]]:
    """One worker from its start to its end, and its journals."""
    async with contender(who, parties.stage, UNHURRIED) as worker:
        idle = await waiting(worker.pid)
        played = {}
        for calls in counts:
            seconds = options.seconds or SECONDS.get(calls, SECONDS_OF_MANY)
            played[calls] = run = await play(parties, worker, calls, seconds)
            delays = run.delays
            console.print(
                f"  {NAMES[who]}, {calls} calls: {delays.said} triggers, {delays.lost} without a nudge, "
                f"{run.redispatched} dispatched again, {run.load:.0%} of all cores busy",
                highlight=False,
            )
    folders = sorted(worker.journals.iterdir()) if worker.journals.is_dir() else []
    journals: list[Sequence[Segment]] = [segments_of(folder) for folder in folders]
    parties.stage.clear(worker)
    return Contended(who, worker.started, idle, played), journals


async def meters(parties: Parties, whos: Sequence[str], seconds: float) -> Mapping[str, Meters]:
    """All of these one after the other, at the pace of real life."""
    found = {}
    for who in whos:
        if who not in ALONE:
            async with contender(who, parties.stage, AS_IN_LIFE) as worker:
                found[who] = await metered(parties, worker, seconds)
            parties.stage.clear(worker)
    return found


async def measure(options: argparse.Namespace, console: Console) -> bool:
    """Runs the bench and reports; whether every goal was kept."""
    machine = this_machine()
    rounds: list[Mapping[str, Contended]] = []
    metered_rounds: list[Mapping[str, Meters]] = []
    journals: list[Sequence[Segment]] = []
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        running = await stack.enter_async_context(parties(stack, folder))
        for number in range(options.rounds):
            async with asyncio.timeout(LONGEST_ROUND):
                order = options.only[number % len(options.only) :] + options.only[: number % len(options.only)]
                found = {}
                for who in order:
                    counts = [calls for calls in options.calls if calls == 1 or who not in ALONE]
                    found[who], written = await contended(running, who, counts, options, console)
                    if who == OURS:
                        journals += written
                rounds.append(found)
                if options.meter_seconds:
                    metered_rounds.append(await meters(running, options.only, options.meter_seconds))
    figures = with_goals(_figures(rounds, metered_rounds, journals))
    console.print(as_table(f"coaching, {options.rounds} rounds", figures, machine))
    write_json(options.json, figures, machine)
    return all(figure.kept is not False for figure in figures)


def _figures(
    rounds: Sequence[Mapping[str, Contended]],
    metered_rounds: Sequence[Mapping[str, Meters]],
    journals: Sequence[Sequence[Segment]],
) -> list[Figure]:
    figures = all_figures(rounds)
    if journals:
        figures += stage_figures(times_of(journals))
    if metered_rounds:
        figures += meter_figures(metered_rounds)
    return figures


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="bench.coaching", description="Cornerman beside the obvious way to build it, and beside the floor."
    )
    parser.add_argument("--only", choices=EVERYBODY, nargs="+", default=list(EVERYBODY), help="these workers")
    parser.add_argument("--calls", type=int, nargs="+", default=list(CALLS), help="calls at once")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0.0, help="of triggers in each run; default: 40, of many 30")
    parser.add_argument("--meter-seconds", type=float, default=METER_SECONDS, help="of conversation; 0: no meters")
    parser.add_argument("--quick", action="store_true", help="one call, ours, tuned textbook and floor: for trying")
    parser.add_argument("--json", type=Path, default=ROOT / "bench" / "coaching.json")
    options = parser.parse_args(arguments)
    if options.quick:
        options.only, options.calls = [OURS, FLOOR, STT_TURNS], [1]
        options.seconds = options.seconds or QUICK_SECONDS
        options.meter_seconds = 0.0
        options.json = Path(os.devnull)
    options.calls = sorted(set(options.calls))
    return options


def main() -> None:
    """The command."""
    as_command("bench.coaching", measure(parsed(sys.argv[1:]), Console(width=WIDTH)), "a round took too long")


if __name__ == "__main__":
    main()
