"""Whether what a text calls free of charge is called so by its grounds: "free" is a price, and needs a source like one.

The thing has to be the same: a free pilot does not make a year free. Such a source is what the company wrote down: that
somebody on the call speaks of free supports only that they do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from cornerman.advising.grounding.topics import stem_of, topic_of
from cornerman.advising.grounding.vocabulary import is_function_word

FREE: Final = re.compile(
    r" (?:(?<! feel)(?<! feels)(?<! hands)(?<! are)free(?! (?:to|up (?!to)|hand|time|slot|from|text"
    r"|will))(?: of charge)?"
    r"|complimentary|gratis|at no (?:extra |additional )?(?:charge|cost)|no (?:extra |additional )?charge"
    r"|no (?:\w+ )?fees?"
    r"|without (?:any )?(?:extra )?(?:charge|cost|costs)|no (?:extra |additional )?cost|costs? nothing|cost free"
    r"|on the house|(?:waive|waived|waiving|waives)|for nothing|free of charge|on us|throw in|thrown in"
    r"|kostenlos\w*|kostenfrei\w*|gratis|umsonst|ohne aufpreis) "
)
_REPORTED: Final = re.compile(
    r"(?<! you)(?<! i)(?<! we)(?<! rep)(?<! to)(?<! and)(?<! then) (?:asked|asks|wants|wanted|requested|requests"
    r"|demands|demanded|hopes|expects|mentioned|said|says|forderte|fordert|möchte|verlangt|will|fragte) "
    r"| (?:they|prospects|customers) (?:ask|want|request|demand|hope|expect|say) "
)
_GRANTED: Final = re.compile(
    r" (?:confirm|give|grant|offer|agree|accept|promise|promised|approve|allow|honour|honor|commit|say yes|let them"
    r"|bestätige\w*|gib|gewähre\w*|biete\w*) "
)
_BEFORE: Final = 8
_BEHIND: Final = 3


def free_of(line: str, language: str) -> list[frozenset[str]]:
    """For each place of a text that calls something free, the stems of what it may be."""
    found: list[frozenset[str]] = []
    for match in FREE.finditer(line):
        behind = _stems(_until_function_word(line[match.end() - 1 :].split()), language)
        found.append(behind or _stems(line[: match.start() + 1].split()[-_BEFORE:], language))
    return found


def is_reported(line: str) -> bool:
    """Whether the text only tells what somebody else asked for or said, and does not advise granting it."""
    return bool(_REPORTED.search(line)) and not _GRANTED.search(line)


def near_free(text_line: str, title: str, language: str) -> frozenset[str]:
    """The stems that stand near a word for free in a ground, with those of its title; empty where it has none."""
    near: set[str] = set()
    for match in FREE.finditer(text_line):
        words = [*text_line[: match.start()].split()[-12:], *text_line[match.end() :].split()[:12]]
        near |= _all_stems(words, language)
    return frozenset(near | _all_stems(title.split(), language)) if near else frozenset()


def _until_function_word(words: Sequence[str]) -> list[str]:
    found: list[str] = []
    for word in words[:_BEHIND]:
        if is_function_word(word):
            break
        found.append(word)
    return found


def _stems(words: Sequence[str], language: str) -> frozenset[str]:
    """What the words are about; of units alone, the units."""
    return topic_of(words, language) or _all_stems(words, language)


def _all_stems(words: Sequence[str], language: str) -> frozenset[str]:
    return frozenset(stem_of(word, language) for word in words if not is_function_word(word))
