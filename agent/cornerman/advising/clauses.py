"""Cuts words that are still being written into clauses that are whole: what a rep may read before the rest is there.

In: pieces of text, cut anywhere. Out: clauses in order, each once it is certain that it is over: after a full stop, a
question or exclamation mark or a semicolon, with white space behind it, and never inside a number ("1.5", "$1,200"), an
abbreviation ("e.g.", "Dr."), an initial, a quotation or brackets. A clause is never cut at a comma: what stands behind
it may change what stands before.
"""

from __future__ import annotations

from typing import Final

ENDS: Final = frozenset(".!?;\u2026")
_CLOSING: Final = frozenset("\"')]\u201d\u2019\u00bb\u201c")
_OPENING_OF: Final = {")": "(", "]": "[", "\u201d": "\u201c", "\u00bb": "\u00ab"}
_OPENING: Final = frozenset('([\u201c\u00ab\u201e"')
_ABBREVIATIONS: Final = frozenset(
    [
        "e.g",
        "i.e",
        "etc",
        "vs",
        "dr",
        "mr",
        "mrs",
        "ms",
        "prof",
        "st",
        "no",
        "nos",
        "approx",
        "incl",
        "excl",
        "inc",
        "ltd",
        "co",
        "corp",
        "dept",
        "est",
        "max",
        "min",
        "resp",
        "fig",
        "sec",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
        "a.m",
        "p.m",
        "u.s",
        "u.k",
        "al",
        "cf",
        "ca",
        "bzw",
        "z.b",
        "d.h",
        "usw",
        "evtl",
        "ggf",
        "inkl",
        "exkl",
        "mtl",
        "nr",
        "hr",
        "fr",
        "mio",
        "mrd",
        "tsd",
        "std",
        "tel",
        "vgl",
        "zzgl",
        "abt",
        "u.a",
        "v.a",
        "s.o",
    ]
)
_NEVER_LAST: Final = frozenset(
    [
        "e.g",
        "i.e",
        "vs",
        "dr",
        "mr",
        "mrs",
        "ms",
        "prof",
        "no",
        "approx",
        "incl",
        "excl",
        "fig",
        "cf",
        "ca",
        "bzw",
        "z.b",
        "d.h",
        "evtl",
        "ggf",
        "inkl",
        "exkl",
        "nr",
        "hr",
        "fr",
        "vgl",
        "zzgl",
    ]
)
"""Abbreviations that something always follows. Any other ends a clause where a capital letter follows."""
_MOST_NESTED: Final = 400
"""Characters after which an opening mark that is never closed does not hold a clause together any more."""


class ClauseReader:
    """The clauses of one text as it arrives. Each character is looked at a fixed number of times."""

    def __init__(self) -> None:
        self._text = ""
        self._at = 0
        self._end = 0
        self._following = 0
        self._open: list[str] = []

    def feed(self, piece: str) -> tuple[str, ...]:
        """Takes in more of the text; returns the clauses that became whole, without white space around them."""
        self._text += piece
        found: list[str] = []
        while (end := self._next_end()) is not None:
            clause = self._text[:end].strip()
            self._text, self._at, self._end, self._following = self._text[end:], 0, 0, 0
            self._open.clear()
            if clause:
                found.append(clause)
        return tuple(found)

    def finish(self) -> tuple[str, ...]:
        """The last clause, which nothing follows."""
        rest, self._text = self._text.strip(), ""
        self._at = self._end = self._following = 0
        self._open.clear()
        return (rest,) if rest else ()

    def _next_end(self) -> int | None:
        """Where the first clause of the text is certainly over; None while that cannot be told."""
        text = self._text
        while self._at < len(text):
            sign = text[self._at]
            if sign in ENDS:
                # What was looked at behind the mark before is not looked at again when more of the text is there.
                if self._end <= self._at:
                    self._end = self._following = self._at + 1
                if self._following == self._end:
                    self._end = self._following = self._past_closing(self._end)
                end = self._end
                following = self._following = self._past_space(self._following)
                if following >= len(text):
                    return None  # what follows decides, and is yet to come
                self._close(text[self._at + 1 : end])
                if following > end and self._ends(
                    self._at, text[following], closed=not _CLOSING.isdisjoint(text[self._at + 1 : end])
                ):
                    return end
                self._at = end
                continue
            self._nest(sign)
            self._at += 1
        return None

    def _past_closing(self, at: int) -> int:
        text = self._text
        while at < len(text) and (text[at] in ENDS or text[at] in _CLOSING):
            if text[at] == '"' and '"' not in self._open:
                break
            at += 1
        return at

    def _past_space(self, at: int) -> int:
        text = self._text
        while at < len(text) and text[at].isspace():
            at += 1
        return at

    def _close(self, signs: str) -> None:
        for sign in signs:
            self._nest(sign)

    def _nest(self, sign: str) -> None:
        opening = _OPENING_OF.get(sign, "")
        if sign == "\u201c" and "\u201e" in self._open:
            opening = "\u201e"  # what opens a quotation in English closes one in German
        elif sign == '"' and sign in self._open:
            opening = sign
        if opening in self._open:
            del self._open[self._open.index(opening) :]
        elif sign in _OPENING:
            self._open.append(sign)

    def _ends(self, at: int, following: str, *, closed: bool) -> bool:
        """Whether the mark at this place ends a clause before this next character; `closed`: it ends a quotation
        or brackets.
        """
        if self._open and at < _MOST_NESTED:
            return False
        text = self._text
        if closed and following.islower():
            return False  # 'Ask "why?" first'
        if text[at] != ".":
            return True
        start = at
        while start and not text[start - 1].isspace():
            start -= 1
        word = text[start:at].strip("\"'([\u201e\u201c\u00ab").casefold()
        if len(word) == 1 and word.isalpha() and text[at - 1].isupper() and word != "i":
            return False  # an initial
        if word in _NEVER_LAST:
            return False
        if word in _ABBREVIATIONS:
            return following.isupper()
        if word.isdigit() and len(word) <= 2 and not closed:
            return False  # an ordinal in German, or the number of a list
        return bool(word) or at == 0 or text[at - 1] in ENDS


def clauses_of(text: str) -> tuple[str, ...]:
    """The clauses of a whole text."""
    reader = ClauseReader()
    return (*reader.feed(text), *reader.finish())
