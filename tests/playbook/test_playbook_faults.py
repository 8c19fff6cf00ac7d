"""Every fault of a playbook is told with file, line and mend, and all of them at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cornerman.errors import PlaybookError
from cornerman.playbook import load_playbook

from .conftest import CARD, MOMENTS, PLAYBOOK, WriteFolder
from .faulty_playbooks import BOMB, CASES, second_moment


def faults_of(folder: Path) -> tuple[str, ...]:
    with pytest.raises(PlaybookError) as refusal:
        load_playbook(folder)
    assert str(refusal.value).startswith(f"the playbook {folder} cannot be used:")
    return refusal.value.faults


@pytest.mark.parametrize("case", CASES)
def test_one_fault_is_told_once_with_file_line_and_mend(case: str, write_folder: WriteFolder) -> None:
    changes, expected = CASES[case]

    faults = faults_of(write_folder(changes))

    assert len(faults) == 1, faults
    assert faults[0].startswith(expected)
    assert ";" in faults[0]


def test_all_faults_are_listed_at_once_in_the_order_of_files_and_lines(write_folder: WriteFolder) -> None:
    folder = write_folder(
        {
            "playbook.yaml": PLAYBOOK + "colour: blue\nbudget: {burst: 0}\n",
            "moments/price.yaml": second_moment(phrases='["a (b", "{c}"]', card="objections/none"),
            "objections/price.md": CARD.replace("title: Price", "title: 7"),
            "rubric.yaml": BOMB,
            "tests.yaml": "- {role: boss, text: hello, silent: true}\n",
        }
    )

    faults = faults_of(folder)

    places = [fault.split(": ")[0] for fault in faults]
    assert places == [
        "moments/price.yaml:8",
        "moments/price.yaml:8",
        "objections/price.md:2",
        "playbook.yaml:10",
        "playbook.yaml:11",
        "rubric.yaml:1",
        "tests.yaml:1",
    ]


def test_a_folder_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    assert faults_of(tmp_path / "none") == (
        "playbook.yaml:1: its folder does not exist or is no folder; correct the path",
    )


@pytest.mark.parametrize("link", ["objections/leak.md", "plays"])
def test_a_link_out_of_the_folder_is_not_followed(link: str, tmp_path: Path, write_folder: WriteFolder) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "leak.md").write_text(CARD)
    folder = write_folder({})
    (folder / link).symlink_to(outside / "leak.md" if link.endswith(".md") else outside)

    (fault,) = faults_of(folder)

    assert fault.startswith(f"{link}:1: this link leads out of the playbook's folder")


def test_a_link_to_nowhere_and_a_pipe_are_faults_and_do_not_block(write_folder: WriteFolder) -> None:
    folder = write_folder({})
    (folder / "objections/gone.md").symlink_to(folder / "objections/none.md")
    os.mkfifo(folder / "objections/pipe.md")

    faults = faults_of(folder)

    assert faults[0].startswith("objections/gone.md:1: the file cannot be read")
    assert faults[1].startswith("objections/pipe.md:1: this is no regular file")


def test_what_one_can_live_with_is_a_warning(write_folder: WriteFolder) -> None:
    folder = write_folder(
        {
            "objections/price.md": CARD.replace("Ask what they compare the price with today", "Ask why"),
            "moment/price.yaml": MOMENTS,
            "README.md": "# About",
            "moments/.price.yaml.swp": "x",
        }
    )

    warnings = load_playbook(folder).warnings

    assert [warning.split(" ", 1)[0] for warning in warnings] == ["moment:1:", "objections/price.md:3:"]
    assert "has 2 words; 6 to 12" in warnings[1]


def test_a_hundred_thousand_phrases_are_fine(write_folder: WriteFolder) -> None:
    many = MOMENTS.replace("    - too expensive\n", "".join(f"    - phrase number{n}\n" for n in range(100_000)))

    playbook = load_playbook(write_folder({"moments/price.yaml": many}))

    assert len(playbook.moments[0].phrases) == 100_000


def test_phrases_beyond_all_bounds_are_refused(write_folder: WriteFolder) -> None:
    wide = "    - (a|b) (a|b) (a|b) (a|b) (a|b) (a|b) c\n" * 8_000

    faults = faults_of(write_folder({"moments/price.yaml": MOMENTS.replace("    - too expensive\n", wide)}))

    assert "more than 500000 variants" in faults[0]
