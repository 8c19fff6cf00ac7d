"""Writes the journal of a call as it happens: inputs before they are applied, then what was decided.

A folder per call; in it, for each process that coached the call, a segment of events, and per participant a file of
words. What is written is with the operating system at once, so that a killed process loses nothing but the line it was
writing.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cornerman.errors import JournalError
from cornerman.events import Decision, Event, Partial, Turn
from cornerman.record.codec import decision_fields, event_fields, to_line
from cornerman.record.reading import Segment, segments_of
from cornerman.record.words import WordsWriter

logger = logging.getLogger(__name__)

VERSION = 1
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def call_folder(root: Path, room: str, room_sid: str) -> Path:
    """The folder of a call: the room's name made safe, and the server's id of this very room."""
    return root / f"{_UNSAFE.sub('-', room).strip('.-')[:60] or 'room'}-{_UNSAFE.sub('-', room_sid)}"


def _readable_segments(folder: Path) -> tuple[Segment, ...]:
    """What earlier processes wrote; nothing where it is damaged: then consent is asked for again."""
    try:
        return segments_of(folder)
    except JournalError as error:
        logger.error("the call's earlier journal is not used: %s", error)
        return ()


class Journal:
    """One segment being written. All methods are synchronous appends of one line."""

    def __init__(self, folder: Path, header: Mapping[str, Any]) -> None:
        self.folder = folder
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.earlier = _readable_segments(folder)
            self.segment, self._file = self._claim()
        except OSError as error:
            raise JournalError(
                f"cannot write a journal in {folder}: {error.strerror}; give journal.path a writable folder"
            ) from None
        self._words: dict[str, WordsWriter] = {}
        self._files = 0
        self._words_id = 0
        self._line({"journal": VERSION, "segment": self.segment, **header})

    def hear(self, event: Event, now: float) -> None:
        """Writes an input, its words apart. Call before it is applied."""
        words_id = None
        if isinstance(event, Partial | Turn):
            self._words_id += 1
            words_id = self._words_id
            self._writer(event.identity).write(words_id, event.turn, event.words)
        self._line({"now": now, **event_fields(event, words_id)})

    def decide(self, decision: Decision) -> None:
        """Writes a decision of the input before it."""
        self._line(decision_fields(decision))

    def note(self, fields: Mapping[str, Any]) -> None:
        """Writes something for readers that is neither input nor decision: a measured time, a count."""
        self._line({"note": dict(fields)})

    def purge(self, identity: str) -> None:
        """Deletes this participant's words in every segment and leaves a tombstone."""
        writer = self._words.pop(identity, None)
        if writer is not None:
            writer.path.unlink(missing_ok=True)
        for segment in self.earlier:
            for name in segment.words_files(identity):
                (self.folder / name).unlink(missing_ok=True)
        self._line({"tombstone": identity})

    def close(self) -> None:
        """Closes the segment."""
        self._words.clear()
        os.close(self._file)

    def _claim(self) -> tuple[int, int]:
        """The next free segment number and its file, locked for as long as this process lives."""
        number = max((segment.number for segment in self.earlier), default=0)
        while True:
            number += 1
            path = self.folder / f"events-{number}.jsonl"
            try:
                file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
            except FileExistsError:
                continue
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return number, file

    def _writer(self, identity: str) -> WordsWriter:
        writer = self._words.get(identity)
        if writer is None:
            self._files += 1
            path = self.folder / f"words-{self.segment}-{self._files}.jsonl"
            writer = self._words[identity] = WordsWriter(path)
            self._line({"words_of": identity, "file": path.name})
        return writer

    def _line(self, fields: Mapping[str, Any]) -> None:
        os.write(self._file, to_line(fields).encode())
