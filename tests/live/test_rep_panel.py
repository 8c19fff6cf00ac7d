"""The rep's terminal panel and the printed examples, each with a real terminal or process and a real room."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import pty
import re
import sys
import termios
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from coach_end import DEADLINE, CoachEnd, agent_in, nudge_payload, until
from rich.console import Console

from cornerman.rep_panel import DISCLOSURE, run_panel
from cornerman_client import contract

CLIENT = Path(__file__).parents[2] / "rep_client" / "python"
ABORTED = -6
"""LiveKit's native library was seen to abort while the interpreter winds down, after the program's own last line."""
README_EXAMPLE = "the example in the README"


class Terminal:
    """A terminal somebody sits at: what is on it, and keys that are pressed."""

    def __init__(self) -> None:
        self.master, self.slave = pty.openpty()
        self.screen = os.fdopen(os.dup(self.slave), "w")
        self.written = ""
        asyncio.get_running_loop().add_reader(self.master, self._read)

    def _read(self) -> None:
        self.written += os.read(self.master, 65536).decode(errors="ignore")

    def press(self, key: str) -> None:
        os.write(self.master, key.encode())

    async def shows(self, words: str) -> None:
        """Waits until the words were written since the last call, layout and colours aside."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DEADLINE):
                while words not in _plain(self.written):
                    await asyncio.sleep(0.01)
        assert words in _plain(self.written)
        self.written = ""

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self.master)
        self.screen.close()
        os.close(self.master)
        os.close(self.slave)


def _plain(written: str) -> str:
    return re.sub(r"[\s│╭╮╰╯─]+", " ", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written))


@pytest.fixture
async def terminal() -> AsyncIterator[Terminal]:
    sat_at = Terminal()
    yield sat_at
    sat_at.close()


@pytest.fixture
async def coach(livekit_server: Any, room_name: str) -> AsyncIterator[CoachEnd]:
    async with agent_in(livekit_server, room_name) as room:
        yield CoachEnd(room, consent="waiting")


async def show(coach: CoachEnd, **other: Any) -> contract.Ack:
    """Sends a nudge once the rep's client is there."""
    return contract.parse_ack(await coach.reach(contract.NUDGE, nudge_payload(**other)))


@contextlib.asynccontextmanager
async def panel_running(panel: Awaitable[str]) -> AsyncIterator[asyncio.Task[str]]:
    task = asyncio.ensure_future(panel)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_the_panel_takes_a_rep_through_a_call_by_keys(
    terminal: Terminal, coach: CoachEnd, livekit_server: Any, token: Callable[..., str]
) -> None:
    before = termios.tcgetattr(terminal.slave)
    console = Console(file=terminal.screen, force_terminal=True, width=100, height=40)
    panel = run_panel(livekit_server.url, token("rep"), console=console, terminal=terminal.slave)
    async with panel_running(panel):
        await coach.reach(contract.STATE, coach.state())
        await terminal.shows("When all of them agreed, press c: Ann")
        terminal.press("c")
        await terminal.shows("coach: listening")
        ack = await show(coach)
        assert ack.status == "shown"
        assert ack.painted_ms is not None
        await terminal.shows('Ann at 1:01: "too much"')
        terminal.press("p")
        await terminal.shows("price objection (pinned)")
        terminal.press("q")
        await terminal.shows("attention quiet")
        terminal.press("\x1b[A")
        terminal.press("d")
        await terminal.shows("nothing to say")
        terminal.press("d")
        await terminal.shows("there is no card to answer")
        terminal.press("a")
        await terminal.shows("Ask the coach")
        terminal.press("why noot\x7f\x7ft\r")
        await terminal.shows("asked")
        terminal.press("a")
        await terminal.shows("Ask the coach")
        terminal.press("\r")
        await until(lambda: sum(method == contract.ASK for method, _ in coach.asked) == 2)
        terminal.press("w")
        await terminal.shows("Whose consent is taken back?")
        terminal.press("1")
        await terminal.shows("Ann is not heard any more")
    said = [ask for ask in coach.asked if ask[0] != contract.HELLO]
    assert said == [
        (
            contract.CONSENT,
            {"v": 1, "identities": ["ann"], "granted": True, "how": "read out by the rep", "text": DISCLOSURE},
        ),
        (contract.FEEDBACK, {"v": 1, "id": "1-1", "feedback": "pinned"}),
        (contract.CONTROL, {"v": 1, "attention": "quiet"}),
        (contract.FEEDBACK, {"v": 1, "id": "1-1", "feedback": "dismissed"}),
        (contract.ASK, {"v": 1, "question": "why not"}),
        (contract.ASK, {"v": 1, "question": "What now?"}),
        (
            contract.CONSENT,
            {"v": 1, "identities": ["ann"], "granted": False, "how": "taken back through the rep", "text": ""},
        ),
    ]
    assert termios.tcgetattr(terminal.slave) == before


async def test_without_a_terminal_the_panel_prints_and_ends_when_the_rep_joins_elsewhere(
    coach: CoachEnd, livekit_server: Any, token: Callable[..., str], join: Any
) -> None:
    output = io.StringIO()
    panel = run_panel(livekit_server.url, token("rep"), console=Console(file=output, width=60), terminal=_no_terminal())
    async with panel_running(panel) as running:
        await coach.reach(contract.STATE, coach.state())
        assert (await show(coach)).status == "shown"
        await show(coach, rev=1, status="withdrawn", headline="Withdrawn")
        await until(lambda: "Withdrawn" in output.getvalue())
        await join("rep")
        async with asyncio.timeout(DEADLINE):
            assert await running == "duplicate_identity"
    lines = output.getvalue().splitlines()
    assert "coach: waiting for consent, rules only, attention live; heard: nobody" in lines
    assert lines.count("[1-1] Ask what waiting would cost them") <= 1
    assert "[1-1] Withdrawn" in lines
    assert lines[-1] == "you joined this call elsewhere; this panel is closed"


@pytest.mark.parametrize("program", [README_EXAMPLE, "print_nudges.py"])
async def test_the_examples_print_what_the_coach_says(
    program: str, coach: CoachEnd, livekit_server: Any, token: Callable[..., str], join: Any, tmp_path: Path
) -> None:
    script = CLIENT / "examples" / program
    if program == README_EXAMPLE:
        script = tmp_path / "readme.py"
        script.write_text(next(_python_blocks((CLIENT / "README.md").read_text())))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-u", str(script), livekit_server.url, token("rep"), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert (await show(coach)).status == "shown"
        assert process.stdout is not None
        async with asyncio.timeout(DEADLINE):
            assert b"Ask what waiting would cost them" in await process.stdout.readline()
            await join("rep")
            printed = await process.stdout.read()
            assert await process.wait() in (0, ABORTED)
        assert b"Price card" in printed
        assert printed.endswith(b"closed: duplicate_identity\n")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _python_blocks(markdown: str) -> Iterator[str]:
    return (match[1] for match in re.finditer(r"```python\n(.*?)```", markdown, re.DOTALL))


def _no_terminal() -> int:
    return os.open(os.devnull, os.O_RDONLY)
