"""Measure the playbook's moments on labelled calls, meetings and single moments: what `make eval` runs.

    tools/evaluate.py ../shared/eval                    prints the scorer's table, writes eval-report.json
    tools/evaluate.py ../shared/eval --playbook mine    another playbook than the one that ships

The data brings its own scorer, `score.py`; it is asked, not copied. Whoever tunes on the data scores too well on it:
the figures are for comparing two states of the same playbook.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from cornerman.config import MeaningSettings, Settings
from cornerman.errors import CornermanError
from cornerman.paths import find_project_file
from cornerman.playbook import load_playbook
from cornerman.replay.lines import line_of, write_lines
from cornerman.replay.meaning import ReplayedMeaning
from cornerman.replay.sources import load_tapes, sources_in
from cornerman.replay.tape import Tape
from cornerman.replay.virtual import Book, Played, play

SETS = ("calls", "meetings", "moments")
WAYS = {"words": "words alone", "meaning": "words with meaning"}
RECALL_GOALS = {"words": 50, "meaning": 65}
SCORER = "score.py"
SCORER_SECONDS = 120.0
ENOUGH_LABELS = 10


def evaluate(
    data: Annotated[Path, typer.Argument(help="The folder with calls/, meetings/, moments.jsonl and score.py.")],
    playbook: Annotated[Path | None, typer.Option(help="Default: the playbook that ships.")] = None,
    report: Annotated[Path, typer.Option(help="Where the scorer's figures go, as JSON.")] = Path("eval-report.json"),
) -> None:
    """Replays the data under a playbook, words alone and words with meaning, and scores what was noticed."""
    console = Console(soft_wrap=True, highlight=False)
    scores: dict[str, Any] = {}
    try:
        _check_data(data)
        book = load_playbook(playbook or find_project_file("playbook"))
        meaning = ReplayedMeaning(MeaningSettings())
        comparison = meaning.of(book)
        ways = {"words": Book.of(book)} | ({"meaning": Book.of(book, comparison=comparison)} if comparison else {})
        with tempfile.TemporaryDirectory() as scratch:
            split = Path(scratch) / "split"
            _score(data, "--split", str(split))
            tapes = {name: _tapes(data / name if name != "moments" else split, ways["words"]) for name in SETS}
            for way, each in ways.items():
                scores[way] = _measure(data, way, each, tapes, Path(scratch) / way, console)
    except CornermanError as error:
        Console(stderr=True, soft_wrap=True).print(Text(str(error), style="red"))
        raise typer.Exit(2) from None
    if comparison is None:
        console.print(Text(f"meaning was not measured: {meaning.why_not}", style="yellow"))
    report.write_text(json.dumps(scores, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    console.print(Text(f"{report} written"))


def _measure(
    data: Path, way: str, book: Book, tapes: Mapping[str, Sequence[Tape]], lines: Path, console: Console
) -> dict[str, Any]:
    """Plays everything one way, prints the scorer's table and the goals; returns the scorer's figures."""
    began = time.perf_counter()
    played = {name: [play(tape, book) for tape in each] for name, each in tapes.items()}
    took = time.perf_counter() - began
    for one in (one for each in played.values() for one in each):
        write_lines((line_of(made) for made in one.made), lines / f"{one.call}.jsonl")
    table = _score(data, str(lines), "--sets", ",".join(SETS))
    scores: dict[str, Any] = json.loads(_score(data, str(lines), "--sets", ",".join(SETS), "--json"))
    console.print(Text(f"\n{WAYS[way]}, partials word by word\n{table.rstrip()}"))
    for line in _goals(way, scores, played["calls"]):
        console.print(Text(line))
    life = 3600 * sum(one.hours for each in played.values() for one in each)
    console.print(Text(f"   replayed {life / took:.0f} times faster than life"))
    return scores


def _check_data(data: Path) -> None:
    missing = [name for name in (SCORER, "calls", "meetings", "moments.jsonl") if not (data / name).exists()]
    if missing:
        raise CornermanError(
            f"the evaluation data is not at {data}: {', '.join(missing)} missing. Nothing was measured. "
            "Say where it is: make eval DATA=folder"
        )


def _tapes(folder: Path, book: Book) -> tuple[Tape, ...]:
    # settings as they ship, whatever the machine's own are: figures of two machines must compare
    return asyncio.run(load_tapes(sources_in([folder], {}), Settings.model_construct(), book.playbook))


def _score(data: Path, *arguments: str) -> str:
    command = [sys.executable, str(data / SCORER), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SCORER_SECONDS, check=False)
    if done.returncode:
        raise CornermanError(f"the scorer failed: {done.stderr.strip()}")
    return done.stdout


def _goals(way: str, scores: Mapping[str, Any], calls: Iterable[Played]) -> Iterator[str]:
    """What has to be reached, beside what was."""
    micro = scores["calls"]["labelled"]["micro"]
    yield f"goals of {WAYS[way]}"
    yield _goal("calls: precision at least 80 %", _percent(micro["precision"]))
    yield _goal(f"calls: recall at least {RECALL_GOALS[way]} %", _percent(micro["recall"]))
    for kind, counts in scores["calls"]["labelled"]["per_kind"].items():
        if counts["tp"] + counts["fn"] + counts["excused"] >= ENOUGH_LABELS:
            yield _goal(f"calls: precision of {kind} at least 75 %", _percent(counts["precision"]))
    nudges = withdrawn = 0
    for one in calls:
        nudges, withdrawn = nudges + len(one.nudges), withdrawn + one.withdrawn
    yield _goal("calls: nudges withdrawn under 5 %", _percent(withdrawn / nudges if nudges else None))
    activity = scores["meetings"]["activity"]
    yield _goal("meetings: at most 2 fires an hour", _rate(activity["moment_fires_per_hour"]))
    yield _goal("meetings: at most 1 nudge an hour", _rate(activity["nudges_per_hour"]))
    fired, negatives = map(sum, zip(*scores["moments"]["labelled"]["false_alarm_turns"].values(), strict=True))
    yield _goal("hard negatives: at most 10 % fired on", _percent(fired / negatives if negatives else None))


def _goal(what: str, reached: str) -> str:
    return f"   {what:<56}{reached:>10}"


def _rate(an_hour: float | None) -> str:
    return "-" if an_hour is None else f"{an_hour:.2f}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"


if __name__ == "__main__":
    typer.run(evaluate)
