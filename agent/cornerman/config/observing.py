"""How the worker is watched from outside: what counts as ready, and where traces go."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, field_validator

from cornerman.config.section import Section


class HealthSettings(Section):
    """What `/ready` asks, and how often; times in seconds."""

    probe_every: float = Field(15.0, ge=1)
    probe_timeout: float = Field(3.0, gt=0, le=30)
    disk_mb: int = Field(1024, ge=0)
    models: bool = True


class TracingSettings(Section):
    """Where traces go; none where there is no endpoint."""

    endpoint: str = ""
    sample: float = Field(1.0, ge=0, le=1)

    @field_validator("endpoint")
    @classmethod
    def _is_an_address(cls, endpoint: str) -> str:
        parts = urlsplit(endpoint)
        if endpoint and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("must look like http://host:4318, the collector's address for OTLP over HTTP")
        if parts.username or parts.password:
            raise ValueError("keys belong in OTEL_EXPORTER_OTLP_HEADERS, not in the address")
        return endpoint
