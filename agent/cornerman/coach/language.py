"""What the mind has to know of a language to compare what was said with what a playbook's author wrote.

One `Language` for each; `cornerman.coach.languages` builds them. Words become tokens (`split_word`, `stem`), tokens
hold amounts (`amount_at`) and stand in clauses (`ends_clause`), and matched tokens may be denied or only reported
(`negated`, `reported`). Everything is a pure function of its arguments: the same words give the same answer in any
process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Token:
    """One comparable word; `word` is the index of the spoken word it came from, `clause` counts clauses of the turn."""

    stem: str
    text: str
    word: int
    clause: int


@dataclass(frozen=True, slots=True)
class Amount:
    """A number said in tokens `first` to `last`, both included; `kind` is number, percent or money."""

    first: int
    last: int
    value: float
    kind: str


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """One language. Equal only to itself, so that it is cheap to look up what was read in it before.

    - `tag`: the base language as BCP 47 writes it, such as "en".
    - `split_word`: one written word as lower-case parts: punctuation gone, contractions written out, hyphens cut.
    - `stem`: such a part without its inflection.
    - `ends_clause`: whether a written word ends a clause by its punctuation.
    - `amount_at`: the longest amount that starts at a token, in digits or in words.
    - `negated`: whether the tokens `first` to `last`, both included, are denied by what stands around them.
    - `reported`: whether they are only what somebody else says.
    - `gap_stops`: words that a phrase's gap does not jump over, because they turn its meaning round.
    """

    tag: str
    split_word: Callable[[str], tuple[str, ...]]
    stem: Callable[[str], str]
    ends_clause: Callable[[str], bool]
    amount_at: Callable[[Sequence[Token], int], Amount | None]
    negated: Callable[[Sequence[Token], int, int], bool]
    reported: Callable[[Sequence[Token], int, int], bool]
    gap_stops: frozenset[str] = frozenset()


def word_set(words: str) -> frozenset[str]:
    """The words of a text written with spaces, for the lists that a grammar is made of."""
    return frozenset(words.split())
