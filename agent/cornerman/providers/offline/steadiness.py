"""Which of the decoder's words to tell while somebody is still speaking.

The decoder's best guess is asked for after every window and changes its mind about the newest word all the time. In:
all words of that guess, window by window. Out: the words worth telling, or None while nothing new is. Promises that a
word is told once it has stood long enough, and that words told before are not taken back just because they are being
doubted for a moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HeardWord:
    """One word; `start` and `end` in seconds of the recogniser's audio, `confidence` 0 to 1, None where the decoder
    has none yet."""

    text: str
    start: float
    end: float
    confidence: float | None = None


class SteadyWords:
    """The words of one utterance that have stood unchanged through enough windows."""

    def __init__(self, *, last_word_windows: int, followed_word_windows: int) -> None:
        self._needed_last = last_word_windows
        self._needed_followed = followed_word_windows
        self._standing: list[tuple[str, int]] = []
        self._told: tuple[str, ...] = ()
        self._doubted = 0

    def hear(self, words: Sequence[HeardWord], *, paused: bool) -> tuple[HeardWord, ...] | None:
        """Take the guess after one more window; `paused` when silence follows its last word.

        Returns all words to tell when they differ from those told last, otherwise None.
        """
        self._count(words)
        steady = tuple(words[: self._steady_length(paused=paused)])
        texts = tuple(word.text for word in steady)
        if texts == self._told:
            self._doubted = 0
            return None
        if texts == self._told[: len(texts)]:
            self._doubted += 1
            if self._doubted < self._needed_last:
                return None
        self._doubted = 0
        self._told = texts
        return steady

    def _count(self, words: Sequence[HeardWord]) -> None:
        """A word stands while it and every word before it stay the same."""
        standing: list[tuple[str, int]] = []
        unchanged = True
        for index, word in enumerate(words):
            unchanged = unchanged and index < len(self._standing) and self._standing[index][0] == word.text
            standing.append((word.text, self._standing[index][1] + 1 if unchanged else 1))
        self._standing = standing

    def _steady_length(self, *, paused: bool) -> int:
        last = len(self._standing) - 1
        as_told = True
        for index, (text, windows) in enumerate(self._standing):
            as_told = as_told and index < len(self._told) and self._told[index] == text
            if as_told:
                # a doubt that has passed leaves a told word as it was
                continue
            needed = self._needed_followed if index < last or paused else self._needed_last
            if windows < needed:
                return index
        return len(self._standing)
