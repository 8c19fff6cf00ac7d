"""Notes as Markdown, for reading.

What people said and how they are called is text from outside: nothing in it becomes markup, a link or a picture,
whatever program shows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from cornerman.advising.notes.model import Item, Note, NoteKind, Notes, Quote
from cornerman.language_tags import base_language
from cornerman.plain import plain

NAME_LIMIT: Final = 80
QUOTE_LIMIT: Final = 1500

_MARKUP: Final = re.compile(r"([\\`*_\[\]<~]|&(?=#?\w+;))")
_START: Final = re.compile(r"^(\d*)([-+=.)#>|:])")
"""What would begin a list, a heading or a quotation of its own where a line's text begins."""
_LINK: Final = re.compile(
    r"(?i)(?:https?|ftp|mailto|xmpp|javascript|data)(?=:)|(?<=[^\W\d_])(?=[.@][^\W\d_])|(?<=\w)(?=@)"
)
"""Where a program might make a link of what is plain text: it is parted there by a backslash, which nobody sees."""

_HEADINGS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "notes": "Notes",
        "agreement": "Agreed",
        "commitment": "Promised",
        "next_step": "Next steps",
        "question": "Open questions",
        "objection": "Objections",
        "moment": "Noticed",
        "checklist": "Found out",
        "disclosures": "Disclosed",
        "gauges": "The conversation in figures",
        "people": "With",
        "stage": "Stage",
        "so far": "so far, at",
        "due": "due",
        "nothing": "Nothing noted yet.",
        "continued": "continued",
    },
    "de": {
        "notes": "Notizen",
        "agreement": "Vereinbart",
        "commitment": "Zugesagt",
        "next_step": "Nächste Schritte",
        "question": "Offene Fragen",
        "objection": "Einwände",
        "moment": "Aufgefallen",
        "checklist": "Herausgefunden",
        "disclosures": "Offengelegt",
        "gauges": "Das Gespräch in Zahlen",
        "people": "Mit",
        "stage": "Phase",
        "so far": "bisher, bei",
        "due": "Frist",
        "nothing": "Noch nichts notiert.",
        "continued": "Fortsetzung",
    },
}
_ORDER: Final[tuple[NoteKind, ...]] = ("agreement", "commitment", "next_step", "question", "objection", "moment")


def headings_of(language: str) -> Mapping[str, str]:
    """The words of the notes themselves, in the playbook's language if they are known in it."""
    return _HEADINGS.get(base_language(language), _HEADINGS["en"])


def to_markdown(notes: Notes) -> str:
    """The notes as one document."""
    return "\n".join(lines_of(notes)) + "\n"


def lines_of(notes: Notes) -> Iterator[str]:
    """Its lines; sections begin with `## `."""
    words = headings_of(notes.language)
    yield f"# {words['notes']}: {_text(notes.title, NAME_LIMIT)}"
    yield ""
    people = ", ".join(f"{_name(one.name or one.identity)} ({one.role})" for one in notes.people)
    if people:
        yield f"{words['people']} {people}."
    if not notes.ended:
        yield f"{words['stage']}: {notes.stage or '-'}; {words['so far']} {_clock(notes.at)}."
    for kind in _ORDER:
        yield from _section(words[kind], [_note(note, words) for note in notes.of(kind)])
    for name in ("checklist", "disclosures"):
        yield from _section(words[name], [_item(item) for item in notes.items if item.list == name])
    if not notes.notes:
        yield from ("", words["nothing"])
    gauges = [f"- {_text(name.replace('_', ' '), NAME_LIMIT)}: {value:g}" for name, value in notes.gauges.items()]
    yield from _section(words["gauges"], gauges)


def _section(heading: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield from ("", f"## {heading}", "", *lines)


def _note(note: Note, words: Mapping[str, str]) -> str:
    about = f"{note.about.replace('_', ' ')}: " if note.about else ""
    due = f" ({words['due']}: {_text(note.due, NAME_LIMIT)})" if note.due else ""
    text = _text(note.text, QUOTE_LIMIT)
    text = f"{text} - " if text else ""
    reply = f" \u2192 {_quote(note.reply)}" if note.reply is not None else ""
    return f"- {_text(about, NAME_LIMIT)}{' ' if about else ''}{text}{_quote(note.said)}{due}{reply}"


def _item(item: Item) -> str:
    box = "x" if item.done else " "
    said = f": {_quote(item.said)}" if item.said is not None else ""
    return f"- [{box}] {_text(item.title, NAME_LIMIT)}{said}"


def _quote(quote: Quote) -> str:
    said = _text(quote.quote, QUOTE_LIMIT)
    return f"{_name(quote.name)} ({quote.role}, {_clock(quote.start)}-{_clock(quote.end)}): \u201c{said}\u201d"


def _name(name: str) -> str:
    return _text(name, NAME_LIMIT)


def _clock(seconds: float) -> str:
    minutes, left = divmod(int(max(seconds, 0)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def _text(text: str, limit: int) -> str:
    """Text from outside as it reads, with every sign of markup escaped, and links parted so that none is made."""
    escaped = _MARKUP.sub(r"\\\1", plain(text, limit))
    return _LINK.sub(lambda found: f"{found.group()}\\", _START.sub(r"\1\\\2", escaped))
