"""English amounts: digits with a decimal point, number words, percent and money."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cornerman.coach.language import Amount, Token, word_set

UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
SCALES = {"hundred": 100, "thousand": 1000, "grand": 1000, "k": 1000, "million": 1_000_000}
CURRENCIES = word_set("dollar buck euro pound usd eur gbp franc cent quid")
COUNTED = word_set(
    "year month week day hour minut second mile kilomet foot feet squar inch door bedroom bathroom bed bath room peopl "
    "person kid child children time percent thing option drawer seat user agent team custom ticket slide page point "
    "floor cat dog pet countri star gigabyt gb model version edit th st nd rd am pm o"
)
"""Stems of what is counted, not paid."""

DIGITS = re.compile(r"^([$€£]?)(\d{1,3}(?:,\d{3})+|\d+|(?=\.\d))(\.\d+)?(k|m)?([%$€£]?)$")


def amount_at(tokens: Sequence[Token], at: int) -> Amount | None:
    """The amount that starts at a token, with the unit that follows it."""
    number = _number_at(tokens, at)
    if number is None:
        return None
    last, value, kind = number
    if kind == "number" and last + 1 < len(tokens):
        kind, last = _unit_after(tokens, last)
        value = value / 100 if kind == "money" and tokens[last].stem == "cent" else value
    return Amount(at, last, value, kind)


def _unit_after(tokens: Sequence[Token], last: int) -> tuple[str, int]:
    following = tokens[last + 1]
    if following.text in ("percent", "%") or following.text == "pct":
        return "percent", last + 1
    if following.text == "per" and last + 2 < len(tokens) and tokens[last + 2].text == "cent":
        return "percent", last + 2
    if following.stem in CURRENCIES:
        return "money", last + 1
    return "count" if following.stem in COUNTED else "number", last


def _number_at(tokens: Sequence[Token], at: int) -> tuple[int, float, str] | None:
    written = DIGITS.match(tokens[at].text)
    if written:
        before, whole, fraction, scale, after = written.groups()
        value = float((whole.replace(",", "") or "0") + (fraction or "")) * {"k": 1e3, "m": 1e6}.get(scale or "", 1.0)
        last = at
        while last + 1 < len(tokens) and tokens[last + 1].text in SCALES:
            last += 1
            value *= SCALES[tokens[last].text]
        return last, value, "percent" if after == "%" else "money" if before or after else "number"
    return _spelled_at(tokens, at)


def _spelled_at(tokens: Sequence[Token], at: int) -> tuple[int, float, str] | None:
    total, current, last = 0, -1, at - 1
    while last + 1 < len(tokens):
        text = tokens[last + 1].text
        if text in TENS and (current < 0 or current % 100 == 0):
            current = max(current, 0) + TENS[text]
        elif text in UNITS and (current < 0 or (current % 10 == 0 and (current % 100 >= 20 or current % 100 == 0))):
            current = max(current, 0) + UNITS[text]
        elif text == "hundred" and 0 < current < 100:
            current *= 100
        elif text in SCALES and SCALES[text] >= 1000 and current > 0:
            total, current = total + current * SCALES[text], 0
        else:
            break
        last += 1
    if last < at or (total == 0 and current < 0):
        return None
    return last, float(total + max(current, 0)), "number"
