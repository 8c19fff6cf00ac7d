"""Retention: old calls are deleted whole, and one that is under way is never touched."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cornerman.config import JournalSettings, ScreenSettings, Settings
from cornerman.errors import JournalError
from cornerman.record.journal import Journal
from cornerman.retention import kept_calls, purge, sweeping

NOW = 2_000_000_000.0
DAY = 86_400.0


def call(root: Path, name: str, days_ago: float, *, ended: bool = True) -> Journal:
    journal = Journal(root / name, {"room": name})
    (root / name / "notes.md").write_text("notes")
    if ended:
        journal.close()
    age(root / name, days_ago)
    return journal


def age(folder: Path, days_ago: float) -> None:
    for path in folder.iterdir():
        os.utime(path, (NOW - days_ago * DAY, NOW - days_ago * DAY))


def names(root: Path) -> list[str]:
    return [one.folder.name for one in kept_calls(root)]


def test_calls_are_listed_oldest_first_and_what_is_none_is_not(tmp_path: Path) -> None:
    call(tmp_path, "young", 1)
    call(tmp_path, "old", 40)
    (tmp_path / "something else").mkdir()
    (tmp_path / "file").write_text("")
    assert names(tmp_path) == ["old", "young"]
    assert kept_calls(tmp_path / "nowhere") == ()


def test_what_is_older_goes_with_its_frames_and_the_rest_stays(tmp_path: Path) -> None:
    root, frames = tmp_path / "calls", tmp_path / "screen"
    call(root, "old", 31)
    call(root, "young", 29)
    for name in ("old", "young"):
        (frames / name).mkdir(parents=True)
        (frames / name / "frame.jpg").write_text("jpeg")
    purged = purge(root, older_than=30, frames=frames, now=NOW)
    assert [(one.call.folder.name, one.kept) for one in purged] == [("old", "")]
    assert names(root) == ["young"]
    assert [path.name for path in frames.iterdir()] == ["young"]
    assert sorted(path.name for path in root.iterdir()) == ["young"]


def test_a_call_that_is_under_way_is_never_touched(tmp_path: Path) -> None:
    """Another process holds its lock, as a worker's job process does."""
    script = (
        "import sys; from pathlib import Path; from cornerman.record.journal import Journal\n"
        "journal = Journal(Path(sys.argv[1]), {}); print('written', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "live")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        age(tmp_path / "live", 400)
        assert [(one.folder.name, one.under_way) for one in kept_calls(tmp_path)] == [("live", True)]
        for asked in ({"older_than": 30.0}, {"calls": ("live",)}):
            (one,) = purge(tmp_path, now=NOW, **asked)
            assert one.kept == "under way"
        assert (tmp_path / "live/events-1.jsonl").is_file()
        process.kill()
    assert [one.kept for one in purge(tmp_path, older_than=30, now=NOW)] == [""]
    assert names(tmp_path) == []


def test_a_call_goes_on_where_one_of_its_segments_is_being_written(tmp_path: Path) -> None:
    call(tmp_path, "call", 40)
    journal = call(tmp_path, "call", 40, ended=False)
    assert [one.kept for one in purge(tmp_path, older_than=30, now=NOW)] == ["under way"]
    journal.close()


def test_a_dry_run_deletes_nothing(tmp_path: Path) -> None:
    call(tmp_path, "old", 40)
    assert [one.kept for one in purge(tmp_path, older_than=30, dry_run=True, now=NOW)] == [""]
    assert names(tmp_path) == ["old"]


def test_a_name_that_is_not_there_deletes_nothing(tmp_path: Path) -> None:
    call(tmp_path, "old", 40)
    for wrong in ("older", "..", "../calls", "old/../old"):
        with pytest.raises(JournalError, match="there is no call"):
            purge(tmp_path, calls=("old", wrong), now=NOW)
    with pytest.raises(JournalError, match="say which calls"):
        purge(tmp_path, now=NOW)
    assert names(tmp_path) == ["old"]


def test_a_link_to_elsewhere_is_no_call(tmp_path: Path) -> None:
    call(tmp_path / "elsewhere", "old", 40)
    (tmp_path / "calls").mkdir()
    (tmp_path / "calls/link").symlink_to(tmp_path / "elsewhere/old")
    assert purge(tmp_path / "calls", older_than=30, now=NOW) == ()
    assert names(tmp_path / "elsewhere") == ["old"]


def test_what_a_killed_purge_left_goes_with_the_next(tmp_path: Path) -> None:
    call(tmp_path, ".purged-call", 40)
    purge(tmp_path, older_than=300, now=NOW)
    assert list(tmp_path.iterdir()) == []


def test_the_worker_deletes_at_its_start_and_again_and_ends_its_thread(tmp_path: Path) -> None:
    settings = Settings(
        journal=JournalSettings(path=tmp_path / "calls", retention=30), screen=ScreenSettings(keep=tmp_path / "screen")
    )
    call(tmp_path / "calls", "old", 10_000)
    with sweeping(settings, every=0.05):
        wait_until_gone(tmp_path / "calls/old")
        call(tmp_path / "calls", "another", 10_000)
        wait_until_gone(tmp_path / "calls/another")
    assert "retention" not in {thread.name for thread in threading.enumerate()}


def test_without_a_retention_nothing_is_ever_deleted(tmp_path: Path) -> None:
    call(tmp_path, "old", 10_000)
    with sweeping(Settings(journal=JournalSettings(path=tmp_path)), every=0.01):
        assert "retention" not in {thread.name for thread in threading.enumerate()}
    assert names(tmp_path) == ["old"]


def wait_until_gone(folder: Path) -> None:
    gone = threading.Event()
    while folder.exists():  # the test's own timeout ends it
        gone.wait(0.02)


def cornerman(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CORNERMAN__JOURNAL__PATH": str(root)}
    command = [sys.executable, "-c", "from cornerman.cli import main; main()", "calls", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=60)


def test_the_command_lists_and_purges(tmp_path: Path) -> None:
    call(tmp_path, "old", 10_000)
    call(tmp_path, "other", 10_000)
    listed = cornerman(tmp_path, "list")
    assert [line.split()[0] for line in listed.stdout.splitlines()[1:]] == ["old", "other"]
    assert "would be deleted" in cornerman(tmp_path, "purge", "--older-than", "30", "--dry-run").stdout
    assert cornerman(tmp_path, "purge", "--call", "old").stdout.splitlines() == ["old: deleted", "1 of 1 calls"]
    assert names(tmp_path) == ["other"]
    refused = cornerman(tmp_path, "purge")
    assert refused.returncode == 1
    assert "say which calls" in refused.stderr
    assert names(tmp_path) == ["other"]
