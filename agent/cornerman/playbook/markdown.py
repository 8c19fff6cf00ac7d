"""A Markdown document of the playbook taken apart: front matter, and the sections that can be found and cited.

Text in; front matter text with its line, and sections with unique slugs out. Headings inside code fences are text.
Knows no schema and raises nothing: a document without front matter comes back without it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

MAX_SLUG: Final = 80
FENCE = "---"
TOP: Final = "top"
_HEADING = re.compile(r"(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")
_CODE = re.compile(r"\s{0,3}(```|~~~)")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The YAML between the two `---` lines, the line it starts at, and the rest of the document."""

    text: str
    first_line: int
    body: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A heading with the text up to the next heading; the text before any heading has the slug `top` and no heading."""

    slug: str
    heading: str
    text: str


def split_front_matter(text: str) -> FrontMatter | None:
    """Parts the front matter from the body; None if the first line is not `---` or no second one follows."""
    rows = text.split("\n")
    if rows[0].rstrip() != FENCE:
        return None
    for index in range(1, len(rows)):
        if rows[index].rstrip() == FENCE:
            return FrontMatter("\n".join(rows[1:index]), 2, "\n".join(rows[index + 1 :]))
    return None


def passages(body: str) -> tuple[Passage, ...]:
    """The sections of a body that hold text, in order; equal headings get `-2`, `-3` at the end of their slugs."""
    found: list[Passage] = []
    used: set[str] = set()
    heading, rows, fence = "", list[str](), ""

    def close() -> None:
        text = "\n".join(rows).strip()
        if text:
            found.append(Passage(_unused(slug_of(heading) if heading else TOP, used), heading, text))

    for row in body.split("\n"):
        code = _CODE.match(row)
        if code and (not fence or code.group(1) == fence):
            fence = "" if fence else code.group(1)
        title = None if fence or code else _HEADING.match(row)
        if title is None:
            rows.append(row)
            continue
        close()
        heading, rows = title.group(2), []
    close()
    return tuple(found)


def slug_of(heading: str) -> str:
    """A heading as the last part of an id: folded, letters and digits of any script, hyphens between."""
    folded = unicodedata.normalize("NFC", heading.casefold())
    kept = "".join(sign if unicodedata.category(sign)[0] in "LMN" else "-" for sign in folded)
    return re.sub("-+", "-", kept).strip("-")[:MAX_SLUG].strip("-") or "section"


def _unused(slug: str, used: set[str]) -> str:
    number, name = 1, slug
    while name in used:
        number += 1
        name = f"{slug}-{number}"
    used.add(name)
    return name
