"""Whether a promise that a text says the rep made was made: nobody else's words can put one in the rep's mouth.

A promise stands where somebody gave their word on the same thing in the first person, or a tool or an account tells of
it. What the prospect says the rep promised is a wish.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from cornerman.advising.grounding.topics import topic_of
from cornerman.coach.language import word_set

_PROMISED: Final = re.compile(
    r"(?<! what)(?<! whatever)(?<! which)(?<! if)(?<! whether)(?<! once)(?<! unless)(?<! than)(?<! until)"
    r" (?:you|we|i|the rep)(?: have| ve|'ve| had| already| just| also)* (?:promised|granted|conceded|guaranteed"
    r"|committed|waived|assured|pledged) "
    r"| (?:sie|du|wir|ich) (?:haben|hast|habe)(?: \w+){1,6}? (?:versprochen|zugesagt|zugesichert|garantiert|gewährt) "
)
_VERBS: Final = word_set(
    "promised granted conceded guaranteed committed waived assured pledged versprochen zugesagt zugesichert garantiert "
    "gewährt confirm rep"
)
"""Words of such a sentence that do not say what was promised."""
_FIRST_PERSON: Final = re.compile(
    r" (?:(?:i|we)(?:'ll|'d)?(?: can| will| could| would| may| shall| should| promise| guarantee| commit| offer)"
    r"|(?:i|we)'ll|let me|ich (?:werde|kann|schicke|sende|verspreche)|wir (?:werden|können|bieten|versprechen)) "
)
_BEHIND: Final = 8


def first_person(line: str) -> bool:
    """Whether whoever says this gives their own word on something."""
    return bool(_FIRST_PERSON.search(line))


def untold_promise(line: str, given_word: Sequence[frozenset[str]], language: str) -> bool:
    """Whether the text tells of a promise, and nobody gave their word on what it is about."""
    for match in _PROMISED.finditer(line):
        about = topic_of([*match.group().split(), *line[match.end() :].split()[:_BEHIND]], language)
        about -= topic_of(_VERBS, language)
        if not any(about & one for one in given_word):
            return True
    return False
