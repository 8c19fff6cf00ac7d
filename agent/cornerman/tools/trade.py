"""What the customer offers in return, and whether a rule of the discount table asks for more than that.

In: the words of a rule ("a contract of 24 months", "customers with 100 seats or more") and what is on the table.
Promises to rule out only what is said plainly: words that are not understood, alternatives and open offers rule out
nothing, since the verdict repeats the rule's words anyway. English and German, as the words are the playbook's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_WORDS: Final = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10, "twelve": 12,
    "ein": 1, "eine": 1, "einem": 1, "einen": 1, "einer": 1, "eines": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5,
    "sechs": 6, "zehn": 10, "zwölf": 12,
}  # fmt: skip
_NUMBER: Final = rf"(?<![\d.,])(?P<number>\d{{1,3}}(?:[.,]\d{{3}})+|\d+|{'|'.join(_WORDS)})"
_LENGTH: Final = re.compile(rf"\b{_NUMBER}[\s-]*(?P<unit>months?|years?|monat\w*|jahr\w*)\b")
_SIZE: Final = re.compile(
    rf"\b{_NUMBER}\s*\+?\s*(?P<unit>seats?|users?|agents?|licen[cs]es?|plätz\w*|nutzer\w*|lizenz\w*|benutzer\w*)(?!\w)"
)
_TERM: Final = re.compile(r"contract|term\b|commit|agreement|subscription|vertrag|laufzeit|bindung")
_AHEAD: Final = re.compile(r"in advance|pre-?pa(?:id|y)|up ?front|im voraus|vorauszahl|vorkasse")
_LESS: Final = re.compile(
    r"up to|fewer|less than|at most|under|below|no more than|bis zu|höchstens|weniger als|unter|maximal"
)
_OR: Final = re.compile(r"\b(?:or|oder)\b(?!\s+(?:more|above|over|longer|mehr|länger|darüber))")
_RANGE: Final = re.compile(r"\d\s*(?:to|bis|-|–)\s*\d")  # noqa: RUF001
_PARTS: Final = re.compile(r"[;]|,(?!\d)|\band\b|\bund\b")


@dataclass(frozen=True, slots=True)
class Trade:
    """What is on the table; None where nothing is known of it. `months` is the length of the contract."""

    months: float | None = None
    seats: int | None = None
    prepaid: bool | None = None


NO_TRADE: Final = Trade()


def missing(rule: str, trade: Trade) -> tuple[str, ...]:
    """What the rule's words ask for beyond the trade, in words."""
    lowered = rule.casefold()
    return () if _OR.search(lowered) else tuple(_missing(lowered, trade))


def _missing(rule: str, trade: Trade) -> Iterator[str]:
    for part in _PARTS.split(rule):
        if _LESS.search(part) or _RANGE.search(part):
            continue
        yield from _too_short(part, trade)
        yield from _too_small(part, trade)
    if trade.prepaid is False and _AHEAD.search(rule):
        yield "payment in advance"


def _too_short(part: str, trade: Trade) -> Iterator[str]:
    stated = _LENGTH.search(part)
    # A length counts where it can only be that of a contract: other lengths are notice, payment or patience.
    if trade.months is None or stated is None:
        return
    if not _TERM.search(part) and part.strip() != stated.group().strip():
        return
    months = _value(stated["number"]) * (12 if stated["unit"][0] in "yj" else 1)
    if trade.months < months:
        yield f"a contract of {months} months"


def _too_small(part: str, trade: Trade) -> Iterator[str]:
    stated = _SIZE.search(part)
    if trade.seats is None or stated is None:
        return
    if trade.seats < (seats := _value(stated["number"])):
        yield f"{seats} seats"


def _value(number: str) -> int:
    return _WORDS.get(number) or int(re.sub(r"[.,]", "", number))
