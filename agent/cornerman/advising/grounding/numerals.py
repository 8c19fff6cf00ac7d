"""Reads the number that starts at a token, in digits, in words or in both: "1.2 million", "two and a half", "a dozen".

Pure arithmetic of writing; what the number measures is `measures`' business.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cornerman.advising.grounding.tokens import Token
from cornerman.advising.grounding.units import DENOMINATORS, GLUED_SCALES, SCALES, SMALL, TENS
from cornerman.coach.languages.german.numbers import spelled as german
from cornerman.coach.word_memory import remembers_words

_THOUSANDS: Final = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:'\d{3})+(?:\.\d+)?")
_GERMAN_THOUSANDS: Final = re.compile(r"\d{1,3}(?:[.']\d{3})+(?:,\d+)?")
_ARTICLES: Final = frozenset(["a", "an", "one"])
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_GERMAN_ONES: Final = frozenset(["ein", "eine", "einen", "einem", "einer", "eins"])
_PARTS: Final = frozenset(["half", "a", "one", "three"])
_POINTS: Final = frozenset(["point", "komma"])


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number in the tokens up to `end`, not included. `spelled`: in words alone. `share`: it is a part of one."""

    value: float
    end: int
    spelled: bool
    share: bool = False
    written: str = ""


def numeral_at(tokens: Sequence[Token], at: int, language: str) -> Numeral | None:
    """The longest number that starts here. None: none does, or it is one that says no value, such as "1.2.3"."""
    if part := _part_of_scale(tokens, at):
        return part
    number = _digits_at(tokens, at, language) if tokens[at].digits else _words_at(tokens, at, language)
    if number is None:
        return None
    return _and_part(tokens, number)


def _part_of_scale(tokens: Sequence[Token], at: int) -> Numeral | None:
    """ "half a million", "a quarter of a million"."""
    share = share_at(tokens, at) if low(tokens, at) in _PARTS else None
    if share is None:
        return None
    following = share.end + (low(tokens, share.end) == "of")
    if low(tokens, following) != "a" or low(tokens, following + 1) not in SCALES:
        return None
    value, end = _scaled(tokens, share.value, following + 1)
    return Numeral(value, end, spelled=True)


def low(tokens: Sequence[Token], at: int) -> str:
    """The folded text of a token, empty where there is none."""
    return tokens[at].low if 0 <= at < len(tokens) else ""


def value_of_digits(written: str, language: str) -> float | None:
    """What digits with separators say; German writes the decimal sign the other way round."""
    if written.isdigit():
        return float(written)
    thousands = _GERMAN_THOUSANDS if language == "de" else _THOUSANDS
    if thousands.fullmatch(written):
        bare = written.replace("'", "")
        return float(bare.replace(".", "").replace(",", ".") if language == "de" else bare.replace(",", ""))
    separators = [sign for sign in written if not sign.isdigit()]
    if len(separators) == 1 and separators[0] in ".,":
        return float(written.replace(",", "."))
    return None


def _digits_at(tokens: Sequence[Token], at: int, language: str) -> Numeral | None:
    value = value_of_digits(tokens[at].text, language)
    if value is None:
        return None
    end = at + 1
    if _glued(tokens, end) and tokens[end].low in GLUED_SCALES and not _glued_word(tokens, end + 1):
        value, end = value * GLUED_SCALES[tokens[end].low], end + 1
    value, end = _scaled(tokens, value, end)
    return Numeral(value, end, spelled=False, written=tokens[at].text)


def _scaled(tokens: Sequence[Token], value: float, end: int) -> tuple[float, int]:
    while True:
        at = end + (low(tokens, end) == "-")
        scale = SCALES.get(low(tokens, at))
        if scale is None:
            return value, end
        value, end = value * scale, at + 1


def _words_at(tokens: Sequence[Token], at: int, language: str) -> Numeral | None:
    word = tokens[at].low
    if word in ("a", "an") or (word in _GERMAN_ONES and language == "de"):
        scale = SCALES.get(low(tokens, at + 1))
        if scale is None:
            return None
        return _spelled(tokens, at + 1, scale if scale >= 1000 else 0.0, 0.0 if scale >= 1000 else scale, at + 2)
    if word in SCALES and word in ("hundred", "thousand", "million", "billion", "dozen", "grand"):
        return Numeral(SCALES[word], at + 1, spelled=True)
    if language == "de" or word not in _KNOWN:
        return _other_word(tokens, at, language)
    return _spelled(tokens, at, 0.0, -1.0, at)


_KNOWN: Final = frozenset(SMALL) | frozenset(TENS)


def _spelled(tokens: Sequence[Token], at: int, total: float, group: float, end: int) -> Numeral | None:
    """English number words from `end` on, added to what was read so far; `group` below 0: nothing was."""
    while end < len(tokens):
        step = end
        if step > at and tokens[step].low in ("-", "and") and step + 1 < len(tokens):
            if tokens[step].low == "and" and not (total or group >= 100) and group % 100:
                break
            step += 1
            if tokens[step].low not in _KNOWN and tokens[step].low not in SCALES:
                break
        word = tokens[step].low
        joined = tokens[step - 1].low == "and" and step > end
        if joined and group >= 0 and group % 100:
            break
        if word in TENS and (group < 0 or group % 100 == 0):
            group = max(group, 0) + TENS[word]
        elif word in SMALL and (group < 0 or (group % 10 == 0 and (group % 100 >= 20 or (group % 100 == 0 and group)))):
            if group >= 0 and group % 100 >= 20 and SMALL[word] > 9:
                break
            group = max(group, 0) + SMALL[word]
        elif word == "hundred" and 0 < group < 100:
            group *= 100
        elif word in SCALES and word != "hundred" and group > 0:
            total, group = total + group * SCALES[word], -1.0 if SCALES[word] != 12 else 0.0
        else:
            break
        end = step + 1
    if end == at and group < 0:
        return None
    value = total + max(group, 0)
    value, end = _year(tokens, value, end)
    return _with_decimals(tokens, Numeral(value, end, spelled=True))


def _year(tokens: Sequence[Token], value: float, end: int) -> tuple[float, int]:
    """ "twenty twenty-six" and "nineteen ninety" are years."""
    if value in (19, 20) and low(tokens, end) in TENS:
        rest = TENS[low(tokens, end)]
        end += 1
        after = end + (low(tokens, end) == "-")
        if 0 < SMALL.get(low(tokens, after), 0) < 10:
            rest, end = rest + SMALL[low(tokens, after)], after + 1
        return value * 100 + rest, end
    return value, end


def _with_decimals(tokens: Sequence[Token], number: Numeral) -> Numeral:
    """ "ninety nine point nine", "two point five million"."""
    if low(tokens, number.end) not in _POINTS:
        return number
    digits, at = "", number.end + 1
    while at < len(tokens):
        word = tokens[at].low
        if tokens[at].digits and tokens[at].text.isdigit():
            digits += tokens[at].text
        elif word in ("oh", "o") or 0 <= SMALL.get(word, 10) < 10:
            digits += str(int(SMALL.get(word, 0)))
        else:
            break
        at += 1
    if not digits:
        return number
    value, end = _scaled(tokens, float(f"{number.value:.0f}.{digits}"), at)
    return Numeral(value, end, spelled=True)


def _other_word(tokens: Sequence[Token], at: int, language: str) -> Numeral | None:
    """A number in one word: in German, or in English where its parts were run together."""
    word = tokens[at].low
    value = _run_together(word)
    if value is None and (language == "de" or len(word) > 4):
        value = german(word.translate(_UMLAUTS)) if word not in _GERMAN_ONES or language != "de" else None
    if value is None:
        return None
    value, end = _scaled(tokens, value, at + 1)
    return _with_decimals(tokens, Numeral(value, end, spelled=True))


@remembers_words(4_096)
def _run_together(word: str) -> float | None:
    for tens, value in TENS.items():
        if word.startswith(tens) and 0 < SMALL.get(word[len(tens) :], 0) < 10:
            return value + SMALL[word[len(tens) :]]
    for scale in ("hundred", "thousand", "million"):
        if word.endswith(scale) and word != scale:
            small = SMALL.get(word[: -len(scale)], TENS.get(word[: -len(scale)], 0))
            return small * SCALES[scale] or None
    return None


def _and_part(tokens: Sequence[Token], number: Numeral) -> Numeral:
    """What a part adds: "two and a half", "2 1/2", "one and three quarters"."""
    at = number.end
    if low(tokens, at) == "-":
        at += 1
    if low(tokens, at) == "and" or (low(tokens, at) == "-" and low(tokens, at + 1) == "and"):
        at += 1
        share = share_at(tokens, at + (low(tokens, at) == "-"))
        if share and share.value < 1 and low(tokens, share.end) != "of":
            return Numeral(number.value + share.value, share.end, number.spelled)
    if number.end < len(tokens) and tokens[number.end].digits and not tokens[number.end].glued:
        share = share_at(tokens, number.end)
        if share and share.value < 1:
            return Numeral(number.value + share.value, share.end, number.spelled)
    return number


def share_at(tokens: Sequence[Token], at: int) -> Numeral | None:
    """A part of one that starts here: "half", "a third", "two-thirds", "three quarters", "2/3"."""
    word = low(tokens, at)
    if not word:
        return None
    if tokens[at].digits and low(tokens, at + 1) == "/" and at + 2 < len(tokens) and tokens[at + 2].digits:
        above, below = tokens[at].text, tokens[at + 2].text
        if above.isdigit() and below.isdigit() and 0 < int(above) < int(below) <= 12 and low(tokens, at + 3) != "/":
            return Numeral(int(above) / int(below), at + 3, spelled=False, share=True)
        return None
    if word in DENOMINATORS and DENOMINATORS[word] == 2:
        return Numeral(0.5, at + 1, spelled=True, share=True)
    above_value = 1.0 if word in _ARTICLES or word in _GERMAN_ONES else SMALL.get(word, 0.0)
    if tokens[at].digits and tokens[at].text.isdigit():
        above_value = float(tokens[at].text)
    if not above_value:
        return None
    following = at + 1 + (low(tokens, at + 1) == "-")
    if low(tokens, following) == "full":
        following += 1
    below_value = DENOMINATORS.get(low(tokens, following))
    if below_value is None or above_value >= below_value:
        return None
    return Numeral(above_value / below_value, following + 1, spelled=True, share=True)


def _glued(tokens: Sequence[Token], at: int) -> bool:
    return at < len(tokens) and tokens[at].glued


def _glued_word(tokens: Sequence[Token], at: int) -> bool:
    return _glued(tokens, at) and tokens[at].text.isalpha()
