"""The commands `cornerman playbook ...`: check, new, import and schema.

In: paths as typed. Out: lines on the screen, files where they were asked for, and the exit status.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

playbook_app = typer.Typer(no_args_is_help=True, help="A playbook: checked, begun, imported.")


@playbook_app.command("check")
def check_playbook(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="The playbook's folder.")] = Path(),
    meaning: Annotated[
        bool | None,
        typer.Option(
            "--meaning/--no-meaning", help="Compare lines with examples too. Default: where that can be done."
        ),
    ] = None,
) -> None:
    """Lints a playbook and says its own test lines to the coach. Status 1 on faults and failed lines."""
    from cornerman.config import load_settings
    from cornerman.playbook_check import check
    from cornerman.replay.meaning import ReplayedMeaning

    console = Console(soft_wrap=True, highlight=False)
    report = check(folder, ReplayedMeaning(load_settings().meaning, meaning))
    for name, style, found in (
        ("error", "bold red", report.faults),
        ("failed", "bold red", report.failures),
        ("warning", "yellow", report.warnings),
    ):
        for one in found:
            console.print(Text.assemble(f"{folder / one.file}:{one.line}: ", (name, style), f": {one.text}"))
    passed = report.said - len(report.failures)
    said = f"{passed} of {report.said} test lines went as wanted"
    if report.faults:
        said = "the test lines were not said, because the playbook cannot be loaded"
    console.print(Text(f"errors: {len(report.faults)}, warnings: {len(report.warnings)}; {said}"))
    if report.unsaid:
        console.print(Text(f"{report.unsaid} lines need meaning and were not said: {report.why_not}"))
    raise typer.Exit(0 if report.ok else 1)


@playbook_app.command("new")
def new_playbook(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is not there yet.")],
) -> None:
    """Writes a small commented playbook to start from; it passes the check as it is."""
    from cornerman.playbook.starting import start_playbook

    console = Console(soft_wrap=True, highlight=False)
    for path in start_playbook(folder):
        console.print(Text(str(folder / path)))
    console.print(Text(f"change {folder / 'playbook.yaml'} first, then run: cornerman playbook check {folder}"))


@playbook_app.command("import")
def import_markdown(
    source: Annotated[Path, typer.Argument(metavar="FOLDER", help="Markdown files, one a topic.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="The playbook to bring them into; begun if not there.")],
) -> None:
    """Makes battlecards, objections, products and plays of a folder of Markdown files. Overwrites nothing."""
    from cornerman.playbook.importing import import_folder

    console = Console(soft_wrap=True, highlight=False)
    imported = import_folder(source, out)
    for one in imported.placed:
        remarks = f" ({'; '.join(one.remarks)})" if one.remarks else ""
        console.print(Text(f"placed    {one.source} -> {out / one.document}{remarks}"))
    for path in imported.added:
        console.print(Text(f"added     {out / path}"))
    for path, reason in imported.left:
        console.print(Text.assemble(("left out", "yellow"), f"  {path}: {reason}"))
    console.print(Text(f"{len(imported.placed)} placed, {len(imported.left)} left out"))
    if imported.placed:
        console.print(Text(f"a card is shown by a moment in {out / 'moments'}; see: cornerman playbook check {out}"))
    raise typer.Exit(0 if imported.placed else 1)


@playbook_app.command("schema")
def write_schema(
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Default: .schema in this folder.")] = None,
) -> None:
    """Writes the JSON Schema of every kind of file, for editors that complete and check."""
    from cornerman.playbook.editor_schema import SCHEMA_FOLDER, write_schemas

    for path in write_schemas(out or Path(SCHEMA_FOLDER)):
        Console(soft_wrap=True, highlight=False).print(Text(str(path)))
