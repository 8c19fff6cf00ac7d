"""Any language of which no grammar is known: words by their stem, or as written where there is no stemmer; digits.

Nothing is ever taken as negated or as reported: a playbook in such a language says by negative phrases what must not
fire, and is warned of it when it is loaded. Apostrophes part words, so that "l'offre" holds "offre".
"""

from __future__ import annotations

from collections.abc import Sequence

from cornerman.coach.language import Amount, Language, Token, never, word_set
from cornerman.coach.languages.stemming import snowball
from cornerman.coach.languages.writing import PERCENT, SIGNS, parts, read_digits
from cornerman.coach.words import punctuation_ends_clause
from cornerman.playbook.phrases import fold

CURRENCIES = SIGNS | word_set("eur euro euros usd gbp chf jpy cny inr sek nok dkk pln czk huf ron brl mxn ars")
"""Names of money that are written alike in most languages: signs, codes, and the euro."""


def plain_language(tag: str, stemmer: str | None) -> Language:
    """A language by Snowball's `stemmer`, or, for None, by words as they are written."""
    return Language(
        tag=tag,
        split_word=split_word,
        stem=snowball(stemmer) if stemmer else _as_written,
        ends_clause=punctuation_ends_clause,
        amount_at=amount_at,
        negated=never,
        reported=never,
    )


def split_word(raw: str) -> tuple[str, ...]:
    """One written word as folded parts, cut at hyphens and apostrophes."""
    return tuple(part for piece in parts(fold(raw)) for part in _at_apostrophes(piece) if part)


def amount_at(tokens: Sequence[Token], at: int) -> Amount | None:
    """The amount in digits that starts at a token, with the sign or currency code before or after it."""
    if tokens[at].text in CURRENCIES and at + 1 < len(tokens):
        written = read_digits(tokens[at + 1].text, "")
        return Amount(at, at + 1, written.value, "money") if written and written.kind == "number" else None
    written = read_digits(tokens[at].text, "")
    if written is None:
        return None
    following = tokens[at + 1].text if at + 1 < len(tokens) else ""
    if written.kind == "number" and (following == PERCENT or following in CURRENCIES):
        return Amount(at, at + 1, written.value, "percent" if following == PERCENT else "money")
    return Amount(at, at, written.value, written.kind)


def _at_apostrophes(piece: str) -> Sequence[str]:
    return (piece,) if read_digits(piece, "") else piece.split("'")


def _as_written(word: str) -> str:
    return word
