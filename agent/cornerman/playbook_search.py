"""The command `cornerman playbook search`: what a playbook would offer the model for something that was said.

In: the words as typed, and a playbook. Out: a line a section, best first, with its score, its id, its title and why it
was found. Just as in a call: same index, same weights.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from cornerman.errors import CornermanError
from cornerman.events import Stage

if TYPE_CHECKING:
    from cornerman.config import Settings
    from cornerman.playbook import Playbook
    from cornerman.retrieval import Hit, Index


def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS...", help="What was said, or a question.")],
    playbook: Annotated[Path | None, typer.Option(metavar="DIR", help="Default: the worker's.")] = None,
    stage: Annotated[Stage | None, typer.Option(help="The stage the call is in.")] = None,
    account: Annotated[
        list[str] | None, typer.Option(metavar="WORDS", help="Words of the account; may be given again.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Sections at most.")] = 5,
    meaning: Annotated[
        bool | None,
        typer.Option("--meaning/--no-meaning", help="Search by meaning too. Default: where that can be done."),
    ] = None,
) -> None:
    """Finds the sections that fit, best first, and says why. Status 1 when there are none."""
    from cornerman.config import load_settings
    from cornerman.paths import find_project_file
    from cornerman.playbook import load_playbook
    from cornerman.retrieval import Query

    console = Console(soft_wrap=True, highlight=False)
    settings = load_settings()
    loaded = load_playbook(playbook or settings.playbook.path or find_project_file("playbook"))
    index, why_not = _index(loaded, settings, meaning)
    hits = index.search(Query(" ".join(words), stage, tuple(account or ()), limit=limit))
    for hit in hits:
        console.print(
            Text.assemble((f"{hit.score:.3f}", "bold"), f"  {hit.section.id}  {hit.section.title}  ", _why(hit))
        )
    by = f"words alone: {why_not}" if why_not else "words and meaning"
    console.print(Text(f"{len(hits)} of {len(index)} sections, found by {by}"))
    raise typer.Exit(0 if hits else 1)


def _index(playbook: Playbook, settings: Settings, meaning: bool | None) -> tuple[Index, str]:
    """The index, and why words alone decide; "" where meaning counts. Insisting on it makes a fault of the reason."""
    from cornerman.providers.embedding import Embedder
    from cornerman.retrieval import Index, said_of, why_words_alone

    # who asks for it on the command line gets it, whatever the settings of live calls are
    wanted = settings.retrieval.model_copy(update={"meaning": "auto"}) if meaning else settings.retrieval
    why_not = "switched off" if meaning is False else why_words_alone(wanted, settings.meaning, playbook.language)
    if why_not and meaning:
        raise CornermanError(f"the playbook cannot be searched by meaning: {why_not}")
    index = Index(tuple(playbook.sections.values()), playbook.language, said=said_of(playbook))
    return (index if why_not else index.with_meaning(Embedder(settings.meaning.model))), why_not


def _why(hit: Hit) -> tuple[str, str]:
    reasons = [] if hit.likeness is None else [f"likeness {hit.likeness:.2f}"]
    if hit.terms:
        reasons.append(f"words {', '.join(hit.terms)}")
    return f"({'; '.join(reasons)})", "dim"
