"""What a sentence is about, so that a number is not taken from one thing to another.

"Six weeks" was said of going live and "$39" of a competitor: neither says that a pilot runs six weeks or that our plan
costs $39. The topic of a sentence are the stems of its words, without those that advice is made of, units and numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from cornerman.advising.grounding.units import (
    CURRENCIES,
    MULTIPLES,
    ORDINALS,
    PERCENTS,
    RATES,
    SCALES,
    SMALL,
    TENS,
    TIME_UNITS,
)
from cornerman.advising.grounding.vocabulary import is_function_word
from cornerman.coach.language import word_set
from cornerman.coach.languages import language_of
from cornerman.coach.word_memory import remembers_words

_GENERIC: Final = word_set(
    "ask asks asked asking offer offers offered say says saying said tell tells telling told give gives given "
    "giving take takes taking make makes making get gets use uses used show shows name names named point propose "
    "mention mentions remind explain need needs needed want wants wanted pay pays paying paid cost costs costing "
    "price prices run runs running start starts end ends ending include includes included add adds added compare "
    "compared comparing set wait keep listen confirm check call calls answer answers bring back begin change "
    "changed check choose count counts find first last next later once twice usual usually well good great better "
    "best fair true real really only still already today now then here there new old whole full each every many "
    "more most less least about around roughly nearly almost exactly just even ever never also too much very "
    "right wrong sure maybe perhaps honest honestly high higher low lower long short big small different same "
    "other others another one ones two both half part share number numbers figure figures amount total time times "
    "date dates day-to-day thing things word words question questions reason reasons point points fact facts "
    "customer customers people person prospect prospects buyer they them their our your we you it its this "
    "that suit suits fit fits fine enough beside besides over under above below before after until since from "
    "with without against between within during per via plus minus up down off out in on at by for of to as if so "
    "but and or nor not no yes may might can could will would shall should must do does did done have has had "
    "having be been being is are was were am go went gone come comes came move moves let lets put puts "
    "know knows think thinks feel feels see sees look looks mean means means help helps work works try tries "
    "handle handles lose loses save saves fall falls fell rise rises grow grows grew agree agreed agrees hold "
    "holds held follow follows remember repeat"
)
_UNITS: Final = (
    frozenset(TIME_UNITS)
    | frozenset(RATES)
    | frozenset(CURRENCIES)
    | PERCENTS
    | frozenset(SMALL)
    | frozenset(TENS)
    | frozenset(SCALES)
    | frozenset(MULTIPLES)
    | frozenset(ORDINALS)
)


@lru_cache(maxsize=8)
def _empty(language: str) -> frozenset[str]:
    stem = language_of(language).stem
    return frozenset(stem(word) for word in _GENERIC | _UNITS)


def topic_of(words: Iterable[str], language: str) -> frozenset[str]:
    """The stems that say what these folded words are about."""
    found = (_topical(word, language) for word in words)
    return frozenset(one for one in found if one)


@remembers_words(20_000)
def stem_of(word: str, language: str) -> str:
    """The stem of a folded word. The same words come again with every request."""
    return language_of(language).stem(word)


@remembers_words(20_000)
def _topical(word: str, language: str) -> str:
    """The stem of a word that says what a sentence is about, else empty."""
    if not word.isalpha() or len(word) < 2 or is_function_word(word):
        return ""
    stem = stem_of(word, language)
    return "" if stem in _empty(language) else stem
