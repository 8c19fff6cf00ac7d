"""Written words in any script cut into parts, and amounts in digits with points and commas either way round.

For languages whose own rules say no more. Marks that belong to a letter stay with it, so that scripts which write
vowels as marks keep their words; per cent and currency signs become parts of their own or stay with their digits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

SIGNS = frozenset("$€£¥")
PERCENT = "%"

_WRITTEN = re.compile(r"([$€£¥])?(\d[\d.,']*)(k)?([%$€£¥])?")
_PARTS = re.compile(r"[$€£¥%]|[^$€£¥%.,]+")

Decimal = Literal[",", ".", ""]


@dataclass(frozen=True, slots=True)
class Written:
    """An amount in digits; `kind` is number, percent or money, by the sign that stands at the digits."""

    value: float
    kind: str


def parts(folded: str) -> Iterator[str]:
    """The parts of folded text: words with inner apostrophes, amounts in digits with their signs, signs alone."""
    for piece in "".join(sign if _stays(sign) else " " for sign in folded).split():
        bare = piece.strip(".,'")
        if _WRITTEN.fullmatch(bare) and read_digits(bare, "") is not None:
            yield bare
        else:
            yield from (part for found in _PARTS.findall(bare) if (part := found.strip("'")))


def _stays(sign: str) -> bool:
    return sign in ".,'%" or sign in SIGNS or unicodedata.category(sign)[0] in "LMN"


def read_digits(text: str, decimal: Decimal) -> Written | None:
    """The amount that a part writes in digits; `decimal` is the language's decimal sign, empty where it is not known.

    Not known, one separator before exactly three digits parts thousands, any other parts decimals. None: the part is
    no number, or one of another kind, such as a date.
    """
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    before, digits, thousands, after = found.groups()
    value = _value(digits, decimal)
    if value is None:
        return None
    kind = "percent" if after == PERCENT else "money" if before or after else "number"
    return Written(value * 1000 if thousands else value, kind)


def _value(digits: str, decimal: Decimal) -> float | None:
    separators = [sign for sign in digits if not sign.isdigit()]
    whole, fraction = digits, ""
    if separators and _parts_decimals(digits, separators, decimal):
        whole, _, fraction = digits.rpartition(separators.pop())
    groups = re.split(r"[.,']", whole)
    if len(set(separators)) > 1 or not all(groups) or not (fraction or "0").isdigit():
        return None
    if len(groups) > 1 and (len(groups[0]) > 3 or any(len(group) != 3 for group in groups[1:])):
        return None
    return float(f"{''.join(groups)}.{fraction or '0'}")


def _parts_decimals(digits: str, separators: list[str], decimal: Decimal) -> bool:
    last = separators[-1]
    if last == "'":
        return False
    if last == decimal or len(set(separators)) > 1:
        return True
    return len(separators) == 1 and len(digits.rpartition(last)[2]) != 3
