"""A written text cut into signs that can be compared: words, numbers in digits, and every other sign by itself.

In: any text. Out: tokens in order, with what stood between them. Writings of one thing are made one before: digits of
any script, full-width letters, fractions in one sign, dashes, apostrophes and quotation marks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_SIGNS: Final = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\uff0d", "-")
    | dict.fromkeys("\u2018\u2019\u02bc\u201b\u2032\uff07\u00b4", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\uff02", '"')
    | {"\u2044": "/", "\u2215": "/", "\u2026": "...", "\u00d7": "x", "\u066a": "%", "\u2052": "%"}
)
_TOKEN: Final = re.compile(r"\d+(?:[.,']\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*|\.{3}|\S")
_SENTENCE_ENDS: Final = frozenset(".!?:;") | {"..."}


@dataclass(frozen=True, slots=True)
class Token:
    """A sign of a text: as written, and folded. `glued`: no white space before it. `digits`: it is a number."""

    text: str
    low: str
    glued: bool
    digits: bool = False


def normal(text: str) -> str:
    """The text in one way of writing."""
    if text.isascii():
        return text
    spaced = "".join(_fraction(sign) if unicodedata.category(sign) == "No" else sign for sign in text)
    folded = unicodedata.normalize("NFKC", spaced.translate(_SIGNS)).translate(_SIGNS)
    return "".join(
        str(unicodedata.decimal(sign)) if sign.isdecimal() and not sign.isascii() else sign
        for sign in folded
        if unicodedata.category(sign) not in ("Cf", "Me") and not "\ufe00" <= sign <= "\ufe0f"
    )


def _fraction(sign: str) -> str:
    """A number in one sign, parted from the digits before it: 2 and a half is not 21/2, nor ten squared 102."""
    return f" {unicodedata.normalize('NFKC', sign)} "


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text."""
    found: list[Token] = []
    end = 0
    for match in _TOKEN.finditer(normal(text)):
        written = match.group()
        digits = written[0].isdigit()
        low = written if digits else written.casefold()
        found.append(Token(written, low, match.start() == end and bool(found), digits))
        end = match.end()
    return found


def starts_sentence(tokens: Sequence[Token], at: int) -> bool:
    """Whether a word stands where a capital letter says nothing: at a start, or right after a mark that ends one."""
    before = at - 1
    while before >= 0 and tokens[before].low in ("(", "[", '"', "'", "*"):
        before -= 1
        if tokens[before + 1].low in ('"', "'", "("):
            return True
    return before < 0 or tokens[before].low in _SENTENCE_ENDS or (tokens[before].low == "-" and not tokens[at].glued)
