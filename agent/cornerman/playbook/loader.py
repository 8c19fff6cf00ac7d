"""A playbook folder in, a checked `Playbook` out, or one error that lists every fault with file, line and mend.

Reading never stops at the first fault: each file is read as far as it goes, and references are checked between
whatever could be read. Nothing of the folder's place on disk enters the result.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cornerman.errors import PlaybookError
from cornerman.playbook.assembly import assemble
from cornerman.playbook.faults import FaultLog
from cornerman.playbook.files import PLAYBOOK_FILE, PlaybookFiles, read_files
from cornerman.playbook.links import check_links
from cornerman.playbook.model import Playbook
from cornerman.playbook.parts import Parts, read_parts


@dataclass(frozen=True, slots=True)
class Reading:
    """A playbook as far as it could be read: what lies there, what it says, and the whole where nothing is wrong."""

    files: PlaybookFiles
    parts: Parts
    playbook: Playbook | None


def load_playbook(folder: Path) -> Playbook:
    """Loads and checks a playbook.

    Raises:
        PlaybookError: it cannot be used; `faults` lists everything found, as "<file>:<line>: what is wrong; how to
        mend it".
    """
    log = FaultLog()
    files = read_folder(folder, log)
    playbook = understand(files, log).playbook if files else None
    if playbook is None:
        raise unusable(folder, log)
    return playbook


def read_folder(folder: Path, log: FaultLog) -> PlaybookFiles | None:
    """The files of a playbook; None when there is no such folder. Faults go to `log`."""
    if not folder.is_dir():
        log.add(PLAYBOOK_FILE, 1, "its folder does not exist or is no folder; correct the path")
        return None
    return read_files(folder, log)


def understand(files: PlaybookFiles, log: FaultLog) -> Reading:
    """What the files say, each for itself and all together. Faults go to `log`."""
    parts = read_parts(files, log)
    check_links(parts, files, log)
    if log.faults or parts.head is None:
        return Reading(files, parts, None)
    return Reading(files, parts, assemble(parts, parts.head, files.digest, log.warning_sentences()))


def unusable(folder: Path, log: FaultLog) -> PlaybookError:
    """The error that lists everything found."""
    return PlaybookError(f"the playbook {folder} cannot be used", log.sentences())
