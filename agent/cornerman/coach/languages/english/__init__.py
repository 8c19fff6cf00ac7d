"""English: how it is written, counted, denied, reported and asked."""

from cornerman.coach.language import Language, holding, saying, word_set
from cornerman.coach.languages.english.numbers import amount_at
from cornerman.coach.languages.english.polarity import NEGATIONS, negated, reported
from cornerman.coach.languages.english.questions import OFFERS, question
from cornerman.coach.languages.english.words import split_word
from cornerman.coach.languages.stemming import snowball
from cornerman.coach.words import punctuation_ends_clause

ENGLISH = Language(
    tag="en",
    split_word=split_word,
    stem=snowball("english"),
    ends_clause=punctuation_ends_clause,
    amount_at=amount_at,
    up_to=word_set("to or"),
    between=(word_set("between"), word_set("and")),
    negated=negated,
    reported=reported,
    denies=holding(NEGATIONS),
    question=question,
    asks_decision=saying(OFFERS),
)

__all__ = ["ENGLISH"]
