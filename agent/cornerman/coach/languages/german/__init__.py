"""German: how it is written, counted, denied, reported and asked."""

from cornerman.coach.language import Language, holding, saying, word_set
from cornerman.coach.languages.german.negation import NEGATIONS, negated
from cornerman.coach.languages.german.numbers import amount_at
from cornerman.coach.languages.german.questions import OFFERS, question
from cornerman.coach.languages.german.reporting import reported
from cornerman.coach.languages.german.words import ends_clause, split_word, stem

GERMAN = Language(
    tag="de",
    split_word=split_word,
    stem=stem,
    ends_clause=ends_clause,
    amount_at=amount_at,
    up_to=word_set("bis oder"),
    between=(word_set("zwischen"), word_set("und")),
    negated=negated,
    reported=reported,
    denies=holding(NEGATIONS),
    question=question,
    asks_decision=saying(OFFERS),
    gap_stops=NEGATIONS,
)

__all__ = ["GERMAN"]
