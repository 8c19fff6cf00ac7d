"""The worker's own retention: deletes what is too old when it starts, and once a day, in a thread of its own.

In: settings. Out: a line in the log for what was deleted. Nothing of it runs on an event loop; a disk that fails costs
the deletion, is told of in the log, and is tried again a day later.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cornerman.config import Settings
from cornerman.retention.purging import purge

logger = logging.getLogger(__name__)

EVERY = 86_400.0
ENDS_WITHIN = 5.0
"""Seconds a deletion under way is waited for when the worker ends; what is left of it goes at the next start."""


@contextmanager
def sweeping(settings: Settings, every: float = EVERY) -> Iterator[None]:
    """Keeps to `journal.retention` for as long as this lasts; does nothing where it is not set."""
    days = settings.journal.retention
    if days is None:
        yield
        return
    ended = threading.Event()
    # A daemon: a disk that hangs must not keep a worker from ending.
    thread = threading.Thread(target=_sweep, args=(settings, days, every, ended), name="retention", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(ENDS_WITHIN)


def _sweep(settings: Settings, days: float, every: float, ended: threading.Event) -> None:
    while True:
        _once(settings.journal.path, days, settings.screen.keep)
        if ended.wait(every):
            return


def _once(root: Path, days: float, frames: Path | None) -> None:
    try:
        purged = purge(root, older_than=days, frames=frames, now=time.time())
    except OSError as error:
        logger.error("old calls could not be looked for", extra={"error": error.strerror})
        return
    gone = [one for one in purged if not one.kept]
    for one in purged:
        if one.kept:
            logger.warning("an old call is kept", extra={"call": one.call.folder.name, "why": one.kept})
    if gone:
        logger.info("old calls deleted", extra={"calls": len(gone), "bytes": sum(one.call.size for one in gone)})
