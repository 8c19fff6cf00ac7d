"""The rep's notes of a call: taken as it goes, shown page by page, written beside the journal."""

from cornerman.advising.notes.files import NotesError, forget_notes, read_notes, write_notes
from cornerman.advising.notes.markdown import to_markdown
from cornerman.advising.notes.model import Item, Note, NoteKind, Notes, Person, Quote
from cornerman.advising.notes.notebook import Notebook
from cornerman.advising.notes.pages import PAGE_BYTES, page
from cornerman.advising.notes.writer import NotesWriter

__all__ = [
    "PAGE_BYTES",
    "Item",
    "Note",
    "NoteKind",
    "Notebook",
    "Notes",
    "NotesError",
    "NotesWriter",
    "Person",
    "Quote",
    "forget_notes",
    "page",
    "read_notes",
    "to_markdown",
    "write_notes",
]
