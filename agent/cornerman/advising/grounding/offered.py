"""What advice may lean on, and what is wrong with advice that leans on nothing.

`Offered` is a piece of the playbook, a tool's result, an account's record or a turn, as the model was shown it.
`Grounds` is all of it for one request, with what was said and what the discount tool decided. `Fault` says in neutral
words why a text may not be shown; it holds none of the text, so that it may be logged and counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, Protocol

from cornerman.advising.grounding.forbidden import NOTHING_FORBIDDEN, Forbidden

TOOL_RESULT: Final = "tool:"
"""What the id of a tool's result starts with. Results count whether they are cited or not."""

FaultKind = Literal[
    "source",
    "quote",
    "number",
    "name",
    "price",
    "percent",
    "discount",
    "forbidden",
    "markup",
    "link",
    "instruction",
]


@dataclass(frozen=True, slots=True)
class Offered:
    """One thing the model was shown under an id. `text` is what it was shown of it, `locator` where it stands."""

    id: str
    title: str
    text: str
    locator: str


def is_playbook(name: str) -> bool:
    """Whether an id is of a section of the playbook: the others start with what they are of, and a colon."""
    return ":" not in name.partition("#")[0]


def is_entry(name: str) -> bool:
    """Whether an id is of what a tool returned or an account holds."""
    return name.startswith((TOOL_RESULT, "account:"))


def is_record(name: str) -> bool:
    """Whether an id is of what the company itself wrote down or looked up: no turn, and no picture of a screen."""
    return is_playbook(name) or is_entry(name)


@dataclass(frozen=True, slots=True)
class Said:
    """One turn as it was heard: who said it (the identity), how they are called, and the words."""

    speaker: str
    name: str
    text: str


class Verdict(Protocol):
    """What the discount tool decided: whether so many percent may be given, by whom, against what.

    `sentence` says so in words; a percentage it names besides, such as what may be given instead, may be advised too.
    """

    @property
    def percent(self) -> float: ...
    @property
    def allowed(self) -> Literal["yes", "with_approval", "no"]: ...
    @property
    def by(self) -> str: ...
    @property
    def against(self) -> str: ...
    @property
    def sentence(self) -> str: ...


@dataclass(frozen=True)
class Grounds:
    """What one request may lean on.

    - `offered`: by id; what a text cites of it counts, and tool results always.
    - `names`: people, companies and products that may be named without more ado.
    - `known`: names of competitors and products. Found in a text, in whatever case, they have to occur in the grounds.
    - `verdicts`: what the discount tool decided in this call.
    - `forbidden`: claims nobody may make.
    - `language`: the playbook's, as a BCP 47 tag.
    - `turns`: what was read of turns. Whoever asks again and again hands the same one over each time, so that each turn
      is read once, and begins a new one when anybody's words are to be forgotten.
    """

    offered: Mapping[str, Offered] = field(default_factory=lambda: MappingProxyType({}))
    said: tuple[Said, ...] = ()
    names: frozenset[str] = frozenset()
    verdicts: tuple[Verdict, ...] = ()
    forbidden: Forbidden = NOTHING_FORBIDDEN
    known: frozenset[str] = frozenset()
    language: str = "en"
    turns: dict[tuple[Said, frozenset[str]], object] = field(default_factory=dict, repr=False, compare=False)
    kept: dict[tuple[str, ...], object] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What was read of it, kept by whoever reads it; gone with it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a text may not be shown: the kind, and what is wrong in words that repeat nothing of the text."""

    kind: FaultKind
    what: str
