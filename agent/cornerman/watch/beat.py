"""What a worker tells the watchdogs about itself: a heartbeat, signed the way LiveKit signs its webhooks.

In: a `Beat`. Out: bytes, and a token over their digest, made with the server's own key pair, which workers and
watchdogs hold anyway. The token carries no grant, so that it opens nothing. Promises: no metadata of a job and no word
is in a heartbeat; one that was not signed with this key pair, or was changed, is refused.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Literal

import jwt
from livekit import api
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cornerman.errors import CornermanError
from cornerman.livekit_server.address import ServerAddress

PATH = "/beat"
MOST_BYTES = 256 * 1024
CLOCKS_DIFFER = timedelta(days=1)
"""A worker whose clock is wrong is alive all the same. What is repeated is told by its count, not by its time."""

How = Literal["left", "yielded", "crashed"]
"""How a coach ended: on purpose; on purpose because another one is there; or neither."""


class BeatError(CornermanError):
    """A heartbeat that is not signed by this server's key pair, or cannot be read."""


class Part(BaseModel):
    """Frozen; what a newer worker says besides is ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Coached(Part):
    """A call this worker coaches. Its metadata is kept by the server, under `dispatch`."""

    job: str
    room: str
    dispatch: str
    identity: str


class Ended(Part):
    """A call this worker coached some time ago."""

    job: str
    room: str
    how: How


class Beat(Part):
    """`worker` is made anew with each start of the process; `count` rises with each beat; `free`: calls it could take
    beside these; `watchdogs`: how many it reports to; `goodbye`: this was the last beat, on purpose.
    """

    v: Literal[1] = 1
    worker: str = Field(min_length=8, max_length=80)
    count: int = Field(ge=0)
    host: str = Field("", max_length=200)
    agent_name: str = ""
    draining: bool = False
    free: int = Field(0, ge=0)
    watchdogs: int = Field(1, ge=1)
    jobs: tuple[Coached, ...] = ()
    ended: tuple[Ended, ...] = ()
    goodbye: bool = False


def signed(beat: Beat, server: ServerAddress) -> tuple[bytes, str]:
    """The beat as bytes, and the token that vouches for them."""
    body = beat.model_dump_json().encode()
    token = api.AccessToken(server.api_key, server.api_secret.get_secret_value()).with_sha256(_digest(body))
    return body, token.with_ttl(timedelta(minutes=1)).to_jwt()


def verified(body: bytes, token: str, server: ServerAddress) -> Beat:
    """Raises: BeatError: it is not signed with this key pair, was changed, or is no heartbeat."""
    verifier = api.TokenVerifier(server.api_key, server.api_secret.get_secret_value(), leeway=CLOCKS_DIFFER)
    try:
        claims = verifier.verify(token)
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
        raise BeatError("a heartbeat is not signed with this server's key and secret: give all the same ones") from None
    if not hmac.compare_digest((claims.sha256 or "").encode(), _digest(body).encode()):
        raise BeatError("a heartbeat is not what was signed")
    try:
        return Beat.model_validate_json(body)
    except ValidationError:
        raise BeatError("a heartbeat cannot be read: worker and watchdog are of versions that do not fit") from None


def _digest(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()
