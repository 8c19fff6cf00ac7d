"""Journals that only whoever has the key can read: AES-256-GCM, line by line, so that a killed process loses nothing.

In: keys by reference, a file's lines. Out: the same lines sealed, and open again. A sealed file begins with a line that
names the key by an id and carries a salt; a key of its own is derived for each file from both. Every line that follows
is its number and its sealed text; the file's name and the number are authenticated with it, so that lines cannot be
changed, put in another order or moved to another file. That lines are missing cannot be seen.

What is not sealed is read as it is: a journal may begin plain and go on sealed. The library that does the work is an
extra, `cornerman[encryption]`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from cornerman.config import JournalSettings, read_key
from cornerman.errors import ConfigError, JournalError

MARK = b"cornerman-sealed-1 "
KEY_BYTES = 32
SALT_BYTES = 16
NONCE_BYTES = 12
MAKE_ONE = "make one with: openssl rand -base64 32"


@dataclass(frozen=True, slots=True)
class JournalKey:
    """One key. `id` tells it from others and says nothing of it."""

    id: str
    secret: bytes = field(repr=False)

    @classmethod
    def of(cls, text: SecretStr, setting: str) -> JournalKey:
        """A key as written: 32 bytes in base64 or as 64 hexadecimal digits.

        Raises: ConfigError: it is something else; the text is not shown.
        """
        secret = _bytes_of(text.get_secret_value())
        if len(secret) != KEY_BYTES:
            raise ConfigError(
                "a key cannot be used",
                [f"{setting}: the key must be 32 bytes in base64 or 64 hexadecimal digits; {MAKE_ONE}"],
            )
        return cls(hashlib.sha256(b"cornerman journal key id" + secret).hexdigest()[:12], secret)


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of journals: the first one seals, every one opens. None: what is written is plain."""

    keys: tuple[JournalKey, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.keys)

    def sealed(self, name: str) -> FileSeal | None:
        """What seals a new file of this name; None where there is no key."""
        return FileSeal.new(self.keys[0], name) if self.keys else None

    def with_id(self, key_id: str, path: Path) -> JournalKey:
        """The key a file names.

        Raises: JournalError: it is not among these.
        """
        for key in self.keys:
            if key.id == key_id:
                return key
        held = f"those given are {', '.join(key.id for key in self.keys)}" if self.keys else "none is given"
        raise JournalError(f"{path} is sealed with the key {key_id}, and {held}: name that key in journal.keys")


NO_KEYS = Keys()


def journal_keys(settings: JournalSettings) -> Keys:
    """The keys that `journal.keys` names.

    Raises:
        ConfigError: one cannot be had or used, or the library for it is not installed; every fault is listed.
    """
    keys: list[JournalKey] = []
    faults: list[str] = []
    for index, reference in enumerate(settings.keys):
        try:
            keys.append(JournalKey.of(read_key(reference, f"journal.keys.{index}"), f"journal.keys.{index}"))
        except ConfigError as error:
            faults.extend(error.faults)
    if settings.keys:
        try:
            import cryptography  # noqa: F401 - an extra: whether it is there
        except ImportError:
            faults.append("journal.keys: sealing needs the extra cornerman[encryption]; install it")
    if faults:
        raise ConfigError("journals cannot be sealed", faults)
    return Keys(tuple(keys))


class FileSeal:
    """Seals the lines of one new file, each under the next number, which is never used twice."""

    def __init__(self, key: JournalKey, name: str, salt: bytes) -> None:
        self._cipher = _FileCipher(key, name, salt)
        self._number = 0
        self.header = MARK + f"{key.id} {_text(salt)}\n".encode()
        """The file's first line."""

    @classmethod
    def new(cls, key: JournalKey, name: str) -> FileSeal:
        """For a file that does not exist yet."""
        return cls(key, name, os.urandom(SALT_BYTES))

    def line(self, plain: bytes) -> bytes:
        """One line, or a whole file, as one sealed line."""
        self._number += 1
        return f"{self._number}.{_text(self._cipher.seal(self._number, plain))}\n".encode()


def opened_lines(path: Path, keys: Keys = NO_KEYS) -> Iterator[bytes]:
    """The lines of a journal's file as they were written, up to the last that ends, opened where they are sealed.

    Raises:
        JournalError: no key for it is given, or something was changed.
    """
    with path.open("rb") as file:
        first = file.readline()
        if not first.startswith(MARK):
            if first.endswith(b"\n"):
                yield first
                yield from (line for line in file if line.endswith(b"\n"))
            return
        if not first.endswith(b"\n"):
            return  # killed while it began
        cipher = _cipher_of(first, path, keys)
        last = 0
        for line in file:
            if not line.endswith(b"\n"):
                return
            last, plain = cipher.opened(line, last, path)
            yield plain


def is_sealed(path: Path) -> bool:
    """Whether a file can be read with a key only."""
    with path.open("rb") as file:
        return file.read(len(MARK)) == MARK


def read_whole(path: Path, keys: Keys = NO_KEYS) -> bytes:
    """A file that was written in one go, opened where it is sealed.

    Raises:
        JournalError: no key for it is given, or something was changed.
        OSError: it cannot be read.
    """
    return b"".join(opened_lines(path, keys)) if is_sealed(path) else path.read_bytes()


def whole(content: bytes, name: str, keys: Keys) -> bytes:
    """The bytes to write for a file of this name, sealed where there is a key."""
    seal = keys.sealed(name)
    return content if seal is None else seal.header + seal.line(content)


class _FileCipher:
    def __init__(self, key: JournalKey, name: str, salt: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        derived = HKDF(SHA256(), KEY_BYTES, salt, b"cornerman journal file").derive(key.secret)
        self._cipher = AESGCM(derived)
        self._name = name.encode()

    def seal(self, number: int, plain: bytes) -> bytes:
        # The key is this file's alone, so its line numbers are nonces that never come twice.
        return self._cipher.encrypt(number.to_bytes(NONCE_BYTES, "big"), plain, self._name)

    def opened(self, line: bytes, last: int, path: Path) -> tuple[int, bytes]:
        from cryptography.exceptions import InvalidTag

        number, _, sealed = line.partition(b".")
        try:
            count = int(number)
            if count <= last:
                raise ValueError("out of order")
            nonce = count.to_bytes(NONCE_BYTES, "big")
            return count, self._cipher.decrypt(nonce, base64.b64decode(sealed, validate=False), self._name)
        except (ValueError, OverflowError, InvalidTag):
            raise JournalError(
                f"{path} is damaged after line {last}: what follows was not sealed there by this key, or was changed"
            ) from None


def _cipher_of(first: bytes, path: Path, keys: Keys) -> _FileCipher:
    try:
        key_id, salt = first[len(MARK) :].decode("ascii").split()
        return _FileCipher(keys.with_id(key_id, path), path.name, base64.b64decode(salt, validate=True))
    except (ValueError, binascii.Error):
        raise JournalError(f"{path} is damaged: its first line is no seal; remove the file or mend it") from None


def _bytes_of(text: str) -> bytes:
    if len(text) == 2 * KEY_BYTES:
        try:
            return bytes.fromhex(text)
        except ValueError:
            return b""
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error:
        return b""


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
