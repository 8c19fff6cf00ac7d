"""The files of a playbook folder, read safely: which belong to it, their text, and one digest over all of them.

A folder goes in; decoded texts by relative path come out, with faults for everything that must not be read: links
that lead out of the folder, things that are no files, files too large, text that is not UTF-8. Files that are no part
of a playbook are left alone with a warning, because a misspelt folder name would otherwise silence its moments
without a word.
"""

from __future__ import annotations

import errno
import hashlib
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cornerman.playbook.faults import FaultLog

MAX_FILE_BYTES: Final = 8 * 1024 * 1024
MAX_FOLDER_BYTES: Final = 32 * 1024 * 1024
MAX_FILES: Final = 2_000

PLAYBOOK_FILE: Final = "playbook.yaml"
MOMENTS_FOLDER: Final = "moments"
BATTLECARDS_FOLDER: Final = "battlecards"
PRODUCTS_FOLDER: Final = "products"
CARD_FOLDERS: Final = ("objections", "plays")
DOCUMENT_FOLDERS: Final = (BATTLECARDS_FOLDER, *CARD_FOLDERS, PRODUCTS_FOLDER)
DISCOUNTS_FILE: Final = "discounts.yaml"
COMPLIANCE_FILE: Final = "compliance.yaml"
GAUGES_FILE: Final = "gauges.yaml"
RUBRIC_FILE: Final = "rubric.yaml"
TESTS_FILE: Final = "tests.yaml"

_SINGLE_FILES = frozenset({PLAYBOOK_FILE, DISCOUNTS_FILE, COMPLIANCE_FILE, GAUGES_FILE, RUBRIC_FILE, TESTS_FILE})
_ENDINGS = {MOMENTS_FOLDER: ".yaml"} | dict.fromkeys(DOCUMENT_FOLDERS, ".md")
_CIRCLE = "this link leads in a circle; put the file or folder itself here"
_NEARLY = {".yml": ".yaml", ".markdown": ".md"}
_COMPANIONS = frozenset({"readme", "license", "licence", "notice", "changelog"})
_DOCUMENT_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
# Controls, and the two marks that make text read in another order than it is written.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202d\u202e]")


@dataclass(frozen=True, slots=True)
class PlaybookFiles:
    """Texts by path relative to the folder (with `/`), in the order of the paths, and the SHA-256 over paths and bytes.

    `present` holds the unreadable ones too, `contents` the bytes as they lie on disk.
    """

    texts: Mapping[str, str]
    digest: str
    present: frozenset[str]
    contents: Mapping[str, bytes]

    def within(self, folder: str) -> list[tuple[str, str]]:
        """Path and text of each file of one folder, in the order of the paths."""
        return [(path, text) for path, text in self.texts.items() if path.startswith(f"{folder}/")]


def read_files(folder: Path, log: FaultLog) -> PlaybookFiles:
    """Reads every file that belongs to the playbook; what cannot be read is noted in `log` and left out."""
    texts: dict[str, str] = {}
    contents: dict[str, bytes] = {}
    digest = hashlib.sha256()
    total = 0
    paths = _listed(folder, log)
    if len(paths) > MAX_FILES:
        log.add(
            ".", 1, f"the folder holds {len(paths)} playbook files, at most {MAX_FILES} are read; split the playbook"
        )
        paths = paths[:MAX_FILES]
    for path in paths:
        content = _bytes_of(folder, path, log)
        if content is None:
            continue
        total += len(content)
        if total > MAX_FOLDER_BYTES:
            log.add(path, 1, f"the playbook's files exceed {MAX_FOLDER_BYTES // 2**20} MiB in all; split the playbook")
            break
        digest.update(f"{path}\0{len(content)}\0".encode())
        digest.update(content)
        contents[path] = content
        text = decoded(path, content, log)
        if text is not None:
            texts[path] = text
    return PlaybookFiles(texts, digest.hexdigest(), frozenset(paths), contents)


def _listed(folder: Path, log: FaultLog) -> list[str]:
    """The playbook's files, sorted by path; everything else in the folder is judged on the way."""
    found: list[str] = []
    for entry in _entries(folder, "", log):
        if entry in _ENDINGS:
            found += [path for name in _entries(folder, entry, log) if _belongs(path := f"{entry}/{name}", log)]
        elif entry in _SINGLE_FILES:
            found.append(entry)
        else:
            _judge_stranger(entry, log)
    return sorted(found)


def _entries(folder: Path, inside: str, log: FaultLog) -> list[str]:
    """Printable names in a folder that lies inside the playbook; hidden ones are passed over."""
    place = folder / inside
    try:
        if not place.resolve().is_relative_to(folder.resolve()):
            log.add(inside, 1, "this link leads out of the playbook's folder; put the files themselves here")
            return []
        names = sorted(entry.name for entry in place.iterdir())
    except NotADirectoryError:
        log.add(inside, 1, "this is a file where a folder belongs; rename it")
        return []
    except RuntimeError:  # what pathlib makes of links that lead to each other, before Python 3.13
        log.add(inside, 1, _CIRCLE)
        return []
    except OSError as error:
        wrong = f"the folder cannot be read ({error.strerror}); correct its permissions"
        log.add(inside or ".", 1, _CIRCLE if error.errno == errno.ELOOP else wrong)
        return []
    return [printable(name) for name in names if not name.startswith(".")]


def printable(name: str) -> str:
    """A file's name as it can be shown, whatever bytes it is made of."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8").replace("\n", "\\n")


def _belongs(path: str, log: FaultLog) -> bool:
    folder, name = path.split("/", 1)
    stem, ending = Path(name).stem, Path(name).suffix
    wanted = _ENDINGS[folder]
    if ending == wanted and _DOCUMENT_NAME.fullmatch(stem):
        return True
    if ending == wanted and stem.lower() not in _COMPANIONS:
        log.add(path, 1, "the file's name becomes an id; rename it to small letters a-z, digits and hyphens")
    elif _NEARLY.get(ending) == wanted:
        log.add(path, 1, f"files in {folder}/ end in {wanted}; rename it")
    elif stem.lower() not in _COMPANIONS:
        log.warn(path, 1, f"this is no part of a playbook and is not read; files in {folder}/ end in {wanted}")
    return False


def _judge_stranger(name: str, log: FaultLog) -> None:
    stem, ending = Path(name).stem, Path(name).suffix
    if ending == ".yml" and f"{stem}.yaml" in _SINGLE_FILES:
        log.add(name, 1, f"the file must be called {stem}.yaml; rename it")
    elif stem.lower() not in _COMPANIONS:
        known = ", ".join([*sorted(_SINGLE_FILES), *(f"{folder}/" for folder in sorted(_ENDINGS))])
        log.warn(name, 1, f"this is no part of a playbook and is not read; its parts are {known}")


def _bytes_of(folder: Path, path: str, log: FaultLog) -> bytes | None:
    file = folder / path
    try:
        if not file.resolve().is_relative_to(folder.resolve()):
            log.add(path, 1, "this link leads out of the playbook's folder; put the file itself here")
            return None
        state = file.stat()
        # A pipe or a device would block for ever on reading.
        if not stat.S_ISREG(state.st_mode):
            log.add(path, 1, "this is no regular file; replace it by one")
            return None
        if state.st_size > MAX_FILE_BYTES:
            size = f"{state.st_size / 2**20:.1f} MiB, at most {MAX_FILE_BYTES // 2**20}"
            log.add(path, 1, f"the file is too large ({size} are read); split it up")
            return None
        return file.read_bytes()
    except RuntimeError:
        log.add(path, 1, _CIRCLE)
        return None
    except OSError as error:
        wrong = f"the file cannot be read ({error.strerror}); correct the link or its permissions"
        log.add(path, 1, _CIRCLE if error.errno == errno.ELOOP else wrong)
        return None


def decoded(path: str, content: bytes, log: FaultLog) -> str | None:
    """The text of a file; None, and a fault in the log, where it is no plain UTF-8."""
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        log.add(path, line, f"byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8")
        return None
    control = _CONTROL.search(text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        log.add(path, line, f"the control character 0x{ord(control.group()):02x} stands here; remove it")
        return None
    return text
