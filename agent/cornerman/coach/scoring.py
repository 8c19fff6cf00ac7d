"""One confidence from all that speaks for a moment: a logistic regression over a few plain signals.

In: what was observed about one moment in one sentence. Out: a confidence between 0 and 1. The weights come from
labelled dialogues; `tools/fit_scorer.py` fits them and writes `weights.py`. No model runs here, and the sum behind
every confidence can be written down by hand: `parts` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import exp

from cornerman.coach.weights import WITH_MEANING, WORDS_ALONE, Weights

LIKE_FLOOR = 0.35
"""Cosine similarity below which two sentences have nothing to do with each other, for the model that ships: the median
of unrelated pairs lies far below it.
"""


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for or against one moment in one sentence, each from 0 to 1 where nothing else is said.

    - `phrase`, `hint`: a phrase of the moment, or a hint, stands in the sentence.
    - `cover`: the share of the sentence's words that they take up.
    - `like`: how near the sentence comes to the examples; `apart`: how much nearer than to the counterexamples, and
      `rival`: than to what moments of other kinds mean (both -1 to 1).
    - `question`: the sentence asks.
    - `asked`: the other side had just asked something, or made an offer.
    - `denied`: the sentence holds a word of denial.
    - `priced`: it names a price; `lower`: one below what the other side asks for; `same`: the very one it named.
    """

    phrase: float = 0.0
    hint: float = 0.0
    cover: float = 0.0
    like: float = 0.0
    apart: float = 0.0
    rival: float = 0.0
    question: float = 0.0
    asked: float = 0.0
    denied: float = 0.0
    priced: float = 0.0
    lower: float = 0.0
    same: float = 0.0


SIGNALS = tuple(field.name for field in fields(Signals))


def confidence(kind: str, signals: Signals, *, meant: bool) -> float:
    """How sure it is that a moment of this kind was meant; `meant` when the sentence's meaning is known. Rounded to
    three decimals, so that it reads the same everywhere.
    """
    return round(1.0 / (1.0 + exp(-sum(parts(kind, signals, meant=meant).values()))), 3)


def parts(kind: str, signals: Signals, *, meant: bool) -> Mapping[str, float]:
    """What each signal adds to the log odds; a kind of its own, or one that was not in the data, has the common
    weights.
    """
    weights: Weights = WITH_MEANING if meant else WORDS_ALONE
    common, own = weights["*"], weights.get(kind, {})
    added = {"": common.get("", 0.0) + own.get("", 0.0)}
    for name in SIGNALS:
        value = getattr(signals, name)
        if value:
            added[name] = value * (common.get(name, 0.0) + own.get(name, 0.0))
    return added


def likeness_of(similarity: float) -> float:
    """The `like` signal of a cosine similarity."""
    return max(0.0, similarity - LIKE_FLOOR) / (1.0 - LIKE_FLOOR)
