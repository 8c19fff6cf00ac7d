"""The address of a LiveKit server, whether it was given or was started here.

In: the environment's LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET. Out: a `ServerAddress`, used alike for
both kinds of server. Promises: a half-set address is refused with every fault, and the secret never shows in a repr.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import urlsplit

from pydantic import SecretStr

from cornerman.errors import ServerError

_WEB_SCHEME = {"ws": "http", "wss": "https", "http": "http", "https": "https"}


@dataclass(frozen=True)
class ServerAddress:
    """How to reach a server: where it listens, and the key pair that signs tokens for it.

    `url` is what participants connect to (ws or wss). `prometheus_url` is the metrics page of a server started here,
    None when the server was given.
    """

    url: str
    api_key: str
    api_secret: SecretStr
    prometheus_url: str | None = None

    @property
    def http_url(self) -> str:
        """The same server for its HTTP API."""
        scheme, rest = self.url.split("://", 1)
        return f"{_WEB_SCHEME[scheme]}://{rest}"

    def environment(self) -> dict[str, str]:
        """The three variables by which LiveKit's own tools, and processes of ours, find this server."""
        return {
            "LIVEKIT_URL": self.url,
            "LIVEKIT_API_KEY": self.api_key,
            "LIVEKIT_API_SECRET": self.api_secret.get_secret_value(),
        }


def given_address(environment: Mapping[str, str]) -> ServerAddress | None:
    """The server named by LIVEKIT_URL, or None when there is no such variable.

    Raises ServerError when the address cannot be used or its key or secret is missing.
    """
    url = environment.get("LIVEKIT_URL", "").strip().rstrip("/")
    if not url:
        return None
    key = environment.get("LIVEKIT_API_KEY", "").strip()
    secret = environment.get("LIVEKIT_API_SECRET", "").strip()
    faults = []
    parts = urlsplit(url)
    if parts.scheme not in _WEB_SCHEME or not parts.hostname:
        faults.append("LIVEKIT_URL must look like wss://host or ws://host:port")
    if not key:
        faults.append("LIVEKIT_API_KEY is missing")
    if not secret:
        faults.append("LIVEKIT_API_SECRET is missing")
    if faults:
        raise ServerError(
            f"LIVEKIT_URL is set, but the server it names cannot be used: {'; '.join(faults)}. "
            "Set all three, or unset LIVEKIT_URL to have a server started on this machine."
        )
    return ServerAddress(url=url, api_key=key, api_secret=SecretStr(secret))


class GivenServer:
    """A server somebody else runs: opened and closed like a `LocalServer`, but never started or stopped."""

    def __init__(self, address: ServerAddress) -> None:
        self.address = address

    def __enter__(self) -> ServerAddress:
        return self.address

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    async def __aenter__(self) -> ServerAddress:
        return self.address

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None
