"""What sections mean, as vectors: a row for each passage of a section, and one for each line it is known to answer.

In: sections, what people say that they answer, and the sentence model. Out: rows, and for a query's vector how near it
comes to each section. A passage's row is the title's vector and its own, weighed, so that one product compares with
both. Takes some milliseconds a text the first time on a machine; the vectors are kept in a folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cornerman.playbook import Section
from cornerman.providers.embedding import Embedder
from cornerman.providers.embedding.kept_vectors import vectors_of
from cornerman.retrieval.nearness import Nearness

PASSAGE_WORDS: Final = 80
"""The model sees 128 word pieces; of passages of so many words more than nine in ten are seen whole."""
OVERLAP_WORDS: Final = 20
"""A sentence cut in two stands whole in one of them."""
TITLE_SHARE: Final = 0.5
SAID_WEIGHT: Final = 0.7
"""A line said in other words comes nearer to its like than any question to its answer."""
PORTION: Final = 1000
"""Texts whose vectors are kept in one file: some 10 s of work, and 1.6 MB."""

Vectors = NDArray[np.float32]


class Passages:
    """The meaning of all sections, ready to be compared with. May be used from several threads."""

    def __init__(
        self,
        sections: Sequence[Section],
        said: Mapping[str, Sequence[str]],
        embedder: Embedder,
        folder: Path,
        stopped: Callable[[], bool],
    ) -> None:
        """`said`: for the ids of sections, lines that they answer.

        Raises:
            InterruptedError: `stopped` said so.
        """
        texts: list[str] = []
        title_of: list[int] = []  # for each row the title it is weighed with, -1 for a line somebody says
        starts: list[int] = []
        for number, section in enumerate(sections):
            starts.append(len(texts))
            for text in _parts(section.text):
                texts.append(text)
                title_of.append(number)
            lines = said.get(section.id, ())
            texts += lines
            title_of += [-1] * len(lines)
        vectors = _kept([*(section.title for section in sections), *texts], embedder, folder, stopped)
        titles, rows = vectors[: len(sections)], vectors[len(sections) :]
        titled = np.asarray(title_of, dtype=np.intp)
        passages = titled >= 0
        rows[passages] *= np.float32(1 - TITLE_SHARE)
        rows[passages] += np.float32(TITLE_SHARE) * titles[titled[passages]]
        rows[~passages] *= np.float32(SAID_WEIGHT)
        self._rows = Nearness(rows)
        self._starts = np.asarray(starts, dtype=np.intp)

    def likeness(self, vector: Vectors) -> Vectors:
        """For each section, how near its nearest row comes."""
        near: Vectors = self._rows.to(vector)
        return near if len(near) == len(self._starts) else np.maximum.reduceat(near, self._starts)


def _kept(texts: Sequence[str], embedder: Embedder, folder: Path, stopped: Callable[[], bool]) -> Vectors:
    """The texts' vectors, in portions with a folder each: what is worked out is kept even if the rest is stopped."""
    return np.concatenate(
        [
            vectors_of(texts[start : start + PORTION], embedder, folder / f"{start // PORTION:03}", stopped)
            for start in range(0, len(texts), PORTION)
        ]
    )


def _parts(text: str) -> Iterator[str]:
    """A text as passages of at most `PASSAGE_WORDS` words; a short one as it is."""
    words = text.split()
    if len(words) <= PASSAGE_WORDS:
        yield text
        return
    for start in range(0, len(words) - OVERLAP_WORDS, PASSAGE_WORDS - OVERLAP_WORDS):
        yield " ".join(words[start : start + PASSAGE_WORDS])
