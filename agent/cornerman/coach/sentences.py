"""The sentences of a turn: what is judged as a whole, by itself or by its meaning.

In: the words of a turn and their tokens. Out: spans of tokens that end at a full stop, a question mark, a semicolon or
a long pause. Commas do not part them: "I like it, but I cannot afford it" is one. A sentence is whole once the next one
has begun or the turn is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cornerman.coach.language import Token
from cornerman.coach.words import PAUSE_ENDS_CLAUSE
from cornerman.events import Word

# Full-width and Arabic marks are written as escapes: they look like the common ones.
_ASKING = ("?", "\uff1f", "\u061f")
_ENDING = (".", ";", "!", "\u2026", "\u3002", "\uff01", *_ASKING)
_CLOSING = "\"')]"
_MARKS = "".join(_ENDING) + _CLOSING


def ends_sentence(word: str) -> bool:
    """Whether a written word ends a sentence by its punctuation."""
    return word.rstrip(_CLOSING).endswith(_ENDING)


@dataclass(frozen=True, slots=True)
class Sentence:
    """Tokens `first` to `last`, both included; `asks` by its question mark, `whole` once nothing can be added."""

    first: int
    last: int
    asks: bool
    whole: bool


def sentences(tokens: Sequence[Token], words: Sequence[Word], complete: bool) -> list[Sentence]:
    """The sentences of a turn in order; `complete` when the turn is over."""
    found: list[Sentence] = []
    first = 0
    for at, token in enumerate(tokens):
        following = tokens[at + 1].word if at + 1 < len(tokens) else len(words)
        if at + 1 < len(tokens) and (following == token.word or not _part(words, token.word, following)):
            continue
        asks = any(_asks(word.text) for word in words[token.word : following])
        found.append(Sentence(first, at, asks, complete or at + 1 < len(tokens)))
        first = at + 1
    return found


def _asks(word: str) -> bool:
    """Whether a question mark stands among the marks that a written word ends with."""
    marks = word[len(word.rstrip(_MARKS)) :]
    return any(mark in marks for mark in _ASKING)


def _part(words: Sequence[Word], left: int, right: int) -> bool:
    """Whether a sentence ends between two words that follow each other among the tokens."""
    if any(ends_sentence(word.text) for word in words[left:right]):
        return True
    return words[right].start - words[right - 1].end >= PAUSE_ENDS_CLAUSE
