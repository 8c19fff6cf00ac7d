"""All benches in one table and one file: every figure beside its peer's of the same run.

In: what the benches wrote (`bench/<name>.json`); matching and replay, which take seconds, are measured here. Out: one
table, and `bench/report.json`, a list of objects with name, calls, value, unit, peer, peer_value, ratio and runs; a
figure's name begins with its bench's, and each bench's machine and load are entries of their own. What a bench did not
write is listed as missing, never made up.

    python -m bench.report              # from the root of the repository, after the benches; under a minute
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.matching import FEW, GOAL_MILLISECONDS, MANY, with_phrases
from bench.matching import measure as judge
from bench.measured import Figure, Machine, Run, percentile, this_machine, write_json
from bench.processes import ROOT
from bench.replay_speed import FINALS_GOAL, WORDS_GOAL, made_call, timed
from cornerman.coach.moments import Detector
from cornerman.errors import CornermanError
from cornerman.paths import find_project_file
from cornerman.playbook import load_playbook
from cornerman.replay.virtual import Book

COLLECTED = ("coaching", "advising", "hearing", "screen", "panel", "retrieval")
KEYS = ("name", "calls", "value", "unit", "peer", "peer_value", "ratio", "runs")
JUDGED_TURNS = 10
WIDTH = 180

Entry = Mapping[str, Any]


def matching_figures(rounds: int) -> list[Figure]:
    """What judging one partial costs with many phrases, beside few; rounds take turns."""
    sample = load_playbook(find_project_file("playbook"))
    few, many, ships = f"{FEW:,} phrases", f"{MANY:,} phrases", "the sample playbook"
    detectors = {
        few: Detector(with_phrases(sample, FEW)),
        many: Detector(with_phrases(sample, MANY)),
        ships: Detector(sample),
    }
    judge(detectors, 2)  # caches warm up
    found = [judge(detectors, JUDGED_TURNS) for _ in range(rounds)]
    figures = []
    for name in (many, ships):
        for share, called in ((0.5, "median"), (0.99, "p99")):
            runs = tuple(Run(percentile(one[name], share), percentile(one[few], share)) for one in found)
            limit = GOAL_MILLISECONDS if share > 0.5 else None
            figures.append(Figure(f"one partial judged, {name}, {called}", "ms", few, runs, 1, limit))
    return figures


def replay_figures(rounds: int) -> list[Figure]:
    """How much faster than life an hour's call is replayed, beside its goal."""
    book = Book.of(load_playbook(find_project_file("playbook")))
    call = made_call(1.0)
    figures = []
    for name, goal, finals_only in (("finals alone", FINALS_GOAL, True), ("word by word", WORDS_GOAL, False)):
        runs = tuple(Run(3600 / timed(call, book, 1, finals_only=finals_only)[0], goal) for _ in range(rounds))
        figures.append(Figure(f"an hour's call replayed, {name}", "times life", "goal, at least", runs))
    return figures


def read(file: Path) -> list[Entry]:
    """What a bench wrote.

    Raises:
        CornermanError: the file is not what a bench writes.
    """
    try:
        entries = json.loads(file.read_text())
        return [{key: entry[key] for key in KEYS} for entry in entries]
    except (ValueError, KeyError, TypeError) as error:
        raise CornermanError(f"{file} is not a bench's report ({error!r}); run the bench again") from None


def collected(folder: Path, names: Sequence[str]) -> tuple[list[Entry], list[str]]:
    """Everything that benches wrote into a folder, named after them, and the benches that wrote nothing."""
    found: list[Entry] = []
    missing = []
    for name in names:
        file = folder / f"{name}.json"
        if not file.is_file():
            missing.append(name)
            continue
        found += [{**entry, "name": f"{name}: {entry['name']}"} for entry in read(file)]
    return found, missing


def as_table(entries: Sequence[Entry], machine: Machine) -> Table:
    """Everything for people: medians, and from the least to the most of the runs in brackets."""
    table = Table(title="all benches", caption=str(machine), title_justify="left")
    for heading in ("figure", "calls", "value", "peer's value", "peer", "ratio"):
        table.add_column(heading, justify="left" if heading in ("figure", "peer") else "right")
    bench = ""
    for entry in entries:
        of = str(entry["name"]).partition(":")[0]
        if bench and of != bench:
            table.add_section()
        bench = of
        ours = [run["value"] for run in entry["runs"]]
        theirs = [run["peer_value"] for run in entry["runs"] if run["peer_value"] is not None]
        table.add_row(
            str(entry["name"]),
            f"{entry['calls']}",
            spread(ours, entry["unit"]),
            spread(theirs, entry["unit"]),
            str(entry["peer"]),
            "" if entry["ratio"] is None else f"{entry['ratio']:.2f}",
        )
    return table


def spread(values: Sequence[float], unit: str) -> str:
    """A median with its unit, and the least and the most where there are several."""
    if not values:
        return ""
    middle = f"{median(values):,.2f} {unit}".strip()
    return middle if len(values) == 1 else f"{middle} [{min(values):,.2f} to {max(values):,.2f}]"


def main() -> None:
    """Collects, prints and writes."""
    parser = argparse.ArgumentParser(prog="bench.report", description="All benches in one table and one file.")
    parser.add_argument("--rounds", type=int, default=3, help="of matching and replay")
    parser.add_argument("--folder", type=Path, default=ROOT / "bench", help="where the benches wrote")
    parser.add_argument("--json", type=Path, default=ROOT / "bench" / "report.json")
    options = parser.parse_args()
    machine = this_machine()
    console = Console(width=WIDTH, highlight=False)
    try:
        entries, missing = collected(options.folder, COLLECTED)
    except CornermanError as error:
        raise SystemExit(f"bench.report: {error}") from None
    for name, figures in (("matching", matching_figures(options.rounds)), ("replay", replay_figures(options.rounds))):
        own = options.json.with_suffix(f".{name}.tmp")
        write_json(own, figures, machine)
        entries += [{**entry, "name": f"{name}: {entry['name']}"} for entry in read(own)]
        own.unlink()
    console.print(as_table(entries, machine))
    for name in missing:
        console.print(f"{name}: nothing was written; run python -m bench.{name} first")
    options.json.write_text(json.dumps(entries, indent=2) + "\n")


if __name__ == "__main__":
    main()
