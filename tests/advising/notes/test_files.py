"""Notes on disk: whole or not at all, for their owner only, and gone when they are to be forgotten."""

from __future__ import annotations

import json
import stat
import threading
from pathlib import Path

import pytest
from advising.notes.noting import scene

from cornerman.advising.notes import Notes, NotesError, forget_notes, read_notes, to_markdown, write_notes
from cornerman.advising.notes.files import JSON, MARKDOWN, NotesFiles


def taken() -> Notes:
    call = scene()
    call.says("prospect", "It is too expensive for Zanzibar.")
    call.says("rep", "I'll send you the contract by Friday.")
    return call.notes()


def test_both_files_hold_the_notes_and_are_their_owners(tmp_path: Path) -> None:
    notes = taken()
    write_notes(tmp_path / "call", notes)
    assert (tmp_path / "call" / MARKDOWN).read_text(encoding="utf-8") == to_markdown(notes)
    assert read_notes(tmp_path / "call") == notes
    assert sorted(path.name for path in (tmp_path / "call").iterdir()) == [JSON, MARKDOWN]
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "call").iterdir()} == {0o600}
    assert json.loads((tmp_path / "call" / JSON).read_text())["v"] == 1


def test_a_purge_takes_a_participants_words_out_of_notes_on_disk(tmp_path: Path) -> None:
    write_notes(tmp_path, taken())
    forget_notes(tmp_path, "prospect")
    kept = read_notes(tmp_path)
    assert kept is not None
    assert [note.said.identity for note in kept.notes] == ["rep"]
    assert not any("Zanzibar" in path.read_text() for path in tmp_path.iterdir())


def test_a_purge_deletes_notes_that_cannot_be_read(tmp_path: Path) -> None:
    write_notes(tmp_path, taken())
    (tmp_path / JSON).write_text("{")
    assert read_notes(tmp_path) is None
    forget_notes(tmp_path, "prospect")
    assert list(tmp_path.iterdir()) == []


def test_a_write_under_way_does_not_bring_back_what_was_forgotten(tmp_path: Path) -> None:
    files = NotesFiles(tmp_path)
    state = files.state
    files.forget()
    assert not files.write(taken(), state)
    assert list(tmp_path.iterdir()) == []
    assert files.write(taken(), files.state)


def test_older_notes_do_not_replace_newer_ones(tmp_path: Path) -> None:
    files, notes = NotesFiles(tmp_path), taken()
    assert files.write(notes.model_copy(update={"at": 20.0}))
    assert not files.write(notes.model_copy(update={"at": 10.0}))
    kept = read_notes(tmp_path)
    assert kept is not None
    assert kept.at == 20.0


def test_readers_never_see_half_a_file(tmp_path: Path) -> None:
    files, notes, broken = NotesFiles(tmp_path), taken(), []
    files.write(notes)
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            if read_notes(tmp_path) is None:
                broken.append("half a file")

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(200):
        files.write(notes)
    over.set()
    reader.join()
    assert broken == []


def test_a_folder_that_cannot_be_written_is_told_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotesError, match=r"journal\.path"):
        write_notes(tmp_path / "file" / "call", taken())
