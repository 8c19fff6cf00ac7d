"""Pace: how many words a minute the rep says while speaking.

In: completed turns. Time is counted from a turn's first word to its last, pauses beyond `PAUSE` left out; turns whose
words cannot have been said in their time (times that a recogniser made up) are not counted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from cornerman.coach.gauges.recent import MOST
from cornerman.events import Word

PAUSE: Final = 1.0
"""Seconds of silence between two words that still belong to speaking."""
FASTEST: Final = 10.0
"""Words a second that nobody says."""
LONGEST_WORD: Final = 2.0
"""Seconds that a word takes at most; the rest of it is silence."""


def speaking_time(words: Sequence[Word]) -> float:
    """Seconds from the first word to the last, long pauses left out, whatever order the times are in."""
    seconds, at = 0.0, None
    for word in words:
        if at is None:
            at = word.start
        if word.start > at + PAUSE:
            at = word.start
        end = min(word.end, word.start + LONGEST_WORD)
        if end > at:
            seconds += end - at
            at = end
    return seconds


class Pace:
    """The pace over the last `window` seconds of speaking, and over all of it."""

    def __init__(self, window: float) -> None:
        self.window = window
        self._turns: deque[tuple[int, float]] = deque()
        self._words = 0
        self._seconds = 0.0
        self._all_words = 0
        self._all_seconds = 0.0

    def said(self, words: int, seconds: float) -> None:
        """A turn of so many words and seconds is complete."""
        if not words or seconds <= 0 or words > FASTEST * seconds:
            return
        self._turns.append((words, seconds))
        self._words += words
        self._seconds += seconds
        self._all_words += words
        self._all_seconds += seconds
        while len(self._turns) > MOST or self._seconds - self._turns[0][1] >= self.window:
            words, seconds = self._turns.popleft()
            self._words -= words
            self._seconds -= seconds

    def value(self) -> float | None:
        """Words a minute; None before half a window of speech."""
        return 60 * self._words / self._seconds if self._seconds >= self.window / 2 else None

    def overall(self) -> float | None:
        """Words a minute in the whole call; None where less than half a window of speech was heard."""
        return 60 * self._all_words / self._all_seconds if self._all_seconds >= self.window / 2 else None
