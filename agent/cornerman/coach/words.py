"""Words as people say them, made comparable in their language: tokens with their clauses, and the amounts they hold.

In: the words of one turn (or of one phrase of the playbook) and their language. Out: tokens that keep the way back to
the word they came from, and the spans that hold an amount. Recognisers write the same speech in many ways ("20%",
"twenty percent", "twenty per cent"): after this step they are one.
"""

from __future__ import annotations

from collections.abc import Sequence

from cornerman.coach.language import Amount, Language, Token
from cornerman.coach.word_memory import remembers_words
from cornerman.events import Word

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


def tokens_of(language: Language, words: Sequence[Word]) -> list[Token]:
    """Comparable tokens of words with their times."""
    return tokenize(
        language, [word.text for word in words], [word.start for word in words], [word.end for word in words]
    )


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
    """Every number in the tokens, digits or words, longest first reading, with percent, money and counts told apart. A
    range ("40 to 50 dollars", "between 40 and 50") is one amount, its upper end.
    """
    found: list[Amount] = []
    at = 0
    while at < len(tokens):
        amount = language.amount_at(tokens, at)
        if amount is None:
            at += 1
            continue
        amount = _up_to(language, tokens, amount) or amount
        found.append(amount)
        at = amount.last + 1
    return found


def _up_to(language: Language, tokens: Sequence[Token], low: Amount) -> Amount | None:
    """The range that an amount begins, or None."""
    at = low.last + 1
    if at >= len(tokens):
        return None
    if tokens[at].word == tokens[low.last].word:
        start = at  # "40-50"
    elif tokens[at].text in language.up_to or (
        tokens[at].text in language.between[1] and low.first and tokens[low.first - 1].text in language.between[0]
    ):
        start = at + 1
    else:
        return None
    high = language.amount_at(tokens, start) if start < len(tokens) else None
    if high is None or high.value <= low.value or low.kind not in ("number", high.kind, "money"):
        return None
    kind = low.kind if low.kind == "money" and high.kind == "number" else high.kind
    return Amount(low.first, high.last, high.value, kind) if low.kind in ("number", kind) else None


@remembers_words(20_000)
def _read(language: Language, raw: str) -> tuple[tuple[tuple[str, str], ...], bool]:
    """Stem and text of each part of one written word, and whether it ends a clause. Partials repeat the same words."""
    parts = tuple((language.stem(part), part) for part in language.split_word(raw))
    return parts, language.ends_clause(raw)
