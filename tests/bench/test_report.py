"""The collected report holds what benches wrote, says what they did not write, and makes nothing up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.measured import Figure, Machine, Run, write_json
from bench.report import KEYS, collected, read, spread
from cornerman.errors import CornermanError

MACHINE = Machine(2, 0.5, "Linux", "3.11")


def test_figures_come_with_their_benchs_name_and_machine(tmp_path: Path) -> None:
    figure = Figure("delay", "ms", "floor", (Run(2.0, 1.0), Run(4.0, 2.0), Run(3.0, 1.0)), calls=8)
    write_json(tmp_path / "coaching.json", [figure], MACHINE)
    entries, missing = collected(tmp_path, ("coaching", "panel"))
    assert [one["name"] for one in entries] == [
        "coaching: machine: cores",
        "coaching: machine: load average at start",
        "coaching: delay",
    ]
    assert tuple(entries[-1]) == KEYS
    assert (entries[-1]["value"], entries[-1]["peer_value"], entries[-1]["ratio"]) == (3.0, 1.0, 3.0)
    assert missing == ["panel"]


@pytest.mark.parametrize("text", ["", "{}x", json.dumps([{"name": "delay"}])])
def test_a_file_that_is_no_report_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "coaching.json"
    file.write_text(text)
    with pytest.raises(CornermanError, match=r"coaching\.json"):
        read(file)


def test_a_spread_is_told_only_where_there_is_one() -> None:
    assert spread([2.0], "ms") == "2.00 ms"
    assert spread([3.0, 1.0, 2.0], "s") == "2.00 s [1.00 to 3.00]"
    assert spread([], "s") == ""
