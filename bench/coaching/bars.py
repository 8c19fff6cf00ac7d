"""Bars side by side as a picture (SVG) that reads in light and in dark: panels of named values, all on one scale.

In: panels. Out: the picture's text, the same for the same panels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDTH, NAMES, LABELS = 760, 130, 70
BAR, GAP, TITLE, MARGIN = 18, 8, 30, 16
STYLE: Final = """\
text{font:13px system-ui,sans-serif;fill:#1f2933}
.title{font-weight:600}
.bar{fill:#9aa5b1}
.own{fill:#0b7a75}
@media (prefers-color-scheme:dark){text{fill:#e4e7eb}.bar{fill:#616e7c}.own{fill:#2cb1a6}}"""


@dataclass(frozen=True, slots=True)
class Bar:
    """A value above or at 0 with its name and how it is written."""

    name: str
    value: float
    label: str


@dataclass(frozen=True, slots=True)
class Panel:
    """Bars under a title; the first is ours."""

    title: str
    bars: tuple[Bar, ...]


def picture(panels: Sequence[Panel]) -> str:
    """The picture; values below 0 are drawn as 0."""
    most = max((bar.value for panel in panels for bar in panel.bars), default=0.0) or 1.0
    room = WIDTH - 2 * MARGIN - NAMES - LABELS
    parts: list[str] = []
    y = MARGIN
    for panel in panels:
        y += TITLE
        parts.append(f'<text class="title" x="{MARGIN}" y="{y - 10}">{escape(panel.title)}</text>')
        for number, bar in enumerate(panel.bars):
            width = max(round(room * max(bar.value, 0.0) / most, 1), 1.0)
            own, middle = " own" if number == 0 else "", y + BAR - 5
            parts.append(f'<text x="{MARGIN}" y="{middle}">{escape(bar.name)}</text>')
            parts.append(f'<rect class="bar{own}" x="{MARGIN + NAMES}" y="{y}" width="{width}" height="{BAR}" rx="2"/>')
            parts.append(f'<text x="{MARGIN + NAMES + width + 6:.1f}" y="{middle}">{escape(bar.label)}</text>')
            y += BAR + GAP
        y += GAP
    told = "; ".join(f"{panel.title}: {', '.join(f'{bar.name} {bar.label}' for bar in panel.bars)}" for panel in panels)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" role="img" aria-label="{escape(told)}">\n'
        f"<style>\n{STYLE}\n</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )
