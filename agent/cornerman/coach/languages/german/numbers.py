"""German amounts: digits with a decimal comma and points for thousands, and number words, in one word or in several.

"fünfundzwanzig Prozent", "fünf und zwanzig Prozent", "25 %", "zwei Komma fünf Millionen Euro", "1.500,50 €" and
"zwölfhundert Euro" are amounts; "ein" is one only before a unit or a scale ("ein Prozent", "eine Million"), because it
is the article everywhere else. Umlauts are expected written out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cornerman.coach.language import Amount, Token, word_set
from cornerman.coach.languages.writing import PERCENT, SIGNS, read_digits
from cornerman.coach.word_memory import remembers_words

UNITS = {
    "ein": 1, "zwei": 2, "zwo": 2, "drei": 3, "vier": 4, "fuenf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9,
}  # fmt: skip
TEENS = {
    "zehn": 10, "elf": 11, "zwoelf": 12, "dreizehn": 13, "vierzehn": 14, "fuenfzehn": 15, "fuffzehn": 15,
    "sechzehn": 16, "siebzehn": 17, "achtzehn": 18, "neunzehn": 19,
}  # fmt: skip
TENS = {
    "zwanzig": 20, "dreissig": 30, "vierzig": 40, "fuenfzig": 50, "fuffzig": 50, "sechzig": 60, "siebzig": 70,
    "achtzig": 80, "neunzig": 90,
}  # fmt: skip
SCALES = {
    "hundert": 100, "tausend": 1000, "tsd": 1000, "mille": 1000, "million": 1e6, "millionen": 1e6, "mio": 1e6,
    "milliarde": 1e9, "milliarden": 1e9, "mrd": 1e9,
}  # fmt: skip
ONES = word_set("ein eine einen einem einer")
HALVES = word_set("halb halbe halbes halben halber")
PERCENTS = frozenset([PERCENT, "prozent", "prozents", "prozentpunkt", "prozentpunkte", "prozentpunkten"])
CURRENCIES = SIGNS | word_set("euro euros eur cent cents ct dollar dollars usd pfund gbp franken chf rappen stutz")

_BELOW_HUNDRED = (
    {f"{unit}und{ten}": value + tens for unit, value in UNITS.items() for ten, tens in TENS.items()}
    | UNITS
    | {"eins": 1}
    | TEENS
    | TENS
)
_ANY = "|".join(sorted(_BELOW_HUNDRED, key=len, reverse=True))
_BELOW_THOUSAND = re.compile(rf"(?:({_ANY})?(hundert)(?:und)?)?({_ANY})?")


@dataclass(frozen=True, slots=True)
class _Number:
    """A number up to token `last`, and what its signs say it counts."""

    last: int
    value: float
    kind: str = "number"


@remembers_words(4_096)
def spelled(word: str) -> float | None:
    """The number that one word spells, up to a million ("zweihundertfuenfzigtausend", "dreieinhalb")."""
    if word == "null":
        return 0.0
    if word in ("anderthalb", "eineinhalb"):
        return 1.5
    if word.endswith("einhalb"):
        whole = _BELOW_HUNDRED.get(word.removesuffix("einhalb"))
        return None if whole is None else whole + 0.5
    thousands, parted, rest = word.partition("tausend")
    if not parted:
        return _below_thousand(word)
    before = _below_thousand(thousands) if thousands else 1.0
    after = _below_thousand(rest.removeprefix("und")) if rest else 0.0
    return None if before is None or after is None else before * 1000 + after


def _below_thousand(word: str) -> float | None:
    found = _BELOW_THOUSAND.fullmatch(word) if word else None
    if found is None:
        return None
    hundreds, hundert, rest = found.groups()
    value = _BELOW_HUNDRED[hundreds] if hundreds else 1
    return float((value * 100 if hundert else 0) + (_BELOW_HUNDRED[rest] if rest else 0))


def amount_at(tokens: Sequence[Token], at: int) -> Amount | None:
    """The amount that starts at a token, with the sign or unit before or after it."""
    if not _may_start(tokens[at].text):
        return None
    if tokens[at].text in SIGNS and at + 1 < len(tokens):
        number = _written(tokens, at + 1)
        return Amount(at, number.last, number.value, "money") if number and number.kind == "number" else None
    number = _written(tokens, at) or _said(tokens, at)
    if number is None:
        return None
    kind, last = number.kind, number.last
    unit = _unit_at(tokens, last + 1)
    if kind == "number" and unit:
        kind, last = unit, last + 1
    return Amount(at, last, number.value, kind)


@remembers_words(4_096)
def _may_start(word: str) -> bool:
    """Whether an amount can start with this word at all: most words are none, and are asked for on every partial."""
    return word in SIGNS or word in ONES or word in HALVES or any(map(str.isdigit, word)) or spelled(word) is not None


def _text(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].text if at < len(tokens) else ""


def _unit_at(tokens: Sequence[Token], at: int) -> str:
    text = _text(tokens, at)
    if text in PERCENTS or text.startswith("prozentig"):
        return "percent"
    return "money" if text in CURRENCIES else ""


def _written(tokens: Sequence[Token], at: int) -> _Number | None:
    text = tokens[at].text
    written = read_digits(text, ",") if any(sign.isdigit() for sign in text) else None
    if written is None:
        return None
    last, value = at, written.value
    while written.kind == "number" and (scale := SCALES.get(_text(tokens, last + 1))):
        last, value = last + 1, value * scale
    return _Number(last, value, written.kind)


@dataclass(slots=True)
class _Count:
    """A number in words as it grows: groups times falling scales ("zwei millionen drei hundert tausend")."""

    total: float = 0.0
    group: float | None = None
    scale: float = math.inf

    def add(self, value: float) -> bool:
        """Takes in a number word, if it can follow what was said."""
        if self.group is not None:
            if not self.whole_hundreds or value >= 100:
                return False
            self.group += value
        elif value >= self.scale:
            return False
        elif value >= 1000 and value % 1000 == 0:
            self.total, self.scale = self.total + value, 1000.0
        else:
            self.group = value
        return True

    def add_after_und(self, value: float) -> bool:
        """Takes in the "zwanzig" of "fuenf und zwanzig" or of "hundert und zwanzig"."""
        after_unit = self.group is not None and self.group % 100 in range(1, 10) and value in TENS.values()
        if not after_unit and not (self.whole_hundreds and value < 100):
            return False
        self.add_anyway(value)
        return True

    def add_anyway(self, value: float) -> None:
        """Takes in what is known to follow, such as decimals."""
        self.group = (self.group or 0.0) + value

    @property
    def whole_hundreds(self) -> bool:
        """Whether tens and units are still to come."""
        return bool(self.group) and self.group is not None and self.group % 100 == 0

    def multiply(self, scale: float) -> bool:
        """Takes in a scale, if it can follow what was said."""
        if self.group is None or not 0 < self.group < scale or scale >= self.scale:
            return False
        if scale == SCALES["hundert"]:
            self.group *= scale
        else:
            self.total, self.group, self.scale = self.total + self.group * scale, None, scale
        return True

    def value(self) -> float:
        """What was counted so far."""
        return self.total + (self.group or 0.0)


def _said(tokens: Sequence[Token], at: int) -> _Number | None:
    count, following = _Count(), at
    while taken := _take(count, tokens, following):
        following += taken
    return _Number(following - 1, count.value()) if following > at else None


def _take(count: _Count, tokens: Sequence[Token], at: int) -> int:
    """How many tokens from `at` on the count takes in."""
    text, following = _text(tokens, at), _text(tokens, at + 1)
    if text in HALVES or (text in ONES and following in HALVES):
        length = 1 if text in HALVES else 2
        return length if _counts(tokens, at + length) and count.add(0.5) else 0
    if text in ONES:
        counted = _counts(tokens, at + 1) or (following == "und" and _text(tokens, at + 2) in TENS)
        return 1 if counted and count.add(1.0) else 0
    if count.group is not None:
        if text in SCALES and count.multiply(SCALES[text]):
            return 1
        if text == "komma" and (decimals := _decimals(tokens, at + 1)):
            count.add_anyway(float(f"0.{decimals}"))
            return 1 + len(decimals)
        if text == "und":
            value = None if following in ONES else spelled(following)
            return 2 if value is not None and count.add_after_und(value) else 0
    number = spelled(text)
    return 1 if number is not None and count.add(number) else 0


def _counts(tokens: Sequence[Token], at: int) -> bool:
    """Whether a scale or a unit stands here, so that an "ein" before it is a number and no article."""
    return _text(tokens, at) in SCALES or bool(_unit_at(tokens, at))


def _decimals(tokens: Sequence[Token], at: int) -> str:
    """The digits that single number words spell after a "komma"."""
    digits = ""
    while (value := spelled(_text(tokens, at + len(digits)))) is not None and value in range(10):
        digits += str(int(value))
    return digits
