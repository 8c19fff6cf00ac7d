"""Vectors of a playbook's sentences, kept in the user's cache folder, so that they are worked out once on a machine.

In: sentences. Out: their vectors, in order. A set of sentences is a file named by what made it (model, arithmetic and
sentences); it is written aside and moved into place, so that processes may read and write at the same time, and it
carries a sum of its own: a damaged file is made anew. One process at a time works a set out, others wait for it. A set
that is new takes what it can from the sets that are there: a playbook with one more example costs one more vector. Only
a playbook's own sentences come here, never spoken words, and not even those are in the files: vectors and hashes are.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cornerman.providers.embedding.embedder import DIMENSIONS, Embedder
from cornerman.providers.embedding.weights import MODEL_SUM

logger = logging.getLogger(__name__)

KEPT_SETS = 8
"""Files kept; the ones longest unused go. One of 1,500 sentences takes 2.4 MB."""
_ARITHMETIC = f"1 numpy {np.__version__}"
"""Part of every file's name: other arithmetic may move the last bits, and a replay has to find what the call had."""
_LOOKS_EVERY = 0.1
_SUM = hashlib.sha256().digest_size
_MARK = b"cornerman vectors 1\n"

Vectors = NDArray[np.float32]


def vectors_of(
    sentences: Sequence[str], embedder: Embedder, folder: Path, stopped: Callable[[], bool] = lambda: False
) -> Vectors:
    """The sentences' vectors, shape (number of sentences, 384), from the folder or worked out and kept there. Takes
    some milliseconds a sentence the first time. A folder that cannot be written is told in the log and done without.

    Raises:
        InterruptedError: `stopped` said so between two sentences.
    """
    keys = [_key(sentence) for sentence in sentences]
    text_of = dict(zip(keys, sentences, strict=True))
    file = folder / f"{_name(text_of)}.vectors"
    kept = _whole(file, text_of)
    if kept is None:
        with _alone(folder, stopped):
            kept = _whole(file, text_of) or _made(text_of, embedder, folder, stopped)
            _write(file, kept)
    rows = [kept[key] for key in keys]
    return np.stack(rows) if rows else np.empty((0, DIMENSIONS), dtype=np.float32)


def _made(
    text_of: Mapping[bytes, str], embedder: Embedder, folder: Path, stopped: Callable[[], bool]
) -> Mapping[bytes, Vectors]:
    known = {key: vector for one in _others(folder) for key, vector in (_read(one) or {}).items()}
    made = {}
    for key, text in text_of.items():
        if stopped():
            raise InterruptedError("the vectors are not needed any more")
        vector = known.get(key)
        made[key] = embedder.encode([text])[0] if vector is None else vector
    return made


@contextmanager
def _alone(folder: Path, stopped: Callable[[], bool]) -> Iterator[None]:
    """Held by one process at a time, and let go however it ends: several that start together would each take a core
    for the same work. Where the folder allows no lock, they do.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        yield
        return
    try:
        while not _locked(lock):
            if stopped():
                raise InterruptedError("the vectors are not needed any more")
            time.sleep(_LOOKS_EVERY)
        yield
    finally:
        os.close(lock)


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks
    return True


def _key(sentence: str) -> bytes:
    return hashlib.sha256("\0".join((MODEL_SUM, _ARITHMETIC, sentence)).encode()).digest()


def _name(keys: Iterable[bytes]) -> str:
    return hashlib.sha256(b"".join(sorted(keys))).hexdigest()[:32]


def _whole(file: Path, wanted: Collection[bytes]) -> Mapping[bytes, Vectors] | None:
    """What a file holds, if that is all that is wanted."""
    kept = _read(file)
    return kept if kept is not None and all(key in kept for key in wanted) else None


def _read(file: Path) -> Mapping[bytes, Vectors] | None:
    """What a file holds; None where there is none, or a damaged one."""
    try:
        data = file.read_bytes()
        os.utime(file)  # in use: not to be the first to go
    except OSError:
        return None
    entry = _SUM + 4 * DIMENSIONS
    body = data[len(_MARK) + _SUM :]
    whole = data.startswith(_MARK) and len(body) % entry == 0
    if not whole or hashlib.sha256(body).digest() != data[len(_MARK) : len(_MARK) + _SUM]:
        logger.warning("%s is damaged and is made anew", file)
        return None
    return {
        body[at : at + _SUM]: np.frombuffer(body, dtype="<f4", count=DIMENSIONS, offset=at + _SUM)
        for at in range(0, len(body), entry)
    }


def _write(file: Path, vectors: Mapping[bytes, Vectors]) -> None:
    body = b"".join(key + vector.astype("<f4").tobytes() for key, vector in vectors.items())
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(dir=file.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(_MARK + hashlib.sha256(body).digest() + body)
            Path(scratch).replace(file)
        finally:
            Path(scratch).unlink(missing_ok=True)
        _tidy(file.parent)
    except OSError as error:
        logger.warning("vectors are not kept in %s: %s", file.parent, error.strerror)


def _others(folder: Path) -> list[Path]:
    """The sets in the folder, newest first."""
    dated = []
    for file in folder.glob("*.vectors"):
        with suppress(OSError):
            dated.append((file.stat().st_mtime, file))
    return [file for _, file in sorted(dated, reverse=True)]


def _tidy(folder: Path) -> None:
    """Removes sets beyond the kept ones, and what writers that were killed left behind."""
    for file in _others(folder)[KEPT_SETS:]:
        file.unlink(missing_ok=True)
    for part in folder.glob("*.part"):
        with suppress(FileNotFoundError):
            if time.time() - part.stat().st_mtime > 3600:
                part.unlink()
