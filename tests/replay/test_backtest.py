"""Two playbooks on the same calls: what only one of them would have said, counted, judged, and the same each time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from recorded_calls import DISCOUNT, PRICE, label, lines_of, turn, write_call, write_playbook

COMMAND = (sys.executable, "-c", "from cornerman.cli import main; main()")
TURNS = (
    turn(0, "anna", "it is ninety a seat", 0.0),
    turn(1, "ben", "honestly that is too expensive", 5.0),
    turn(2, "ben", "could you do twenty percent off", 30.0),
    turn(3, "ben", "it would be too expensive to miss", 60.0),
)
LABELS = [label(1, "price_objection"), label(2, "discount_request")]


def run(folder: Path, *arguments: str, seed: str = "0") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    return subprocess.run(
        [*COMMAND, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=90, check=False
    )


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    """A folder with two calls and two playbooks."""
    write_call(tmp_path / "calls/one.json", *TURNS, id="one", labels=LABELS)
    write_call(tmp_path / "calls/two.json", turn(0, "ben", "fine with me", 0.0), id="two")
    write_playbook(tmp_path / "old", PRICE)
    write_playbook(tmp_path / "new", PRICE, DISCOUNT)
    return tmp_path


def figures(report: str, name: str) -> list[list[str]]:
    """Figures A and B of a row, wherever it stands."""
    rows = [line.split("  ") for line in report.splitlines() if line.strip().startswith(f"{name}  ")]
    return [[cell.strip() for cell in row if cell.strip()][1:] for row in rows]


def test_the_report_says_what_each_would_have_said(bench: Path) -> None:
    done = run(bench, "backtest", "calls", "--playbook", "new", "--against", "old")
    assert done.returncode == 0, done.stderr
    assert "words alone: no moment of the playbook has examples\nA: new (small)\nB: old (small)\n" in done.stdout
    assert (
        'only A: turn 2, discount_request: "Ask them one more thing about discount today" (objections/discount)'
        in done.stdout
    )
    assert "only B" not in done.stdout
    one, two, both = (figures(done.stdout, name) for name in ("nudges", "discount_request", "nudges per hour"))
    assert one == [["2", "1"], ["0", "0"], ["2", "1"]]
    assert two == [["1", "0"]] * 4
    assert both[-1] == ["110.8", "55.4"]


def test_where_there_are_labels_there_are_precision_and_recall(bench: Path) -> None:
    report = run(bench, "backtest", "calls", "--playbook", "old", "--against", "new").stdout
    assert figures(report, "precision") == [["50.0 %", "66.7 %"]] * 2
    assert figures(report, "recall") == [["50.0 %", "100.0 %"]] * 2
    assert figures(report, "recall discount_request") == [["0.0 %", "100.0 %"]]


def test_the_same_calls_give_the_same_bytes_in_any_process(bench: Path) -> None:
    arguments = ("backtest", "calls", "--playbook", "new", "--against", "old")
    assert run(bench, *arguments, seed="1").stdout == run(bench, *arguments, seed="2").stdout
    for seed in ("1", "2"):
        assert run(bench, "replay", "calls", "--playbook", "new", "--out", f"out{seed}", seed=seed).returncode == 0
    first, second = ({file.name: file.read_bytes() for file in (bench / f"out{seed}").iterdir()} for seed in ("1", "2"))
    assert first == second
    assert set(first) == {"one.jsonl", "two.jsonl"}


def test_each_call_gets_a_file_and_silence_one_with_its_figures_alone(bench: Path) -> None:
    done = run(bench, "replay", "calls", "--playbook", "new", "--out", "out")
    assert "one: 1.1 min, 3 moments, 2 nudges, 0 of them withdrawn, 1 held" in done.stdout
    lines = lines_of(bench / "out/one.jsonl")
    kinds = [(one["type"], one["turn"], one["kind"]) for one in lines if "kind" in one]
    assert kinds == [
        ("moment", 1, "price_objection"),
        ("nudge", 1, "price_objection"),
        ("moment", 2, "discount_request"),
        ("nudge", 2, "discount_request"),
        ("moment", 3, "price_objection"),
        ("held", 3, "price_objection"),
    ]
    assert [(one["type"], one["turn"]) for one in lines if "kind" not in one] == [("stage", 2), ("figures", None)]
    assert [line["type"] for line in lines_of(bench / "out/two.jsonl")] == ["figures"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("replay",), "no call was named"),
        (("replay", "nowhere"), "nowhere cannot be replayed"),
        (("replay", "calls", "calls/one.json", "--playbook", "new"), "two calls have the id 'one'"),
        (("replay", "old", "--playbook", "new"), "it holds nothing to replay"),
        (("replay", "calls", "--playbook", "nowhere"), "the playbook nowhere cannot be used"),
        (("replay", "--speaker", "ben"), "--speaker ben: write NAME=FILE"),
        (("replay", "--speaker", "a=x.wav", "--speaker", "a=y.wav"), "a has a file already"),
        (("backtest", "old", "--playbook", "new", "--against", "old"), "it holds nothing to replay"),
    ],
)
def test_what_cannot_be_done_is_said(bench: Path, arguments: tuple[str, ...], says: str) -> None:
    done = run(bench, *arguments)
    assert done.returncode == 1
    assert says in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
