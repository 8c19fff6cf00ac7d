"""A playbook folder in, a checked `Playbook` out, or one error that lists every fault with file, line and mend.

Reading never stops at the first fault: each file is read as far as it goes, and references are checked between
whatever could be read. Nothing of the folder's place on disk enters the result.
"""

from __future__ import annotations

from pathlib import Path

from cornerman.errors import PlaybookError
from cornerman.playbook.assembly import assemble
from cornerman.playbook.faults import FaultLog
from cornerman.playbook.files import PLAYBOOK_FILE, read_files
from cornerman.playbook.links import check_links
from cornerman.playbook.model import Playbook
from cornerman.playbook.parts import read_parts


def load_playbook(folder: Path) -> Playbook:
    """Loads and checks a playbook.

    Raises:
        PlaybookError: it cannot be used; `faults` lists everything found, as "<file>:<line>: what is wrong; how to
        mend it".
    """
    log = FaultLog()
    what = f"the playbook {folder} cannot be used"
    if not folder.is_dir():
        raise PlaybookError(what, [f"{PLAYBOOK_FILE}:1: its folder does not exist or is no folder; correct the path"])
    files = read_files(folder, log)
    parts = read_parts(files, log)
    check_links(parts, files, log)
    if log.faults or parts.head is None:
        raise PlaybookError(what, log.sentences())
    return assemble(parts, parts.head, files.digest, log.warning_sentences())
