"""`make eval` without its data says what is missing; with data it gives the data's own scorer what it asks for: once
for words alone, and once with meaning where there is a model and something to compare with.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from meaning_playbook import write_meaning_playbook
from recorded_calls import PRICE, call_of, turn, write_call, write_playbook
from small_playbook import PLAYBOOK

ROOT = Path(__file__).parents[2]
SAYS = turn(0, "ben", "that is too expensive", 0.0)
MEANS = turn(1, "ben", "We cannot afford it.", 20.0)

# Stands for the scorer that comes with the data: same arguments, and of its answer what the goals are read from. It
# counts the moments of each call's lines.
SCORER = """
import json, pathlib, sys
data = pathlib.Path(__file__).parent
if sys.argv[1] == "--split":
    out = pathlib.Path(sys.argv[2])
    out.mkdir()
    for line in (data / "moments.jsonl").read_text().splitlines():
        (out / (json.loads(line)["id"] + ".json")).write_text(line)
elif "--json" in sys.argv:
    lines = [line for file in pathlib.Path(sys.argv[1]).iterdir() for line in file.read_text().splitlines()]
    fires = sum(json.loads(line)["type"] == "moment" for line in lines)
    labelled = {"micro": {"precision": 0.5, "recall": 0.25}, "per_kind": {}, "false_alarm_turns": {"rep": [1, 4]}}
    activity = {"moment_fires": fires, "moment_fires_per_hour": 1.5, "nudges_per_hour": None}
    one = {"labelled": labelled, "activity": activity}
    print(json.dumps({"calls": one, "meetings": one, "moments": one}))
else:
    print("the scorer's table")
"""


def evaluate(folder: Path, data: Path, *arguments: str, seed: str = "0") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tools/evaluate.py"), str(data), *arguments]
    environment = {**os.environ, "PYTHONHASHSEED": seed, "CORNERMAN_CACHE": str(folder / "cache")}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=90, check=False)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A call, a meeting and a single moment, and a scorer."""
    folder = tmp_path / "data"
    write_call(folder / "calls/one.json", SAYS, MEANS, id="one")
    write_call(folder / "meetings/two.json", SAYS, id="two")
    (folder / "moments.jsonl").write_text(json.dumps(call_of(SAYS, id="three")) + "\n")
    (folder / "score.py").write_text(SCORER)
    return folder


def report_of(folder: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder / "eval-report.json").read_text())
    return report


def test_data_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    done = evaluate(tmp_path, tmp_path / "nowhere")
    assert done.returncode == 2
    assert "nowhere: score.py, calls, meetings, moments.jsonl missing. Nothing was measured." in done.stderr
    assert not (tmp_path / "eval-report.json").exists()


def test_what_is_missing_of_the_data_is_named(tmp_path: Path, data: Path) -> None:
    (data / "moments.jsonl").unlink()
    done = evaluate(tmp_path, data)
    assert done.returncode == 2
    assert "data: moments.jsonl missing. Nothing was measured." in " ".join(done.stderr.split())


def test_a_scorer_that_fails_is_quoted(tmp_path: Path, data: Path) -> None:
    (data / "score.py").write_text("import sys; sys.exit('turn 7 is not there')")
    done = evaluate(tmp_path, data, "--playbook", str(write_playbook(tmp_path / "book", PRICE)))
    assert (done.returncode, done.stdout) == (2, "")
    assert "the scorer failed: turn 7 is not there" in done.stderr
    assert not (tmp_path / "eval-report.json").exists()


def test_without_examples_every_call_is_replayed_and_scored_by_words_alone(tmp_path: Path, data: Path) -> None:
    done = evaluate(tmp_path, data, "--playbook", str(write_playbook(tmp_path / "book", PRICE)))
    assert done.returncode == 0, done.stderr
    report = report_of(tmp_path)
    assert list(report) == ["words"]
    assert report["words"]["calls"]["activity"]["moment_fires"] == 3
    shown = " ".join(done.stdout.split())
    assert "words alone, partials word by word the scorer's table" in shown
    assert "goals of words alone calls: precision at least 80 % 50.0 % calls: recall at least 50 % 25.0 %" in shown
    assert "calls: nudges withdrawn under 5 % 0.0 %" in shown
    assert "meetings: at most 1 nudge an hour -" in shown
    assert "hard negatives: at most 10 % fired on 25.0 %" in shown
    assert "meaning was not measured: no moment of the playbook has examples" in shown


def test_with_examples_everything_is_measured_both_ways_and_the_same_each_time(tmp_path: Path, data: Path) -> None:
    book = str(write_meaning_playbook(tmp_path / "book", PLAYBOOK))
    done = evaluate(tmp_path, data, "--playbook", book)
    assert done.returncode == 0, done.stderr
    report = report_of(tmp_path)
    assert list(report) == ["words", "meaning"]
    assert [report[way]["calls"]["activity"]["moment_fires"] for way in report] == [3, 4]
    shown = " ".join(done.stdout.split())
    assert shown.count("the scorer's table") == 2
    assert "goals of words with meaning calls: precision at least 80 % 50.0 % calls: recall at least 65 %" in shown
    assert "meaning was not measured" not in shown
    again = evaluate(tmp_path, data, "--playbook", book, "--report", str(tmp_path / "again.json"), seed="1")
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "eval-report.json").read_bytes()
