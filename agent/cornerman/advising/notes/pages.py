"""Cuts notes into pages that fit a message to the rep.

In: notes and a page number. Out: a page of at most `PAGE_BYTES` as JSON. Cut between lines; a section that goes on says
so on the next page; a line longer than a page is cut. A page beyond the last is the last.
"""

from __future__ import annotations

import json
from typing import Final

from cornerman.advising.notes.markdown import headings_of, lines_of
from cornerman.advising.notes.model import Notes
from cornerman.contract import wire

PAGE_BYTES: Final = 12 * 1024
_ROOM: Final = PAGE_BYTES - 512
"""Bytes for the lines of a page: the message round them needs some, and so does a heading that is repeated."""


def page(notes: Notes, number: int) -> wire.NotesPage:
    """A page of the notes."""
    pages = _pages(notes)
    chosen = min(max(number, 1), len(pages))
    return wire.NotesPage(page=chosen, pages=len(pages), markdown=pages[chosen - 1])


def _pages(notes: Notes) -> list[str]:
    continued = headings_of(notes.language)["continued"]
    pages: list[list[str]] = [[]]
    room = _ROOM
    heading = ""
    for line in (part for whole in lines_of(notes) for part in _parts(whole)):
        size = _size(line)
        if size > room:
            is_heading = line.startswith("## ")
            pages.append([f"{heading} ({continued})", ""] if heading and not is_heading else [])
            room = _ROOM
        if line.startswith("## "):
            heading = line
        if line or pages[-1]:
            pages[-1].append(line)
            room -= size
    return ["\n".join(lines) + "\n" for lines in pages]


def _parts(line: str) -> list[str]:
    """A line, in pieces that fit a page."""
    if _size(line) <= _ROOM:
        return [line]
    half = len(line) // 2
    return [*_parts(line[:half]), *_parts(line[half:])]


def _size(line: str) -> int:
    """Bytes of a line in a message, with the sign that ends it."""
    return len(json.dumps(line, ensure_ascii=False).encode()) + 2
