"""Percentages in what people say, so that a discount can be looked up before anybody asks for it.

In: words of a turn as a recogniser wrote them ("15 %", "fifteen percent", "ten to fifteen percent", "a fifth off") and
the call's language. Out: the percentages, in the order they were said. A share such as "a quarter" counts only in a
sentence that is about a price, since it is a time or a part of the year as often. What is missed costs a look-up that
starts later; a look-up too many costs nothing but its time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from cornerman.language_tags import base_language

MOST: Final = 4
"""Percentages of one turn that are worth a look-up."""
LONGEST: Final = 4000


class _Spoken:
    """How a language says percentages: number words by value, halves added to a number, shares, and words of price."""

    def __init__(
        self,
        *,
        numbers: Mapping[str, int],
        tens: Mapping[str, int],
        shares: Mapping[str, float],
        unit: str,
        between: str,
        point: str,
        half: str,
        price: str,
    ) -> None:
        self.numbers = numbers
        self.tens = tens
        self.shares = shares
        self.half = re.compile(rf"\s(?:{half})$")
        self.point = re.compile(rf"\s(?:{point})\s")
        self.price = re.compile(rf"\b(?:{price})")
        self.share = re.compile(rf"\b({_either(shares)})\b")
        words = _either((*numbers, *tens))
        spelled = rf"(?:{words})(?:[\s-]?(?:{words}))?(?:\s(?:{point})(?:\s(?:{words}))+)?"
        number = rf"(?:\d{{1,3}}(?:[.,]\d{{1,2}})?|{spelled})(?:\s(?:{half}))?"
        # A dash makes a range of figures only: between words it joins the parts of one number.
        low = rf"(?:(?P<low>{number})(?:\s?%)?(?:\s(?:{between})\s|(?<=[\d%])\s?[-–]\s?))?"  # noqa: RUF001
        self.percentage = re.compile(rf"(?<![\w.,]){low}(?P<high>{number})[\s-]?(?:%|{unit})")


def percent_heard(text: str, language: str) -> tuple[float, ...]:
    """The percentages said, above 0 and at most 100, each once. A language that is not known is read as English."""
    spoken = _LANGUAGES.get(base_language(language), _ENGLISH)
    lowered = text[:LONGEST].casefold()
    found = sorted([*_stated(lowered, spoken), *_shares(lowered, spoken)])
    return tuple(dict.fromkeys(round(value, 4) for _, value in found if 0 < value <= 100))[:MOST]


def _stated(text: str, spoken: _Spoken) -> Iterator[tuple[int, float]]:
    for match in spoken.percentage.finditer(text):
        for name in ("low", "high"):
            if match[name] is not None and (value := _value(match[name], spoken)) is not None:
                yield match.start(name), value


def _shares(text: str, spoken: _Spoken) -> Iterator[tuple[int, float]]:
    for sentence in re.finditer(r"[^.!?;]+", text):
        if spoken.price.search(sentence.group()):
            for match in spoken.share.finditer(sentence.group()):
                yield sentence.start() + match.start(), spoken.shares[match.group(1)]


def _value(words: str, spoken: _Spoken) -> float | None:
    bare = spoken.half.sub("", words)
    more = 0.5 if bare != words else 0.0
    if bare[0].isdigit():
        return float(bare.replace(",", ".")) + more
    whole, *fraction = spoken.point.split(bare)
    value = _whole(whole, spoken)
    if value is None:
        return None
    for place, digit in enumerate(fraction[0].split() if fraction else (), start=1):
        value += spoken.numbers.get(digit, 0) / 10**place
    return value + more


def _whole(words: str, spoken: _Spoken) -> float | None:
    first, *second = re.split(r"[\s-]", words)
    if not second:
        return float({**spoken.numbers, **spoken.tens}.get(first, 0))
    if first in spoken.tens and spoken.numbers.get(second[0], 10) < 10:
        return float(spoken.tens[first] + spoken.numbers[second[0]])
    return None


def _either(words: Iterable[str]) -> str:
    # The longest first: "six" would otherwise be all that is read of "sixteen".
    return "|".join(sorted(words, key=len, reverse=True))


_UNITS: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_EINER: Final = (
    *("null", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"),
    *("dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn"),
)
_ZEHNER: Final = ("zwanzig", "dreissig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig")
"""Case-folded, as everything that is read: with ss."""

_ENGLISH: Final = _Spoken(
    numbers={word: value for value, word in enumerate(_UNITS)},
    tens=dict(zip(_TENS, range(20, 100, 10), strict=True)),
    shares={"half": 50.0}
    | {f"{a} third": 100 / 3 for a in ("a", "one")}
    | {f"{a} quarter": 25.0 for a in ("a", "one")}
    | {f"{a} fifth": 20.0 for a in ("a", "one")}
    | {f"{a} tenth": 10.0 for a in ("a", "one")},
    unit=r"percent\b|per cent\b|pct\b",
    between="to|or|and",
    point="point",
    half="and a half",
    price=r"off\b|discount|cheaper|price|reduc|knock|come down|rebate",
)
_GERMAN: Final = _Spoken(
    numbers={word: value for value, word in enumerate(_EINER)} | {"eins": 1, "einem": 1},
    tens={
        f"{unit}und{ten}" if unit else ten: value + number
        for value, ten in zip(range(20, 100, 10), _ZEHNER, strict=True)
        for number, unit in enumerate(("", *_EINER[1:10]))
    },
    shares={"die hälfte": 50.0, "ein drittel": 100 / 3, "ein viertel": 25.0, "ein fünftel": 20.0, "ein zehntel": 10.0},
    unit=r"prozent\w*",
    between="bis|oder|und",
    point="komma",
    half="einhalb",
    price="rabatt|nachlass|billiger|günstiger|preis|runter|reduzier",
)
_LANGUAGES: Final = {"en": _ENGLISH, "de": _GERMAN}
