"""Which recognisers hear a call, and when a turn ends."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from cornerman.config.section import Section, without_secrets


class ProviderSettings(Section):
    """One speech recogniser. `options` go to the provider's plugin, or engine, as they are."""

    provider: Literal["offline", "whisper", "deepgram", "openai", "openai_http"] = "offline"
    model: str = ""
    base_url: str = ""
    only_speech: bool = True
    replay_speed: float | None = Field(None, gt=1, le=50)
    options: dict[str, Any] = Field(default_factory=dict)

    @field_validator("options")
    @classmethod
    def _holds_no_secret(cls, options: dict[str, Any]) -> dict[str, Any]:
        return without_secrets(options)


class SttSettings(ProviderSettings):
    """Which speech recognisers hear the call, one after the other, and how their failures are borne; seconds."""

    language: str = "en-US"
    fallback: tuple[ProviderSettings, ...] = ()
    retry: tuple[float, ...] = Field((2.0, 4.0, 8.0), min_length=1)
    hang: float = Field(5.0, gt=0)
    keep: float = Field(60.0, ge=30, le=600)
    prefix: float = Field(0.5, ge=0, le=2)
    tail: float = Field(1.5, ge=0.5, le=30)
    breaker_failures: int = Field(5, ge=1)
    breaker_rest: float = Field(30.0, gt=0)


class TurnSettings(Section):
    """When a turn ends; seconds."""

    silence: float = Field(0.5, gt=0, le=10)
    max_length: float = Field(30.0, ge=5)
    detection: Literal["silence", "provider", "local"] = "silence"
    sure: float = Field(0.2, ge=0.2, le=10)
    unsure: float = Field(1.5, gt=0, le=10)
    threshold: float | None = Field(None, gt=0, lt=1)
