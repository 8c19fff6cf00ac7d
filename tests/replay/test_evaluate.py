"""`make eval` without its data says what is missing; with data it gives the data's own scorer what it asks for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from recorded_calls import PRICE, call_of, turn, write_call, write_playbook

ROOT = Path(__file__).parents[2]
SAYS = turn(0, "ben", "that is too expensive", 0.0)

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


def evaluate(folder: Path, data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tools/evaluate.py"), str(data), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=90, check=False)


def test_data_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    done = evaluate(tmp_path, tmp_path / "nowhere")
    assert done.returncode == 2
    assert "nowhere: score.py, calls, meetings, moments.jsonl missing. Nothing was measured." in done.stderr
    assert not (tmp_path / "eval-report.json").exists()


def test_every_call_is_replayed_and_scored(tmp_path: Path) -> None:
    data = tmp_path / "data"
    write_call(data / "calls/one.json", SAYS, id="one")
    write_call(data / "meetings/two.json", SAYS, id="two")
    (data / "moments.jsonl").write_text(json.dumps(call_of(SAYS, id="three")) + "\n")
    (data / "score.py").write_text(SCORER)
    done = evaluate(tmp_path, data, "--playbook", str(write_playbook(tmp_path / "book", PRICE)))
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "eval-report.json").read_text())
    assert list(report) == ["words"]
    assert report["words"]["calls"]["activity"]["moment_fires"] == 3
    shown = " ".join(done.stdout.split())
    assert "the scorer's table goals of words alone calls: precision at least 80 % 50.0 %" in shown
    assert "calls: nudges withdrawn under 5 % 0.0 %" in shown
    assert "meetings: at most 1 nudge an hour -" in shown
    assert "hard negatives: at most 10 % fired on 25.0 %" in shown
