"""Reads all quantities of a text: what its numbers measure, its dates, and its words that stand for a number.

In: tokens. Out: quantities, read twice differently: a claim is read strictly, so that nothing that may be a number is
missed, a ground generously, so that a number it says in passing counts. A range or a list ("5 or 8%", "$40 to 50")
gives every member the unit of the one that has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from cornerman.advising.grounding.numerals import Numeral, low, numeral_at, share_at
from cornerman.advising.grounding.quantity import Quantity
from cornerman.advising.grounding.tokens import Token
from cornerman.advising.grounding.topics import stem_of
from cornerman.advising.grounding.units import (
    CENTS,
    COUNTED_UNITS,
    CURRENCIES,
    GLUED_TIME_UNITS,
    HALVING,
    MULTIPLES,
    ORDINALS,
    PERCENTS,
    RATES,
    SCALES,
    TIME_BASES,
    TIME_QUALIFIERS,
    TIME_UNITS,
    TIMES,
    VAGUE_SCALES,
)
from cornerman.advising.grounding.vocabulary import is_function_word
from cornerman.coach.language import word_set

_LISTING: Final = word_set("- to or and , through until bis oder und / versus vs")
_SIGNS: Final = frozenset(sign for sign in CURRENCIES if len(sign) == 1)
_SHARE_FOLLOWS: Final = word_set(
    "off of less more cheaper lower higher faster fewer the their your our its price discount again as what"
)
_RATE_LEADS: Final = word_set("a an per each every / pro je im")
_DURATION_LEADS: Final = word_set(
    "in within after under for takes take taking took than only just about over by spend need needs lasts last "
    "another runs run running ran spans spanning covers covering lasting "
    "inside give gives get gets until around roughly nearly almost lose save saves saving cost costs free "
    "half binnen innerhalb nach fuer für dauert läuft"
)
_ARTICLES: Final = word_set("a an one ein eine einen einem einer")


@dataclass(frozen=True, slots=True)
class Found:
    """A quantity in the tokens `first` to `end`, the latter not included. `open`: its unit was not named."""

    quantity: Quantity
    first: int
    end: int
    open: bool = False


class MeasureReader:
    """Reads the numbers of one text."""

    def __init__(self, tokens: Sequence[Token], language: str, *, generous: bool) -> None:
        self._tokens = tokens
        self._language = language
        self._generous = generous

    def read(self) -> list[Found]:
        """All quantities that are numbers, in order."""
        found: list[Found] = []
        at = 0
        while at < len(self._tokens):
            one = self._at(at)
            if one is None:
                at += 1
                continue
            found.append(one)
            at = one.end
        return _shared_units(self._tokens, found)

    def _at(self, at: int) -> Found | None:
        tokens = self._tokens
        word = tokens[at].low
        if word in CURRENCIES and at + 1 < len(tokens) and (money := self._money_before(at)):
            return money
        if word in MULTIPLES and not (word == "double" and low(tokens, at + 1) in ("-", "check", "checked")):
            return Found(Quantity("times", MULTIPLES[word], self._factor(word, at + 1)), at, at + 1)
        if word in HALVING:
            return Found(Quantity("fraction", 0.5), at, at + 1)
        if word in COUNTED_UNITS:
            return Found(_time(1.0, TIME_UNITS[word]), at, at + 1)
        if word in VAGUE_SCALES:
            return Found(Quantity("term", 0.0, word), at, at + 1)
        if (share := share_at(tokens, at)) and not self._scaled_share(share.end) and (found := self._share(at, share)):
            return found
        if word in ORDINALS and not self._is_unit(at):
            return Found(Quantity("ordinal", ORDINALS[word]), at, at + 1)
        if word in _ARTICLES and (single := self._single_unit(at)):
            return single
        number = numeral_at(tokens, at, self._language)
        return self._measured(at, number) if number else None

    def _money_before(self, at: int) -> Found | None:
        """ "$49", "USD 49"."""
        number = numeral_at(self._tokens, at + 1, self._language) if self._tokens[at + 1].digits else None
        if number is None:
            return None
        currency = CURRENCIES[self._tokens[at].low]
        end = number.end + (low(self._tokens, number.end) in CURRENCIES)
        return Found(Quantity("money", number.value, currency, self._rate(end)), at, end)

    def _share(self, at: int, share: Numeral) -> Found | None:
        """A part: of an hour or a year, or of anything."""
        tokens = self._tokens
        following = share.end
        unit_at = following + (low(tokens, following) == "-")
        if low(tokens, unit_at) == "of" and low(tokens, unit_at + 1) in _ARTICLES:
            unit_at += 2
        elif low(tokens, unit_at) in _ARTICLES:
            unit_at += 1
        unit = TIME_UNITS.get(low(tokens, unit_at)) if unit_at > following or share.value == 0.5 else None
        if unit in ("second", "minute", "hour", "day", "week", "month", "year") and low(tokens, at) != "third":
            return Found(_time(share.value, unit), at, unit_at + 1)
        last = low(tokens, share.end - 1)
        plural = last.endswith("s") and last != "halves"
        if last == "quarter" and not (low(tokens, following) in _SHARE_FOLLOWS or self._ends(following)):
            return None
        sure = share.value == 0.5 or not share.spelled or plural or last in ("quarter", "drittel", "viertel")
        if not sure and low(tokens, following) not in _SHARE_FOLLOWS and not self._ends(following):
            return None
        return Found(Quantity("fraction", share.value), at, share.end)

    def _scaled_share(self, at: int) -> bool:
        """Whether a part is one of a scale: "half a million"."""
        at += low(self._tokens, at) == "of"
        return low(self._tokens, at) == "a" and low(self._tokens, at + 1) in SCALES

    def _single_unit(self, at: int) -> Found | None:
        """ "in a day", "for a year", "one week": one of a unit. Behind a price or a number it is a rate instead."""
        tokens = self._tokens
        following = at + 1 + (low(tokens, at + 1) == "-")
        if low(tokens, following) in ("single", "full", "whole", "further", "extra"):
            following += 1
        word = low(tokens, following)
        one = tokens[at].low in ("one", "ein", "eine", "einen", "einem", "einer")
        unit = TIME_UNITS.get(word)
        if (unit and word not in ("second", "min", "sec")) or (unit == "second" and word == "second"):
            counted = low(tokens, at) == "one" or self._generous or low(tokens, at - 1) in _DURATION_LEADS
            if counted and not (one and self._language != "de" and low(tokens, at) != "one"):
                end = following + 1
                end, extra = self._and_a_half(end)
                return Found(_time(1.0 + extra, unit or "second"), at, end)
        if low(tokens, at) == "one" and (word in PERCENTS or word in CURRENCIES or word in CENTS):
            return self._measured(at, Numeral(1.0, at + 1, spelled=True))
        return None

    def _and_a_half(self, at: int) -> tuple[int, float]:
        if low(self._tokens, at) == "and" and (share := share_at(self._tokens, at + 1)) and share.value < 1:
            return share.end, share.value
        return at, 0.0

    def _measured(self, at: int, number: Numeral) -> Found | None:
        """The number with the unit behind it."""
        tokens, end = self._tokens, number.end
        glued = end < len(tokens) and tokens[end].glued and not number.spelled
        unit_at = end + (low(tokens, end) == "-" and end + 1 < len(tokens) and tokens[end].glued)
        word = low(tokens, unit_at)
        if glued and word in ("st", "nd", "rd", "th"):
            return Found(Quantity("ordinal", number.value), at, end + 1)
        if percent := self._percent(number, unit_at):
            return replace(percent, first=at)
        if word in CURRENCIES and not (word in ("pounds", "pound") and low(tokens, unit_at + 1) == "of"):
            return Found(Quantity("money", number.value, CURRENCIES[word], self._rate(unit_at + 1)), at, unit_at + 1)
        if word in CENTS:
            return Found(Quantity("money", number.value / 100, "", self._rate(unit_at + 1)), at, unit_at + 1)
        if (word in TIMES and (word != "x" or glued or low(tokens, end) == "x")) and word != "mal":
            return Found(Quantity("times", number.value, self._factor(word, unit_at + 1)), at, unit_at + 1)
        if time := self._time_behind(at, number, unit_at, glued):
            return time
        if ratio := self._ratio(at, number):
            return ratio
        if number.spelled and number.value == 1 and number.end == at + 1:
            return None  # "one" mostly stands for a thing, not for its number
        if tokens[number.end - 1].low == "grand":
            return Found(Quantity("money", number.value, "", self._rate(end)), at, end)
        if name := self._designation(at):
            return Found(Quantity("designation", number.value, name), at, end)
        return Found(Quantity("number", number.value, "", self._of(end)), at, end, open=True)

    def _percent(self, number: Numeral, at: int) -> Found | None:
        tokens = self._tokens
        word, following = low(tokens, at), low(tokens, at + 1)
        if word in PERCENTS or word.startswith("prozentig"):
            return Found(Quantity("percent", number.value, "", self._of(at + 1)), at, at + 1)
        if word == "per" and following == "cent":
            return Found(Quantity("percent", number.value, "", self._of(at + 2)), at, at + 2)
        if word == "percentage" and following in ("point", "points"):
            return Found(Quantity("percent", number.value, "", self._of(at + 2)), at, at + 2)
        if word in ("points", "point") and following in ("off", "discount", "less"):
            return Found(Quantity("percent", number.value), at, at + 1)
        if word in ("basis", "bps"):
            return Found(Quantity("percent", number.value / 100), at, at + (2 if word == "basis" else 1))
        if word == "\u2030":
            return Found(Quantity("percent", number.value / 10), at, at + 1)
        if word == "nines" and 1 < number.value < 10:
            digits = "9" * int(number.value)
            return Found(Quantity("percent", float(f"{digits[:2]}.{digits[2:] or 0}")), at, at + 1)
        return None

    def _time_behind(self, at: int, number: Numeral, unit_at: int, glued: bool) -> Found | None:
        tokens = self._tokens
        word, qualifier = low(tokens, unit_at), ""
        if word in ("full", "whole", "live", "consecutive", "more", "extra", "additional", "straight", "last"):
            unit_at += 1
            word = low(tokens, unit_at)
        if word in TIME_QUALIFIERS:
            qualifier, unit_at = word, unit_at + 1
            word = low(tokens, unit_at)
        unit = TIME_UNITS.get(word) or (GLUED_TIME_UNITS.get(word) if glued else None)
        if unit is None:
            return None
        end, extra = self._and_a_half(unit_at + 1)
        time = _time(number.value + extra, unit)
        return Found(replace(time, of=frozenset([qualifier])) if qualifier else time, at, end)

    def _ratio(self, at: int, number: Numeral) -> Found | None:
        """ "one in four", "4 out of 5"."""
        tokens, end = self._tokens, number.end
        start = end + 2 if (low(tokens, end), low(tokens, end + 1)) == ("out", "of") else end + 1
        if start == end + 1 and low(tokens, end) not in ("in", "von"):
            return None
        whole = numeral_at(tokens, start, self._language) if start < len(tokens) else None
        if (
            whole is None
            or not 1 < whole.value <= 1000
            or number.value >= whole.value
            or number.value != int(number.value)
        ):
            return None
        if start == end + 1 and (number.value > 10 or low(tokens, whole.end) in TIME_UNITS):
            return None
        return Found(Quantity("fraction", number.value / whole.value), at, whole.end)

    def _factor(self, word: str, behind: int) -> str:
        """What "times" tells: "factor" of more or less, or, empty, how often."""
        often = word in ("twice", "thrice", "times", "zweimal", "dreimal", "mal")
        following = low(self._tokens, behind)
        return (
            ""
            if often and (following in _RATE_LEADS or following in ("in", "this") or self._ends(behind))
            else "factor"
        )

    def _designation(self, at: int) -> str:
        """The name a number belongs to: "SOC 2", "ISO 27001", "AES-256"."""
        before = at - 1
        if low(self._tokens, before) == "-" and self._tokens[before].glued:
            before -= 1
        if before < 0:
            return ""
        name = self._tokens[before]
        glued = self._tokens[at].glued and name.text.isalpha()
        if (name.text.isupper() and name.text.isalpha() and len(name.text) > 1) or glued or before < at - 1:
            return name.low if name.text.isalpha() and name.low not in CURRENCIES else ""
        return ""

    def _rate(self, at: int) -> frozenset[str]:
        """What money is paid for or by: "a seat", "per seat and month", "/mo"."""
        tokens, found = self._tokens, set[str]()
        while at < len(tokens):
            if tokens[at].low in _RATE_LEADS and low(tokens, at + 1) in RATES:
                found.add(RATES[tokens[at + 1].low])
                at += 2
            elif tokens[at].low in RATES and (found or tokens[at].low.endswith("ly")):
                found.add(RATES[tokens[at].low])
                at += 1
            elif tokens[at].low == "and" and found and low(tokens, at + 1) in RATES:
                found.add(RATES[tokens[at + 1].low])
                at += 2
            else:
                break
        return frozenset(found)

    def _of(self, at: int) -> frozenset[str]:
        """Stems of the up to three words behind a number that say what it counts."""
        tokens, found = self._tokens, set[str]()
        if low(tokens, at) == "-":
            at += 1
        while at < len(tokens) and len(found) < 3:
            word = tokens[at]
            if word.digits or not word.low[0].isalpha() or is_function_word(word.low):
                break
            found.add(stem_of(word.low, self._language))
            at += 1
        return frozenset(found)

    def _ends(self, at: int) -> bool:
        return at >= len(self._tokens) or not self._tokens[at].low[0].isalnum()

    def _is_unit(self, at: int) -> bool:
        """Whether a "second" here is a unit: behind a number or "per"."""
        before = low(self._tokens, at - 1)
        return self._tokens[at].low == "second" and (before in ("per", "every", "split", "/") or before.isdigit())


def _time(value: float, unit: str) -> Quantity:
    base, factor = TIME_BASES[unit]
    return Quantity("time", value * factor, base)


def _shared_units(tokens: Sequence[Token], found: list[Found]) -> list[Found]:
    """Numbers of a range or a list without a unit of their own, with the unit of the next that has one, or, for money,
    of the one before.
    """
    shared = list(found)
    for at in range(len(shared) - 2, -1, -1):
        this, following = shared[at], shared[at + 1]
        if this.open and not this.quantity.of and _listed(tokens, this, following):
            unit = following.quantity
            if unit.kind in ("percent", "money", "number"):
                shared[at] = replace(this, quantity=replace(unit, value=this.quantity.value))
            elif unit.kind == "time":
                factor = _factor_before(tokens, following)
                shared[at] = replace(this, quantity=replace(unit, value=this.quantity.value * factor))
    for at in range(1, len(shared)):
        before, this = shared[at - 1], shared[at]
        if this.open and not this.quantity.of and before.quantity.kind == "money" and _listed(tokens, before, this):
            shared[at] = replace(this, quantity=replace(before.quantity, value=this.quantity.value))
    return shared


def _listed(tokens: Sequence[Token], left: Found, right: Found) -> bool:
    between = [tokens[at].low for at in range(left.end, right.first)]
    return bool(between) and len(between) <= 2 and all(word in _LISTING or word in _SIGNS for word in between)


def _factor_before(tokens: Sequence[Token], found: Found) -> float:
    """How much one of the unit is that the quantity's words end with."""
    for at in range(found.end - 1, found.first, -1):
        unit = TIME_UNITS.get(tokens[at].low) or GLUED_TIME_UNITS.get(tokens[at].low)
        if unit:
            return TIME_BASES[unit][1]
    return 1.0
