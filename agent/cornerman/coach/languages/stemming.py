"""Snowball's stemmers as plain functions."""

from __future__ import annotations

from collections.abc import Callable

import snowballstemmer


def snowball(algorithm: str) -> Callable[[str], str]:
    """The word without its inflection, by one of Snowball's algorithms, such as "english"."""
    stemmer = snowballstemmer.stemmer(algorithm)

    def stem(word: str) -> str:
        found = str(stemmer.stemWord(word))
        stemmer.stemWord("")  # a stemmer keeps the word it was at last, and this one lives as long as the process
        return found

    return stem
