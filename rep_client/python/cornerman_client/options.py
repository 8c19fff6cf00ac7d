"""What a client may be told when it connects, and what it tells about itself."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from typing import TypedDict

from cornerman_client.cards import Paint
from cornerman_client.clock import Clock


class ClientOptions(TypedDict, total=False):
    """What `CoachClient.connect` hands to the constructor."""

    identity_prefix: str
    client: str
    version: str | None
    shows: Sequence[str]
    paint: Paint | None
    clock: Clock | None


def own_version() -> str:
    """The version this package was installed as."""
    try:
        return installed_version("cornerman-client")
    except PackageNotFoundError:
        return "unknown"
