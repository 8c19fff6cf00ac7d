"""Whether what is said to a participant by RPC stays between the two, as LiveKit's SDKs carry it.

Calls and answers between participants that know each other's protocol travel in one addressed packet. Two cases do not:
a peer of client protocol 1, and an answer to a caller the room has not listed yet. There the SDK opens a stream of
which only the first packet carries the address, and the rest, content included, goes to everybody in the room. So:
never call a peer of protocol 1, never answer one that is not listed. Errors always travel in one addressed packet and
are safe.
"""

from __future__ import annotations

from livekit import rtc

LEAKY_PROTOCOL = 1
ACQUAINTANCE_SECONDS = 5.0
"""Until when a participant that joined has been listed to the others: the server tells of non-publishing participants
with 2.0 to 2.5 s of delay (measured), more on a busy machine.
"""


def can_be_called(participant: rtc.RemoteParticipant) -> bool:
    """True when a call to this listed participant reaches nobody else."""
    return participant._info.client_protocol != LEAKY_PROTOCOL


def can_be_answered(room: rtc.Room, identity: str) -> bool:
    """True when an answer to this caller reaches nobody else."""
    participant = room.remote_participants.get(identity)
    return participant is not None and can_be_called(participant)
