"""Tokens for stand-in participants, with the grants their roles should have in a real deployment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from livekit import api

from cornerman.livekit_server import ServerAddress

LIFETIME = timedelta(hours=2)


def rep_token(server: ServerAddress, room: str, identity: str, name: str = "") -> str:
    """A rep: publishes, subscribes, and may send data, which answering the coach needs."""
    grants = api.VideoGrants(room_join=True, room=room, can_update_own_metadata=False)
    return _minted(server, identity, name, grants).to_jwt()


def prospect_token(
    server: ServerAddress, room: str, identity: str, name: str = "", *, attributes: Mapping[str, str] | None = None
) -> str:
    """A prospect: publishes and subscribes, sends no data and changes no attribute of its own."""
    grants = api.VideoGrants(room_join=True, room=room, can_publish_data=False, can_update_own_metadata=False)
    return _minted(server, identity, name, grants).with_attributes(dict(attributes or {})).to_jwt()


def agent_token(server: ServerAddress, room: str, identity: str, *, can_update_own_metadata: bool = False) -> str:
    """A participant of kind agent, for stand-ins that play a coach."""
    grants = api.VideoGrants(
        room_join=True, room=room, agent=True, can_update_own_metadata=can_update_own_metadata, can_publish=True
    )
    return _minted(server, identity, "", grants).with_kind("agent").to_jwt()


def _minted(server: ServerAddress, identity: str, name: str, grants: api.VideoGrants) -> api.AccessToken:
    token = api.AccessToken(server.api_key, server.api_secret.get_secret_value())
    return token.with_identity(identity).with_name(name or identity).with_ttl(LIFETIME).with_grants(grants)
