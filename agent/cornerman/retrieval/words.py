"""Sections found by their words: BM25 over their terms, title and text weighed apart, each term's share worked out
beforehand.

In: the terms of every section. Out: for the terms of a query, a score for each section. BM25 after Robertson and
Zaragoza 2009 ("The Probabilistic Relevance Framework", BM25F for the two fields), with the inverse document frequency
that cannot become negative. Promises: scores depend on nothing but the terms; may be used from several threads.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weights:
    """`title` is how often a term of the title counts; `k1` how soon repeating a term is worth nothing more; `b` how
    much of a longer text's advantage is taken back.
    """

    title: float = 1.0
    k1: float = 1.2
    b: float = 0.75


@dataclass(frozen=True, slots=True)
class _Posting:
    """The sections that hold a term, and what it adds to each."""

    rows: NDArray[np.int32]
    shares: Scores


class Words:
    """The words of all sections, ready to be searched."""

    def __init__(
        self, titles: Sequence[Sequence[str]], texts: Sequence[Sequence[str]], weights: Weights | None = None
    ) -> None:
        """`titles` and `texts`: the terms of each section, in the same order."""
        weights = weights or Weights()
        self._size = len(texts)
        self._most_share = weights.k1 + 1
        rows: dict[str, array[int]] = defaultdict(lambda: array("i"))
        counts: dict[str, array[float]] = defaultdict(lambda: array("f"))
        lengths = np.zeros(self._size, dtype=np.float32)
        for row, (title, text) in enumerate(zip(titles, texts, strict=True)):
            held: dict[str, float] = dict(Counter(text))
            for term in title:
                held[term] = held.get(term, 0.0) + weights.title
            lengths[row] = len(text) + weights.title * len(title)
            for term, count in held.items():
                rows[term].append(row)
                counts[term].append(count)
        mean = float(lengths.mean()) if self._size else 0.0
        spread = weights.k1 * (1 - weights.b + weights.b * lengths / max(mean, 1.0))
        self._postings: Mapping[str, _Posting] = {
            term: self._posting(np.asarray(rows[term], dtype=np.int32), counts[term], spread, weights.k1)
            for term in rows
        }

    def scores(self, terms: Mapping[str, float]) -> Scores:
        """What each section scores for terms with their weights; 0 where it holds none of them."""
        scores: Scores = np.zeros(self._size, dtype=np.float32)
        for term in sorted(terms):  # sums of floats depend on their order
            posting = self._postings.get(term)
            if posting is not None:
                scores[posting.rows] += np.float32(terms[term]) * posting.shares
        return scores

    def most(self, term: str) -> float:
        """The most a term can add to a section; for one that no section holds, as if one did."""
        posting = self._postings.get(term)
        return self._rarity(1 if posting is None else len(posting.rows)) * self._most_share

    def holds(self, row: int, term: str) -> bool:
        """Whether a section holds a term."""
        posting = self._postings.get(term)
        if posting is None:
            return False
        at = int(np.searchsorted(posting.rows, row))
        return at < len(posting.rows) and int(posting.rows[at]) == row

    def _rarity(self, holding: int) -> float:
        return float(np.log1p((self._size - holding + 0.5) / (holding + 0.5)))

    def _posting(self, rows: NDArray[np.int32], counts: array[float], spread: Scores, k1: float) -> _Posting:
        count: Scores = np.asarray(counts, dtype=np.float32)
        shares: Scores = np.float32(self._rarity(len(rows)) * (k1 + 1)) * count / (count + spread[rows])
        return _Posting(rows, shares)
