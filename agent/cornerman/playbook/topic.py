"""One Markdown file of somebody's sales folder, made into a document of a playbook.

Text and path go in; the kind of document, its front matter and its body come out, with what had to be made up. What a
card needs and the file does not say is taken from its first lines, cut to fit: its author is told, and improves it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from cornerman.playbook.files import BATTLECARDS_FOLDER, PRODUCTS_FOLDER
from cornerman.playbook.markdown import Passage, passages, split_front_matter
from cornerman.playbook.schema import BattlecardPart, CardPart, ProductPart
from cornerman.playbook.values import DETAIL_CHARACTERS, HEADLINE_CHARACTERS
from cornerman.playbook.yaml_tree import read_yaml

HEADLINE_WORDS: Final = 12
DETAIL_WORDS: Final = 45
"""Read in 11 s, so that the card with its headline is read within the default time to live."""

_NAMES: Final = {
    BATTLECARDS_FOLDER: "battlecard battle-card competitor competition competitive rival",
    "objections": "objection objection-handling objection-handler",
    PRODUCTS_FOLDER: "product feature pricing offering solution service",
    "plays": "play talk-track question discovery",
}
_FOLDER_OF: Final = {
    form: folder for folder, names in _NAMES.items() for name in names.split() for form in (name, f"{name}s")
}
_KIND_FIELDS: Final = ("type", "kind", "category")
_MODELS: Final[dict[str, type[BaseModel]]] = {
    BATTLECARDS_FOLDER: BattlecardPart,
    PRODUCTS_FOLDER: ProductPart,
    "objections": CardPart,
    "plays": CardPart,
}
_SETEXT = re.compile(r"^ {0,3}(=+|-+)[ \t]*$")
_CODE = re.compile(r"\s{0,3}(```|~~~)")
_MARKS = re.compile(r"^\s*(?:[-*+>]|\d+[.)])\s+|[*`]{1,3}|(?<!\w)_{1,3}(?=\w)|(?<=\w)_{1,3}(?!\w)")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_CARD_WORD = re.compile(r"(?i)^(?:vs\.?|versus|battle ?card:?)\s+|\s*[-:|]?\s*\bbattle ?card$")


class UnplacedError(ValueError):
    """The file cannot become a document; its text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A document to be: its folder, a name for its file, front matter, body, and what its author should know."""

    folder: str
    name: str
    fields: dict[str, Any]
    body: str
    remarks: tuple[str, ...]


def read_topic(path: PurePosixPath, text: str, root: str) -> Topic:
    """Makes a topic of a file; `path` is relative to the folder that is imported, `root` that folder's own name.

    Raises:
        UnplacedError: nothing says what it is about, it holds no text, or its front matter cannot be read.
    """
    front, body = _parted(text)
    folder = _folder(front, path, root)
    body = _with_plain_headings(body)
    found = passages(body)
    if not found:
        raise UnplacedError("it holds no text below its headings; write some")
    remarks: list[str] = []
    title = _text(front, "title") or next((one.heading for one in found if one.heading), "") or _spoken(path.stem)
    fields: dict[str, Any] = {"title": _cut(_plain(title), 120, 30)}
    if folder != PRODUCTS_FOLDER:
        fields |= _card(front, found, remarks)
    _names(front, folder, fields)
    read = {*fields, *_KIND_FIELDS, "pronunciations", "section"}
    for name in ("pronunciations", "section"):
        if name in front and name in _MODELS[folder].model_fields:
            fields[name] = front[name]
    if dropped := sorted(str(name) for name in front if name not in read):
        remarks.append(f"front matter not read: {', '.join(dropped)[:120]}")
    try:
        _MODELS[folder].model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise UnplacedError(f"its field '{place}' cannot be used: {first['msg']}; correct it") from None
    return Topic(folder, _file_name(path.stem, str(fields["title"])), fields, body.strip() + "\n", tuple(remarks))


def _parted(text: str) -> tuple[dict[str, Any], str]:
    front = split_front_matter(text)
    if front is None:
        return {}, text
    faults: list[str] = []
    tree = read_yaml(front.text, front.first_line, lambda line, fault: faults.append(f"line {line}: {fault}"))
    if tree is None or faults:
        raise UnplacedError(f"its front matter cannot be read, {faults[0]}")
    if tree.value is None:
        return {}, front.body
    if not isinstance(tree.value, dict):
        raise UnplacedError("its front matter holds no fields; write 'name: value' lines")
    return tree.value, front.body


def _folder(front: dict[str, Any], path: PurePosixPath, root: str) -> str:
    """What the file is about, as its front matter says, else the nearest folder whose name says it."""
    said = [_text(front, name) for name in _KIND_FIELDS]
    for name in (*said, *(part for part in reversed(path.parts[:-1])), root):
        folder = _FOLDER_OF.get(re.sub(r"[\s_]+", "-", name.strip().lower()))
        if folder:
            return folder
    known = ", ".join(_NAMES)
    raise UnplacedError(f"nothing says what it is; put it into a folder named {known}, or write 'type:' on top")


def _card(front: dict[str, Any], found: tuple[Passage, ...], remarks: list[str]) -> dict[str, Any]:
    first = found[0]
    headline = _text(front, "headline")
    if not headline:
        heading = next((one.heading for one in found if one.heading), "")
        line = next(_plain(row) for row in first.text.split("\n") if row.strip())
        # A heading of a word or two names the topic; it does not say what to do.
        headline = heading if len(heading.split()) >= 6 else line
        remarks.append("headline taken from its first lines")
    detail = _text(front, "detail") or _text(front, "summary")
    if not detail:
        detail = " ".join(_plain(row) for row in first.text.split("\n") if row.strip() and not _CODE.match(row))
        remarks.append("detail taken from its first section")
    return {
        "headline": _cut(_plain(headline), HEADLINE_CHARACTERS, HEADLINE_WORDS),
        "detail": _cut(_plain(detail), DETAIL_CHARACTERS, DETAIL_WORDS, sentences=True),
    }


def _names(front: dict[str, Any], folder: str, fields: dict[str, Any]) -> None:
    """What people call a competitor or a product."""
    name = _text(front, "name")
    if folder == BATTLECARDS_FOLDER:
        name = _text(front, "competitor") or name
        fields["competitor"] = name or _CARD_WORD.sub("", str(fields["title"])).strip() or fields["title"]
    elif folder == PRODUCTS_FOLDER and name:
        fields["name"] = name
    if "aliases" in front and ("competitor" in fields or "name" in fields):
        given = front["aliases"]
        fields["aliases"] = given if isinstance(given, list) else [given]


def _text(front: dict[str, Any], name: str) -> str:
    value = front.get(name)
    return value.strip() if isinstance(value, str) else ""


def _with_plain_headings(body: str) -> str:
    """Headings underlined with = or - as headings with #; the playbook knows no others."""
    rows: list[str] = []
    fence = ""
    for row in body.split("\n"):
        code = _CODE.match(row)
        if code and (not fence or code.group(1) == fence):
            fence = "" if fence else code.group(1)
        under = None if fence else _SETEXT.match(row)
        if under and rows and rows[-1].strip() and not rows[-1].lstrip().startswith(("#", "-", "*", ">", "|")):
            rows[-1] = f"{'#' if under.group(1)[0] == '=' else '##'} {rows[-1].strip()}"
        else:
            rows.append(row)
    return "\n".join(rows)


def _plain(text: str) -> str:
    """A line without Markdown's marks."""
    return " ".join(_MARKS.sub("", _LINK.sub(r"\1", text).lstrip("# ")).split())


def _cut(text: str, characters: int, words: int, sentences: bool = False) -> str:
    """As much of a text as fits, in whole sentences if wanted and possible, else in whole words."""
    kept = " ".join(text.split()[:words])
    if len(kept) > characters:
        kept = kept[:characters].rpartition(" ")[0] or kept[:characters]
    if kept == " ".join(text.split()):
        return kept
    end = max(kept.rfind(sign) for sign in (". ", "! ", "? ")) if sentences else -1
    if end > 0:
        return kept[: end + 1]
    return kept[: characters - 1].rstrip(" .,;:-") + "…"


def _spoken(stem: str) -> str:
    said = " ".join(re.split(r"[\s_-]+", stem)).strip()
    return said[:1].upper() + said[1:]


def _file_name(stem: str, title: str) -> str:
    """An id in small letters a-z; where neither the file's name nor the title has any, `topic`."""
    for text in (stem, title):
        plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
        if name := re.sub("[^a-z0-9]+", "-", plain).strip("-")[:70].strip("-"):
            return name
    return "topic"
