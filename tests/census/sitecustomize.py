"""Says on SIGUSR2 what lives in a process: Python runs it at the start of each that has this folder on PYTHONPATH.

In: the signal. Out: a file `<process id>.json` in the folder that `CORNERMAN_CENSUS` names, written whole: how many
objects of each class of interest there are, and how many tasks of each name are not done. Nothing else is changed:
what is counted is the process as an operator runs it.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
from collections import Counter
from pathlib import Path

FOLDER_VARIABLE = "CORNERMAN_CENSUS"
OF_INTEREST = (
    "cornerman.",
    "livekit.rtc.",
    "livekit.agents.stt",
    "livekit.plugins.",
    "livekit.local",
    "aiohttp.client",
)


def _take(_signal: int, _frame: object) -> None:
    gc.collect()
    objects: Counter[str] = Counter()
    tasks: Counter[str] = Counter()
    for one in gc.get_objects():
        kind = type(one)
        module = getattr(kind, "__module__", "") or ""
        if isinstance(one, asyncio.Task):
            if not one.done():
                # names that asyncio gives by itself count up
                tasks[one.get_name().rstrip("0123456789")] += 1
        elif isinstance(module, str) and module.startswith(OF_INTEREST):
            objects[f"{module}.{kind.__qualname__}"] += 1
    path = Path(os.environ[FOLDER_VARIABLE]) / f"{os.getpid()}.json"
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps({"objects": objects, "tasks": tasks}))
    draft.replace(path)


if FOLDER_VARIABLE in os.environ:
    signal.signal(signal.SIGUSR2, _take)
