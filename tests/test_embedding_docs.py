"""The embedding guide shows the examples as they stand, and names nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from pages import ROOT, blocks, spans

from cornerman.dispatch import ConsentMode

GUIDE = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")
WEB = ROOT / "rep_client" / "web"
EXAMPLES = {"back_end.py": "python", "vanilla.ts": "ts", "react.tsx": "tsx", "iframe.html": "html"}
MOST_LINES = 60
"""Of the reader's own code, back end and page together."""


@pytest.mark.parametrize(("name", "language"), EXAMPLES.items())
def test_the_guide_shows_the_example_as_it_stands(name: str, language: str) -> None:
    assert blocks(GUIDE, language) == [(WEB / "examples" / name).read_text(encoding="utf-8")]


def test_every_example_is_in_the_guide() -> None:
    assert {path.name for path in (WEB / "examples").iterdir() if path.is_file()} == set(EXAMPLES)


@pytest.mark.parametrize("page", ["vanilla.ts", "react.tsx", "iframe.html"])
def test_embedding_takes_fewer_lines_than_promised(page: str) -> None:
    lines = [(WEB / "examples" / name).read_text(encoding="utf-8").count("\n") for name in ("back_end.py", page)]
    assert sum(lines) < MOST_LINES


def element() -> str:
    """The page of the element that its users read."""
    return (WEB / "src" / "element.ts").read_text(encoding="utf-8").partition("import {")[0]


def test_every_custom_property_is_the_panels_and_none_is_left_out() -> None:
    named = set(re.findall(r"--coach-[a-z-]+", GUIDE))
    assert named == set(re.findall(r"--coach-[a-z-]+", element()))
    sheets = (WEB / "src" / "panel" / "style").glob("*.css")
    style = "".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    assert named == set(re.findall(r"var\(\s*(--coach-[a-z-]+)", style))


@pytest.mark.parametrize("name", ["theme", "lang", "disclosure"])
def test_attributes_named_are_the_panels(name: str) -> None:
    assert name in spans(GUIDE)
    assert f"| `{name}` |" in element()


@pytest.mark.parametrize("name", ["strings", "keys"])
def test_properties_named_are_the_panels(name: str) -> None:
    assert f"panel.{name}" in spans(GUIDE)
    assert f"| `{name}` |" in element()


def test_parts_named_are_the_panels() -> None:
    for part in re.findall(r"::part\(([a-z-]+)\)", GUIDE):
        assert f"`{part}`" in element()


def test_every_consent_mode_is_told_apart() -> None:
    assert set(re.findall(r"^\| `([a-z_]+)` \|", GUIDE, re.MULTILINE)) == set(get_args(ConsentMode))


def test_files_named_exist() -> None:
    for target in re.findall(r"\]\(([^)#]+)", GUIDE):
        assert (Path(ROOT / "docs") / target).exists(), target
