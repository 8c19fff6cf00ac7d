"""Frames on disk: only where they are wanted, and gone when the rep withdraws."""

from __future__ import annotations

from pathlib import Path

from cornerman.seeing import Frame, KeptFrames

FRAME = Frame(12.5, "0123456789abcdef", b"bytes of a picture", 10, 10)


def test_a_frame_is_kept_once_and_for_its_owner_only(tmp_path: Path) -> None:
    kept = KeptFrames(tmp_path / "screen")
    kept.keep(FRAME)
    kept.keep(FRAME)
    [path] = (tmp_path / "screen").iterdir()
    assert path.name == "000012.50-0123456789abcdef.jpg"
    assert path.read_bytes() == FRAME.jpeg
    assert path.stat().st_mode & 0o777 == 0o600


def test_forgetting_deletes_what_was_kept_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "another.jpg").write_bytes(b"another call's")
    kept = KeptFrames(tmp_path)
    kept.keep(FRAME)
    kept.forget()
    assert [path.name for path in tmp_path.iterdir()] == ["another.jpg"]


def test_a_disk_that_fails_costs_the_picture_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    KeptFrames(tmp_path / "file").keep(FRAME)


def test_what_a_frame_shows_is_in_no_description_of_it() -> None:
    assert "picture" not in repr(FRAME)
