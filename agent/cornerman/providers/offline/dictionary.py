"""Teaching the decoder the words of a playbook that its dictionary lacks.

In: terms with their pronunciations in ARPAbet ("HH AH B S P AA T"; stress digits are allowed and ignored). Out: the
terms that can never be heard, each with the reason. A word the dictionary has already keeps its own pronunciations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

PHONES = frozenset(
    """
    AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH
    """.split()  # noqa: SIM905 -- forty quoted letters would hide the list
)
"""The phones of the acoustic model. Checked here because the decoder's own check dies on an empty pronunciation."""


def teach_terms(decoder: Any, terms: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Returns the terms that will never be heard as written, with the reason; the others are in the dictionary
    afterwards."""
    missing: dict[str, str] = {}
    lessons: dict[str, str] = {}
    for term, pronunciations in terms.items():
        words = term.lower().split()
        unknown = [word for word in words if decoder.lookup_word(word) is None]
        if not unknown:
            continue
        usable = [phones for phones in map(_read_phones, pronunciations) if phones]
        if len(words) > 1:
            missing[term] = f"the dictionary lacks {', '.join(unknown)}; give pronunciations word by word"
        elif not pronunciations:
            missing[term] = "not in the dictionary, and no pronunciation was given"
        elif not usable:
            missing[term] = "no pronunciation is written in the acoustic model's phones, such as HH AH B S P AA T"
        else:
            variants = ("", *(f"({number})" for number in range(2, len(usable) + 1)))
            lessons |= {words[0] + variant: phones for variant, phones in zip(variants, usable, strict=True)}
    for number, (spelling, phones) in enumerate(lessons.items(), start=1):
        # rebuilding the search takes a tenth of a second: once, with the last word
        decoder.add_word(spelling, phones, number == len(lessons))
    return missing


def _read_phones(pronunciation: str) -> str | None:
    phones = [phone.rstrip("012") for phone in pronunciation.upper().split()]
    return " ".join(phones) if phones and PHONES.issuperset(phones) else None
