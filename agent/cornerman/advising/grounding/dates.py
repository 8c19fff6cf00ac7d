"""Reads what a text says of dates and times of day, and the words and signs that stand for an amount by themselves.

In: tokens. Out: quantities with the tokens they take up; those hold numbers that are no measures ("3:30", "Q3", "24/7",
"1.2.3", "October 3").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from cornerman.advising.grounding.measures import Found
from cornerman.advising.grounding.numerals import low, numeral_at, share_at, value_of_digits
from cornerman.advising.grounding.quantity import Quantity
from cornerman.advising.grounding.tokens import Token, starts_sentence
from cornerman.advising.grounding.units import (
    ALONE,
    AMBIGUOUS_MONTHS,
    BEFORE_DATES,
    DATE_LEADS,
    FOREIGN,
    MONTHS,
    ORDINALS,
    SEASONS,
    TIME_UNITS,
    WEEKDAYS,
)

_JOINING: Final = frozenset("/:-.#")
_MERIDIEM: Final = frozenset(["am", "pm", "a", "p"])


def dates_in(tokens: Sequence[Token], language: str) -> list[Found]:
    """Everything of the kind in the tokens, in order; nothing overlaps."""
    found: list[Found] = []
    at = 0
    while at < len(tokens):
        ones = list(_at(tokens, at, language))
        found.extend(ones)
        at = max([at + 1, *(one.end for one in ones)])
    return found


def _at(tokens: Sequence[Token], at: int, language: str) -> Iterator[Found]:
    word = tokens[at].low
    if tokens[at].digits:
        one = _clock(tokens, at) or _day_before_month(tokens, at) or _joined(tokens, at, language)
        if one:
            yield one
        return
    if word in ORDINALS and (one := _day_before_month(tokens, at)):
        yield one
    elif at + 1 < len(tokens) and tokens[at + 1].digits and tokens[at + 1].glued and word.isalpha():
        end = _cluster_end(tokens, at)
        yield _term("".join(token.low for token in tokens[at:end] if token.low != "-"), at, end)
    elif _is_month(tokens, at):
        yield from _month(tokens, at)
    elif word in WEEKDAYS:
        yield _term(f"weekday {WEEKDAYS[word]:.0f}", at, at + 1)
    elif word in DATE_LEADS and (following := low(tokens, at + 1)):
        part = TIME_UNITS.get(following) or SEASONS.get(following)
        if part and part != "second":
            yield _term(f"{DATE_LEADS[word]} {part}", at, at + 2)
    elif word == "first" and TIME_UNITS.get(low(tokens, at + 1)):
        yield _term(f"first {TIME_UNITS[low(tokens, at + 1)]}", at, at + 2)
    elif word in SEASONS and low(tokens, at - 1) in ("in", "by", "until", "this", "im"):
        yield _term(SEASONS[word], at, at + 1)
    elif (word in ALONE and not (word == "couple" and language == "de")) or (
        word in FOREIGN and word not in TIME_UNITS
    ):
        yield _term(ALONE.get(word, word), at, at + 1)


def _term(text: str, first: int, end: int) -> Found:
    return Found(Quantity("term", 0.0, text), first, end)


def _clock(tokens: Sequence[Token], at: int) -> Found | None:
    """ "3:30", "3pm", "3:30 p.m.", "3 o'clock"."""
    hour = tokens[at].text
    if not hour.isdigit() or int(hour) > 24:
        return None
    minutes, end, sure = 0, at + 1, False
    if low(tokens, end) == ":" and tokens[end].glued and end + 1 < len(tokens) and tokens[end + 1].glued:
        written = tokens[end + 1].text
        if not (written.isdigit() and len(written) == 2 and int(written) < 60):
            return None
        minutes, end, sure = int(written), end + 2, True
    half = ""
    if low(tokens, end) in ("am", "pm"):
        half, end = low(tokens, end), end + 1
    elif low(tokens, end) in ("a", "p") and low(tokens, end + 1) == "." and low(tokens, end + 2) == "m":
        half, end = low(tokens, end) + "m", end + 3
    elif low(tokens, end) in ("o'clock", "uhr"):
        sure, end = True, end + 1
    if not half and not sure:
        return None
    if int(hour) > 12:
        half = "pm"
    return Found(Quantity("clock", float(int(hour) % 12 * 60 + minutes), half), at, end)


def _day_before_month(tokens: Sequence[Token], at: int) -> Found | None:
    """ "3 October", "3rd of October", "the third of March"."""
    end = at + 1
    day = float(tokens[at].text) if tokens[at].text.isdigit() else ORDINALS.get(tokens[at].low, 0.0)
    if low(tokens, end) in ("st", "nd", "rd", "th", "."):
        end += 1
    if low(tokens, end) == "of":
        end += 1
    if not 0 < day <= 31 or low(tokens, end) not in MONTHS:
        return None
    if low(tokens, end) in AMBIGUOUS_MONTHS and not tokens[end].text[0].isupper() and end == at + 1:
        return None
    return Found(Quantity("day", day, f"{MONTHS[low(tokens, end)]:.0f}"), at, end + 1)


def _is_month(tokens: Sequence[Token], at: int) -> bool:
    word = tokens[at].low
    if word not in MONTHS:
        return False
    if word not in AMBIGUOUS_MONTHS:
        return True
    before = low(tokens, at - 1) if low(tokens, at - 1) != "-" else low(tokens, at - 2)
    named = tokens[at].text[0].isupper() and not starts_sentence(tokens, at)
    following = at + 1 < len(tokens) and tokens[at + 1].digits
    return before in BEFORE_DATES or named or (following and tokens[at].text[0].isupper())


def _month(tokens: Sequence[Token], at: int) -> Iterator[Found]:
    month = f"{MONTHS[tokens[at].low]:.0f}"
    yield _term(f"month {month}", at, at + 1)
    day_at = at + 1 + (low(tokens, at + 1) == ".")
    day_at += low(tokens, day_at) == "the"
    if day_at >= len(tokens):
        return
    written = tokens[day_at].text
    day = float(written) if written.isdigit() else ORDINALS.get(tokens[day_at].low, 0.0)
    if 0 < day <= 31:
        end = day_at + 1 + (low(tokens, day_at + 1) in ("st", "nd", "rd", "th"))
        yield Found(Quantity("day", day, month), at, end)


def _joined(tokens: Sequence[Token], at: int, language: str) -> Found | None:
    """Numbers joined by signs, and numbers that say no value: to be found as they are written."""
    end = _cluster_end(tokens, at)
    numbers = [token for token in tokens[at:end] if token.digits]
    signs = {token.low for token in tokens[at:end] if not token.digits}
    if len(numbers) == 1:
        number = numeral_at(tokens, at, language)
        return (
            None
            if number and value_of_digits(tokens[at].text, language) is not None
            else _term(tokens[at].text, at, at + 1)
        )
    if (len(numbers) == 2 and signs <= {"-"}) or share_at(tokens, at):
        return None  # a range, or a part
    return _term("".join(token.low for token in tokens[at:end]), at, end)


def _cluster_end(tokens: Sequence[Token], at: int) -> int:
    """Behind the numbers, letters and signs that are written in one with the token at this place."""
    letters_too = not tokens[at].digits
    end = at + 1
    while end < len(tokens) and tokens[end].glued:
        joins = (
            tokens[end].low in _JOINING and end + 1 < len(tokens) and tokens[end + 1].glued and tokens[end + 1].digits
        )
        if not (joins or tokens[end].digits or (letters_too and tokens[end].low.isalpha())):
            break
        end += 1
    return end
