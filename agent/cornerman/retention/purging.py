"""Deletes calls: journals, words, what models wrote, notes, and frames that were kept of the rep's screen.

In: which calls, or how old. Out: what was deleted and what was left, with the reason. A call that is under way is never
touched. A folder is renamed before it is emptied, so that a call that begins just then gets one of its own, and what a
purge that was killed left behind is deleted by the next.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cornerman.errors import JournalError
from cornerman.retention.calls import KeptCall, is_under_way, kept_calls

_GOING = ".purged-"


@dataclass(frozen=True, slots=True)
class Purged:
    """What became of one call: deleted, or `kept` says why it was not."""

    call: KeptCall
    kept: str = ""


def purge(
    root: Path,
    *,
    older_than: float | None = None,
    calls: Sequence[str] = (),
    frames: Path | None = None,
    dry_run: bool = False,
    now: float,
) -> tuple[Purged, ...]:
    """Deletes calls, by name or where nothing was written for `older_than` days. Blocks: not on an event loop.

    Args:
        root: the folder of journals.
        older_than: days; with `calls` it narrows them down.
        calls: names of folders, as `cornerman calls list` shows them.
        frames: `screen.keep`, whose folders have the calls' names.
        dry_run: only says what would be deleted.
        now: seconds since the epoch.

    Raises:
        JournalError: a call that is named is not there, or nothing was said of which calls.
    """
    if older_than is None and not calls:
        raise JournalError("say which calls: how old they are, or their names")
    there = kept_calls(root)
    unknown = sorted(set(calls) - {call.folder.name for call in there})
    if unknown:
        raise JournalError(f"there is no call {', '.join(unknown)} in {root}: `cornerman calls list` shows their names")
    if not dry_run:
        for left in _left_behind(root):
            shutil.rmtree(left, ignore_errors=True)
    chosen = [
        call
        for call in there
        if (not calls or call.folder.name in calls) and (older_than is None or call.days_old(now) >= older_than)
    ]
    return tuple(_purge_one(call, frames, dry_run) for call in chosen)


def _purge_one(call: KeptCall, frames: Path | None, dry_run: bool) -> Purged:
    if call.under_way:
        return Purged(call, "under way")
    if dry_run:
        return Purged(call)
    going = call.folder.with_name(_GOING + call.folder.name)
    try:
        call.folder.rename(going)
        if is_under_way(going):  # a coach came between looking and renaming
            going.rename(call.folder)
            return Purged(call, "under way")
        shutil.rmtree(going)
        if frames is not None and (frames / call.folder.name).is_dir():
            shutil.rmtree(frames / call.folder.name)
    except FileNotFoundError:
        return Purged(call)  # somebody else deleted it
    except OSError as error:
        return Purged(call, f"cannot be deleted: {error.strerror}")
    return Purged(call)


def _left_behind(root: Path) -> Iterator[Path]:
    """What a purge that was killed had renamed already."""
    if root.is_dir():
        yield from (path for path in root.glob(f"{_GOING}*") if path.is_dir() and not is_under_way(path))
