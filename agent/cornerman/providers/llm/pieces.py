"""What flows out of a question to a language model while it is being answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from livekit.agents import llm

Purpose = Literal["answer", "question", "summary", "insights", "notes"]
URGENT: frozenset[Purpose] = frozenset({"answer", "question"})
"""Somebody waits for these; the others may stand back."""


@dataclass(frozen=True, slots=True)
class Queued:
    """All places at the provider are taken; told once."""


@dataclass(frozen=True, slots=True)
class Began:
    """A request is on its way. Another may follow, to the same provider or the next, until the first words come."""

    provider: str


@dataclass(frozen=True, slots=True)
class Text:
    """The next words of the answer, cut anywhere."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCalls:
    """Functions that the model wants run, whole."""

    calls: tuple[llm.FunctionToolCall, ...]


@dataclass(frozen=True, slots=True)
class Used:
    """What an answer took. Tokens as the provider counted them, cached ones among the prompt's; where it did not say,
    or was left before it could, `estimated` from characters (images left out). `seconds` and `first_token_seconds` are
    from the request to the last and to the first word; the latter is None if there was none.
    """

    provider: str
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    images: int
    seconds: float
    first_token_seconds: float | None
    estimated: bool = False


Piece = Queued | Began | Text | ToolCalls | Used
