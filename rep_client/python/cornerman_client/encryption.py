"""End-to-end encrypted rooms: the options everybody in one joins with, the coach too.

In: the room's key, which your product hands to its people by a way of its own. Out: options for `rtc.Room.connect`,
and a check value by which a coach sees before it joins whether it was given the same key.

Media and data are both encrypted: a LiveKit server carries calls between rep and coach without being able to read
them. The key is a text, derived as LiveKit's clients for browsers derive a passphrase, so that they share rooms.
"""

from __future__ import annotations

import hashlib

from livekit import rtc

FAILURE_TOLERANCE = 10
"""Frames in a row that cannot be read before it is said; the library's default never says it."""
CHECK_ROUNDS = 600_000
"""As slow as is advised for passphrases, and slower than what guards the media: the check helps nobody guess."""
CHECK_BYTES = 12
_CHECK_SALT = b"cornerman room key check 1"


class _Hidden(rtc.KeyProviderOptions):
    """Options whose key shows in no repr."""

    def __repr__(self) -> str:
        return "KeyProviderOptions(shared_key=hidden)"


def encryption(key: str) -> rtc.E2EEOptions:
    """What `RoomOptions.encryption` and `JobContext.connect` take. Keys do not change by themselves: trying whether a
    wrong one would fit later costs a processor, and never does.
    """
    options = _Hidden(shared_key=key.encode(), ratchet_window_size=0, failure_tolerance=FAILURE_TOLERANCE)
    return rtc.E2EEOptions(key_provider_options=options)


def room_options(key: str | None = None, *, auto_subscribe: bool = True) -> rtc.RoomOptions:
    """Options to join with; without a key those of a room that is not end-to-end encrypted."""
    return rtc.RoomOptions(auto_subscribe=auto_subscribe, encryption=encryption(key) if key else None)


def key_check(key: str) -> str:
    """A value that two keys share if they are the same. Takes about 0.2 s of a processor: not on an event loop."""
    digest = hashlib.pbkdf2_hmac("sha256", key.encode(), _CHECK_SALT, CHECK_ROUNDS, CHECK_BYTES)
    return digest.hex()
