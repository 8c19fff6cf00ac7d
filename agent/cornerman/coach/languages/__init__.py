"""The languages the coach compares words in: whole for those with a grammar here, by stem and digits for any other."""

from __future__ import annotations

from functools import cache

from cornerman.coach.language import Language
from cornerman.coach.languages.english import ENGLISH
from cornerman.coach.languages.german import GERMAN
from cornerman.coach.languages.plain import plain_language
from cornerman.language_tags import base_language
from cornerman.playbook.languages import stemmer_of

GRAMMARS = {language.tag: language for language in (ENGLISH, GERMAN)}
"""Languages whose negation, reported speech and number words are understood, by base language."""


def language_of(tag: str) -> Language:
    """The language of a BCP 47 tag; regions and scripts share the rules of their base language."""
    return _language(base_language(tag))


@cache
def _language(base: str) -> Language:
    return GRAMMARS.get(base) or plain_language(base, stemmer_of(base))


__all__ = ["GRAMMARS", "language_of"]
