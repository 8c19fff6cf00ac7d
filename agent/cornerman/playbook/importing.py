"""A folder of Markdown files, one a topic, brought into a playbook.

The folder and the playbook's folder go in; documents are written, and what was placed, left out and made up is told.
Nothing that is there is overwritten, nothing outside the folder is read.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

import yaml

from cornerman.errors import CornermanError
from cornerman.playbook.editor_schema import SCHEMA_FOLDER, write_schemas
from cornerman.playbook.faults import FaultLog
from cornerman.playbook.files import (
    BATTLECARDS_FOLDER,
    MAX_FILE_BYTES,
    MAX_FILES,
    MOMENTS_FOLDER,
    PLAYBOOK_FILE,
    decoded,
    printable,
)
from cornerman.playbook.starting import copy_of
from cornerman.playbook.topic import Topic, UnplacedError, read_topic

_ENDINGS: Final = frozenset({".md", ".markdown"})
_COMPETITION: Final = f"{MOMENTS_FOLDER}/competition.yaml"


@dataclass(frozen=True, slots=True)
class Placed:
    """A file that became a document of the playbook, and what its author should look at."""

    source: str
    document: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of it. `left` holds files with the reason; `added` what the playbook needs besides documents."""

    placed: tuple[Placed, ...]
    left: tuple[tuple[str, str], ...]
    added: tuple[str, ...]


def import_folder(source: Path, playbook: Path) -> Imported:
    """Brings every Markdown file below `source` into the playbook, which is begun where it is missing.

    Raises:
        CornermanError: there is no such folder, the two lie in each other, or the playbook cannot be written.
    """
    if not source.is_dir():
        raise CornermanError(f"{source} is no folder: name the folder that holds the Markdown files")
    inside, outside = playbook.resolve(), source.resolve()
    if inside.is_relative_to(outside) or outside.is_relative_to(inside):
        raise CornermanError(f"{playbook} and {source} lie in each other: name another folder with --out")
    topics, left = _read(source)
    try:
        placed = _write(topics, playbook, left)
        added = _begin(playbook, placed) if placed else []
    except OSError as error:
        raise CornermanError(f"{playbook} cannot be written ({error.strerror}): name another folder") from None
    return Imported(tuple(placed), tuple(sorted(left)), tuple(added))


def _read(source: Path) -> tuple[list[tuple[str, Topic]], list[tuple[str, str]]]:
    topics: list[tuple[str, Topic]] = []
    left: list[tuple[str, str]] = []
    for number, path in enumerate(_files(source)):
        shown = printable(str(path))
        try:
            if number >= MAX_FILES:
                raise UnplacedError(f"only the first {MAX_FILES} files are read; import the rest by itself")
            topics.append((shown, read_topic(path, _text(source, path), source.resolve().name)))
        except UnplacedError as reason:
            left.append((shown, str(reason)))
    return topics, left


def _files(source: Path) -> list[PurePosixPath]:
    """Every file below the folder that is not hidden; links to folders are not followed, so there is no circle."""
    found: list[PurePosixPath] = []
    for place, folders, names in os.walk(source):
        folders[:] = [name for name in folders if not name.startswith(".")]
        inside = Path(place).relative_to(source)
        found += [PurePosixPath((inside / name).as_posix()) for name in names if not name.startswith(".")]
    return sorted(found)


def _text(source: Path, path: PurePosixPath) -> str:
    file = source / path
    if path.suffix.lower() not in _ENDINGS:
        raise UnplacedError("it is no Markdown; save it as .md")
    if file.is_symlink() or not file.is_file():
        raise UnplacedError("it is a link or no regular file; put the file itself here")
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise UnplacedError(f"it is larger than {MAX_FILE_BYTES // 2**20} MiB; split it up")
        content = file.read_bytes()
    except OSError as error:
        raise UnplacedError(f"it cannot be read ({error.strerror}); correct its permissions") from None
    log = FaultLog()
    text = decoded(path.name, content, log)
    if text is None:
        raise UnplacedError(f"line {log.faults[0].line}: {log.faults[0].text}")
    return text


def _write(topics: list[tuple[str, Topic]], playbook: Path, left: list[tuple[str, str]]) -> list[Placed]:
    placed: list[Placed] = []
    taken: set[str] = set()
    for source, topic in topics:
        name, number = topic.name, 1
        while (document := f"{topic.folder}/{name}.md") in taken:
            number += 1
            name = f"{topic.name}-{number}"
        target = playbook / document
        if target.exists():
            left.append((source, f"{document} is in the playbook already; rename one, or remove the old one"))
            continue
        taken.add(document)
        target.parent.mkdir(parents=True, exist_ok=True)
        front = yaml.safe_dump(topic.fields, allow_unicode=True, sort_keys=False, width=2**20)
        target.write_text(f"---\n{front}---\n{topic.body}", encoding="utf-8")
        placed.append(Placed(source, document, topic.remarks))
    return placed


def _begin(playbook: Path, placed: list[Placed]) -> list[str]:
    """What a playbook needs besides documents, taken from the starter where it is missing."""
    added: list[str] = []
    if not (playbook / PLAYBOOK_FILE).exists():
        added.append(copy_of(PLAYBOOK_FILE, playbook))
        write_schemas(playbook / SCHEMA_FOLDER)
    competitors = any(one.document.startswith(f"{BATTLECARDS_FOLDER}/") for one in placed)
    if competitors and not (playbook / MOMENTS_FOLDER).exists():
        added.append(copy_of(_COMPETITION, playbook))
    return added
