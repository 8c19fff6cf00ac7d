"""The key of an end-to-end encrypted room, and what can be read in a room with it or without.

In: what the job's metadata asks for, the operator's keys, what tracks say of themselves, what the library tells of
decryption. Out: options to join with; who can be read, and why not.

A coach whose key is not the room's joins without any: it subscribes to nothing and sends nothing but its state, which
says so and which it could not send if it encrypted with the wrong key. With a key it takes encrypted tracks alone, so
that nobody between can speak in somebody's stead; without one it takes none that is encrypted, which would be noise.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from livekit import rtc
from pydantic import SecretStr

from cornerman.config import Settings, read_key
from cornerman.contract import JobMetadata
from cornerman.errors import ConfigError
from cornerman.room.line_guard import LineGuard
from cornerman_client.encryption import encryption, key_check

logger = logging.getLogger(__name__)

TROUBLE = "room_key"
WRONG_KEY = "encrypted with another key than the coach's"
NO_KEY = "encrypted, and the coach has no room key"
NOT_ENCRYPTED = "not encrypted, in an encrypted room"
OK = rtc.EncryptionState.OK
FAILING = frozenset(
    {rtc.EncryptionState.DECRYPTION_FAILED, rtc.EncryptionState.MISSING_KEY, rtc.EncryptionState.INTERNAL_ERROR}
)


def key_asked_for(settings: Settings, metadata: JobMetadata) -> SecretStr | None:
    """The key a job names; None where the room is not end-to-end encrypted.

    Raises:
        ConfigError: the operator has no key of that name, or it cannot be read.
    """
    if metadata.encryption is None:
        return None
    name = metadata.encryption.key
    reference = settings.rooms.keys.get(name)
    if reference is None:
        known = ", ".join(sorted(settings.rooms.keys)) or "none"
        raise ConfigError(
            "the job's metadata cannot be used", [f"encryption.key: no key {name!r} in rooms.keys (known: {known})"]
        )
    return read_key(reference, f"rooms.keys.{name}")


@dataclass(frozen=True, slots=True)
class JoinKey:
    """What to join with: `options` for the library; `wrong` where the key is known not to be the room's."""

    options: rtc.E2EEOptions | None = field(default=None, repr=False)
    wrong: bool = False


async def join_key(settings: Settings, metadata: JobMetadata) -> JoinKey:
    """The key to join with, held against the check value where the dispatcher gave one.

    Raises: ConfigError: there is no such key.
    """
    key = await asyncio.to_thread(key_asked_for, settings, metadata)
    if key is None or metadata.encryption is None:
        return JoinKey()
    expected = metadata.encryption.check
    if expected:
        check = await asyncio.to_thread(key_check, key.get_secret_value())
        if not hmac.compare_digest(check, expected.lower()):
            logger.error("the key %s is not this room's: the coach hears nothing", metadata.encryption.key)
            return JoinKey(wrong=True)
    return JoinKey(encryption(key.get_secret_value()))


class RoomKey:
    """What can be read in this room. `guard` lets nothing but state out where the coach is locked out."""

    def __init__(self, given: JoinKey, guard: LineGuard) -> None:
        self.held = given.options is not None
        self.locked_out = given.wrong
        """The coach is in an encrypted room without its key: it may say that and nothing else."""
        self._wrong = given.wrong
        self._guard = guard
        self._changed: Callable[[], None] = lambda: None
        self._failing: set[str] = set()
        if self.locked_out:
            guard.only_state()

    def follow(self, room: rtc.Room, changed: Callable[[], None]) -> None:
        """Follows what the library says of decryption; `changed` is called when there is news for the rep."""
        self._changed = changed
        room.on("e2ee_state_changed", self._state_changed)
        room.on("participant_disconnected", lambda participant: self._failing.discard(participant.identity))

    def readable(self, publication: rtc.RemoteTrackPublication) -> bool:
        """Whether a track may be subscribed to: encrypted where the coach has a key, plain where it has none."""
        encrypted = publication.encryption_type != rtc.EncryptionType.NONE
        if encrypted and not self.held and not self.locked_out:
            self.locked_out = True
            self._guard.only_state()
            logger.error("the room is end-to-end encrypted, and the job names no key: the coach hears nothing")
            self._changed()
        return not self.locked_out and encrypted == self.held

    def why_not(self, participant: rtc.RemoteParticipant) -> str:
        """Why somebody cannot be heard for want of a key; empty where that is not why."""
        published = participant.track_publications.values()
        encrypted = {publication.encryption_type != rtc.EncryptionType.NONE for publication in published}
        if self._wrong or participant.identity in self._failing:
            return WRONG_KEY
        if self.held:
            return NOT_ENCRYPTED if False in encrypted else ""
        return NO_KEY if self.locked_out else ""

    @property
    def trouble(self) -> tuple[str, ...]:
        """What the rep should know."""
        return (TROUBLE,) if self.locked_out or self._failing else ()

    def _state_changed(self, participant: rtc.Participant | None, state: rtc.EncryptionState.ValueType) -> None:
        if participant is None:
            return  # who left meanwhile
        identity = participant.identity
        if state in FAILING and identity not in self._failing:
            self._failing.add(identity)
            logger.error("what a participant publishes cannot be decrypted", extra={"participant": identity})
            self._changed()
        elif state == OK and identity in self._failing:
            self._failing.discard(identity)
            self._changed()
