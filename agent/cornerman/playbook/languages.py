"""Which languages a playbook can be written in, and what is understood of each.

A BCP 47 tag in; its base language, Snowball's stemmer for it, and the warning that tells a playbook's author what of
the language is not understood. The rules themselves are the coach's; that both agree is tested there.
"""

from __future__ import annotations

from typing import Final

import snowballstemmer

from cornerman.language_tags import base_language

UNDERSTOOD: Final = frozenset({"de", "en"})
"""Base languages whose negation, reported speech and number words are understood."""

STEMMERS: Final = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish",
    "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian",
    "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "no": "norwegian",
    "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "st": "sesotho",
    "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
"""Snowball's algorithm for each base language it has one for."""

_MEND = "say with negative phrases what must not fire, and write amounts as {percent}, {money} or {number}"


def stemmer_of(base: str) -> str | None:
    """The stemmer of a base language, None where the installed Snowball has none."""
    name = STEMMERS.get(base)
    return name if name in snowballstemmer.algorithms() else None


def shortcomings(tag: str) -> str | None:
    """What is not understood of a language, as a warning says it; None when nothing is missing."""
    base = base_language(tag)
    if base in UNDERSTOOD:
        return None
    missing = "negation, reported speech and number words are not understood"
    if stemmer_of(base) is None:
        return (
            f"the language '{tag}' has no stemmer here: words are compared as written between spaces, "
            f"without their inflections, and {missing}; list every form of a word, {_MEND}"
        )
    return f"of the language '{tag}' {missing}, amounts are read in digits only; {_MEND}"
