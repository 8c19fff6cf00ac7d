"""Who is measured: Cornerman, the textbook build as it is and tuned, and the floor; each a worker of its own.

In: the server, the providers' addresses, a folder. Out: a registered worker under a name of its own, as an operator
would start it, and what it takes to start it. All have the same providers, playbook, pace of nudges and idle processes,
but for the textbook build's default, which keeps the framework's own number of these.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.peer_settings import PeerSettings
from bench.processes import ROOT
from cornerman.errors import CornermanError
from cornerman.livekit_server import ServerAddress
from cornerman.livekit_server.guard import guarded
from cornerman.paths import find_project_file

REGISTERED = b"registered worker"
START_SECONDS = 150.0
STOP_SECONDS = 10.0
LOOK_EVERY = 0.02
IDLE = 1
KEYS = {"DEEPGRAM_API_KEY": "any key opens a fake", "OPENAI_API_KEY": "any key opens a fake"}
OURS, SHARED, LATE = "ours", "ours-shared", "ours-late"
LESSON, STT_TURNS, LOCAL_TURNS, FLOOR = "lesson", "lesson-stt", "lesson-local", "floor"
CORNERMEN = (OURS, SHARED, LATE)
NAMES = {
    OURS: "Cornerman",
    SHARED: "Cornerman, calls share a process",
    LATE: "Cornerman, no early start",
    LESSON: "textbook, framework's defaults",
    STT_TURNS: "textbook, tuned, recogniser's turns",
    LOCAL_TURNS: "textbook, tuned, local turns",
    FLOOR: "bare stream and expression",
}
EVERYBODY = (OURS, FLOOR, STT_TURNS, LESSON, SHARED, LATE, LOCAL_TURNS)
_VARIANTS = {LESSON: "default", STT_TURNS: "stt_turns", LOCAL_TURNS: "local_turns", FLOOR: "floor"}


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the rep may be interrupted. Seconds; `returns`: before the same card may come again."""

    interval: float
    burst: int
    returns: float


UNHURRIED = Pace(interval=0.2, burst=10, returns=12.0)
"""So that each trigger gives a sample."""
AS_IN_LIFE = Pace(interval=20.0, burst=2, returns=60.0)
"""What the sample playbook says."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What all workers share."""

    server: ServerAddress
    speech_url: str
    model_url: str
    folder: Path

    def clear(self, worker: Contender) -> None:
        """Forgets what a worker that has ended wrote; another may have its name."""
        shutil.rmtree(worker.log.parent)


@dataclass(frozen=True, slots=True)
class Contender:
    """A worker under way. `started`: seconds from its process's start to its registration."""

    who: str
    agent: str
    pid: int
    log: Path
    journals: Path
    started: float


def playbook_at(pace: Pace, folder: Path) -> Path:
    """The sample playbook with cards that return as this pace says."""
    copy = folder / f"playbook-{pace.returns:g}"
    if copy.exists():
        return copy
    shutil.copytree(find_project_file("playbook"), copy)
    file = copy / "playbook.yaml"
    text = file.read_text()
    if pace != AS_IN_LIFE:
        for name, value in (("cooldown_s", pace.returns), ("per_call", 1000), ("ttl_s", min(15.0, pace.returns))):
            text, found = re.subn(rf"^  {name}: \S+", f"  {name}: {value:g}", text, flags=re.MULTILINE)
            if found != 1:
                raise CornermanError(f"{file} has {found} lines with budget.{name}; the bench needs one")
    file.write_text(text)
    return copy


def environment_of(who: str, agent: str, stage: Stage, pace: Pace) -> dict[str, str]:
    """How a worker is told all that."""
    playbook = playbook_at(pace, stage.folder)
    if who not in CORNERMEN:
        idle = None if who == LESSON else IDLE
        urls = stage.speech_url, stage.model_url
        return PeerSettings(agent, _VARIANTS[who], *urls, f"model-{who}", playbook, pace.interval, idle).environment()
    return {
        "CORNERMAN__WORKER__AGENT_NAME": agent,
        "CORNERMAN__WORKER__MAX_CALLS": "100",
        "CORNERMAN__WORKER__MAX_CPU": "1",
        "CORNERMAN__WORKER__IDLE_PROCESSES": str(IDLE),
        "CORNERMAN__WORKER__CALLS_SHARE_PROCESS": "true" if who == SHARED else "false",
        "CORNERMAN__JOURNAL__PATH": str(stage.folder / agent / "calls"),
        "CORNERMAN__PLAYBOOK__PATH": str(playbook),
        "CORNERMAN__STT__PROVIDER": "deepgram",
        "CORNERMAN__STT__MODEL": "nova-3",
        "CORNERMAN__STT__BASE_URL": stage.speech_url,
        "CORNERMAN__LLM__PROVIDER": "openai",
        "CORNERMAN__STT__OPTIONS": json.dumps({"tags": [agent]}),
        "CORNERMAN__LLM__MODEL": f"model-{who}",
        "CORNERMAN__LLM__BASE_URL": stage.model_url,
        "CORNERMAN__BUDGET__INTERVAL": f"{pace.interval:g}",
        "CORNERMAN__BUDGET__BURST": str(pace.burst),
        "CORNERMAN__ADVISING__EARLY": "false" if who == LATE else "true",
    }


def module_of(who: str) -> str:
    """What is started."""
    if who in CORNERMEN:
        return "cornerman.room.worker"
    return "bench.floor.worker" if who == FLOOR else "bench.lesson.worker"


@asynccontextmanager
async def contender(who: str, stage: Stage, pace: Pace) -> AsyncIterator[Contender]:
    """A registered worker, from here to the end of the block; it and all it started end with it, and with this
    process, however that ends.
    """
    agent = f"bench-{who}-{pace.interval:g}"
    folder = stage.folder / agent
    folder.mkdir()
    log = folder / "worker.log"
    environment = environment_of(who, agent, stage, pace)
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *guarded([sys.executable, "-m", module_of(who), "start"]),
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=surroundings() | stage.server.environment() | KEYS | environment,
            start_new_session=True,
        )
    began = time.monotonic()
    try:
        await _registered(process, log)
        started = time.monotonic() - began
        (worker,) = psutil.Process(process.pid).children()
        yield Contender(who, agent, worker.pid, log, folder / "calls", started)
    finally:
        await _stop(process)


def surroundings() -> dict[str, str]:
    """This process's environment without what would change a worker's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CORNERMAN_", "LIVEKIT_"))}
    return kept | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}


async def _registered(process: asyncio.subprocess.Process, log: Path) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(START_SECONDS):
            while process.returncode is None:
                if REGISTERED in await asyncio.to_thread(log.read_bytes):
                    return
                await asyncio.sleep(LOOK_EVERY)
    text = await asyncio.to_thread(log.read_text, errors="replace")
    tail = "\n".join(text.splitlines()[-15:])
    raise CornermanError(f"a worker did not register with the LiveKit server; the end of its log:\n{tail}")


async def _stop(process: asyncio.subprocess.Process) -> None:
    """Asks it to end, then ends its whole process group."""
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
