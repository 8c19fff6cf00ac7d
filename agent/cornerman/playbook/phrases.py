"""The phrase language: what a playbook's author writes, expanded into plain sequences that a matcher can follow.

    too expensive              these words, in this order
    (too|very) expensive       one of several; an alternative may be several words
    is [a bit|far] too high    words that may be left out
    {percent} off              a slot: number, percent, money, lower, same, competitor or product
    worried about ... data     a gap: up to three words of any kind, inside the clause

Text in; a tuple of `Phrase` out, every one a tuple of `Literal`, `Slot` and `Gap`. Words come out case folded and in
Unicode NFC, with apostrophes kept inside ("don't") and hyphens read as spaces, exactly as `words_of` folds any other
text, so that a matcher which uses `words_of` on the transcript compares like with like. Promises: a fault is a
ValueError with a plain sentence, no input makes the expansion grow beyond `MAX_EXPANSIONS`, and a phrase without
symbols expands to exactly its words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Final

MAX_EXPANSIONS: Final = 1000
MAX_CHARACTERS: Final = 500
MAX_NESTING: Final = 8
GAP_WORDS: Final = 3
SLOTS: Final = frozenset({"number", "percent", "money", "lower", "same", "competitor", "product"})
"""`lower` is a price below what the other side asks for, `same` the very price it named."""


@dataclass(frozen=True, slots=True)
class Literal:
    """One word, case folded, NFC."""

    word: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for something of a class: an amount, a percentage, a competitor's or a product's name."""

    name: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Zero to `limit` words of any kind, inside the clause."""

    limit: int


Element = Literal | Slot | Gap
Phrase = tuple[Element, ...]

_PLAIN = re.compile(r"[a-z0-9 ]+")
_APOSTROPHES = "\u2019\u02bc\uff07"
_HYPHENS = "-\u2010\u2011"
_TYPOGRAPHIC = str.maketrans(dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_HYPHENS, " ") | {"\u2026": "..."})
_CLOSING = {"(": ")", "[": "]"}
_MEND = {
    "%": "write {percent}, or the word percent",
    "$": "write {money}",
    "€": "write {money}",
    "£": "write {money}",
    "/": "write (this|that)",
    "*": "write ... for up to three words of any kind",
}


def fold(text: str) -> str:
    """Case folded text in NFC, without invisible formatting marks, with plain apostrophes and spaces for hyphens."""
    if text.isascii():
        return text.lower().translate(_TYPOGRAPHIC)
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFD", text).casefold())
    visible = "".join(sign for sign in decomposed if unicodedata.category(sign) != "Cf")
    return unicodedata.normalize("NFC", visible).translate(_TYPOGRAPHIC)


def words_of(text: str) -> tuple[str, ...]:
    """The words of any text, folded; everything that is no letter, mark, digit or inner apostrophe parts words."""
    spaced = "".join(sign if _belongs_to_word(sign) else " " for sign in fold(text))
    stripped = (word.strip("'") for word in spaced.split())
    return tuple(word for word in stripped if _has_base(word))


def expand(text: str) -> tuple[Phrase, ...]:
    """All sequences a written phrase stands for, each once, in the order written.

    Raises:
        ValueError: the phrase cannot be read, says nothing, or stands for more than `MAX_EXPANSIONS` sequences.
    """
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"the phrase has {len(text)} characters, at most {MAX_CHARACTERS} are read; split it up")
    folded = fold(text)
    if _PLAIN.fullmatch(folded) and folded.strip():
        return (tuple(Literal(word) for word in folded.split()),)
    phrases = _Parser(folded).parse()
    for phrase in phrases:
        _refuse_senseless(phrase)
    return phrases


def _belongs_to_word(sign: str) -> bool:
    return sign == "'" or unicodedata.category(sign)[0] in "LMN"


def _has_base(word: str) -> bool:
    return any(unicodedata.category(sign)[0] in "LN" for sign in word)


def _refuse_senseless(phrase: Phrase) -> None:
    if not phrase:
        raise ValueError("everything in the phrase is optional, so it would match nothing at all; make a word required")
    if all(isinstance(element, Gap) for element in phrase):
        raise ValueError("the phrase consists of gaps only; add the words that matter")
    if isinstance(phrase[0], Gap):
        raise ValueError("the phrase starts with a gap; start it with a word or a slot")
    if isinstance(phrase[-1], Gap):
        raise ValueError("the phrase ends with a gap; end it with a word or a slot")
    for left, right in pairwise(phrase):
        if isinstance(left, Gap) and isinstance(right, Gap):
            raise ValueError("two gaps follow each other; keep one (in brackets: 'a ... [b ...] c')")


class _Parser:
    """Recursive descent over folded text; every level returns its expansions and never more than the limit."""

    def __init__(self, folded: str) -> None:
        self._tokens = list(_tokens(folded))
        self._at = 0

    def parse(self) -> tuple[Phrase, ...]:
        if not self._tokens:
            raise ValueError("the phrase has no words; write what is said, or remove it")
        return self._sequence(closing="", nesting=0)

    def _sequence(self, closing: str, nesting: int) -> tuple[Phrase, ...]:
        """Items up to `closing`, a bar (inside brackets), or the end."""
        options: list[tuple[Phrase, ...]] = []
        expansions = 1
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if closing and token in (closing, "|"):
                break
            self._at += 1
            item = self._item(token, nesting)
            expansions *= len(item)
            if expansions > MAX_EXPANSIONS:
                raise ValueError(
                    f"the phrase stands for more than {MAX_EXPANSIONS} variants; split it into several phrases"
                )
            options.append(item)
        joined = (tuple(element for part in choice for element in part) for choice in product(*options))
        return tuple(dict.fromkeys(joined))

    def _item(self, token: str | Element, nesting: int) -> tuple[Phrase, ...]:
        if not isinstance(token, str):
            return ((token,),)
        if token in _CLOSING:
            return self._group(token, nesting + 1)
        if token == "|":
            raise ValueError("a bar stands outside brackets; write (this|that)")
        raise ValueError(f"a closing '{token}' has no opening bracket; remove it or add the opening one")

    def _group(self, opening: str, nesting: int) -> tuple[Phrase, ...]:
        if nesting > MAX_NESTING:
            raise ValueError(f"brackets are nested more than {MAX_NESTING} deep; split the phrase up")
        closing = _CLOSING[opening]
        alternatives: list[Phrase] = [()] if opening == "[" else []
        while True:
            option = self._sequence(closing, nesting)
            if option == ((),):
                raise ValueError(f"an alternative in {opening}...{closing} is empty; use [words] for words left out")
            alternatives.extend(option)
            if len(alternatives) > MAX_EXPANSIONS + 1:
                raise ValueError(
                    f"the phrase stands for more than {MAX_EXPANSIONS} variants; split it into several phrases"
                )
            if self._at >= len(self._tokens):
                raise ValueError(f"the bracket '{opening}' is never closed; add '{closing}'")
            self._at += 1
            if self._tokens[self._at - 1] == closing:
                return tuple(dict.fromkeys(alternatives))


def _tokens(folded: str) -> Iterator[str | Element]:
    """Words, slots and gaps as elements; brackets and bars as themselves."""
    at = 0
    while at < len(folded):
        sign = folded[at]
        if sign.isspace():
            at += 1
        elif sign in "()[]|":
            yield sign
            at += 1
        elif sign == "{":
            slot, at = _slot(folded, at)
            yield slot
        elif sign == ".":
            end = at
            while end < len(folded) and folded[end] == ".":
                end += 1
            if end - at != 3 or folded[end : end + 1].isdigit():
                raise ValueError("full stops are not part of a phrase; leave them out, or write ... for a gap")
            yield Gap(GAP_WORDS)
            at = end
        else:
            word, at = _word(folded, at)
            yield word


def _slot(folded: str, at: int) -> tuple[Slot, int]:
    end = folded.find("}", at)
    if end < 0:
        raise ValueError("the bracket '{' is never closed; add '}'")
    name = folded[at + 1 : end].strip()
    if name not in SLOTS:
        raise ValueError(f"there is no slot {{{name}}}; the slots are {', '.join(sorted(SLOTS))}")
    return Slot(name), end + 1


def _word(folded: str, at: int) -> tuple[Literal, int]:
    end = at
    while end < len(folded) and _belongs_to_word(folded[end]):
        end += 1
    if end == at:
        sign = folded[at]
        if sign == "}":
            raise ValueError("a closing '}' has no opening bracket; remove it or add the opening one")
        mend = _MEND.get(sign, "leave it out, transcripts are matched without punctuation")
        raise ValueError(f"{sign!r} cannot stand in a phrase; {mend}")
    word = folded[at:end].strip("'")
    if not _has_base(word):
        raise ValueError(f"{folded[at:end]!r} is no word; leave it out")
    return Literal(word), end
