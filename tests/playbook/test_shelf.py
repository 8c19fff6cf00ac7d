"""A worker's playbooks: parsed once, fresh for the next call, and the last good one where a change is broken."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest

from cornerman.errors import PlaybookError
from cornerman.playbook import Playbook, Shelf, load_playbook

from .conftest import CARD, PLAYBOOK, WriteFolder

BROKEN = PLAYBOOK.replace("language: en", "language: 7")
OTHER = CARD.replace("Ask what they compare the price with today", "Ask what the problem costs them in a month")


@pytest.fixture
def folder(write_folder: WriteFolder) -> Path:
    return write_folder({})


@pytest.fixture
def state(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    return tmp_path / "state"


def headline(playbook: Playbook) -> str:
    return playbook.cards["objections/price"].headline


def test_an_unchanged_playbook_is_the_same_object(folder: Path) -> None:
    shelf = Shelf()

    assert shelf.open(folder) is shelf.open(folder)
    (folder / "playbook.yaml").touch()
    (folder / "README.md").write_text("About")
    assert shelf.open(folder) is shelf.open(folder)
    assert shelf.open(folder) == load_playbook(folder)


def test_a_change_counts_at_once_and_what_is_in_use_stays_as_it_was(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shelf = Shelf()
    caplog.set_level(logging.INFO)
    before = shelf.open(folder)

    (folder / "objections/price.md").write_text(OTHER)

    assert headline(shelf.open(folder)) == "Ask what the problem costs them in a month"
    assert headline(before) == "Ask what they compare the price with today"
    assert "has changed: digest" in caplog.text


@pytest.mark.parametrize("how", ["broken", "unreadable", "gone"])
def test_a_broken_change_keeps_the_last_good_one_and_is_told_once(
    how: str, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shelf = Shelf()
    good = shelf.open(folder)
    if how == "broken":
        (folder / "playbook.yaml").write_text(BROKEN)
    elif how == "unreadable":
        (folder / "playbook.yaml").write_bytes(b"\xff")
    else:
        shutil.rmtree(folder)

    assert shelf.open(folder) is good
    assert shelf.open(folder) is good
    (told,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    message = told.getMessage()
    assert f"the playbook {folder} has changed and cannot be used" in message
    assert f"calls go on with its last good state, digest {good.digest[:12]}" in message
    assert "- playbook.yaml:" in message


def test_a_mended_change_counts_again_and_the_next_fault_is_told_again(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shelf = Shelf()
    shelf.open(folder)
    for _ in range(2):
        (folder / "playbook.yaml").write_text(BROKEN)
        shelf.open(folder)
        (folder / "playbook.yaml").write_text(PLAYBOOK)
        assert shelf.open(folder).name == "small"

    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 2


def test_what_was_never_good_is_refused_with_every_fault(write_folder: WriteFolder, state: Path) -> None:
    folder = write_folder({"playbook.yaml": BROKEN, "objections/price.md": "no front matter"})

    with pytest.raises(PlaybookError) as refusal:
        Shelf(lambda: state).open(folder)

    assert [fault.split(":")[0] for fault in refusal.value.faults] == ["objections/price.md", "playbook.yaml"]


def test_a_process_that_comes_later_finds_the_last_good_one(folder: Path, state: Path) -> None:
    first = Shelf(lambda: state)
    first.open(folder)
    (folder / "objections/price.md").write_text(OTHER)
    good = first.open(folder)
    (folder / "playbook.yaml").write_text(BROKEN)

    later = Shelf(lambda: state).open(folder)

    assert later == good
    assert headline(later) == "Ask what the problem costs them in a month"


def test_what_was_put_by_is_the_folder_byte_for_byte_and_old_states_go(folder: Path, state: Path) -> None:
    shelf = Shelf(lambda: state)
    (folder / "objections/price.md").write_bytes(b"\xef\xbb\xbf" + CARD.replace("\n", "\r\n").encode())
    for number in range(5):
        (folder / "plays").mkdir(exist_ok=True)
        (folder / "plays/next.md").write_text(CARD.replace("Then go", f"Then go {number} times"))
        good = shelf.open(folder)

    (place,) = (state / "playbooks").iterdir()
    kept = {one.name for one in place.iterdir()}
    assert good.digest in kept
    assert len(kept) == 3, "the current state, the one before, and the pointer"
    (folder / "playbook.yaml").write_text(BROKEN)
    assert Shelf(lambda: state).open(folder) == good


@pytest.mark.parametrize("damage", ["changed", "pointer"])
def test_what_was_put_by_and_is_damaged_is_not_used(damage: str, folder: Path, state: Path) -> None:
    digest = Shelf(lambda: state).open(folder).digest
    (place,) = (state / "playbooks").iterdir()
    if damage == "changed":
        (place / digest / "objections/price.md").write_text(OTHER)
    else:
        (place / "current").write_text("../../elsewhere")
    (folder / "playbook.yaml").write_text(BROKEN)

    with pytest.raises(PlaybookError):
        Shelf(lambda: state).open(folder)


def test_a_state_folder_that_cannot_be_written_costs_a_warning_only(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")

    assert Shelf(lambda: tmp_path / "file").open(folder).name == "small"

    assert "cannot be put by for other processes" in caplog.text


def test_playbooks_of_two_folders_do_not_mix(folder: Path, state: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "second")
    (tmp_path / "second/objections/price.md").write_text(OTHER)
    shelf = Shelf(lambda: state)

    first, second = shelf.open(folder), shelf.open(tmp_path / "second")

    for each, good in ((folder, first), (tmp_path / "second", second)):
        (each / "playbook.yaml").write_text(BROKEN)
        assert Shelf(lambda: state).open(each) == good
    assert first != second
