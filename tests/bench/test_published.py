"""The published comparison is made of a run's figures: nothing in it was written by hand."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from bench.coaching.bars import Bar, Panel, picture
from bench.coaching.contenders import FLOOR, LESSON, NAMES, OURS, SHARED
from bench.coaching.figures import IN_LIFE, NUDGE
from bench.coaching.published import (
    BEGIN,
    END,
    FIGURES,
    PAGE,
    PICTURE,
    ROWS,
    STAGES,
    Published,
    Row,
    picture_of,
    read,
    table_of,
    with_part,
)
from cornerman.errors import CornermanError

SVG = "{http://www.w3.org/2000/svg}"
CORES = Row("cores", f"{IN_LIFE}: cores", 2, "", 3)


def entry(
    name: str, value: float, peer: str = "", peer_value: float | None = None, calls: int = 2
) -> dict[str, object]:
    runs = [{"value": value, "peer_value": peer_value}]
    known = {"name": name, "calls": calls, "value": value, "unit": "", "peer": peer, "peer_value": peer_value}
    return {**known, "ratio": None, "runs": runs}


def test_page_and_picture_are_those_of_the_published_figures() -> None:
    published = read(FIGURES)
    page = PAGE.read_text()
    assert with_part(page, table_of(published)) == page
    assert picture_of(published) == PICTURE.read_text()


def test_every_line_of_the_table_tells_something_of_cornerman_and_of_a_peer() -> None:
    published = read(FIGURES)
    for row in ROWS:
        assert published.value(row, OURS) is not None, row
        assert published.value(row, LESSON) is not None, row


def test_everybodys_value_is_their_own() -> None:
    shared = f"{IN_LIFE}: cores ({NAMES[SHARED]})"
    entries = [
        entry(CORES.name, 0.1, NAMES[FLOOR], 0.07),
        entry(CORES.name, 0.1, NAMES[LESSON], 0.2),
        entry(shared, 0.05, NAMES[FLOOR], 0.07),
    ]
    published = Published(entries)
    assert [published.value(CORES, who) for who in (OURS, SHARED, FLOOR, LESSON)] == [0.1, 0.05, 0.07, 0.2]
    assert published.value(Row("", CORES.name, 8), OURS) is None


def test_a_broken_promise_is_told() -> None:
    name = f"{NUDGE}, median"
    machine = [entry("machine: cores", 2), entry("machine: load average at start", 0.5)]
    ways = [entry(f"cards of the playbook: {one}, {share}", 1) for one in STAGES for share in ("median", "p95")]
    slow = entry(name, 0.5, NAMES[FLOOR], 0.4, calls=1)
    table = table_of(Published([*machine, *ways, slow]))
    assert "Of 1 promises (`bench/coaching/goals.py`) 0 were kept." in table
    assert f"- Missed: {name} beside {NAMES[FLOOR]}, 0.5, must be under 0.425." in table
    assert "Missed" not in table_of(Published([*machine, *ways, entry(name, 0.41, NAMES[FLOOR], 0.4, calls=1)]))


def test_a_page_without_marks_is_left_alone() -> None:
    with pytest.raises(CornermanError, match="has no <!-- figures -->"):
        with_part("# A page\n", "part\n")
    assert with_part(f"a\n{BEGIN}old\n{END}b\n", "new\n") == f"a\n{BEGIN}new\n{END}b\n"


def test_a_run_that_was_not_made_is_asked_for() -> None:
    with pytest.raises(CornermanError, match=r"run python -m bench\.coaching"):
        read(FIGURES.with_name("no such file"))


def test_bars_are_as_long_as_their_values() -> None:
    panels = [
        Panel("How soon", (Bar("a", 1.0, "1 s"), Bar("b & <c>", 4.0, "4 s"))),
        Panel("Early", (Bar("a", -1.0, "-1 s"),)),
    ]
    tree = ElementTree.fromstring(picture(panels))
    own, other, early = (float(bar.get("width", "")) for bar in tree.iter(f"{SVG}rect"))
    assert other == pytest.approx(4 * own, rel=0.01)
    assert early == 1.0
    assert "b & <c>" in [text.text for text in tree.iter(f"{SVG}text")]
