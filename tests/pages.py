"""README and docs as pages: which there are, and what of a page is code, prose, a table or a heading."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PAGES = tuple(
    ROOT / name
    for name in (
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "docs/architecture.md",
        "docs/privacy.md",
        "docs/operations.md",
        "docs/settings.md",
        "docs/monitoring.md",
        "docs/performance.md",
        "docs/comparison.md",
        "docs/playbook.md",
        "docs/replay.md",
        "docs/advising.md",
        "docs/embedding.md",
        "docs/panel/README.md",
        "rep_client/python/README.md",
        "rep_client/web/README.md",
    )
)

_FENCE = re.compile(r"^```([a-z]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")


def pages() -> list[Any]:
    return [pytest.param(page, id=page.relative_to(ROOT).as_posix()) for page in PAGES]


def blocks(text: str, language: str) -> list[str]:
    """Fenced blocks of one language, in order."""
    return [body for kind, body in _FENCE.findall(text) if kind == language]


def prose(text: str) -> str:
    """The text without its fenced blocks."""
    return _FENCE.sub("", text)


def spans(text: str) -> list[str]:
    """Inline code."""
    return _SPAN.findall(prose(text))


def table(text: str, *columns: str) -> list[list[str]]:
    """Rows of the one table with these columns, cell by cell."""
    lines = prose(text).splitlines()
    head = "| " + " | ".join(columns) + " |"
    (start,) = [number for number, line in enumerate(lines) if line == head]
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def anchors(text: str) -> set[str]:
    """Headings as the addresses they get on GitHub."""
    titles = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
