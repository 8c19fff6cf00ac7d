"""The words one participant said, in a file of their own, so that forgetting them is deleting it.

A revision of a turn is written as what changed: how many leading words stay, and the words that follow them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cornerman.events import Word
from cornerman.record.codec import to_line


class WordsWriter:
    """Appends revisions of turns to one file, readable by its owner only.

    The file is open only while something is written: many may come to a call and leave, and each has a file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        self._turn = ""
        self._last: tuple[Word, ...] = ()

    def write(self, words_id: int, turn: str, words: tuple[Word, ...]) -> None:
        """Writes one revision under an id."""
        keep = self._common(words) if turn == self._turn else 0
        said = [[word.text, word.start, word.end] for word in words[keep:]]
        line = to_line({"id": words_id, "turn": turn, "keep": keep, "words": said})
        try:
            file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        except FileNotFoundError:
            return  # somebody deleted what was said: it stays deleted
        try:
            os.write(file, line.encode())
        finally:
            os.close(file)
        self._turn, self._last = turn, words

    def _common(self, words: tuple[Word, ...]) -> int:
        count = 0
        for before, now in zip(self._last, words, strict=False):
            if before != now:
                break
            count += 1
        return count


def read_words(path: Path) -> Mapping[int, tuple[Word, ...]]:
    """Every revision in a words file by id; a torn last line is left out."""
    revisions: dict[int, tuple[Word, ...]] = {}
    turn, last = "", tuple[Word, ...]()
    for fields in whole_lines(path):
        kept = last[: fields["keep"]] if fields["turn"] == turn else ()
        turn = fields["turn"]
        last = kept + tuple(Word(text, start, end) for text, start, end in fields["words"])
        revisions[fields["id"]] = last
    return revisions


def whole_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON objects of a file line by line, up to the last line that ends."""
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            yield json.loads(line)
