"""The bench of hearing reports every figure beside its peer's: checked on a run that is real, if short."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
SHORT = ["--only", "delays", "--rounds", "1", "--speakers", "2", "--warm", "1", "--delay-seconds", "5"]
KEYS = {"name", "calls", "value", "unit", "peer", "peer_value", "ratio", "runs"}


@pytest.fixture(scope="module")
def report(livekit_server_binary: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What a short run wrote."""
    file = tmp_path_factory.mktemp("bench") / "hearing.json"
    ran = subprocess.run(
        [sys.executable, "-m", "bench.hearing", *SHORT, "--json", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=150,
    )
    assert ran.returncode == 0, ran.stderr
    assert "load average" in ran.stdout
    read: list[dict[str, Any]] = json.loads(file.read_text())
    return read


def test_every_figure_has_its_value_its_runs_and_its_peer(report: list[dict[str, Any]]) -> None:
    assert all(set(figure) == KEYS for figure in report)
    assert all(figure["runs"] and figure["value"] is not None for figure in report)
    assert len({figure["name"] for figure in report}) == len(report)
    with_peers = [figure for figure in report if figure["peer"]]
    assert all(figure["peer_value"] > 0 and figure["ratio"] > 0 for figure in with_peers)


def test_partials_and_audio_are_measured_for_both_of_the_providers_models(report: list[dict[str, Any]]) -> None:
    names = [figure["name"] for figure in report if figure["peer"] and figure["unit"] == "ms"]
    for measured in ("partial, nova", "partial, flux", "audio to nova", "audio to flux"):
        assert any(name.startswith(measured) for name in names)


def test_the_machine_is_described(report: list[dict[str, Any]]) -> None:
    described = {figure["name"]: figure["value"] for figure in report}
    assert described["machine: cores"] == os.cpu_count()
    assert described["machine: load average at start"] >= 0
