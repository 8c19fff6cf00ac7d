"""How the worker runs: its name and load, the LiveKit server."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, SecretStr

from cornerman.config.section import Section
from cornerman.contract import wire


class WorkerSettings(Section):
    """How the worker presents itself and how much it takes on."""

    agent_name: str = Field("cornerman", min_length=1)
    identity_prefix: str = Field(wire.DEFAULT_IDENTITY_PREFIX, min_length=3)
    display_name: str = Field("AI assistant", min_length=1, max_length=60)
    max_calls: int = Field(8, ge=1)
    max_cpu: float = Field(0.95, gt=0, le=1)
    idle_processes: int = Field(1, ge=0)
    calls_share_process: bool = False
    drain_timeout: float = Field(4 * 3600.0, gt=0)
    http_host: str = "127.0.0.1"
    http_port: int = Field(0, ge=0, le=65535)
    metrics_port: int | None = Field(None, ge=0, le=65535)
    overridable: tuple[str, ...] = ("budget.interval", "budget.burst", "turns.silence", "turns.max_length")


class LiveKitSettings(Section):
    """The LiveKit server; also read from LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET."""

    url: str = ""
    api_key: str = ""
    api_secret: SecretStr = SecretStr("")

    def faults(self) -> list[str]:
        """What is missing to reach it."""
        parts = urlsplit(self.url)
        faults = []
        if parts.scheme not in ("ws", "wss", "http", "https") or not parts.hostname:
            faults.append("livekit.url (LIVEKIT_URL): must look like wss://host or ws://host:port")
        if not self.api_key:
            faults.append("livekit.api_key (LIVEKIT_API_KEY): missing")
        if not self.api_secret.get_secret_value():
            faults.append("livekit.api_secret (LIVEKIT_API_SECRET): missing")
        return faults
