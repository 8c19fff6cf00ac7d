"""Tokens for stand-in participants, with the grants their roles should have in a real deployment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

from livekit import api

from cornerman import dispatch
from cornerman.contract import wire
from cornerman.dispatch import Person
from cornerman.dispatch.grants import VALID_FOR
from cornerman.livekit_server import ServerAddress


def rep_token(server: ServerAddress, room: str, identity: str, name: str = "") -> str:
    """A rep, as a product's back end lets one in."""
    return dispatch.rep_token(room, Person(identity, name, role="rep"), server=server)


def prospect_token(
    server: ServerAddress, room: str, identity: str, name: str = "", *, attributes: Mapping[str, str] | None = None
) -> str:
    """A prospect, as a product's back end lets one in."""
    own = dict(attributes or {})
    consent = cast("Literal['granted', 'declined'] | None", own.pop(wire.CONSENT_ATTRIBUTE, None))
    return dispatch.prospect_token(room, Person(identity, name, consent=consent, attributes=own), server=server)


def agent_token(server: ServerAddress, room: str, identity: str, *, can_update_own_metadata: bool = False) -> str:
    """A participant of kind agent, for stand-ins that play a coach."""
    grants = api.VideoGrants(
        room_join=True, room=room, agent=True, can_update_own_metadata=can_update_own_metadata, can_publish=True
    )
    token = api.AccessToken(server.api_key, server.api_secret.get_secret_value()).with_kind("agent")
    return token.with_identity(identity).with_name(identity).with_ttl(VALID_FOR).with_grants(grants).to_jwt()
