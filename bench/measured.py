"""The report of a bench: figures beside their peers', as a table and as JSON, and the machine they were measured on.

In: for each figure, one value and one peer's value for each run; runs and peers are interleaved. Out: medians, with the
runs themselves for their spread. JSON has one object for each figure: name, calls, value, unit, peer, peer_value, ratio
and runs.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from rich.table import Table

from cornerman.errors import CornermanError


@dataclass(frozen=True, slots=True)
class Run:
    """One run's value, and the peer's at about the same time."""

    value: float
    peer_value: float | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the report. `limit`: what it must stay under, `least`: what it must be above; None where nothing is
    promised.
    """

    name: str
    unit: str
    peer: str
    runs: tuple[Run, ...]
    calls: int = 1
    limit: float | None = None
    least: float | None = None

    @property
    def value(self) -> float:
        """The median of the runs."""
        return median(run.value for run in self.runs)

    @property
    def peer_value(self) -> float | None:
        """The median of the peer's runs."""
        values = [run.peer_value for run in self.runs if run.peer_value is not None]
        return median(values) if values else None

    @property
    def ratio(self) -> float | None:
        """Ours to the peer's; above 1 is more."""
        peer = self.peer_value
        return self.value / peer if peer else None

    @property
    def kept(self) -> bool | None:
        """Whether what is promised is kept; None where nothing is."""
        if self.limit is None and self.least is None:
            return None
        under = self.limit is None or self.value < self.limit
        return under and (self.least is None or self.value > self.least)


@dataclass(frozen=True, slots=True)
class Machine:
    """Where and under what other load it was measured."""

    cores: int
    load: float
    system: str
    python: str

    def __str__(self) -> str:
        return f"{self.cores} cores, load average {self.load:.2f} at start, {self.system}, Python {self.python}"


def this_machine() -> Machine:
    """This machine now; ask before the bench itself is the load."""
    system = f"{platform.system()} {platform.machine()}"
    return Machine(os.cpu_count() or 1, os.getloadavg()[0], system, platform.python_version())


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all is not above. Raises CornermanError without values."""
    if not values:
        raise CornermanError("nothing was measured: the run was too short, or nobody was heard")
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def as_table(title: str, figures: Sequence[Figure], machine: Machine) -> Table:
    """The report for people: medians, and from the least to the most of the runs in brackets."""
    table = Table(title=title, caption=f"{machine}; median of runs, [least to most]", title_justify="left")
    for heading in ("figure", "value", "peer's value", "peer", "ratio", "must be", ""):
        table.add_column(heading, justify="left" if heading in ("figure", "peer") else "right")
    for figure in figures:
        peers = [run.peer_value for run in figure.runs if run.peer_value is not None]
        table.add_row(
            figure.name,
            _spread([run.value for run in figure.runs], figure.unit),
            _spread(peers, figure.unit) if peers else "",
            figure.peer,
            f"{figure.ratio:.2f}" if figure.ratio is not None else "",
            promised(figure),
            {None: "", True: "kept", False: "MISSED"}[figure.kept],
        )
    return table


def write_json(path: Path, figures: Sequence[Figure], machine: Machine) -> None:
    """The report for programs."""
    described = [
        Figure("machine: cores", "cores", "", (Run(machine.cores),)),
        Figure("machine: load average at start", "processes", "", (Run(round(machine.load, 2)),)),
    ]
    path.write_text(json.dumps([_as_json(figure) for figure in (*described, *figures)], indent=2) + "\n")


def promised(figure: Figure) -> str:
    """The bounds in words; empty where nothing is promised."""
    bounds = (("above", figure.least), ("under", figure.limit))
    return ", ".join(f"{word} {bound:.4g} {figure.unit}".rstrip() for word, bound in bounds if bound is not None)


def _as_json(figure: Figure) -> dict[str, object]:
    return {
        "name": figure.name,
        "calls": figure.calls,
        "value": figure.value,
        "unit": figure.unit,
        "peer": figure.peer,
        "peer_value": figure.peer_value,
        "ratio": figure.ratio,
        "runs": [asdict(run) for run in figure.runs],
    }


def _spread(values: Sequence[float], unit: str) -> str:
    middle = f"{median(values):.2f} {unit}"
    return middle if len(values) == 1 else f"{middle} [{min(values):.2f} to {max(values):.2f}]"
