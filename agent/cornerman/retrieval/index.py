"""The sections of a playbook, found by words and by meaning.

In: sections once, then queries. Out: the sections that fit, best first. What words say is a section's share of all that
the query's terms could score (`words.py`); what meaning says is how near the two come (`passages.py`); the two are
added, and what fits the stage and the account gets a little on top. Without the sentence model words decide alone.
Promises: the same query finds the same, in the same order, on every run; may be used from several threads; nothing of
a query is kept or logged. Not for an event loop: up to some milliseconds a query.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cornerman.events import Stage
from cornerman.paths import cache_folder
from cornerman.playbook import Playbook, Section
from cornerman.providers.embedding import Embedder
from cornerman.retrieval.passages import Passages
from cornerman.retrieval.query import Hit, Query
from cornerman.retrieval.terms import Terms
from cornerman.retrieval.words import Weights, Words

FOLDER: Final = "section-vectors"
"""Below the user's cache folder; apart from the examples of moments, so that neither crowds the other out."""
WORDS_WEIGHT: Final = 0.2
"""Of a section that holds all of a query's terms, beside a likeness of 1 for the same text."""
ACCOUNT_WEIGHT: Final = 0.03
STAGE_WEIGHT: Final = 0.02
"""Both settle what is nearly even; neither lifts what does not fit."""
SHOWN_FACTOR: Final = 0.75
WORD_WEIGHTS: Final = Weights(title=2.0, k1=1.2, b=0.5)
MEANING_WORDS: Final = 24
"""The last words of a query, that its meaning is taken of: what is asked stands there, and every word takes time. Its
terms are taken of all.
"""
DECIMALS: Final = 4
STAGE_SECTIONS: Final[Mapping[Stage, tuple[str, ...]]] = {
    "opening": ("playbook#stage-opening",),
    "discovery": ("playbook#stage-discovery", "playbook#checklist-", "plays/"),
    "presentation": ("playbook#stage-presentation", "products/"),
    "negotiation": ("playbook#stage-negotiation", "objections/", "discounts#"),
    "closing": ("playbook#stage-closing", "plays/", "playbook#checklist-"),
}
"""How the ids of sections begin that are mostly needed in a stage."""
NOTHING_SAID: Final[Mapping[str, Sequence[str]]] = MappingProxyType({})

Scores = NDArray[np.float32]


def said_of(playbook: Playbook) -> Mapping[str, tuple[str, ...]]:
    """For the ids of sections, what people say that they answer: the examples of the moments whose card cites them."""
    said: dict[str, tuple[str, ...]] = {}
    for moment in playbook.moments:
        card = playbook.cards.get(moment.card)
        if card is not None and moment.examples:
            said[card.source.id] = (*said.get(card.source.id, ()), *moment.examples)
    return said


class Index:
    """All sections, ready to be searched."""

    def __init__(
        self,
        playbook_sections: Sequence[Section],
        language: str,
        embedder: Embedder | None = None,
        *,
        said: Mapping[str, Sequence[str]] = NOTHING_SAID,
        folder: Path | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """`said`: for the ids of sections, lines that they answer (`said_of`). Without an embedder by words alone. Its
        vectors are taken from `folder` (default: in the user's cache folder) or worked out and kept there, some
        milliseconds a section and line.

        Raises:
            InterruptedError: `stopped` said so meanwhile.
        """
        self._sections = tuple(playbook_sections)
        self._rows = {section.id: row for row, section in enumerate(self._sections)}
        self._said = said
        self._terms = Terms(language)
        self._words = Words(
            [self._terms.learn(section.title) for section in self._sections],
            [self._terms.learn("\n".join((section.text, *said.get(section.id, ())))) for section in self._sections],
            WORD_WEIGHTS,
        )
        self._stages = {stage: self._mostly_in(stage) for stage in STAGE_SECTIONS}
        self._embedder: Embedder | None = None
        self._passages: Passages | None = None
        if embedder is not None:
            self._understand(embedder, folder or cache_folder() / FOLDER, stopped)

    def with_meaning(
        self, embedder: Embedder, folder: Path | None = None, stopped: Callable[[], bool] = lambda: False
    ) -> Index:
        """The same sections, by meaning too. This index stays as it is and may be searched meanwhile.

        Raises:
            InterruptedError: `stopped` said so meanwhile.
        """
        other = copy(self)
        other._understand(embedder, folder or cache_folder() / FOLDER, stopped)
        return other

    def _understand(self, embedder: Embedder, folder: Path, stopped: Callable[[], bool]) -> None:
        if self._sections:
            self._embedder = embedder
            self._passages = Passages(self._sections, self._said, embedder, folder, stopped)

    @property
    def by_meaning(self) -> bool:
        """Whether meaning counts, or words alone."""
        return self._passages is not None

    def __len__(self) -> int:
        return len(self._sections)

    def search(self, query: Query) -> tuple[Hit, ...]:
        """The sections that fit, best first, at most `query.limit`; none for a query without a word."""
        if not self._sections or not query.text.strip() or query.limit < 1:
            return ()
        terms = Counter(self._terms.of(query.text))
        scores = self._share(terms)
        fits = scores > 0
        likeness: Scores | None = None
        if self._passages is not None and self._embedder is not None:
            likeness = self._passages.likeness(self._embedder.encode([_end_of(query.text)])[0])
            scores = likeness + np.float32(WORDS_WEIGHT) * scores
            fits = scores > 0
        if query.account:
            scores += np.float32(ACCOUNT_WEIGHT) * self._share(Counter(self._terms.of(" ".join(query.account))))
        if query.stage is not None:
            scores[self._stages[query.stage]] += np.float32(STAGE_WEIGHT)
        for shown in query.shown:
            if (row := self._rows.get(shown)) is not None:
                scores[row] *= np.float32(SHOWN_FACTOR)
        scores[~fits] = 0
        return tuple(self._hit(row, scores, likeness, terms) for row in _best(scores, query.limit))

    def _share(self, terms: Mapping[str, int]) -> Scores:
        """How much of what the terms could score each section scores; from 0 to about 1."""
        possible = sum(count * self._words.most(term) for term, count in terms.items())
        scores = self._words.scores({term: float(count) for term, count in terms.items()})
        if possible > 0:
            scores /= np.float32(possible)
        return scores

    def _hit(self, row: int, scores: Scores, likeness: Scores | None, terms: Mapping[str, int]) -> Hit:
        held = sorted(
            (term for term in terms if self._words.holds(row, term)), key=lambda term: (-self._words.most(term), term)
        )
        near = None if likeness is None else round(float(likeness[row]), DECIMALS)
        return Hit(self._sections[row], round(float(scores[row]), DECIMALS), tuple(held), near)

    def _mostly_in(self, stage: Stage) -> NDArray[np.intp]:
        begins = STAGE_SECTIONS[stage]
        return np.asarray([row for row, one in enumerate(self._sections) if one.id.startswith(begins)], dtype=np.intp)


def _end_of(text: str) -> str:
    return " ".join(text.split()[-MEANING_WORDS:])


def _best(scores: Scores, limit: int) -> list[int]:
    """The rows with the highest scores above 0; of equal ones, to the decimals shown, the first in the playbook."""
    kept = scores
    if len(scores) > limit:
        least = np.partition(scores, -limit)[-limit]
        rows = np.flatnonzero((scores >= least) & (scores > 0))
    else:
        rows = np.flatnonzero(kept > 0)
    order = np.argsort(-np.round(scores[rows].astype(np.float64), DECIMALS), kind="stable")
    return [int(row) for row in rows[order][:limit]]
