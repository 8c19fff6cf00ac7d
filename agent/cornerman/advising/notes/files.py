"""The notes of a call as files beside its journal: `notes.md` for people, `notes.json` for programs.

Each is written whole or not at all, readable by its owner only, sealed and redacted as the journal is. Forgetting is
done when it returns: a write that was under way then does not bring back what was forgotten.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from cornerman.advising.notes.markdown import to_markdown
from cornerman.advising.notes.model import Notes
from cornerman.errors import CornermanError, JournalError
from cornerman.record.keeping import PLAIN, Keeping
from cornerman.record.sealing import NO_KEYS, Keys, read_whole, whole

MARKDOWN: Final = "notes.md"
JSON: Final = "notes.json"
NAMES: Final = (MARKDOWN, JSON)


class NotesError(CornermanError):
    """The notes of a call cannot be written."""


def write_notes(folder: Path, notes: Notes) -> None:
    """Writes both files.

    Raises: NotesError: the folder cannot be written.
    """
    NotesFiles(folder).write(notes)


def read_notes(folder: Path, keys: Keys = NO_KEYS) -> Notes | None:
    """The notes an earlier coach of this call wrote; None where there are none that can be read."""
    try:
        return Notes.model_validate_json(read_whole(folder / JSON, keys))
    except (OSError, ValidationError, JournalError):
        return None


def forget_notes(folder: Path, identity: str, keeping: Keeping = PLAIN) -> None:
    """Takes everything a participant said out of notes that are on disk already; all of them, where they cannot be
    read.

    Raises: NotesError: the folder cannot be written.
    """
    files = NotesFiles(folder, keeping)
    notes = read_notes(folder, keeping.keys)
    files.forget()
    if notes is not None:
        files.write(notes.without(identity))


class NotesFiles:
    """The files of one call. `write` may run in a thread; `forget` meanwhile."""

    def __init__(self, folder: Path, keeping: Keeping = PLAIN) -> None:
        self._folder = folder
        self._keeping = keeping
        self._lock = threading.Lock()
        self._forgotten = 0
        self._newest = -1.0

    @property
    def state(self) -> int:
        """Counts what was forgotten; take it before the notes are put together."""
        return self._forgotten

    def write(self, notes: Notes, state: int | None = None) -> bool:
        """Writes the notes, unless newer ones were written; with `state` only if nothing was forgotten since. Returns
        whether it did.

        Raises: NotesError: the folder cannot be written.
        """
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            notes = self._as_kept(notes)
            texts = {MARKDOWN: to_markdown(notes), JSON: notes.model_dump_json(indent=1) + "\n"}
            return self._write(texts, notes.at, state)
        except OSError as error:
            raise NotesError(
                f"cannot write notes in {self._folder}: {error.strerror}; give journal.path a writable folder"
            ) from None

    def forget(self) -> None:
        """Deletes the files.

        Raises: NotesError: they cannot be deleted.
        """
        with self._lock:
            self._forgotten += 1
            try:
                for name in NAMES:
                    (self._folder / name).unlink(missing_ok=True)
                    self._unfinished(name).unlink(missing_ok=True)
            except OSError as error:
                raise NotesError(f"cannot delete notes in {self._folder}: {error.strerror}; delete them") from None

    def _as_kept(self, notes: Notes) -> Notes:
        """With placeholders, where words are redacted."""
        redactor = self._keeping.redactor
        return notes if redactor is None else Notes.model_validate(redactor.tree(notes.model_dump(mode="json")))

    def _write(self, texts: dict[str, str], at: float, state: int | None) -> bool:
        with self._lock:
            if at < self._newest or (state is not None and state != self._forgotten):
                return False
            self._newest = at
            for name, text in texts.items():
                unfinished = self._unfinished(name)
                file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
                with os.fdopen(file, "wb") as stream:
                    stream.write(whole(text.encode(), name, self._keeping.keys))
                unfinished.replace(self._folder / name)
            return True

    def _unfinished(self, name: str) -> Path:
        return self._folder / f".{name}.unfinished"
