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
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from cornerman.errors import JournalError
from cornerman.events import Advice, Decision, Event, Partial, Turn
from cornerman.record.appending import append_whole
from cornerman.record.codec import decision_fields, event_fields, to_line
from cornerman.record.keeping import PLAIN, Keeping
from cornerman.record.reading import Segment, segments_of
from cornerman.record.redacted_words import RedactedWords
from cornerman.record.sealing import Keys
from cornerman.record.words import WordsWriter

logger = logging.getLogger(__name__)

VERSION = 1
_WORDS = re.compile(r"^(?:words|texts)-(\d+)-\d+\.jsonl$")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def call_folder(root: Path, room: str, room_sid: str) -> Path:
    """The folder of a call: the room's name made safe, and the server's id of this very room."""
    return root / f"{_UNSAFE.sub('-', room).strip('.-')[:60] or 'room'}-{_UNSAFE.sub('-', room_sid)}"


def _readable_segments(folder: Path, keys: Keys) -> tuple[Segment, ...] | None:
    """What earlier processes wrote; None where it cannot be read: then consent is asked for again."""
    try:
        return segments_of(folder, keys)
    except JournalError as error:
        logger.error("the call's earlier journal is not used: %s", error)
        return None


class Journal:
    """One segment being written. All methods are synchronous appends of one line."""

    def __init__(self, folder: Path, header: Mapping[str, Any], keeping: Keeping = PLAIN) -> None:
        self.folder = folder
        self.keeping = keeping
        self._words: dict[str, WordsWriter] = {}
        self._texts: dict[tuple[str, ...], WordsWriter] = {}
        self._files = 0
        self._words_id = 0
        self._lost = 0
        redacted = {"redacted": keeping.redacted} if keeping.redactor is not None else {}
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            readable = _readable_segments(folder, keeping.keys)
            self._unreadable = readable is None
            self.earlier = readable or ()
            self.segment, self._file = self._claim()
            with ExitStack() as unless_begun:
                unless_begun.callback(os.close, self._file)
                self._begin({**header, **redacted})
                unless_begun.pop_all()
        except OSError as error:
            raise JournalError(
                f"cannot write a journal in {folder}: {error.strerror}; give journal.path a writable folder with room"
            ) from None
        self._redacting = RedactedWords(keeping.redactor) if keeping.redactor is not None else None

    def hear(self, event: Event, now: float) -> None:
        """Writes an input, its words apart. Call before it is applied."""
        words_id = None
        if isinstance(event, Partial | Turn | Advice):
            self._words_id += 1
            words_id = self._words_id
            self._words_of(event, words_id)
        self._line({"now": now, **event_fields(event, words_id)})

    def decide(self, decision: Decision) -> None:
        """Writes a decision of the input before it."""
        self._line(decision_fields(decision))

    def note(self, fields: Mapping[str, Any]) -> None:
        """Writes something for readers that is neither input nor decision: a measured time, a count."""
        self._line({"note": dict(fields)})

    def text(self, saw: tuple[str, ...], fields: Mapping[str, Any]) -> None:
        """Writes what a model made of these participants' words, apart from the events: it goes with any of them."""
        people = tuple(sorted(set(saw)))
        writer = self._texts.get(people)
        if writer is None:
            writer = self._texts[people] = self._new_file("texts", {"texts_of": people})
        if self._redacting is not None:
            self._redacting.text(writer, fields)
        else:
            writer.append(fields)

    def purge(self, identity: str) -> None:
        """Deletes this participant's words in every segment, and what was made of them, and leaves a tombstone."""
        if self._redacting is not None:
            self._redacting.forget(identity)
        writer = self._words.pop(identity, None)
        if writer is not None:
            writer.path.unlink(missing_ok=True)
        for people in [people for people in self._texts if identity in people]:
            self._texts.pop(people).path.unlink(missing_ok=True)
        for segment in self.earlier:
            for name in segment.words_files(identity):
                (self.folder / name).unlink(missing_ok=True)
        if self._unreadable:
            self._purge_unreadable()
        self._line({"tombstone": identity})

    def close(self) -> None:
        """Closes the segment, once all words are written."""
        if self._redacting is not None:
            self._redacting.close()
        self._words.clear()
        self._texts.clear()
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

    def _begin(self, header: Mapping[str, Any]) -> None:
        self._seal = self.keeping.keys.sealed(f"events-{self.segment}.jsonl")
        if self._seal is not None:
            append_whole(self._file, self._seal.header)
        self._line({"journal": VERSION, "segment": self.segment, **header})

    def _words_of(self, event: Partial | Turn | Advice, words_id: int) -> None:
        try:
            if isinstance(event, Advice):
                self.text(event.saw, {"id": words_id, "headline": event.headline, "detail": event.detail})
            else:
                self._said(event, words_id)
        except OSError:
            self._lost += 1  # an input without its words is none
            raise

    def _said(self, event: Partial | Turn, words_id: int) -> None:
        writer = self._writer(event.identity)
        if self._redacting is None:
            writer.write(words_id, event.turn, event.words)
        else:
            ended = isinstance(event, Turn)
            self._redacting.said(event.identity, writer, words_id, event.turn, event.words, ended=ended)

    def _purge_unreadable(self) -> None:
        """Whose words earlier files hold cannot be known without their key: all of them go."""
        for path in self.folder.iterdir():
            found = _WORDS.match(path.name)
            if found and int(found[1]) < self.segment:
                path.unlink(missing_ok=True)

    def _writer(self, identity: str) -> WordsWriter:
        writer = self._words.get(identity)
        if writer is None:
            writer = self._words[identity] = self._new_file("words", {"words_of": identity})
        return writer

    def _new_file(self, what: str, whose: Mapping[str, Any]) -> WordsWriter:
        self._files += 1
        path = self.folder / f"{what}-{self.segment}-{self._files}.jsonl"
        writer = WordsWriter(path, self.keeping.keys)
        self._line({**whose, "file": path.name})
        return writer

    def _line(self, fields: Mapping[str, Any]) -> None:
        """Where lines are missing, the next one that fits is preceded by how many."""
        try:
            if self._lost:
                self._append({"lost": self._lost})
                self._lost = 0
            self._append(fields)
        except OSError:
            self._lost += 1
            raise

    def _append(self, fields: Mapping[str, Any]) -> None:
        line = to_line(fields).encode()
        append_whole(self._file, line if self._seal is None else self._seal.line(line))
