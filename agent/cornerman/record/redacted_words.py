"""Words on their way to the journal of a call whose words are redacted: nothing is written before it was looked at.

In: revisions of turns, in order. Out: the same revisions in the words files, with placeholders. A number is known for
one only when it was said to its end, so the revisions of a turn wait for the turn's end, and what is found in any of
them is taken out of all, by when it was said. Looking and writing happen in one thread of its own, in order. A killed
process loses the words of turns that were under way, and none else.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from cornerman.events import Word
from cornerman.record.redaction import Redactor
from cornerman.record.words import WordsWriter


@dataclass(slots=True)
class _Waiting:
    """The revisions of one turn so far, and where they will be written."""

    turn: str
    writer: WordsWriter
    revisions: list[tuple[int, tuple[Word, ...]]] = field(default_factory=list)


class RedactedWords:
    """One segment's words. Bounded by the turns under way, which a cap on their length ends."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._waiting: dict[str, _Waiting] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="redaction")
        self._failed: OSError | None = None

    def said(
        self, identity: str, writer: WordsWriter, words_id: int, turn: str, words: tuple[Word, ...], *, ended: bool
    ) -> None:
        """Takes one revision.

        Raises: OSError: what was said before could not be written.
        """
        waiting = self._waiting.get(identity)
        if waiting is not None and waiting.turn != turn:
            self._submit(self._write, self._waiting.pop(identity))
            waiting = None
        if waiting is None:
            waiting = self._waiting[identity] = _Waiting(turn, writer)
        waiting.revisions.append((words_id, words))
        if ended:
            self._submit(self._write, self._waiting.pop(identity))
        self._tell_of_failure()

    def text(self, writer: WordsWriter, fields: Mapping[str, Any]) -> None:
        """Takes what a model made of words.

        Raises: OSError: what came before could not be written.
        """
        self._submit(self._write_text, writer, dict(fields))
        self._tell_of_failure()

    def forget(self, identity: str) -> None:
        """Drops what waits; what is being written goes with its file."""
        self._waiting.pop(identity, None)

    def close(self) -> None:
        """Writes what waits, and returns when all is written."""
        for waiting in self._waiting.values():
            self._submit(self._write, waiting)
        self._waiting.clear()
        self._thread.shutdown(wait=True)

    def _write(self, waiting: _Waiting) -> None:
        spans = [
            (words[one.first].start, words[one.last].end, one.placeholder)
            for words in _surest(waiting.revisions)
            for one in self._redactor.find([word.text for word in words])
        ]
        for words_id, words in waiting.revisions:
            kept = tuple(_without(word, spans) for word in words)
            changed = sum(1 for before, after in zip(words, kept, strict=True) if before != after)
            waiting.writer.write(words_id, waiting.turn, kept, changed)

    def _write_text(self, writer: WordsWriter, fields: dict[str, Any]) -> None:
        kept = self._redactor.tree(fields)
        writer.append({**kept, "redacted": True} if kept != fields else kept)

    def _submit(self, doing: Callable[..., None], *arguments: Any) -> None:
        try:
            self._thread.submit(self._done, doing, *arguments)
        except RuntimeError:  # said after the journal was closed, as to a closed file
            raise OSError(errno.EBADF, os.strerror(errno.EBADF)) from None

    def _done(self, doing: Callable[..., None], *arguments: Any) -> None:
        try:
            doing(*arguments)
        except OSError as error:
            self._failed = error
        except Exception as error:  # a fault of a library must not pass as words that were kept
            self._failed = OSError(errno.EIO, f"words could not be redacted: {type(error).__name__}")

    def _tell_of_failure(self) -> None:
        failed, self._failed = self._failed, None
        if failed is not None:
            raise failed


def _surest(revisions: list[tuple[int, tuple[Word, ...]]]) -> list[tuple[Word, ...]]:
    """The revisions worth looking at, the last first, whose placeholder counts. One that a later one only went on from
    holds nothing of its own.
    """
    looked: list[tuple[Word, ...]] = []
    for _, words in reversed(revisions):
        if not any(_texts(later)[: len(words)] == _texts(words) for later in looked):
            looked.append(words)
    return looked


def _texts(words: tuple[Word, ...]) -> list[str]:
    return [word.text for word in words]


def _without(word: Word, spans: list[tuple[float, float, str]]) -> Word:
    middle = (word.start + word.end) / 2
    placeholder = next((text for start, end, text in spans if start <= middle <= end), None)
    return word if placeholder is None else Word(placeholder, word.start, word.end)
