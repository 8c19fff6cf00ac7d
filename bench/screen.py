"""What watching the rep's screen costs, and how many frames go to a model: beside "one a second, always attached".

Everything is real: a Chromium shares its own tab through a LiveKit server, and each way to watch is a process of its
own, in the same room at the same time. First a call over a tab that stands still, then a talk of thirty slides with
prospects who point at some. The model is not part of it: a frame counts where it would have gone along.

    python -m bench.screen             # from the root of the repository; wants Chromium, see bench/README.md
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import io
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console

from bench.command import as_command
from bench.measured import Figure, Run, as_table, percentile, this_machine, write_json
from bench.processes import ROOT, Child, child
from bench.screen_browser import Page, open_page
from cornerman.errors import CornermanError
from cornerman.livekit_server import ServerAddress, open_server
from cornerman.seeing import points_at_screen
from cornerman.stand_ins.tokens import agent_token, rep_token

ROOM = "bench"
LONGEST = 400.0
ANSWER_SECONDS = 30.0
WIDTH = 150
WAYS = ("joined", "watched", "always")
PROCESSOR_LIMIT, FRAMES_LIMIT = 2.0, 1.5
PEER = "one a second, always attached"
SLIDES = 30
SHRUNK = (64, 32)

SCRIPT: tuple[tuple[float, bool, bool, str], ...] = (
    (8.0, False, True, ""),
    (6.0, False, True, "can you show me that chart there again"),
    (8.0, False, False, ""),
    (6.0, True, False, ""),
    (6.0, True, True, ""),
    (6.0, True, False, ""),
    (6.0, True, True, "what is that number there on the right"),
    (6.0, True, False, ""),
    (8.0, False, True, ""),
)
"""A call over a tab that stands still, in little: seconds, whether the rep presents, whether a prospect speaks, and
what they say of the screen. Half of it is the presentation, which is more than most calls have.
"""
POINTED = (
    "what does that number there mean",
    "and on this slide, is that per seat",
    "can you zoom in on the table",
    "as you can see here it went down for us",
)
NOT_POINTED = ("that is more than we pay today", "how long does the rollout take", "my team would have to agree")


@dataclass(frozen=True, slots=True)
class Said:
    """What a prospect says while a slide is shown."""

    slide: int
    text: str

    @property
    def points(self) -> bool:
        return points_at_screen(self.text, "en")


def talk() -> list[Said]:
    """Half of the slides are pointed at, every fifth of them twice; on every third there is talk of something else."""
    said = []
    for slide in range(SLIDES):
        if slide % 2:
            said.append(Said(slide, POINTED[slide // 2 % len(POINTED)]))
        if slide % 10 == 5:
            said.append(Said(slide, POINTED[(slide // 2 + 1) % len(POINTED)]))
        if slide % 3 == 0:
            said.append(Said(slide, NOT_POINTED[slide // 3 % len(NOT_POINTED)]))
    return said


@dataclass(slots=True)
class Talk:
    """What came of the talk for one way: frames that went, and whether each showed the slide of its turn."""

    right: list[bool] = field(default_factory=list)
    ages: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Stage:
    """The room: a tab that shares itself, and a coach for each way."""

    page: Page
    coaches: dict[str, Child]

    async def tell(self, **question: Any) -> dict[str, dict[str, Any]]:
        """Asks all coaches the same."""
        answers = await asyncio.gather(*(coach.ask(ANSWER_SECONDS, **question) for coach in self.coaches.values()))
        return dict(zip(self.coaches, answers, strict=True))


async def set_up(stack: AsyncExitStack) -> Stage:
    """Starts all that takes part; it ends with the stack."""
    logs = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
    page = await stack.enter_async_context(open_page("talk.html"))
    server: ServerAddress = await stack.enter_async_context(open_server())
    coaches = {
        way: await stack.enter_async_context(child("bench.screen_process", logs / f"{way}.log", {})) for way in WAYS
    }
    for way, coach in coaches.items():
        token = agent_token(server, ROOM, f"coach-{way}")
        await coach.ask(ANSWER_SECONDS, do="join", url=server.url, token=token, way=way)
    await page.call("share", server.url, rep_token(server, ROOM, "rep"))
    stack.push_async_callback(page.call, "stop")
    return Stage(page, coaches)


async def still_call(stage: Stage, length: float) -> dict[str, float]:
    """Plays the script over a tab that stands still; percent of a core for each way."""
    await stage.page.call("show", 3)
    await stage.tell(do="situation", presenting=False, speaks=False)
    before = await stage.tell(do="used")
    for seconds, presenting, speaks, text in SCRIPT:
        await stage.tell(do="situation", presenting=presenting, speaks=speaks)
        if text:
            await stage.tell(do="partial", text=text)
        await asyncio.sleep(seconds * length)
        if text:
            await stage.tell(do="turn", text=text)
    after = await stage.tell(do="used")
    return {
        way: 100 * (after[way]["processor"] - before[way]["processor"]) / (after[way]["at"] - before[way]["at"])
        for way in WAYS
    }


async def presented_all_the_time(stage: Stage, seconds: float) -> dict[str, float]:
    """The dearest situation over a tab that stands still: presenting, and a prospect who never stops."""
    await stage.tell(do="situation", presenting=True, speaks=True)
    await asyncio.sleep(3.0)
    before = await stage.tell(do="used")
    await asyncio.sleep(seconds)
    after = await stage.tell(do="used")
    return {
        way: 100 * (after[way]["processor"] - before[way]["processor"]) / (after[way]["at"] - before[way]["at"])
        for way in WAYS
    }


async def thirty_slides(stage: Stage, seconds: float) -> dict[str, Talk]:
    """Plays the talk, so many seconds a slide; the frames that went along with turns."""
    found = {way: Talk() for way in WAYS if way != "joined"}
    went: list[tuple[str, int, NDArray[np.float32]]] = []
    slides: dict[int, NDArray[np.float32]] = {}
    said = talk()
    await stage.tell(do="situation", presenting=True, speaks=False)
    for slide in range(SLIDES):
        await stage.page.call("show", slide)
        began = time.monotonic()
        slides[slide] = _shrunk(base64.b64decode((await stage.page.command("Page.captureScreenshot"))["data"]))
        turns = [one for one in said if one.slide == slide]
        for number, turn in enumerate(turns):
            await _at(began + seconds * (number + 0.4) / len(turns))
            await stage.tell(do="situation", presenting=True, speaks=True)
            await stage.tell(do="partial", text=turn.text)
            await _at(began + seconds * (number + 0.95) / len(turns))
            for way, answer in (await stage.tell(do="turn", text=turn.text)).items():
                if "jpeg" in answer:
                    found[way].ages.append(answer["age"])
                    went.append((way, slide, _shrunk(base64.b64decode(answer["jpeg"]))))
            await stage.tell(do="situation", presenting=True, speaks=False)
        await _at(began + seconds)
    for way, slide, image in went:
        likest = min(slides, key=lambda other: float(np.abs(slides[other] - image).mean()))
        found[way].right.append(likest == slide)
    return found


def _shrunk(data: bytes) -> NDArray[np.float32]:
    image = Image.open(io.BytesIO(data)).convert("L").resize(SHRUNK, Image.Resampling.BOX)
    return np.asarray(image, dtype=np.float32)


async def _at(moment: float) -> None:
    await asyncio.sleep(max(moment - time.monotonic(), 0.0))


def figures_of(
    calls: Sequence[dict[str, float]], dearest: Sequence[dict[str, float]], found: dict[str, Talk]
) -> list[Figure]:
    """The figures of all runs."""
    unit = "% of a core"
    figures = []
    for name, runs in (("a call over a still tab", calls), ("presenting to one who never stops", dearest)):
        if runs:
            whole = tuple(Run(run["watched"], run["always"]) for run in runs)
            more = tuple(Run(run["watched"] - run["joined"], run["always"] - run["joined"]) for run in runs)
            figures.append(Figure(f"{name}: whole process", unit, PEER, whole, limit=PROCESSOR_LIMIT))
            figures.append(Figure(f"{name}: more than being in the room", unit, PEER, more))
    if found:
        pointed = len({one.slide for one in talk() if one.points})
        ours, peer = found["watched"], found["always"]
        frames = Run(len(ours.right), len(peer.right))
        ratio = Run(len(ours.right) / pointed, len(peer.right) / pointed)
        right = Run(100 * sum(ours.right) / len(ours.right), 100 * sum(peer.right) / len(peer.right))
        age = Run(percentile(ours.ages, 0.95), percentile(peer.ages, 0.95))
        name = f"talk of {SLIDES} slides, {pointed} pointed at, {len(talk())} turns"
        figures += [
            Figure(f"{name}: frames that went", "frames", PEER, (frames,)),
            Figure("frames for each slide pointed at", "", PEER, (ratio,), limit=FRAMES_LIMIT + 1e-9),
            Figure("frames that show the slide of their turn", "%", PEER, (right,)),
            Figure("age of a frame when it went, p95", "s", PEER, (age,)),
        ]
    return figures


async def measure(options: argparse.Namespace, console: Console) -> bool:
    """Runs the bench and reports; whether every limit was kept."""
    machine = this_machine()
    calls: list[dict[str, float]] = []
    dearest: list[dict[str, float]] = []
    found: dict[str, Talk] = {}
    async with AsyncExitStack() as stack, asyncio.timeout(LONGEST):
        stage = await set_up(stack)
        for _ in range(options.rounds if options.only in ("", "processor") else 0):
            calls.append(await still_call(stage, options.length))
            dearest.append(await presented_all_the_time(stage, options.dearest_seconds))
        if options.only in ("", "talk"):
            found = await thirty_slides(stage, options.slide_seconds)
            if not all(way.right for way in found.values()):
                raise CornermanError("no frame went to the model in the whole talk: nothing was shared, or seen")
    figures = figures_of(calls, dearest, found)
    console.print(as_table(f"the rep's screen, {options.rounds} runs", figures, machine))
    write_json(options.json, figures, machine)
    return all(figure.kept is not False for figure in figures)


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="bench.screen", description="What watching the rep's screen costs.")
    parser.add_argument("--only", choices=["processor", "talk"], default="", help="one part of the bench")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--length", type=float, default=1.0, help="how much longer than a minute the call is")
    parser.add_argument("--dearest-seconds", type=float, default=12.0)
    parser.add_argument("--slide-seconds", type=float, default=4.0)
    parser.add_argument("--json", type=Path, default=ROOT / "bench" / "screen.json")
    return parser.parse_args(arguments)


def main() -> None:
    """The command."""
    as_command("bench.screen", measure(parsed(sys.argv[1:]), Console(width=WIDTH)), f"not done within {LONGEST:g} s")


if __name__ == "__main__":
    main()
