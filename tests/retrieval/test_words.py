"""BM25 is what the formula says, beside the formula written out plainly."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cornerman.retrieval.words import Weights, Words

TITLES = [["price"], ["secur"], ["price", "list"], []]
TEXTS = [["seat", "month", "seat"], ["data", "seat"], ["month"], ["data", "data", "data", "train", "train"]]

Terms = st.lists(st.sampled_from("abcdefg"), max_size=8)


def plainly(titles: list[list[str]], texts: list[list[str]], query: dict[str, float], weights: Weights) -> list[float]:
    """Robertson and Zaragoza 2009, equations 3.15 and 3.21, term by term."""
    lengths = [len(text) + weights.title * len(title) for title, text in zip(titles, texts, strict=True)]
    mean = max(sum(lengths) / max(len(lengths), 1), 1.0)
    scores = []
    for title, text, length in zip(titles, texts, lengths, strict=True):
        score = 0.0
        for term, weight in query.items():
            holding = sum(term in both for both in (a + b for a, b in zip(titles, texts, strict=True)))
            rarity = log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))
            count = text.count(term) + weights.title * title.count(term)
            norm = weights.k1 * (1 - weights.b + weights.b * length / mean)
            score += weight * rarity * (weights.k1 + 1) * count / (count + norm) if count else 0.0
        scores.append(score)
    return scores


@pytest.mark.parametrize("weights", [Weights(), Weights(title=2.0, k1=0.9, b=0.4), Weights(title=0.5, b=0.0)])
def test_scores_are_the_formulas(weights: Weights) -> None:
    query = {"seat": 1.0, "price": 2.0, "data": 0.5, "unheard": 3.0}
    found = Words(TITLES, TEXTS, weights).scores(query)
    np.testing.assert_allclose(found, plainly(TITLES, TEXTS, query, weights), rtol=1e-5)


@given(st.lists(st.tuples(Terms, Terms), max_size=12), st.dictionaries(st.sampled_from("abcdxyz"), st.just(1.0)))
def test_scores_are_the_formulas_for_whatever_sections(
    sections: list[tuple[list[str], list[str]]], query: dict[str, float]
) -> None:
    titles, texts = [title for title, _ in sections], [text for _, text in sections]
    words = Words(titles, texts, Weights(title=2.0))
    np.testing.assert_allclose(
        words.scores(query), plainly(titles, texts, query, Weights(title=2.0)), rtol=1e-4, atol=1e-6
    )


@given(st.lists(Terms, min_size=1, max_size=12), st.sampled_from("abcdx"))
def test_no_section_scores_more_than_a_term_can_add(texts: list[list[str]], term: str) -> None:
    words = Words([[] for _ in texts], texts)
    assert words.scores({term: 1.0}).max() <= words.most(term) * (1 + 1e-6)
    assert [words.holds(row, term) for row in range(len(texts))] == [term in text for text in texts]


def test_a_rare_term_says_more_than_a_frequent_one() -> None:
    words = Words(TITLES, TEXTS)
    assert words.most("train") > words.most("seat")
    assert words.most("unheard") == words.most("train"), "as if one section held it"


def test_no_sections_are_no_fault() -> None:
    assert Words([], []).scores({"price": 1.0}).size == 0
