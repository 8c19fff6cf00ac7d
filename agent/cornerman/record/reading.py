"""Reads a call's journal back, as far as it is whole.

In: a call folder. Out: its segments in order, each with its header, the inputs with their words, and the decisions as
they were written. A torn last line is left out; purged words are absent, and said to be.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cornerman.errors import JournalError
from cornerman.events import Event, Word
from cornerman.record.codec import read_event, to_line
from cornerman.record.words import read_words, whole_lines

_SEGMENT = re.compile(r"^events-(\d+)\.jsonl$")


@dataclass(frozen=True, slots=True)
class Heard:
    """One input with its arrival time and the decision lines that followed it. `event` is None where its words were
    purged.
    """

    now: float
    event: Event | None
    decided: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """One process's part of a call's journal."""

    folder: Path
    number: int
    lines: tuple[Mapping[str, Any], ...]

    @property
    def header(self) -> Mapping[str, Any]:
        """The first line: room, time zero, playbook, settings."""
        if not self.lines or "journal" not in self.lines[0]:
            raise JournalError(
                f"{self.folder}/events-{self.number}.jsonl has no header: it was cut before its first line"
            )
        return self.lines[0]

    def words_files(self, identity: str) -> tuple[str, ...]:
        """Names of the files that hold (or held) this participant's words."""
        return tuple(str(line["file"]) for line in self.lines if line.get("words_of") == identity)

    def notes(self) -> Iterator[Mapping[str, Any]]:
        """What was written for readers only."""
        return (line["note"] for line in self.lines if "note" in line)

    def heard(self) -> Iterator[Heard]:
        """Inputs in order, each with its decisions as compact JSON lines."""
        words = self._words()
        current: Mapping[str, Any] | None = None
        decided: list[str] = []
        for line in self.lines:
            if "in" in line:
                if current is not None:
                    yield self._input(current, words, decided)
                current, decided = line, []
            elif "out" in line:
                decided.append(to_line(line).rstrip("\n"))
        if current is not None:
            yield self._input(current, words, decided)

    def _input(self, line: Mapping[str, Any], words: Mapping[int, tuple[Word, ...]], decided: list[str]) -> Heard:
        said = words.get(line["words"]) if "words" in line else None
        return Heard(float(line["now"]), read_event(line, said), tuple(decided))

    def _words(self) -> Mapping[int, tuple[Word, ...]]:
        found: dict[int, tuple[Word, ...]] = {}
        for line in self.lines:
            path = self.folder / str(line.get("file", ""))
            if "words_of" in line and path.is_file():
                found.update(read_words(path))
        return found


def segments_of(folder: Path) -> tuple[Segment, ...]:
    """All segments of a call, oldest first.

    Raises:
        JournalError: a line before the last is not JSON.
    """
    numbered = sorted((int(found[1]), path) for path in folder.iterdir() if (found := _SEGMENT.match(path.name)))
    segments = []
    for number, path in numbered:
        try:
            segments.append(Segment(folder, number, tuple(whole_lines(path))))
        except json.JSONDecodeError as error:
            raise JournalError(
                f"{path} is damaged: {error.msg} at column {error.colno}; remove or mend that line"
            ) from None
    return tuple(segments)
