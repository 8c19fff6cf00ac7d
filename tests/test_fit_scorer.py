"""What fits the scorer's weights writes a module that can be used, says what the data says, and is the same again.

The labelled dialogues it is meant for do not come with the project; these few are made up, the model is the real one.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from meaning_playbook import write_meaning_playbook
from recorded_calls import call_of, label, turn, write_call
from small_playbook import PLAYBOOK

from cornerman.coach.scoring import SIGNALS

Numbers = npt.NDArray[np.float64]

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "tools/fit_scorer.py"
SCORER = """
import json, pathlib, sys
data = pathlib.Path(__file__).parent
for line in (data / "moments.jsonl").read_text().splitlines():
    (pathlib.Path(sys.argv[2]) / (json.loads(line)["id"] + ".json")).write_text(line)
"""
PRICE_MOMENT = """\
- id: price
  kind: price_objection
  phrases: [too expensive]
  hints: [expensive]
  examples:
    - That is too expensive for us.
    - We cannot afford it.
    - The price is more than we can pay.
    - It costs too much for what it does.
    - That is beyond our budget.
  unlike:
    - Our electricity bill went up.
  card: objections/price
- id: later
  kind: timing_stall
  phrases: [next quarter]
  examples:
    - Not right now, maybe later.
    - We have to wait until next year.
    - Let us talk again in summer.
    - This is not the right time.
    - We want to think about it.
  card: objections/price
"""
OBJECTIONS = (
    "Well, that is too expensive.",
    "It is far too expensive for a team like ours.",
    "We have no money for that.",
    "That is more than we can pay.",
    "This costs more than our whole budget.",
)
STALLS = ("Please call us next quarter.", "Maybe another time, not today.", "Let us think about it until summer.")
OTHERS = (
    "The hotel was expensive but nice.",
    "Our office is in the north of the city.",
    "We answer mail all day.",
    "How many people work in your team?",
    "It is expensive to heat a house.",
)


def load(file: Path) -> ModuleType:
    """A Python file as a module."""
    spec = importlib.util.spec_from_file_location(f"loaded_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def write_data(folder: Path) -> Path:
    """Twelve calls with every line of each sort, a meeting in which nobody sells, and a single moment."""
    for number in range(12):
        lines = [
            (OBJECTIONS[number % len(OBJECTIONS)], "price_objection"),
            (OTHERS[number % len(OTHERS)], ""),
            (STALLS[number % len(STALLS)], "timing_stall"),
            (OTHERS[(number + 2) % len(OTHERS)], ""),
        ]
        turns = [turn(at, "ben", text, 10.0 * at) for at, (text, _) in enumerate(lines)]
        labels = [label(at, kind) for at, (_, kind) in enumerate(lines) if kind]
        write_call(folder / f"calls/{number:02}.json", *turns, id=f"c{number}", labels=labels)
    meeting = [turn(at, "ben", text, 10.0 * at) for at, text in enumerate(OTHERS)]
    write_call(folder / "meetings/one.json", *meeting, id="m1")
    moment = call_of(
        turn(0, "anna", "It is ninety a seat.", 0.0),
        turn(1, "ben", OBJECTIONS[3], 8.0),
        id="s1",
        labels=[label(1, "price_objection")],
    )
    (folder / "moments.jsonl").write_text(json.dumps(moment) + "\n")
    (folder / "score.py").write_text(SCORER)
    return folder


def fit(folder: Path, data: Path, weights: Path, seed: str = "0") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), str(data), "--playbook", str(folder / "book"), "--weights", str(weights)]
    environment = {**os.environ, "PYTHONHASHSEED": seed, "CORNERMAN_CACHE": str(folder / "cache")}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A playbook, labelled data, and the weights fitted to them."""
    folder = tmp_path_factory.mktemp("fit")
    write_meaning_playbook(folder / "book", PLAYBOOK, **{"moments/price.yaml": PRICE_MOMENT})
    done = fit(folder, write_data(folder / "data"), folder / "weights.py")
    assert done.returncode == 0, done.stderr
    (folder / "told.txt").write_text(done.stdout)
    return folder


def test_the_weights_are_a_module_of_known_signals_and_labelled_kinds(bench: Path) -> None:
    written = load(bench / "weights.py")
    assert "not to be edited by hand" in (written.__doc__ or "")
    for name in ("WORDS_ALONE", "WITH_MEANING"):
        weights = getattr(written, name)
        assert set(weights) == {"*", "price_objection", "timing_stall"}
        for own in weights.values():
            assert set(own) <= {"", *SIGNALS}
            assert all(round(value, 3) == value != 0.0 for value in own.values())
    assert not {"like", "apart", "rival"} & set(written.WORDS_ALONE["*"])
    assert {"", "phrase", "like"} <= set(written.WITH_MEANING["*"])


def test_the_weights_say_what_the_data_says(bench: Path) -> None:
    """Phrases and nearness to examples told the labels in it, hints did not."""
    written = load(bench / "weights.py")
    alone, meant = written.WORDS_ALONE["*"], written.WITH_MEANING["*"]
    assert alone["phrase"] > 0 > alone["hint"]
    assert meant["like"] > 0
    assert alone[""] + alone["phrase"] > 0 > meant[""]


def test_what_it_reaches_on_dialogues_left_out_is_told(bench: Path) -> None:
    told = (bench / "told.txt").read_text()
    for name in ("WORDS_ALONE", "WITH_MEANING"):
        assert f"{name}: " in told
    assert told.count("on dialogues left out") == 2
    assert "weights.py written" in " ".join(told.split())


def test_the_module_is_formatted(bench: Path) -> None:
    ruff = Path(sys.executable).with_name("ruff")
    done = subprocess.run(
        [ruff, "format", "--check", bench / "weights.py"], cwd=ROOT, capture_output=True, timeout=30, check=False
    )
    assert done.returncode == 0


def test_the_same_data_gives_the_same_bytes(bench: Path) -> None:
    done = fit(bench, bench / "data", bench / "again.py", seed="1")
    assert done.returncode == 0, done.stderr
    assert (bench / "again.py").read_bytes() == (bench / "weights.py").read_bytes()


def test_without_a_playbook_nothing_is_written(tmp_path: Path) -> None:
    done = fit(tmp_path, tmp_path, tmp_path / "weights.py")
    assert done.returncode == 2
    assert "book" in done.stderr
    assert not (tmp_path / "weights.py").exists()


# -- the fit --

TOOL: Any = load(SCRIPT)
KINDS = ("authority", "requirement")
WIDTH = 1 + len(SIGNALS)
VALUES = st.tuples(*[st.sampled_from([0.0, 0.25, 1.0, -0.5])] * len(SIGNALS))
ROWS = st.lists(
    st.tuples(st.sampled_from([*KINDS, "trust_concern"]), VALUES, st.booleans(), st.sampled_from([0.5, 1.0])),
    min_size=1,
    max_size=60,
)


def rows_of(drawn: list[tuple[str, tuple[float, ...], bool, float]]) -> list[Any]:
    return [
        TOOL.Row(str(at), at, kind, values, truth, weight, True)
        for at, (kind, values, truth, weight) in enumerate(drawn)
    ]


def loss(rows: list[Any], found: Numbers) -> float:
    """The ridge-penalised log loss, written down once more, row by row."""
    common, own = found[:WIDTH], {kind: found[WIDTH * (1 + at) :][:WIDTH] for at, kind in enumerate(KINDS)}
    total = 0.0
    for row in rows:
        observed = np.array([1.0, *row.signals])
        odds = float(observed @ (common + own.get(row.kind, np.zeros(WIDTH))))
        total += row.weight * float(np.logaddexp(0.0, -odds if row.label else odds))
    ridges = [TOOL.RIDGE_COMMON / 2 * common[1:] @ common[1:], 0.01 / 2 * common[0] ** 2]
    ridges += [TOOL.RIDGE_OWN / 2 * each @ each for each in own.values()]
    return total + float(sum(ridges))


@settings(max_examples=60, deadline=None)
@given(ROWS, st.integers(0, 2**32 - 1))
def test_the_fit_is_the_best_there_is(drawn: list[tuple[str, tuple[float, ...], bool, float]], seed: int) -> None:
    """Whatever the rows are: separable, all alike, of one label or of a single kind."""
    rows = rows_of(drawn)
    found = TOOL._fit(rows, KINDS)
    least = loss(rows, found)
    steps = np.random.default_rng(seed).normal(size=(12, found.size))
    for step in steps:
        step /= np.linalg.norm(step)
        slope = (loss(rows, found + 1e-4 * step) - loss(rows, found - 1e-4 * step)) / 2e-4
        assert abs(slope) < 1e-5
        assert loss(rows, found + 0.1 * step) > least


def test_a_kind_without_rows_differs_in_nothing() -> None:
    rows = rows_of([("authority", (1.0,) * len(SIGNALS), True, 1.0), ("authority", (0.0,) * len(SIGNALS), False, 1.0)])
    assert not TOOL._fit(rows, KINDS)[2 * WIDTH :].any()
