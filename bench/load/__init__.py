"""The load generator: N calls with recorded voices at real pace, from one light process.

    lines = {line.name: line for line in (silence(folder), tone_line("dear", "that is too expensive for us", folder))}
    plan = CallPlan("room", Caller("rep"), (Caller("tom", (Saying(1.0, "dear"),)),), agent_name="cornerman",
                    metadata=granted(("tom",), "rep"))
    async with callers(server, plan, lines) as running:
        async for fact in running.events():
            ...

In: a server, plans of calls, lines encoded once. Out: facts. See README.md beside this file.
"""

from __future__ import annotations

from bench.load.building import binary_path, build
from bench.load.facts import Fact
from bench.load.lines import SILENCE, Line, Trigger, Word, demo_lines, encoded, silence, tone_line
from bench.load.plan import Caller, CallPlan, Saying, granted
from bench.load.running import Running, callers, heard_in

__all__ = [
    "SILENCE",
    "CallPlan",
    "Caller",
    "Fact",
    "Line",
    "Running",
    "Saying",
    "Trigger",
    "Word",
    "binary_path",
    "build",
    "callers",
    "demo_lines",
    "encoded",
    "granted",
    "heard_in",
    "silence",
    "tone_line",
]
