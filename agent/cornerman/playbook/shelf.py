"""The playbooks a worker uses, read anew for each call and parsed only when they have changed.

A folder goes in, the playbook as it lies there comes out. A change that cannot be used is told in the log, and the
last good state stays in use: first the one that any process of the worker has put by, then the one in memory. A
playbook is frozen, so a call that runs keeps the one it began with.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cornerman.playbook.faults import FaultLog
from cornerman.playbook.files import PlaybookFiles
from cornerman.playbook.loader import read_folder, understand, unusable
from cornerman.playbook.model import Playbook

logger = logging.getLogger(__name__)

_FOLDER: Final = "playbooks"
_CURRENT: Final = "current"


class Shelf:
    """Playbooks by folder. May be used by several threads.

    `state_folder` names the folder that the worker's processes share, or None where there is none: only memory
    remembers then. What is put by there is a copy of the files, read and checked like any playbook.
    """

    def __init__(self, state_folder: Callable[[], Path | None] = lambda: None) -> None:
        self._state_folder = state_folder
        self._known: dict[Path, Playbook] = {}
        self._told: dict[Path, tuple[str, ...]] = {}
        self._lock = threading.Lock()

    def open(self, folder: Path) -> Playbook:
        """The playbook as it is now, or as it last was when it could be used. Reads files: not for an event loop.

        Raises:
            PlaybookError: it cannot be used, and never could as far as is known; every fault is listed.
        """
        with self._lock:
            log = FaultLog()
            files = read_folder(folder, log)
            known = self._known.get(folder)
            if files is None or log.faults:
                return self._last_good(folder, log)
            if known is not None and known.digest == files.digest:
                self._told.pop(folder, None)
                return known
            playbook = understand(files, log).playbook
            if playbook is None:
                return self._last_good(folder, log)
            if known is not None:
                logger.info("the playbook %s has changed: digest %s, for new calls", folder, playbook.digest[:12])
            self._told.pop(folder, None)
            self._known[folder] = playbook
            self._put_by(folder, files)
            return playbook

    def _last_good(self, folder: Path, log: FaultLog) -> Playbook:
        playbook = self._put_by_before(folder) or self._known.get(folder)
        if playbook is None:
            raise unusable(folder, log)
        self._known[folder] = playbook
        faults = tuple(log.sentences())
        if self._told.get(folder) != faults:
            self._told[folder] = faults
            listed = "\n".join(f"  - {fault}" for fault in faults)
            kept = f"calls go on with its last good state, digest {playbook.digest[:12]}; mend it"
            logger.error("the playbook %s has changed and cannot be used: %s:\n%s", folder, kept, listed)
        return playbook

    def _place(self, folder: Path) -> Path | None:
        state = self._state_folder()
        if state is None:
            return None
        return state / _FOLDER / hashlib.sha256(os.fsencode(folder.absolute())).hexdigest()[:32]

    def _put_by(self, folder: Path, files: PlaybookFiles) -> None:
        """Copies the files, whole or not at all: other processes may look at any time."""
        place = self._place(folder)
        if place is None:
            return
        try:
            place.mkdir(parents=True, exist_ok=True)
            if not (place / files.digest).is_dir():
                building = Path(tempfile.mkdtemp(prefix=".building-", dir=place))
                for path, content in files.contents.items():
                    (building / path).parent.mkdir(exist_ok=True)
                    (building / path).write_bytes(content)
                _rename(building, place / files.digest)
            before = _read(place / _CURRENT)
            with tempfile.NamedTemporaryFile("w", prefix=".pointer-", dir=place, delete=False) as pointer:
                pointer.write(files.digest)
            Path(pointer.name).replace(place / _CURRENT)
            # One state back stays: another process may be reading it.
            for old in place.iterdir():
                if not old.name.startswith(".") and old.name not in (_CURRENT, files.digest, before):
                    shutil.rmtree(old, ignore_errors=True)
        except OSError as error:
            logger.warning("the playbook %s cannot be put by for other processes: %s", folder, error)

    def _put_by_before(self, folder: Path) -> Playbook | None:
        """What any process put by last: this one's memory may be older, where it was forked with it."""
        place = self._place(folder)
        digest = _read(place / _CURRENT) if place else ""
        known = self._known.get(folder)
        if known is not None and known.digest == digest:
            return known
        if place is None or not digest:
            return None
        log = FaultLog()
        files = read_folder(place / digest, log)
        return understand(files, log).playbook if files and files.digest == digest else None


def _rename(building: Path, place: Path) -> None:
    try:
        building.rename(place)
    except OSError:
        # Another process was faster with the same content.
        shutil.rmtree(building, ignore_errors=True)
        if not place.is_dir():
            raise


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except OSError:
        return ""
