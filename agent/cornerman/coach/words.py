"""Words as people say them, made comparable in their language: tokens with their clauses, and the amounts they hold.

In: the words of one turn (or of one phrase of the playbook) and their language. Out: tokens that keep the way back to
the word they came from, and the spans that hold an amount. Recognisers write the same speech in many ways ("20%",
"twenty percent", "twenty per cent"): after this step they are one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from cornerman.coach.language import Amount, Language, Token

PAUSE_ENDS_CLAUSE = 0.7
"""Seconds of silence between two words after which a new clause is taken to begin."""

_CLOSING = "\"')]"
_ENDING = tuple(",.;:!?…")


def punctuation_ends_clause(raw: str) -> bool:
    """Whether a written word ends with punctuation that parts clauses."""
    return raw.rstrip(_CLOSING).endswith(_ENDING)


def stems(language: Language, text: str) -> tuple[str, ...]:
    """The stems of a written text, in order."""
    return tuple(stem for raw in text.split() for stem, _ in _read(language, raw)[0])


def tokenize(
    language: Language, words: Sequence[str], starts: Sequence[float] = (), ends: Sequence[float] = ()
) -> list[Token]:
    """Comparable tokens of spoken words; with times given, long pauses end a clause as punctuation does."""
    tokens: list[Token] = []
    clause = 0
    for index, raw in enumerate(words):
        if index and starts and starts[index] - ends[index - 1] >= PAUSE_ENDS_CLAUSE:
            clause += 1
        parts, ends_clause = _read(language, raw)
        for stem, text in parts:
            tokens.append(Token(stem, text, index, clause))
        if ends_clause:
            clause += 1
    return tokens


def amounts(language: Language, tokens: Sequence[Token]) -> list[Amount]:
    """Every number in the tokens, digits or words, longest first reading, with percent and money told apart."""
    amount_at = language.amount_at
    found: list[Amount] = []
    at = 0
    while at < len(tokens):
        amount = amount_at(tokens, at)
        if amount is None:
            at += 1
        else:
            found.append(amount)
            at = amount.last + 1
    return found


@lru_cache(maxsize=20_000)
def _read(language: Language, raw: str) -> tuple[tuple[tuple[str, str], ...], bool]:
    """Stem and text of each part of one written word, and whether it ends a clause. Partials repeat the same words."""
    parts = tuple((language.stem(part), part) for part in language.split_word(raw))
    return parts, language.ends_clause(raw)
