"""The command `cornerman calls`: which calls are kept here, deleting them, and reading a file of one that is sealed."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cornerman.errors import JournalError

calls_app = typer.Typer(no_args_is_help=True, help="Calls that were recorded here: list, delete, read.")
_MIB = 1024 * 1024


@calls_app.command("list")
def list_calls() -> None:
    """Lists the calls under journal.path, the oldest first."""
    from cornerman.config import load_settings
    from cornerman.retention import kept_calls

    root = load_settings().journal.path
    calls = kept_calls(root)
    console = Console(soft_wrap=True)
    if not calls:
        console.print(Text(f"no calls in {root}"))
        return
    table = Table("call", "last written (UTC)", "segments", "MiB", "", box=None)
    for call in calls:
        last = datetime.fromtimestamp(call.last, UTC).strftime("%Y-%m-%d %H:%M")
        state = "under way" if call.under_way else ""
        table.add_row(Text(call.folder.name), last, str(call.segments), f"{call.size / _MIB:.1f}", state)
    console.print(table)


@calls_app.command("purge")
def purge_calls(
    older_than: Annotated[
        float | None, typer.Option(min=0, metavar="DAYS", help="Calls nothing was written to for so many days.")
    ] = None,
    call: Annotated[list[str] | None, typer.Option(metavar="NAME", help="A call, as `list` names it.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False,
) -> None:
    """Deletes calls, with words, notes and kept frames; never one that is under way. Default age: journal.retention."""
    from cornerman.config import load_settings
    from cornerman.retention import purge

    settings = load_settings()
    days = older_than if older_than is not None or call else settings.journal.retention
    if days is None and not call:
        raise JournalError("say which calls: --older-than DAYS or --call NAME; or set journal.retention")
    purged = purge(
        settings.journal.path,
        older_than=days,
        calls=call or (),
        frames=settings.screen.keep,
        dry_run=dry_run,
        now=time.time(),
    )
    console = Console(soft_wrap=True)
    for one in purged:
        done = f"kept: {one.kept}" if one.kept else "would be deleted" if dry_run else "deleted"
        console.print(Text(f"{one.call.folder.name}: {done}"))
    console.print(Text(f"{sum(not one.kept for one in purged)} of {len(purged)} calls"))
    raise typer.Exit(1 if any(one.kept.startswith("cannot") for one in purged) else 0)


@calls_app.command("read")
def read_file(
    file: Annotated[Path, typer.Argument(help="A file of a call: its notes, words, events, or a frame.")],
) -> None:
    """Writes a file of a call to standard output, opened with journal.keys where it is sealed."""
    from cornerman.config import load_settings
    from cornerman.record.sealing import journal_keys, read_whole

    keys = journal_keys(load_settings().journal)
    try:
        content = read_whole(file, keys)
    except OSError as error:
        raise JournalError(f"{file} cannot be read: {error.strerror}") from None
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
