"""Plays calls to coaches that run already, and tells which came late or never and how soon nudges were there.

    python -m bench.load --calls 8 --minutes 2 --agent-name cornerman    # at the server LIVEKIT_URL names

`--lines tones`: words that the fake providers hear; `demo`: the recorded call, for engines that hear speech. Exit
status 1 where a call was lost: no coach, two, somebody not heard, somebody thrown out, or anything that reached a
prospect.
`--peer` compares what this load generator takes with Python callers, in the same run, and needs no coach.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from bench.command import as_command
from bench.load import Caller, CallPlan, Line, Saying, callers, demo_lines, granted, silence, tone_line
from bench.load.building import build
from bench.load.peer import compare
from bench.load.tally import as_table, tally
from cornerman.livekit_server import open_server

STAGGER = 0.73
"""Seconds by which each call begins after the one before."""
LAST_NUDGES = 4.0
SETTLES = 60.0
ROUND = 24.0
PROSPECT, REP = "prospect", "rep"
TONES = (
    (1.0, PROSPECT, "dear", "that is too expensive for us", "price_objection", "expensive"),
    (6.0, REP, "hello", "hello thanks meeting friday", "", ""),
    (10.0, PROSPECT, "cheaper", "can you give us a discount", "discount_request", "discount"),
    (15.0, REP, "report", "the report next week yes good", "", ""),
    (19.0, PROSPECT, "rival", "we are also looking at northstar", "competitor_mention", "northstar"),
)
"""When in a round who says what, and what it should make the coach notice, by which word."""


def tones(folder: Path) -> tuple[list[tuple[float, str, str]], dict[str, Line], float]:
    """Sayings of a round (at, who, line), the lines, and how long a round is."""
    made = [tone_line(name, text, folder, kind=kind, until=until) for _, _, name, text, kind, until in TONES]
    return [(at, who, name) for at, who, name, *_ in TONES], {line.name: line for line in made}, ROUND


def demo(folder: Path) -> tuple[list[tuple[float, str, str]], dict[str, Line], float]:
    """The same of the recorded call."""
    made = demo_lines(folder)
    sayings = [(at, who, name) for name, (at, who, _) in made.items()]
    return (
        sayings,
        {name: line for name, (_, _, line) in made.items()},
        sayings[-1][0] + made[sayings[-1][2]][2].seconds + 4,
    )


def plans_of(options: argparse.Namespace, sayings: Sequence[tuple[float, str, str]], length: float) -> list[CallPlan]:
    """The calls."""
    run = uuid.uuid4().hex[:6]

    def caller(identity: str) -> Caller:
        return Caller(identity, tuple(Saying(at, line) for at, who, line in sayings if who == identity))

    return [
        CallPlan(
            f"load-{run}-{number}",
            caller(REP),
            (caller(PROSPECT),),
            agent_name=options.agent_name,
            metadata=granted((PROSPECT,), REP),
            every=length,
            settles=SETTLES,
            after=STAGGER * number,
        )
        for number in range(options.calls)
    ]


async def play(options: argparse.Namespace, console: Console) -> bool:
    """Plays the calls and reports; whether none was lost."""
    with tempfile.TemporaryDirectory(prefix="load-") as name:
        folder = Path(name)
        sayings, lines, length = (demo if options.lines == "demo" else tones)(folder)
        every: Mapping[str, Line] = {"silence": silence(folder), **lines}
        plans = plans_of(options, sayings, length)
        async with open_server() as server, callers(server, plans, every) as running:
            settles = SETTLES + STAGGER * options.calls + 60
            await running.until(lambda _: len(running.of("talking")) == len(plans), settles)
            await running.look()
            await asyncio.sleep(options.minutes * 60)
            running.hush()
            await asyncio.sleep(LAST_NUDGES)
            await running.look()
            facts = list(running.facts)
    counted = tally(plans, facts, every)
    console.print(as_table(counted, f"{options.calls} calls for {options.minutes:g} min"))
    for fault in counted.faults:
        console.print(fault, style="bold red")
    return not counted.faults


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="bench.load", description="Plays calls at real pace.")
    parser.add_argument("--calls", type=int, default=8)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--agent-name", default="cornerman")
    parser.add_argument("--lines", choices=["tones", "demo"], default="tones")
    parser.add_argument("--build", action="store_true", help="only build the callers' program")
    parser.add_argument("--peer", action="store_true", help="compare with Python callers")
    return parser.parse_args(arguments)


def main() -> None:
    """The command."""
    console, options = Console(width=150), parsed(sys.argv[1:])
    if options.build:
        as_command("bench.load", _built(console))
    as_command(
        "bench.load", compare(options.calls, options.minutes, console) if options.peer else play(options, console)
    )


async def _built(console: Console) -> None:
    console.print(str(await build()))


if __name__ == "__main__":
    main()
