"""Promise 6: the journal of a live call, replayed in a fresh process with another hash seed, decides the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from cornerman.events import MeaningResult
from cornerman.providers.embedding import MODEL
from cornerman.record.reading import segments_of

MINUTE = "62"


def run(folder: Path, *arguments: str, seed: str = "0") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from cornerman.cli import main; main()", *arguments]
    environment = {**os.environ, "PYTHONHASHSEED": seed, "CORNERMAN__WORKER__MAX_CPU": "1"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=170, check=False
    )


def test_the_demos_own_journal_replays_byte_for_byte(tmp_path: Path, livekit_server_binary: Path) -> None:
    """The first minute of the demo, as a newcomer runs it, then its journal in two other processes."""
    demo = run(tmp_path, "demo", "--headless", "--json", "report.json", "--seconds", MINUTE, seed="1")
    assert demo.returncode == 0, demo.stdout + demo.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["ok"], report["planted"], report["near_misses_fired"]) == (True, 3, 0)
    assert report["witness"] == {"messages": 0, "bytes": 0, "tracks": 0}
    call = tmp_path / report["journal"]
    decided = []
    for seed in ("2", "3"):
        replayed = run(tmp_path, "replay", str(call), "--out", f"out-{seed}", seed=seed)
        assert replayed.returncode == 0, replayed.stdout + replayed.stderr
        assert "the same as decided live" in replayed.stdout
        decided.append((tmp_path / f"out-{seed}" / f"{call.name}.jsonl").read_bytes())
    assert decided[0] == decided[1]
    (segment,) = segments_of(call)
    live = [line for heard in segment.heard() for line in heard.decided]
    requests = sum('"out":"meaningrequest"' in line for line in live)
    assert len(live) - requests == len(decided[0].splitlines())
    assert segment.header["meaning"]["model"] == MODEL
    assert requests > 5
    assert sum(isinstance(heard.event, MeaningResult) for heard in segment.heard()) > 5
    assert sum('"out":"nudge"' in line for line in live) >= 3
