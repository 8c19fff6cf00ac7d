"""For the back end of a product: who is on a call, the tokens they join with, and the coach that comes along.

    call = await create_call([Person("maya", "Maya", role="rep"), Person("tom", "Tom")])
    call.url, call.room, call.tokens["maya"]        # hand each person the own token, nobody else's

In: people and the terms of the call; the server's address and key pair, given or from LIVEKIT_URL, LIVEKIT_API_KEY and
LIVEKIT_API_SECRET. Out: tokens, job metadata, a coach.

Promises: nobody is given an identity under the coach's prefix; a prospect's token sends no data, changes no attribute
and says nothing of the coach's job; tokens show in no repr. Asking for a coach twice never brings two.
"""

from __future__ import annotations

from cornerman.contract import Account, ConsentMode, JobMetadata, Role, RoomEncryption, Takeover
from cornerman.dispatch.arrival import send_coach
from cornerman.dispatch.call import (
    Call,
    CallTerms,
    CoachComes,
    call_metadata,
    coach_dispatch,
    create_call,
    room_encryption,
)
from cornerman.dispatch.grants import Person, prospect_token, rep_token
from cornerman.livekit_server.address import ServerAddress, given_address

__all__ = [
    "Account",
    "Call",
    "CallTerms",
    "CoachComes",
    "ConsentMode",
    "JobMetadata",
    "Person",
    "Role",
    "RoomEncryption",
    "ServerAddress",
    "Takeover",
    "call_metadata",
    "coach_dispatch",
    "create_call",
    "given_address",
    "prospect_token",
    "rep_token",
    "room_encryption",
    "send_coach",
]
