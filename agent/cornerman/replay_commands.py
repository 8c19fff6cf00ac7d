"""The commands `replay`, `backtest` and `times`: what was recorded, played to the coach again or measured, and what
came of it in words.

In: paths and options as typed. Out: lines on the screen, files under `--out`, and the exit status.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from cornerman.errors import CornermanError

if TYPE_CHECKING:
    from cornerman.replay.sources import Source

WHAT = "Journals, cornerman.call/1 files, folders of WAV or FLAC files (one a speaker), or folders of any of these."
FinalsOnly = Annotated[bool, typer.Option("--finals-only", help="Whole turns only: faster, and not what fires live.")]
Meaning = Annotated[
    bool | None,
    typer.Option("--meaning/--no-meaning", help="Compare sentences with examples. Default: where that can be done."),
]


def replay(
    calls: Annotated[list[Path] | None, typer.Argument(metavar="CALL...", help=WHAT)] = None,
    playbook: Annotated[Path | None, typer.Option(help="Default: the journal's, or the worker's.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the decisions into this folder, a file a call.")] = None,
    finals_only: FinalsOnly = False,
    meaning: Meaning = None,
    speaker: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=FILE", help="One speaker's audio; the names rep and prospect are roles."),
    ] = None,
) -> None:
    """Plays recorded calls to the coach. What a journal holds must be decided as it was live, byte for byte."""
    from cornerman.replay.sources import is_journal, sources_in

    console = Console(soft_wrap=True)
    sources = sources_in(calls or [], _speakers(speaker or []))
    journals = [source for source in sources if isinstance(source, Path) and is_journal(source)]
    others = [source for source in sources if source not in journals]
    if others:
        _play(others, playbook, out, finals_only, meaning, console)
    different = [folder for folder in journals if not _compare(folder, playbook, out, meaning, console)]
    raise typer.Exit(1 if different else 0)


def backtest(
    calls: Annotated[list[Path], typer.Argument(metavar="CALL...", help=WHAT)],
    playbook: Annotated[Path, typer.Option(help="The playbook to judge.")],
    against: Annotated[Path, typer.Option(help="The playbook to hold it against.")],
    finals_only: FinalsOnly = False,
    meaning: Meaning = None,
) -> None:
    """Says what another playbook would have said differently."""
    from cornerman.config import load_settings
    from cornerman.playbook import load_playbook
    from cornerman.replay.backtest import Compared, report
    from cornerman.replay.meaning import ReplayedMeaning
    from cornerman.replay.sources import load_tapes, sources_in
    from cornerman.replay.virtual import Book, play

    settings = load_settings()
    first, second = load_playbook(playbook), load_playbook(against)
    tapes = asyncio.run(load_tapes(sources_in(calls, {}), settings, first, finals_only=finals_only))
    replayed = ReplayedMeaning(settings.meaning, meaning)
    books, how = [], []
    for one in (first, second):
        books.append(Book.of(one, settings.budget.interval, settings.budget.burst, replayed.of(one)))
        how.append(replayed.told)
    a, b = books
    compared = [Compared(play(tape, a), play(tape, b)) for tape in tapes]
    console = Console(soft_wrap=True)
    told = how[0] if how[0] == how[1] else f"A: {how[0]}; B: {how[1]}"
    for line in report(compared, f"{playbook} ({first.name})", f"{against} ({second.name})", told):
        console.print(Text(line))


def times(
    calls: Annotated[list[Path], typer.Argument(metavar="CALL...", help="Journals, or folders of them.")],
) -> None:
    """Says how long cards took from the spoken words to the rep's eye, step by step, in milliseconds."""
    from rich.table import Table

    from cornerman.config import load_settings
    from cornerman.record.sealing import journal_keys
    from cornerman.record.times import times_of
    from cornerman.replay.journal import journal_segments
    from cornerman.replay.sources import is_journal, sources_in

    folders = [source for source in sources_in(calls, {}) if isinstance(source, Path) and is_journal(source)]
    if not folders:
        raise CornermanError("there is no journal among these: give folders of calls, as named under journal.path")
    console = Console(soft_wrap=True)
    keys = journal_keys(load_settings().journal)
    measured = times_of([journal_segments(folder, keys) for folder in folders])
    if not measured:
        console.print(Text("no card was shown"))
    for worded, steps in measured.items():
        table = Table("ms", "n", "median", "p95", "longest", title=worded, title_justify="left", box=None)
        for step, one in steps.items():
            table.add_row(step, str(one.count), *(f"{1000 * at:.1f}" for at in (one.median, one.p95, one.longest)))
        console.print(table)


def _speakers(given: list[str]) -> dict[str, Path]:
    speakers: dict[str, Path] = {}
    for one in given:
        name, equals, file = one.partition("=")
        if not (name and equals and file):
            raise CornermanError(f"--speaker {one}: write NAME=FILE, such as rep=rep.wav")
        if name in speakers:
            raise CornermanError(f"--speaker {one}: {name} has a file already; give each speaker one name")
        speakers[name] = Path(file)
    return speakers


def _play(
    sources: list[Source],
    playbook: Path | None,
    out: Path | None,
    finals_only: bool,
    meaning: bool | None,
    console: Console,
) -> None:
    """Plays what is no journal; nothing was decided before that it could be compared with."""
    from cornerman.config import load_settings
    from cornerman.playbook import load_playbook
    from cornerman.replay.lines import line_of, write_lines
    from cornerman.replay.meaning import ReplayedMeaning
    from cornerman.replay.sources import default_playbook, load_tapes
    from cornerman.replay.virtual import Book, play

    settings = load_settings()
    loaded = load_playbook(playbook or default_playbook(settings))
    tapes = asyncio.run(load_tapes(sources, settings, loaded, finals_only=finals_only))
    replayed = ReplayedMeaning(settings.meaning, meaning)
    book = Book.of(loaded, settings.budget.interval, settings.budget.burst, replayed.of(loaded))
    console.print(Text(replayed.told))
    for tape in tapes:
        played = play(tape, book)
        moments = sum(len(kinds) for kinds in played.fires.values())
        line = f"{played.call}: {60 * played.hours:.1f} min, {moments} moments, {len(played.nudges)} nudges"
        console.print(Text(f"{line}, {played.withdrawn} of them withdrawn, {played.held} held"))
        if out is not None:
            write_lines((line_of(made) for made in played.made), out / f"{played.call}.jsonl")


def _compare(folder: Path, playbook: Path | None, out: Path | None, meaning: bool | None, console: Console) -> bool:
    """Replays a journal; False where something was decided otherwise than live."""
    from cornerman.config import load_settings
    from cornerman.playbook import load_playbook
    from cornerman.record.sealing import journal_keys
    from cornerman.replay import replay_call, write_decisions
    from cornerman.replay.journal import journal_segments
    from cornerman.replay.meaning import ReplayedMeaning

    settings = load_settings()
    keys = journal_keys(settings.journal)
    segments = journal_segments(folder, keys)
    loaded = load_playbook(playbook or Path(segments[0].header["playbook"]["folder"]))
    heard = ReplayedMeaning(settings.meaning, meaning)
    # under the playbook it was coached with, a journal brings its own meanings
    other = any(one.header["playbook"]["digest"] != loaded.digest for one in segments)
    replayed = replay_call(folder, loaded, heard.of(loaded) if other else None, keys)
    if out is not None:
        write_decisions(replayed, out / f"{folder.name}.jsonl")
    console.print(Text(f"{folder.name}:"))
    different = compared = False
    for one in replayed:
        line = f"segment {one.segment}: {one.inputs} inputs, {len(one.decisions)} decisions"
        line += f", {one.shown} nudges, {one.withdrawn} of them withdrawn"
        if not one.same_playbook:
            line += f"; coached with another playbook, {heard.told}"
        if one.purged:
            line += f"; words of {one.purged} inputs were purged: what follows them is not compared"
        if one.redacted:
            line += f"; words of {one.redacted} inputs were redacted: what follows them is not compared"
        compared = compared or one.same_playbook
        if one.difference is not None:
            different = True
            console.print(
                Text(f"differs at {one.difference.at} s\n  live: {one.difference.live}\n  now:  {one.difference.now}")
            )
    verdict = "differs from what was decided live" if different else "the same as decided live"
    console.print(Text(verdict if compared else "not compared: the call was coached with another playbook"))
    return not different
