"""Other people's words on their way into a prompt: what was said, what a screen shows, what a CRM or a tool holds.

In: any text. Out: one line of visible signs, capped, between marks that nothing in the text can close. A prompt's own
rules tell the model that what stands between such marks is data; what makes that hold is that the answer is checked.
Promises, whatever the text: no mark opens or closes but those written here, no line breaks, no invisible signs, never
longer than asked for.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from cornerman.plain import plain

ELLIPSIS: Final = "\u2026"
_SAFE: Final = {"<": "\u2039", ">": "\u203a", "`": "'", "[": "(", "]": ")", "{": "(", "}": ")", "|": "/", "\\": "/"}
"""Signs that marks, templates and chat formats are made of, and what stands in their place."""
_SAFE_TABLE: Final = str.maketrans(_SAFE)
_ROW: Final = re.compile(r"([^A-Za-z0-9])\1{3}")
_MOST_ALIKE: Final = 3
"""How many of one sign may follow each other: rows of them look like a border."""
_TAG_MAX: Final = 120


def neutral(text: str, limit: int) -> str:
    """The text as one line of at most `limit` characters that cannot be taken for anything but words. What does not
    fit is cut at a word, with an ellipsis.
    """
    # Work on the text is bounded by what can be shown of it: a long one costs no more than a short one.
    head = text[: 4 * limit + 64]
    if head.isascii() and head.isprintable() and not _ROW.search(head := head.translate(_SAFE_TABLE)):
        whole = " ".join(head.split())  # what most text comes to, ten times as fast
    else:
        safe = "".join(_safe(sign) for sign in head)
        whole = plain(_without_rows(safe), len(safe) * 4 + 1)
    cut = len(whole) > limit or len(text) > 4 * limit + 64
    if not cut:
        return whole
    if limit < 2:
        return whole[:limit]
    head = whole[: limit - 1]
    at = head.rfind(" ") if len(whole) > limit - 1 and whole[limit - 1 : limit] != " " else len(head)
    return (head[:at] if at > limit // 2 else head).rstrip() + ELLIPSIS


def enclosed(text: str, *, kind: str = "", name: str, limit: int, title: str = "") -> str:
    """The text as data for a prompt, such as `<data kind="source" id="s1" title="Prices">...</data>`; without a kind it
    is speech, of which there is the most.

    `kind`, `name` (the id it is cited by) and `title` are made neutral as well; `limit` counts the text only.
    """
    marks = f' kind="{_attribute(kind)}"' if kind else ""
    marks += f' id="{_attribute(name)}"'
    if title:
        marks += f' title="{_attribute(title)}"'
    return f"<data{marks}>{neutral(text, limit)}</data>"


def _attribute(text: str) -> str:
    return neutral(text.replace('"', "'"), _TAG_MAX).replace('"', "'")


@lru_cache(maxsize=4_096)
def _safe(sign: str) -> str:
    """The sign, or what stands in its place if it is one of a mark's signs or a model may read it as one."""
    if sign in _SAFE:
        return _SAFE[sign]
    if sign.isascii():
        return sign
    if unicodedata.category(sign)[0] == "C" or unicodedata.category(sign) == "Me":
        return " " if sign.isspace() else ""
    folded = unicodedata.normalize("NFKC", sign)
    return sign if not any(other in _SAFE or other == '"' for other in folded) else "'"


def _without_rows(text: str) -> str:
    """The text without rows of one sign, spaces between its marks aside, and without piles of combining marks."""
    kept: list[str] = []
    alike = marks = 0
    for sign in text:
        alike = alike + 1 if kept and kept[-1] == sign else 1
        marks = marks + 1 if unicodedata.combining(sign) else 0
        if (alike <= _MOST_ALIKE or sign.isalnum()) and marks <= 2:
            kept.append(sign)
    return "".join(kept)
