"""What the mind has to know of a language to compare what was said with what a playbook's author wrote.

One `Language` for each; `cornerman.coach.languages` builds them. Words become tokens (`split_word`, `stem`), tokens
hold amounts (`amount_at`) and stand in clauses (`ends_clause`), matched tokens may be denied or only reported
(`negated`, `reported`), and a sentence may ask (`question`) or ask for a yes (`asks_decision`). Everything is a pure
function of its arguments: the same words give the same answer in any process.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
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
    """A number said in tokens `first` to `last`, both included; `kind` is number, percent, money, or count where the
    words say that things are counted, not paid.
    """

    first: int
    last: int
    value: float
    kind: str


Judgement = Callable[[Sequence[Token], int, int], bool]
"""Something said of the tokens `first` to `last`, both included, among all tokens of the turn."""


def never(_tokens: Sequence[Token], _first: int, _last: int) -> bool:
    """What is said of every sentence in a language of which no grammar is known."""
    return False


def holding(words: Collection[str]) -> Judgement:
    """Whether any of these words is among the tokens."""

    def judge(tokens: Sequence[Token], first: int, last: int) -> bool:
        return any(token.text in words for token in tokens[first : last + 1])

    return judge


def saying(phrases: Iterable[str]) -> Judgement:
    """Whether the words of any of these phrases follow each other among the tokens."""
    said = tuple(tuple(phrase.split()) for phrase in phrases)

    def judge(tokens: Sequence[Token], first: int, last: int) -> bool:
        words = tuple(token.text for token in tokens[first : last + 1])
        return any(words[at : at + len(one)] == one for one in said for at in range(len(words) - len(one) + 1))

    return judge


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """One language. Equal only to itself, so that it is cheap to look up what was read in it before.

    - `tag`: the base language as BCP 47 writes it, such as "en".
    - `split_word`: one written word as lower-case parts: punctuation gone, contractions written out, hyphens cut.
    - `stem`: such a part without its inflection.
    - `ends_clause`: whether a written word ends a clause by its punctuation.
    - `amount_at`: the longest amount that starts at a token, in digits or in words.
    - `up_to`: words between the ends of a range; `between`: the word before a range, and the one inside it.
    - `negated`: whether the tokens `first` to `last`, both included, are denied by what stands around them.
    - `reported`: whether they are only what somebody else says.
    - `denies`: whether a sentence holds a word of denial.
    - `question`: whether a sentence asks by its words; a question mark is looked for elsewhere.
    - `asks_decision`: whether a sentence asks the other side for a yes, or makes an offer.
    - `gap_stops`: words that a phrase's gap does not jump over, because they turn its meaning round.
    """

    tag: str
    split_word: Callable[[str], tuple[str, ...]]
    stem: Callable[[str], str]
    ends_clause: Callable[[str], bool]
    amount_at: Callable[[Sequence[Token], int], Amount | None]
    negated: Judgement
    reported: Judgement
    denies: Judgement = never
    question: Judgement = never
    asks_decision: Judgement = never
    gap_stops: frozenset[str] = frozenset()
    up_to: frozenset[str] = frozenset()
    between: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())


def word_set(words: str) -> frozenset[str]:
    """The words of a text written with spaces, for the lists that a grammar is made of."""
    return frozenset(words.split())
