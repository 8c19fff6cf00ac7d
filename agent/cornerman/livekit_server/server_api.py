"""The API of a LiveKit server: rooms, participants and dispatches as the server sees them.

In: a `ServerAddress`. Out: the client of `livekit-api` for it, to be closed by whoever opened it. Apart from the
address, so that finding a server does not load that client.
"""

from __future__ import annotations

from livekit import api

from cornerman.livekit_server.address import ServerAddress


def server_api(server: ServerAddress) -> api.LiveKitAPI:
    """A client; use it as an async context manager, inside a running loop."""
    return api.LiveKitAPI(server.http_url, server.api_key, server.api_secret.get_secret_value())
