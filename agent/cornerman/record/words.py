"""The words one participant said, in a file of their own, so that forgetting them is deleting it.

A revision of a turn is written as what changed: how many leading words stay, and the words that follow them. What a
model wrote from several people's words lies in files of its own in the same way, one for each set of people.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cornerman.events import Word
from cornerman.record.appending import append_whole
from cornerman.record.codec import to_line
from cornerman.record.sealing import NO_KEYS, Keys, opened_lines


class WordsWriter:
    """Appends revisions of turns to one file, readable by its owner only.

    The file is open only while something is written: many may come to a call and leave, and each has a file.
    """

    def __init__(self, path: Path, keys: Keys = NO_KEYS) -> None:
        self.path = path
        self._seal = keys.sealed(path.name)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            if self._seal is not None:
                append_whole(file, self._seal.header)
        finally:
            os.close(file)
        self._turn = ""
        self._last: tuple[Word, ...] = ()

    def write(self, words_id: int, turn: str, words: tuple[Word, ...], redacted: int = 0) -> None:
        """Writes one revision under an id; `redacted` counts the words a placeholder stands for."""
        keep = self._common(words) if turn == self._turn else 0
        said = [[word.text, word.start, word.end] for word in words[keep:]]
        line = {"id": words_id, "turn": turn, "keep": keep, "words": said}
        self.append({**line, "redacted": redacted} if redacted else line)
        self._turn, self._last = turn, words

    def append(self, fields: Mapping[str, Any]) -> None:
        """Writes one line."""
        line = to_line(fields).encode()
        try:
            file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        except FileNotFoundError:
            return  # somebody deleted what was said: it stays deleted
        try:
            append_whole(file, line if self._seal is None else self._seal.line(line))
        finally:
            os.close(file)

    def _common(self, words: tuple[Word, ...]) -> int:
        count = 0
        for before, now in zip(self._last, words, strict=False):
            if before != now:
                break
            count += 1
        return count


@dataclass(frozen=True, slots=True)
class Kept:
    """One revision as it was kept; `redacted`: something was taken out of it."""

    words: tuple[Word, ...]
    redacted: bool


@dataclass(frozen=True, slots=True)
class KeptText:
    """Headline and detail of one piece of advice; `redacted`: something was taken out of it."""

    text: tuple[str, str]
    redacted: bool


def read_words(path: Path, keys: Keys = NO_KEYS) -> Mapping[int, Kept]:
    """Every revision in a words file by id; a torn last line is left out."""
    revisions: dict[int, Kept] = {}
    turn, last = "", tuple[Word, ...]()
    for fields in whole_lines(path, keys):
        kept = last[: fields["keep"]] if fields["turn"] == turn else ()
        turn = fields["turn"]
        last = kept + tuple(Word(text, start, end) for text, start, end in fields["words"])
        revisions[fields["id"]] = Kept(last, bool(fields.get("redacted")))
    return revisions


def read_texts(path: Path, keys: Keys = NO_KEYS) -> Mapping[int, KeptText]:
    """Headline and detail of every piece of advice in a file by id."""
    advice = (fields for fields in whole_lines(path, keys) if "headline" in fields)
    return {
        fields["id"]: KeptText((str(fields["headline"]), str(fields["detail"])), bool(fields.get("redacted")))
        for fields in advice
    }


def whole_lines(path: Path, keys: Keys = NO_KEYS) -> Iterator[dict[str, Any]]:
    """The JSON objects of a file line by line, up to the last line that ends."""
    return (json.loads(line) for line in opened_lines(path, keys))
