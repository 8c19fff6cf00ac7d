"""What job processes share: laid in once, used only for what it was made from, and shared in fact after a fork."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from meaning_playbook import meaning_playbook

from cornerman.config import MeaningSettings, RetrievalSettings, Settings
from cornerman.paths import find_project_file
from cornerman.playbook import load_playbook
from cornerman.room import stock
from cornerman.room.meaning import Meaning
from cornerman.room.stock import keep_for_good, laid_in_for, lay_in

SMALL_SHARE = 0.25
"""Of the fork server's memory, that a job process may have to itself once it is warmed up."""
UNASKED = ("hubspot", "simple_salesforce", "mcp", "redis", "livekit.plugins.openai", "pocketsphinx", "rich.table")
FORKED = """
import json, os, sys
from livekit.plugins import deepgram
from cornerman.room import preload
import livekit.agents.ipc._preload_freeze
from livekit.agents import JobExecutorType
from livekit.agents.job import JobProcess
from cornerman.room import job, stock

def private():
    with open("/proc/self/smaps_rollup") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("Private_Dirty"))

server = private()
read, write = os.pipe()
if os.fork() == 0:
    process = JobProcess(executor_type=JobExecutorType.PROCESS, user_arguments=None, http_proxy=None)
    job.prewarm(process)
    made = process.userdata[job._PREWARMED]
    told = {
        "same": made.detector is stock.laid_in_for(made.playbook).detector,
        "meaning": made.meaning.progress,
        "search": made.brains.retriever.progress,
        "private": private(),
        "modules": sorted(sys.modules),
    }
    os.write(write, json.dumps(told).encode())
    os._exit(0)
os.close(write)
with os.fdopen(read, "rb") as file:
    print(json.dumps({"server": server, **json.loads(file.read())}))
os.wait()
"""


@pytest.fixture
def nothing_laid_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stock, "_LAID_IN", [])


@pytest.fixture(scope="module")
def forked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a job process says of itself that was forked like the worker's, where speech goes to Deepgram."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(Path.home()),
        "LIVEKIT_AGENTS_PRELOAD_LOCAL_INFERENCE": "0",
        "DEEPGRAM_API_KEY": "any key",
        "CORNERMAN__STT__PROVIDER": "deepgram",
    }
    folder = tmp_path_factory.mktemp("forked")
    run = subprocess.run(
        [sys.executable, "-c", FORKED], env=environment, cwd=folder, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    told: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return told


def test_a_forked_process_compiles_and_loads_nothing_again(forked: dict[str, Any]) -> None:
    assert forked["same"] is True
    assert forked["meaning"] in ("ready", "off")  # off where the sentence model is not installed
    assert forked["search"] in ("ready", "words")


def test_a_forked_process_has_little_memory_to_itself(forked: dict[str, Any]) -> None:
    assert forked["private"] < SMALL_SHARE * forked["server"]


def test_the_garbage_collector_looks_no_more_at_what_is_kept_for_good() -> None:
    here = [object()]
    try:
        keep_for_good()
        came_after = [object()]
        looked_at = {id(one) for one in gc.get_objects()}
    finally:
        gc.unfreeze()
    assert id(here) not in looked_at
    assert id(came_after) in looked_at


@pytest.mark.parametrize("module", UNASKED)
def test_a_job_process_imports_no_service_that_is_not_configured(forked: dict[str, Any], module: str) -> None:
    assert module not in forked["modules"]


@pytest.mark.usefixtures("nothing_laid_in")
def test_what_is_laid_in_serves_its_own_playbook_and_settings_only() -> None:
    mine, other = meaning_playbook(), load_playbook(find_project_file("playbook"))
    settings = Settings()
    lay_in(settings, mine)
    laid_in = laid_in_for(mine)
    assert laid_in is not None
    assert laid_in_for(other) is None
    off = MeaningSettings(enabled="off")
    assert laid_in.comparison_for(settings.meaning) is laid_in.comparison
    assert laid_in.comparison_for(off) is None
    assert laid_in.index_for(settings.retrieval, settings.meaning) is laid_in.index
    assert laid_in.index_for(RetrievalSettings(meaning="off"), settings.meaning) is None
    assert laid_in.index_for(settings.retrieval, off) is None


@pytest.mark.usefixtures("nothing_laid_in")
def test_models_are_laid_in_for_their_own_settings_only() -> None:
    model = {"provider": "openai", "model": "any", "base_url": "http://127.0.0.1:9/v1"}
    settings, playbook = Settings.model_validate({"llm": model}), meaning_playbook()
    lay_in(settings, playbook, models=True)
    laid_in = laid_in_for(playbook)
    assert laid_in is not None
    models = laid_in.models_for(settings.llm)
    assert models is not None
    assert models.names == ("openai",)
    other = Settings.model_validate({"llm": {**model, "model": "another"}})
    assert laid_in.models_for(other.llm) is None
    lay_in(settings, playbook)
    shared = laid_in_for(playbook)
    assert shared is not None
    assert shared.models_for(settings.llm) is None, "calls that share a process would share an event loop's models"


@pytest.mark.usefixtures("nothing_laid_in")
def test_a_model_that_cannot_be_set_up_is_left_to_whoever_needs_it() -> None:
    settings, playbook = (
        Settings.model_validate({"llm": {"provider": "plugin", "plugin": "nobody_wrote"}}),
        meaning_playbook(),
    )
    lay_in(settings, playbook, models=True)
    laid_in = laid_in_for(playbook)
    assert laid_in is not None
    assert laid_in.models_for(settings.llm) is None


@pytest.mark.usefixtures("nothing_laid_in")
async def test_meaning_is_ready_at_once_with_what_was_laid_in() -> None:
    playbook = meaning_playbook()
    lay_in(Settings(), playbook)
    laid_in = laid_in_for(playbook)
    assert laid_in is not None
    meaning = Meaning(MeaningSettings(), playbook, laid_in.comparison)
    meaning.start()
    assert meaning.progress == ("ready" if laid_in.comparison is not None else meaning.progress)
    await meaning.aclose()


@pytest.mark.usefixtures("nothing_laid_in")
def test_a_model_that_is_missing_leaves_words_alone_laid_in(tmp_path: Path) -> None:
    settings = Settings(meaning=MeaningSettings(model=tmp_path))
    lay_in(settings, meaning_playbook())
    laid_in = laid_in_for(meaning_playbook())
    assert laid_in is not None
    assert laid_in.comparison is None
    assert laid_in.index is None or not laid_in.index.by_meaning
