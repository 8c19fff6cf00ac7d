"""How many questions a turn holds.

In: the words of a turn and their language. Out: a count. Where the recogniser writes punctuation, question marks say
it. Where it does not, sentences are parted by pauses, and one is a question that opens as questions do in its language.
"""

from __future__ import annotations

from collections.abc import Sequence

from cornerman.coach.language import Language
from cornerman.coach.sentences import ends_sentence, sentences
from cornerman.coach.words import tokens_of
from cornerman.events import Word


def questions_in(language: Language, words: Sequence[Word]) -> int:
    """Questions in a turn's words."""
    tokens = tokens_of(language, words)
    said = sentences(tokens, words, complete=True)
    if any(ends_sentence(word.text) for word in words):
        return sum(one.asks for one in said)
    return sum(language.question(tokens, one.first, one.last) for one in said)
