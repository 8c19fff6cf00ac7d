"""When two spellings name the same thing: a recogniser writes "blue fin", a model "BlueFin Inc.", a file "Bluefin"."""

from __future__ import annotations

import unicodedata

from cornerman.crm.companies import core_name


def key_of(text: str) -> str:
    """Letters and digits alone, whatever their case, width or accents' encoding."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in folded if sign.isalnum())


def same_company(one: str, other: str) -> bool:
    """Whether two names are one company's, its legal form aside."""
    first, second = (key_of(core_name(name)) for name in (one, other))
    return bool(first) and first == second
