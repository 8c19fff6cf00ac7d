"""Words as people say them, made comparable: case, contractions, inflections, number words, amounts, clauses.

In: the words of one turn (or of one phrase of the playbook). Out: tokens that keep the way back to the word they came
from, and the spans that hold an amount. Recognisers write the same speech in many ways ("20%", "twenty percent",
"twenty per cent"): after this step they are one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

CONTRACTIONS = {
    "can't": "can not", "cannot": "can not", "won't": "will not", "shan't": "shall not", "let's": "let us",
    "ain't": "is not", "gonna": "going to", "wanna": "want to", "gotta": "got to", "y'all": "you all",
}  # fmt: skip
ENDINGS = {"n't": "not", "'re": "are", "'ve": "have", "'ll": "will", "'d": "would", "'m": "am"}
IS_AFTER = frozenset(
    [
        "it",
        "that",
        "this",
        "what",
        "there",
        "here",
        "who",
        "where",
        "how",
        "when",
        "he",
        "she",
        "everything",
        "nothing",
        "one",
    ]
)

UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
SCALES = {"hundred": 100, "thousand": 1000, "grand": 1000, "k": 1000, "million": 1_000_000}
CURRENCIES = frozenset(["dollar", "buck", "euro", "pound", "usd", "eur", "gbp", "franc", "cent", "quid"])

_DIGITS = re.compile(r"^([$€£]?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(k|m)?(%?)$")
_SPLIT = re.compile(r"[^\w'$€£%.,]+")
_ENDS_CLAUSE = re.compile(r"[,.;:!?…]+[\"')\]]*$")
PAUSE_ENDS_CLAUSE = 0.7
"""Seconds of silence between two words after which a new clause is taken to begin."""


@dataclass(frozen=True, slots=True)
class Token:
    """One comparable word; `word` is the index of the spoken word it came from, `clause` counts clauses of the turn."""

    stem: str
    text: str
    word: int
    clause: int


@dataclass(frozen=True, slots=True)
class Amount:
    """A number said in tokens `first` to `last`, both included; `kind` is number, percent or money."""

    first: int
    last: int
    value: float
    kind: str


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The word without its inflection (Snowball's English stemmer)."""
    return str(_stemmer().stemWord(word))


@lru_cache(maxsize=1)
def _stemmer() -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer("english")


@lru_cache(maxsize=20_000)
def split_word(raw: str) -> tuple[str, ...]:
    """One written word as lower-case parts: punctuation gone, contractions written out, hyphens cut."""
    folded = unicodedata.normalize("NFC", raw).casefold().replace("\u2019", "'")
    parts: list[str] = []
    for piece in _SPLIT.split(folded.replace("-", " ")):
        bare = piece.strip(".,'") if not _DIGITS.match(piece) else piece
        if bare.endswith("%") and not _DIGITS.match(bare):
            bare = bare.rstrip("%")
        if bare:
            parts.extend(_expand(bare))
    return tuple(parts)


def _expand(word: str) -> list[str]:
    if word in CONTRACTIONS:
        return CONTRACTIONS[word].split()
    for ending, full in ENDINGS.items():
        if word.endswith(ending) and len(word) > len(ending):
            return [word[: -len(ending)], full]
    if word.endswith("'s"):
        base = word[:-2]
        return [base, "is"] if base in IS_AFTER else [base]
    return [word]


def tokenize(words: Sequence[str], starts: Sequence[float] = (), ends: Sequence[float] = ()) -> list[Token]:
    """Comparable tokens of spoken words; with times given, long pauses end a clause as punctuation does."""
    tokens: list[Token] = []
    clause = 0
    for index, raw in enumerate(words):
        if index and starts and starts[index] - ends[index - 1] >= PAUSE_ENDS_CLAUSE:
            clause += 1
        tokens.extend(Token(stem(part), part, index, clause) for part in split_word(raw))
        if _ENDS_CLAUSE.search(raw):
            clause += 1
    return tokens


def amounts(tokens: Sequence[Token]) -> list[Amount]:
    """Every number in the tokens, digits or words, longest first reading, with percent and money told apart."""
    found: list[Amount] = []
    at = 0
    while at < len(tokens):
        number = _number_at(tokens, at)
        if number is None:
            at += 1
            continue
        last, value, kind = number
        if kind == "number" and last + 1 < len(tokens):
            kind, last = _unit_after(tokens, last)
        found.append(Amount(at, last, value, kind))
        at = last + 1
    return found


def _unit_after(tokens: Sequence[Token], last: int) -> tuple[str, int]:
    following = tokens[last + 1]
    if following.text in ("percent", "%") or following.text == "pct":
        return "percent", last + 1
    if following.text == "per" and last + 2 < len(tokens) and tokens[last + 2].text == "cent":
        return "percent", last + 2
    if following.stem in CURRENCIES:
        return "money", last + 1
    return "number", last


def _number_at(tokens: Sequence[Token], at: int) -> tuple[int, float, str] | None:
    written = _DIGITS.match(tokens[at].text)
    if written:
        currency, whole, fraction, scale, percent = written.groups()
        value = float(whole.replace(",", "") + (fraction or "")) * {"k": 1e3, "m": 1e6}.get(scale or "", 1.0)
        last = at
        while last + 1 < len(tokens) and tokens[last + 1].text in SCALES:
            last += 1
            value *= SCALES[tokens[last].text]
        return last, value, "percent" if percent else "money" if currency else "number"
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
