"""German: how it is written, counted, denied and reported."""

from cornerman.coach.language import Language
from cornerman.coach.languages.german.negation import NEGATIONS, negated
from cornerman.coach.languages.german.numbers import amount_at
from cornerman.coach.languages.german.reporting import reported
from cornerman.coach.languages.german.words import ends_clause, split_word, stem

GERMAN = Language(
    tag="de",
    split_word=split_word,
    stem=stem,
    ends_clause=ends_clause,
    amount_at=amount_at,
    negated=negated,
    reported=reported,
    gap_stops=NEGATIONS,
)

__all__ = ["GERMAN"]
