"""The comparison as it is published: a table, a picture, and which promises were kept, made of one run's figures.

    python -m bench.coaching.published          # after `python -m bench.coaching`

Takes `bench/coaching.json`; writes `docs/comparison.json`, `docs/comparison.svg` and the part of `docs/comparison.md`
between its marks. Nothing there is written by hand; a test renders the published figures again and compares.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench import report
from bench.coaching.bars import Bar, Panel, picture
from bench.coaching.contenders import FLOOR, LESSON, LOCAL_TURNS, NAMES, OURS, SHARED, STT_TURNS
from bench.coaching.figures import BEGUN, CARRIED, FIRST, IN_LIFE, LOST, NUDGE, TAKEN, of_whom
from bench.coaching.goals import with_goals
from bench.measured import Figure, Run, promised
from bench.processes import ROOT
from cornerman.errors import CornermanError

DOCS = ROOT / "docs"
FIGURES, PAGE, PICTURE = DOCS / "comparison.json", DOCS / "comparison.md", DOCS / "comparison.svg"
BEGIN, END = "<!-- figures -->\n", "<!-- /figures -->\n"
COLUMNS: Final = {
    OURS: "Cornerman",
    SHARED: "calls share a process",
    LESSON: "textbook",
    STT_TURNS: "textbook, tuned: recogniser's turns",
    LOCAL_TURNS: "textbook, tuned: local turns",
    FLOOR: "floor",
}
FEW, MANY, IN_CONVERSATION, WAITING = 1, 8, 2, 0


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: a figure's name, at how many calls, and how it is worded."""

    label: str
    name: str
    calls: int
    unit: str = " s"
    digits: int = 2


ROWS: Final = (
    Row("trigger's last word to the rep's answer, median", f"{NUDGE}, median", FEW),
    Row("the same at 8 calls", f"{NUDGE}, median", MANY),
    Row("p95", f"{NUDGE}, p95", FEW),
    Row("p95 at 8 calls", f"{NUDGE}, p95", MANY),
    Row("trigger in the middle of an utterance, median", "the same, trigger inside an utterance, median", FEW),
    Row("utterance's end to the model's first words, median", FIRST, FEW),
    Row("the same at 8 calls", FIRST, MANY),
    Row("only triggers that end the utterance", f"{FIRST}, trigger ends it", FEW),
    Row("triggers without a nudge, of 8 calls", LOST, MANY, "", 0),
    Row("dispatch to the first word, 8 calls at once", BEGUN, MANY),
    Row("cores a call, in conversation at life's pace", f"{IN_LIFE}: cores", IN_CONVERSATION, "", 3),
    Row("cores a call, of 8, a trigger every 8 s", f"{TAKEN}: cores", MANY, "", 3),
    Row("memory a call, of 8", f"{TAKEN}: memory", MANY, " MB", 0),
    Row("memory of a worker that waits", "worker that waits: memory", WAITING, " MB", 0),
    Row("calls on 4 cores and 8 GB, at life's pace", f"{IN_LIFE}: {CARRIED}", IN_CONVERSATION, "", 0),
    Row("calls on 4 cores and 8 GB, a trigger every 8 s", f"{TAKEN}: {CARRIED}", MANY, "", 0),
    Row("an hour: seconds of recognition", "an hour: seconds of recognition", FEW, " s", 0),
    Row("an hour: requests to models", "an hour: requests to models", FEW, "", 0),
    Row("an hour: tokens", "an hour: all tokens", FEW, "", 0),
    Row("of these for pictures", "an hour: image tokens", FEW, "", 0),
)
STAGES: Final = ("spoken to heard", "heard to decided", "decided to sent", "sent to acked", "spoken to acked")


class Published:
    """One run's figures, as they were written."""

    def __init__(self, entries: Sequence[Mapping[str, Any]]) -> None:
        self._entries = entries

    def value(self, row: Row, who: str) -> float | None:
        """What somebody was measured at; None where they were not."""
        name = row.name + of_whom(who) if who in (OURS, SHARED) else row.name
        for one in self._entries:
            if one["name"] == name and one["calls"] == row.calls:
                if who in (OURS, SHARED):
                    return float(one["value"])
                if one["peer"] == NAMES[who] and one["peer_value"] is not None:
                    return float(one["peer_value"])
        return None

    def named(self, name: str) -> float:
        """The one value of this name.

        Raises: CornermanError: there is none.
        """
        for one in self._entries:
            if one["name"] == name:
                return float(one["value"])
        raise CornermanError(f"the comparison has no figure named {name!r}; run all of python -m bench.coaching")

    def promises(self) -> list[Figure]:
        """The figures that must keep within bounds."""
        figures = [
            Figure(one["name"], one["unit"], one["peer"], tuple(Run(**run) for run in one["runs"]), one["calls"])
            for one in self._entries
        ]
        return [figure for figure in with_goals(figures) if figure.kept is not None]


def table_of(published: Published) -> str:
    """The table, the stages of a nudge, and the promises, as Markdown."""
    lines = ["| | " + " | ".join(COLUMNS.values()) + " |", "|---|" + "---|" * len(COLUMNS)]
    for row in ROWS:
        cells = [_cell(published.value(row, who), row) for who in COLUMNS]
        lines.append(f"| {row.label} | " + " | ".join(cells) + " |")
    cores, load = published.named("machine: cores"), published.named("machine: load average at start")
    lines += ["", f"Machine: {cores:.0f} cores, load average {load:.2f} before the run, all parts on it.", ""]
    lines += ["A nudge's way, from the calls' journals:", "", "| | median | p95 |", "|---|---|---|"]
    for stage in STAGES:
        ends = [published.named(f"cards of the playbook: {stage}, {share}") for share in ("median", "p95")]
        lines.append(f"| {stage} | " + " | ".join(f"{end:.1f} ms" for end in ends) + " |")
    promises = published.promises()
    missed = [one for one in promises if not one.kept]
    lines += ["", f"Of {len(promises)} promises (`bench/coaching/goals.py`) {len(promises) - len(missed)} were kept."]
    lines += ["", *(f"- Missed: {_worded(one)}." for one in missed)] if missed else []
    return "\n".join(lines) + "\n"


def picture_of(published: Published) -> str:
    """The picture: how soon, and how soon at eight calls."""
    worded = {OURS: "Cornerman", LESSON: "textbook", STT_TURNS: "textbook, tuned", FLOOR: "floor"}
    panels = []
    for title, row, whos in (
        ("Trigger's last word to the rep's answer, median", ROWS[0], (OURS, FLOOR, STT_TURNS, LESSON)),
        ("The same, p95 at 8 calls", ROWS[3], (OURS, FLOOR, STT_TURNS, LESSON)),
        ("Utterance's end to the model's first words, median", ROWS[5], (OURS, STT_TURNS, LESSON)),
    ):
        values = [(worded[who], published.value(row, who)) for who in whos]
        bars = tuple(Bar(name, value, f"{value:.2f} s") for name, value in values if value is not None)
        panels.append(Panel(title, bars))
    return picture(panels)


def with_part(page: str, part: str) -> str:
    """The page with what stands between its marks exchanged.

    Raises: CornermanError: the marks are not there.
    """
    before, began, rest = page.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (began and ended):
        raise CornermanError(f"{PAGE.name} has no {BEGIN.strip()} and {END.strip()}; write both on lines of their own")
    return before + BEGIN + part + END + after


def read(path: Path) -> Published:
    """What a run wrote.

    Raises: CornermanError: it is not there, or no bench wrote it.
    """
    try:
        return Published(report.read(path))
    except FileNotFoundError:
        raise CornermanError(f"there is no {path}; run python -m bench.coaching") from None


def _cell(value: float | None, row: Row) -> str:
    return "" if value is None else f"{value:,.{row.digits}f}{row.unit}"


def _worded(one: Figure) -> str:
    beside = f" beside {one.peer}" if one.peer else ""
    at = f", {one.calls} calls" if one.calls > 1 else ""
    return f"{one.name}{at}{beside}, {one.value:.3g} {one.unit}".rstrip() + f", must be {promised(one)}"


def main() -> None:
    """The command."""
    run = ROOT / "bench" / "coaching.json"
    try:
        published = read(run)
        page = with_part(PAGE.read_text(), table_of(published))
    except CornermanError as error:
        raise SystemExit(f"bench.coaching.published: {error}") from None
    PAGE.write_text(page)
    PICTURE.write_text(picture_of(published))
    shutil.copyfile(run, FIGURES)


if __name__ == "__main__":
    main()
