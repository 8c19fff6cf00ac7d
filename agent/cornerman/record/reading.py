"""Reads a call's journal back, as far as it is whole.

In: a call folder. Out: its segments in order, each with its header, the inputs with their words, and the decisions as
they were written. A torn last line is left out; purged words are absent, and said to be.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cornerman.errors import JournalError
from cornerman.events import Event
from cornerman.record.codec import read_event, to_line
from cornerman.record.sealing import NO_KEYS, Keys
from cornerman.record.words import Kept, KeptText, read_texts, read_words, whole_lines

_SEGMENT = re.compile(r"^events-(\d+)\.jsonl$")


@dataclass(frozen=True, slots=True)
class Heard:
    """One input with its arrival time and the decision lines that followed it. `event` is None where its words were
    purged; `redacted` where something was taken out of them before they were kept.
    """

    now: float
    event: Event | None
    decided: tuple[str, ...]
    redacted: bool = False
    complete: bool = True
    """Whether every input up to this one is there, and all that was decided upon each."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One process's part of a call's journal."""

    folder: Path
    number: int
    lines: tuple[Mapping[str, Any], ...]
    keys: Keys = NO_KEYS

    @property
    def header(self) -> Mapping[str, Any]:
        """The first line: room, time zero, playbook, settings."""
        if not self.lines or "journal" not in self.lines[0]:
            raise JournalError(
                f"{self.folder}/events-{self.number}.jsonl has no header: it was cut before its first line"
            )
        return self.lines[0]

    def words_files(self, identity: str) -> tuple[str, ...]:
        """Names of the files that hold (or held) this participant's words, or what was made of them."""
        return tuple(
            str(line["file"])
            for line in self.lines
            if line.get("words_of") == identity or identity in line.get("texts_of", ())
        )

    def notes(self) -> Iterator[Mapping[str, Any]]:
        """What was written for readers only."""
        return (line["note"] for line in self.lines if "note" in line)

    def heard(self) -> Iterator[Heard]:
        """Inputs in order, each with its decisions as compact JSON lines."""
        words, texts = self._words(), self._texts()
        current: Mapping[str, Any] | None = None
        decided: list[str] = []
        complete = True
        for line in self.lines:
            if "in" in line:
                if current is not None:
                    yield replace(self._input(current, words, texts, decided), complete=complete)
                current, decided = line, []
            elif "out" in line:
                decided.append(to_line(line).rstrip("\n"))
            elif "lost" in line:
                complete = False
        if current is not None:
            ended = any("sent" in note for note in self.notes())
            yield replace(self._input(current, words, texts, decided), complete=complete and ended)

    def texts(self) -> Mapping[int, tuple[str, str]]:
        """Headline and detail of the advice that was not purged, by the id its input names."""
        return {name: kept.text for name, kept in self._texts().items()}

    def _texts(self) -> Mapping[int, KeptText]:
        found: dict[int, KeptText] = {}
        for line in self.lines:
            path = self.folder / str(line.get("file", ""))
            if "texts_of" in line and path.is_file():
                found.update(read_texts(path, self.keys))
        return found

    def _input(
        self,
        line: Mapping[str, Any],
        words: Mapping[int, Kept],
        texts: Mapping[int, KeptText],
        decided: list[str],
    ) -> Heard:
        said = words.get(line["words"]) if "words" in line else None
        text = texts.get(line["text"]) if "text" in line else None
        redacted = bool((said and said.redacted) or (text and text.redacted))
        event = read_event(line, said.words if said else None, text.text if text else None)
        return Heard(float(line["now"]), event, tuple(decided), redacted)

    def _words(self) -> Mapping[int, Kept]:
        found: dict[int, Kept] = {}
        for line in self.lines:
            path = self.folder / str(line.get("file", ""))
            if "words_of" in line and path.is_file():
                found.update(read_words(path, self.keys))
        return found


def segments_of(folder: Path, keys: Keys = NO_KEYS) -> tuple[Segment, ...]:
    """All segments of a call, oldest first.

    Raises:
        JournalError: a line before the last is not JSON, or it is sealed and no key for it is given.
    """
    numbered = sorted((int(found[1]), path) for path in folder.iterdir() if (found := _SEGMENT.match(path.name)))
    segments = []
    for number, path in numbered:
        try:
            segments.append(Segment(folder, number, tuple(whole_lines(path, keys)), keys))
        except json.JSONDecodeError as error:
            raise JournalError(
                f"{path} is damaged: {error.msg} at column {error.colno}; remove or mend that line"
            ) from None
    return tuple(segments)
