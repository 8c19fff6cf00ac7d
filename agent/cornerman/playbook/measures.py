"""What a conversation gauge measures and when it is worth a word: units, limits and windows, each with its source.

Constants only. A limit or window that gauges.yaml leaves out is taken from here; the coach measures with the same
windows where a playbook says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from cornerman.playbook.kinds import GaugeKind

Side = Literal["above", "below"]


@dataclass(frozen=True, slots=True)
class Measure:
    """One gauge: its unit, the limits that make sense, and what holds unless an author says otherwise.

    `sides` are the sides of a limit that may fire; the first is the usual one, and the one `limit` is for. `window_s`
    0: the gauge has no window.
    """

    unit: str
    sides: tuple[Side, ...]
    limit: float
    lowest: float
    highest: float
    window_s: float
    source: str


MEASURES: Final[Mapping[GaugeKind, Measure]] = {
    "talk_ratio": Measure(
        unit="share of all speaking, 0 to 1",
        sides=("above", "below"),
        limit=0.65,
        lowest=0.0,
        highest=1.0,
        window_s=600.0,
        source="Gong: winners talk 43 %, over 65 % hurts; video-db/sales-copilot warns at 0.65",
    ),
    "monologue": Measure(
        unit="seconds",
        sides=("above",),
        limit=90.0,
        lowest=1.0,
        highest=3_600.0,
        window_s=0.0,
        source="video-db/sales-copilot speaks up past 60 s; half as much again, because chairing a meeting passes 60 s",
    ),
    "dead_air": Measure(
        unit="seconds",
        sides=("above",),
        limit=15.0,
        lowest=1.0,
        highest=3_600.0,
        window_s=0.0,
        source="Genesys quality forms: silence that nobody explains within 15 s",
    ),
    "interruption": Measure(
        unit="interruptions",
        sides=("above",),
        limit=3.0,
        lowest=0.0,
        highest=1_000.0,
        window_s=600.0,
        source="CuePitch: a start within 0.5 s of the other still speaking; how many are too many is our choice",
    ),
    "pace": Measure(
        unit="words a minute",
        sides=("above", "below"),
        limit=190.0,
        lowest=1.0,
        highest=1_000.0,
        window_s=60.0,
        source="Gong, 67,149 meetings: 173 as a rule, 188 under pressure; video-db/sales-copilot warns over 180",
    ),
    "questions": Measure(
        unit="questions",
        sides=("below", "above"),
        limit=1.0,
        lowest=0.0,
        highest=1_000.0,
        window_s=240.0,
        source="video-db/sales-copilot: fewer than one question in 4 minutes, from the third minute on",
    ),
    "patience": Measure(
        unit="seconds",
        sides=("below", "above"),
        limit=0.2,
        lowest=0.0,
        highest=10.0,
        window_s=600.0,
        source="Stivers et al. 2009 (PNAS 106): people answer after 0.2 s on average, in ten languages",
    ),
}
"""`window_s` is time of the call, for `pace` time the rep speaks."""
