"""Who may do what in a room: the people of a call, and tokens with the grants their roles should have.

In: a person and a room. Out: a signed token. Promises: an identity under the coach's prefix is refused; nobody may
change attributes or metadata of their own; only the rep may send data, which answering the coach needs.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from livekit import api

from cornerman.contract import Role, wire
from cornerman.errors import ConfigError, ServerError
from cornerman.livekit_server.address import ServerAddress, given_address

VALID_FOR = timedelta(hours=2)
"""How long a token lets in. The server renews the tokens of those who are in the room."""
TOKEN_CHARACTERS = 6000
"""A browser sends its token in the address of a WebSocket, and proxies commonly take 8 KiB of that."""
SERVERS_OWN = "lk."
"""Attributes that LiveKit gives a meaning of its own; one of them ends the coach's job."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the call.

    `identity` is unique in the room; `name` is what others see, the identity where it is empty. `language` is what this
    person speaks (`de`, `en-GB`) where it is not the call's. `consent` is what your product has on record and the
    server lets nobody change: `declined` counts in every mode, `granted` in the modes `granted` and
    `each_participant`. `attributes` are your own, for your own use.
    """

    identity: str
    name: str = ""
    role: Role = "prospect"
    language: str = ""
    consent: Literal["granted", "declined"] | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)

    def faults(self, identity_prefix: str = wire.DEFAULT_IDENTITY_PREFIX) -> list[str]:
        """What keeps this person from being let in, one sentence each."""
        found = []
        if not self.identity or self.identity != self.identity.strip():
            found.append(f"identity {self.identity!r}: it is empty, or begins or ends with white space")
        if self.identity.casefold().startswith(identity_prefix.casefold()):
            found.append(
                f"identity {self.identity!r}: {identity_prefix!r} is reserved for the coach, whom the rep's client "
                "trusts by it; give this person another identity"
            )
        found += [
            f"attribute {name!r} of {self.identity!r}: {SERVERS_OWN!r} and {wire.CONSENT_ATTRIBUTE!r} are not yours to "
            "set; consent has a field of its own"
            for name in self.attributes
            if name.startswith(SERVERS_OWN) or name == wire.CONSENT_ATTRIBUTE
        ]
        return found


def rep_token(
    room: str,
    person: Person,
    *,
    coach: api.RoomConfiguration | None = None,
    valid_for: timedelta = VALID_FOR,
    server: ServerAddress | None = None,
    identity_prefix: str = wire.DEFAULT_IDENTITY_PREFIX,
) -> str:
    """A rep's token: publishes, subscribes, and may send data, which answering the coach needs.

    `coach`, as made by `coach_dispatch`, brings the coach if this person is the first to join the room. Whoever holds a
    token can read it: put a coach into the rep's own token and nobody else's.

    Raises:
        ConfigError: the identity or an attribute may not be given, or the token grew too long for a browser.
        ServerError: no `server` was given and the environment names none.
    """
    grants = api.VideoGrants(room_join=True, room=room, can_update_own_metadata=False)
    return _signed(room, person, grants, coach, valid_for, server, identity_prefix)


def prospect_token(
    room: str,
    person: Person,
    *,
    valid_for: timedelta = VALID_FOR,
    server: ServerAddress | None = None,
    identity_prefix: str = wire.DEFAULT_IDENTITY_PREFIX,
) -> str:
    """A token for everybody but the rep: publishes and subscribes, sends no data and changes no attribute of its own.

    Somebody who may send data can call methods of the rep's client; it refuses them, but need not be asked.

    Raises:
        ConfigError: the identity or an attribute may not be given.
        ServerError: no `server` was given and the environment names none.
    """
    grants = api.VideoGrants(room_join=True, room=room, can_publish_data=False, can_update_own_metadata=False)
    return _signed(room, person, grants, None, valid_for, server, identity_prefix)


def address_or_given(server: ServerAddress | None) -> ServerAddress:
    """The server given, else the one LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET name.

    Raises:
        ServerError: there is neither.
    """
    address = server or given_address(os.environ)
    if address is None:
        raise ServerError(
            "no LiveKit server is named: set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET, or give `server`"
        )
    return address


def _signed(
    room: str,
    person: Person,
    grants: api.VideoGrants,
    coach: api.RoomConfiguration | None,
    valid_for: timedelta,
    server: ServerAddress | None,
    identity_prefix: str,
) -> str:
    faults = person.faults(identity_prefix)
    if not room:
        faults.append("the room has no name")
    if faults:
        raise ConfigError("the token cannot be made", faults)
    address = address_or_given(server)
    attributes = dict(person.attributes)
    if person.consent is not None:
        attributes[wire.CONSENT_ATTRIBUTE] = person.consent
    token = (
        api.AccessToken(address.api_key, address.api_secret.get_secret_value())
        .with_identity(person.identity)
        .with_name(person.name or person.identity)
        .with_ttl(valid_for)
        .with_grants(grants)
        .with_attributes(attributes)
    )
    if coach is not None:
        token = token.with_room_config(coach)
    signed = token.to_jwt()
    if len(signed) > TOKEN_CHARACTERS:
        raise ConfigError(
            "the token cannot be made",
            [
                f"it has {len(signed)} characters, more than the {TOKEN_CHARACTERS} a browser surely gets through: say "
                "less in attributes and job metadata, or bring the coach by send_coach"
            ],
        )
    return signed
