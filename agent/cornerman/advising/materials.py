"""What one request rests on: the playbook's sections, what tools returned, the account, what was said, the screen.

Everything here is shown to the model under an id, and its words may lean on nothing else: the same values that make the
prompt make the grounds its answer is checked against.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cornerman.advising.grounding import Offered, Said
from cornerman.advising.picture import Picture, SaidTurn
from cornerman.contract import wire
from cornerman.events import Cause
from cornerman.playbook import Section
from cornerman.retrieval import Hit
from cornerman.seeing import Frame
from cornerman.tools import ToolResult

TURN: Final = "turn:"
SCREEN: Final = "screen:"
RESULT: Final = "tool:"
SECTION_LIMIT: Final = 700
"""Characters of a section that are shown: the longest of a usual playbook, and a quarter of the whole context."""


@dataclass(frozen=True, slots=True)
class Materials:
    """Gathered for one request. `now` is when, in seconds since the call began; `question` is the rep's, empty where
    there is none; `results` are of what its words name; `percentages` are those named in the turn; `card` is what the
    rep has before them already; `tools` are the functions that may find what is missing.
    """

    cause: Cause
    now: float
    stage: str
    recent: tuple[SaidTurn, ...]
    sections: tuple[Section, ...] = ()
    hits: tuple[Hit, ...] = ()
    results: tuple[ToolResult, ...] = ()
    dossier: Offered | None = None
    summary: str = ""
    question: str = ""
    percentages: tuple[float, ...] = ()
    card: str = ""
    frame: Frame | None = None
    tools: frozenset[str] = frozenset()

    @property
    def offered(self) -> tuple[Offered, ...]:
        """Everything that has an id, in the order it is shown."""
        found = {name for result in self.results for name in result.sections}
        # what a tool's result quotes already is not shown a second time
        sections = tuple(of_section(section) for section in self.sections if section.id not in found)
        results = tuple(of_result(result) for result in self.results)
        dossier = (self.dossier,) if self.dossier else ()
        screen = (Offered(SCREEN + self.frame.hash, "The rep's screen", "", "screen"),) if self.frame else ()
        return (*dossier, *results, *sections, *screen)

    @property
    def saw(self) -> tuple[str, ...]:
        """Whose words the answer may rest on."""
        return tuple(sorted({turn.identity for turn in self.recent}))


def said_in(picture: Picture) -> tuple[Said, ...]:
    """All that was said in the call, for the check of quotes and numbers."""
    return tuple(Said(turn.identity, turn.name, turn.text) for turn in picture.turns)


def as_source(offered: Offered) -> wire.Source:
    """Something offered as a card cites it."""
    return wire.Source(id=offered.id, title=offered.title, locator=offered.locator)


def of_section(section: Section) -> Offered:
    """A section, as it is offered."""
    return Offered(section.id, section.title, section.text[:SECTION_LIMIT], section.locator)


def of_result(result: ToolResult) -> Offered:
    """What a tool returned, as it is offered."""
    return Offered(result.id, result.title, result.text, result.locator)
