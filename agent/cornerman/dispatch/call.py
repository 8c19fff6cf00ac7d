"""A call as a product's back end makes it: a room's name, everybody's token, and the coach's job.

In: the people, exactly one of them the rep, and the terms. Out: a `Call`. The coach's job stands in the rep's token
alone: a token can be read by whoever holds it, and the job tells of the account and the playbook.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, TypedDict, Unpack

import aiohttp
from livekit import api
from pydantic import ValidationError

from cornerman.contract import (
    Account,
    ConsentMode,
    ConsentTerms,
    JobMetadata,
    Listed,
    Role,
    RoomEncryption,
    faults_of,
    wire,
)
from cornerman.dispatch.arrival import ANSWERS_WITHIN, send_coach
from cornerman.dispatch.grants import VALID_FOR, Person, address_or_given, prospect_token, rep_token
from cornerman.errors import ConfigError, ServerError
from cornerman.livekit_server.address import ServerAddress
from cornerman.livekit_server.server_api import server_api
from cornerman_client.encryption import key_check

AGENT_NAME = "cornerman"

CoachComes = Literal["with_the_rep", "at_once"]
"""`with_the_rep`: the job is in the rep's token, and the rep's joining makes the room; no server is called. It brings
nobody into a room that somebody else made by joining first. `at_once`: the room is made now and the coach waits in it,
so that it does not matter who joins first; it holds a place in a worker from then on.
"""


class CallTerms(TypedDict, total=False):
    """The terms of a call; what is left out is as in `JobMetadata`. `settings`: overrides the operator allows.
    `encryption`: that the room is end-to-end encrypted, see `room_encryption`.
    """

    account: Account
    playbook: str
    language: str
    consent: ConsentMode
    default_role: Role
    settings: Mapping[str, Any]
    encryption: RoomEncryption


@dataclass(frozen=True, slots=True)
class Call:
    """A call that people can join: `url` and, for each identity, the own token. Tokens and job show in no repr."""

    room: str
    url: str
    tokens: Mapping[str, str] = field(repr=False)
    metadata: JobMetadata = field(repr=False)


def room_encryption(name: str, key: str) -> RoomEncryption:
    """What a job says of an end-to-end encrypted room: under which name the worker's `rooms.keys` holds the key, and a
    check value by which it sees that it is this one. The key itself goes nowhere. Takes about 0.2 s of a processor.
    """
    return RoomEncryption(key=name, check=key_check(key))


def call_metadata(people: Sequence[Person], **terms: Unpack[CallTerms]) -> JobMetadata:
    """The coach's job for a call of these people.

    In the mode `granted` the consent on record is that of the people whose `consent` is `granted`.

    Raises:
        ConfigError: there is not exactly one rep, an identity comes twice, or a term cannot be used; all is listed.
    """
    faults = _faults(people)
    mode = terms.get("consent", "rep_discloses")
    granted = tuple(one.identity for one in people if one.consent == "granted") if mode == "granted" else ()
    others = {name: value for name, value in terms.items() if name != "consent"}
    reps = [one.identity for one in people if one.role == "rep"]
    try:
        metadata = JobMetadata(
            rep=reps[0] if reps else "nobody",
            participants={one.identity: Listed(role=one.role, name=one.name, language=one.language) for one in people},
            consent=ConsentTerms(mode=mode, granted=granted),
            **others,
        )
    except ValidationError as error:
        raise ConfigError("the call cannot be set up", [*faults, *faults_of(error)]) from None
    if faults:
        raise ConfigError("the call cannot be set up", faults)
    return metadata


def coach_dispatch(metadata: JobMetadata, agent_name: str = AGENT_NAME) -> api.RoomConfiguration:
    """The room configuration that brings the coach when a room is made: for the rep's token, or for `create_room`."""
    job = api.RoomAgentDispatch(agent_name=agent_name, metadata=metadata.model_dump_json(exclude_none=True))
    return api.RoomConfiguration(agents=[job])


async def create_call(
    people: Sequence[Person],
    *,
    room: str = "",
    coach: CoachComes = "with_the_rep",
    agent_name: str = AGENT_NAME,
    valid_for: timedelta = VALID_FOR,
    server: ServerAddress | None = None,
    identity_prefix: str = wire.DEFAULT_IDENTITY_PREFIX,
    **terms: Unpack[CallTerms],
) -> Call:
    """Everything the people of a call need to join it, and the coach to come.

    Args:
        people: who is on the call; exactly one is the rep. Others may join later by `prospect_token`.
        room: the room's name; a new one that nobody can guess where it is empty.
        coach: how the coach comes, see `CoachComes`.
        agent_name: the name the workers are registered by.
        valid_for: how long the tokens let in.
        server: where the call takes place; the one LIVEKIT_URL names where it is None.
        identity_prefix: what the coach's identity begins with.
        terms: account, playbook, language, consent and so on, see `CallTerms`.

    Raises:
        ConfigError: people or terms cannot be used; every fault is listed.
        ServerError: no server is named or, for a coach that comes at once, it did not answer.
        CornermanError: a coach that was to come at once did not.
    """
    faults = [fault for one in people for fault in one.faults(identity_prefix)]
    if faults:
        raise ConfigError("the call cannot be set up", faults)
    metadata = call_metadata(people, **terms)
    address = address_or_given(server)
    name = room or f"call-{uuid.uuid4().hex}"
    configuration = coach_dispatch(metadata, agent_name)
    tokens = {
        one.identity: rep_token(
            name, one, coach=configuration, valid_for=valid_for, server=address, identity_prefix=identity_prefix
        )
        if one.role == "rep"
        else prospect_token(name, one, valid_for=valid_for, server=address, identity_prefix=identity_prefix)
        for one in people
    }
    if coach == "at_once":
        await _open(address, name, metadata, agent_name, identity_prefix)
    return Call(name, address.url, tokens, metadata)


async def _open(
    address: ServerAddress, room: str, metadata: JobMetadata, agent_name: str, identity_prefix: str
) -> None:
    """Makes the room and sees a coach into it."""
    async with server_api(address) as livekit:
        try:
            async with asyncio.timeout(ANSWERS_WITHIN):
                await livekit.room.create_room(api.CreateRoomRequest(name=room))
        except (TimeoutError, aiohttp.ClientError, api.TwirpError) as error:
            raise ServerError(f"the server at {address.url} did not open {room}: {error or 'no answer'}") from error
        await send_coach(livekit, room, metadata, agent_name=agent_name, identity_prefix=identity_prefix)


def _faults(people: Sequence[Person]) -> list[str]:
    reps = [one.identity for one in people if one.role == "rep"]
    faults = [] if len(reps) == 1 else [f"there must be exactly one rep, and {len(reps)} people have that role"]
    twice = [identity for identity, times in Counter(one.identity for one in people).items() if times > 1]
    return faults + [f"identity {identity!r} is given to more than one person" for identity in twice]
