"""A text read for comparison: its tokens, everything it says in numbers, and its words as one searchable line.

A claim is read strictly, a ground generously: see `measures`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cornerman.advising.grounding.dates import dates_in
from cornerman.advising.grounding.measures import Found, MeasureReader
from cornerman.advising.grounding.quantity import Quantity
from cornerman.advising.grounding.tokens import Token, tokens_of


@dataclass(frozen=True, slots=True)
class Reading:
    """A text, read. `line` holds its words and numbers folded, with a space round each."""

    tokens: tuple[Token, ...]
    found: tuple[Found, ...]
    line: str


def read(text: str, language: str, *, generous: bool) -> Reading:
    """Reads a text by the rules of a base language ("en", "de"; any other is read as English)."""
    tokens = tokens_of(text)
    dates = dates_in(tokens, language)
    measures = _between(tokens, dates, language, generous)
    found = sorted([*dates, *measures], key=lambda one: (one.first, one.end))
    return Reading(tuple(tokens), tuple(found), line_of(tokens))


def line_of(tokens: Sequence[Token]) -> str:
    """The words and numbers of the tokens, folded, without a genitive's ending, with a space round each."""
    return f" {' '.join(bare(token.low) for token in tokens if token.low[0].isalnum())} "


def bare(word: str) -> str:
    """A folded word without the ending of a genitive."""
    return word[:-2] if word.endswith("'s") else word


def quantities_of(reading: Reading) -> list[Quantity]:
    """What a ground says in numbers; a day of a month says the month too."""
    found = [one.quantity for one in reading.found]
    found.extend(Quantity("term", 0.0, f"month {one.unit}") for one in tuple(found) if one.kind == "day")
    return found


def _between(tokens: list[Token], dates: list[Found], language: str, generous: bool) -> list[Found]:
    """The measures outside of what dates take up. A placeholder keeps the tokens before and behind a date apart."""
    taken = {at for one in dates for at in range(one.first, one.end)}
    masked = [Token("\u25a1", "\u25a1", False) if at in taken else token for at, token in enumerate(tokens)]
    return MeasureReader(masked, language, generous=generous).read()
