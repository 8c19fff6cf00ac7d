"""One settings tree: `cornerman.yaml` plus `CORNERMAN__SECTION__KEY` in the environment, which wins.

Out: a frozen, validated `Settings`. Wrong settings fail at start, whole, listing every fault. Keys and secrets come
from the environment under the names their providers document, and are in no repr.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, YamlConfigSettingsSource

from cornerman.contract import faults_of, wire
from cornerman.errors import ConfigError

SECRETS = frozenset({"api_key", "azure_ad_token", "api_secret", "token"})
CONFIG_FILE = "cornerman.yaml"
CONFIG_VARIABLE = "CORNERMAN_CONFIG"


class Section(BaseModel):
    """Base of the sections: frozen, unknown keys refused, so that a typing error is found at start."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class WorkerSettings(Section):
    """How the worker presents itself and how much it takes on."""

    agent_name: str = Field("cornerman", min_length=1)
    identity_prefix: str = Field(wire.DEFAULT_IDENTITY_PREFIX, min_length=3)
    display_name: str = Field("AI assistant", min_length=1, max_length=60)
    max_calls: int = Field(8, ge=1)
    max_cpu: float = Field(0.95, gt=0, le=1)
    idle_processes: int = Field(1, ge=0)
    drain_timeout: float = Field(4 * 3600.0, gt=0)
    http_host: str = "127.0.0.1"
    http_port: int = Field(0, ge=0, le=65535)
    metrics_port: int | None = Field(None, ge=0, le=65535)
    overridable: tuple[str, ...] = ("budget.interval", "budget.burst", "turns.silence", "turns.max_length")


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
        """Settings are shown and logged; a key among them would be too."""
        found = sorted(SECRETS & options.keys())
        if found:
            raise ValueError(f"{', '.join(found)}: keys belong in the environment variable that the provider documents")
        return options


class SttSettings(ProviderSettings):
    """Which speech recognisers hear the call, one after the other, and how their failures are borne; seconds."""

    language: str = "en-US"
    fallback: tuple[ProviderSettings, ...] = ()
    retry: tuple[float, ...] = Field((2.0, 4.0, 8.0), min_length=1)
    hang: float = Field(5.0, gt=0)
    keep: float = Field(60.0, ge=30, le=600)
    prefix: float = Field(0.5, ge=0, le=2)
    tail: float = Field(2.0, ge=0.5, le=30)
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


class BudgetSettings(Section):
    """How often the rep may be interrupted; None: as the playbook says."""

    interval: float | None = Field(None, gt=0)
    burst: int | None = Field(None, ge=1, le=10)


class MeaningSettings(Section):
    """Noticing by meaning. `auto`: where the sentence model is there and the playbook's language is its own. `model`
    is a folder with it; None: the installed package.
    """

    enabled: Literal["auto", "off"] = "auto"
    model: Path | None = None

    @field_validator("enabled", mode="before")
    @classmethod
    def _written_off(cls, enabled: Any) -> Any:
        """YAML reads a bare `off` as false."""
        return "off" if enabled is False else enabled


class PlaybookSettings(Section):
    """Where playbooks are. `path` is the default one; `library` names others that a job may ask for."""

    path: Path | None = None
    library: dict[str, Path] = Field(default_factory=dict)


class JournalSettings(Section):
    """Where journals are written."""

    path: Path = Path(".cornerman/calls")


class AccountSettings(Section):
    """Where accounts are looked up: a CSV or YAML file; None: nowhere."""

    file: Path | None = None
    timeout: float = Field(3.0, gt=0, le=30)


class LiveKitSettings(Section):
    """The LiveKit server; also read from LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET."""

    url: str = ""
    api_key: str = ""
    api_secret: SecretStr = SecretStr("")


class Settings(BaseSettings):
    """The whole tree."""

    model_config = SettingsConfigDict(
        env_prefix="CORNERMAN__", env_nested_delimiter="__", extra="forbid", frozen=True, yaml_file=None
    )

    livekit: LiveKitSettings = Field(default_factory=LiveKitSettings)
    worker: WorkerSettings = Field(default_factory=WorkerSettings)
    stt: SttSettings = Field(default_factory=SttSettings)
    turns: TurnSettings = Field(default_factory=TurnSettings)
    budget: BudgetSettings = Field(default_factory=BudgetSettings)
    meaning: MeaningSettings = Field(default_factory=MeaningSettings)
    playbook: PlaybookSettings = Field(default_factory=PlaybookSettings)
    journal: JournalSettings = Field(default_factory=JournalSettings)
    accounts: AccountSettings = Field(default_factory=AccountSettings)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment before file; nothing else."""
        return init_settings, env_settings, YamlConfigSettingsSource(settings_cls, yaml_file=config_file())


def config_file() -> Path | None:
    """The settings file: `CORNERMAN_CONFIG` names it, else `cornerman.yaml` where the process started, if it is
    there.
    """
    named = os.environ.get(CONFIG_VARIABLE)
    if named:
        return Path(named)
    found = Path(CONFIG_FILE)
    return found if found.is_file() else None


def load_settings() -> Settings:
    """Reads file and environment.

    Raises: ConfigError: a file that is named is missing, or anything in it or the environment is wrong; every fault is
    listed.
    """
    file = config_file()
    where = str(file) if file else "the environment"
    if file is not None and not file.is_file():
        raise ConfigError("settings cannot be used", [f"{CONFIG_VARIABLE} names {file}, which is not there"])
    try:
        return _with_livekit_environment(Settings())
    except ValidationError as error:
        raise ConfigError(f"settings in {where} cannot be used", faults_of(error)) from None
    except (yaml.YAMLError, UnicodeDecodeError, TypeError) as error:
        raise ConfigError(f"settings in {where} cannot be used", [f"not a YAML mapping: {error}"]) from None


def _with_livekit_environment(settings: Settings) -> Settings:
    given = settings.livekit
    livekit = LiveKitSettings(
        url=given.url or os.environ.get("LIVEKIT_URL", ""),
        api_key=given.api_key or os.environ.get("LIVEKIT_API_KEY", ""),
        api_secret=given.api_secret
        if given.api_secret.get_secret_value()
        else SecretStr(os.environ.get("LIVEKIT_API_SECRET", "")),
    )
    return settings.model_copy(update={"livekit": livekit})


def with_overrides(settings: Settings, overrides: dict[str, Any]) -> Settings:
    """Settings of one job: `overrides` as in the metadata (`{"budget": {"interval": 60}}` or `{"budget.interval":
    60}`).

    Raises:
        ConfigError: an override is not on the operator's list (`worker.overridable`) or has a bad value.
    """
    flat = dict(_flatten(overrides))
    allowed = set(settings.worker.overridable)
    faults = [f"settings.{key}: not on the operator's list worker.overridable" for key in flat if key not in allowed]
    changed: dict[str, dict[str, Any]] = {}
    for key, value in flat.items():
        section, _, name = key.partition(".")
        changed.setdefault(section, {})[name] = value
    update: dict[str, Any] = {}
    for section, values in changed.items():
        current = getattr(settings, section, None)
        if not isinstance(current, Section):
            continue
        try:
            update[section] = type(current).model_validate({**current.model_dump(), **values})
        except ValidationError as error:
            faults.extend(f"settings.{section}.{fault}" for fault in faults_of(error))
    if faults:
        raise ConfigError("the job's settings cannot be used", faults)
    return settings.model_copy(update=update)


def _flatten(tree: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            flat.extend(_flatten(value, f"{name}."))
        else:
            flat.append((name, value))
    return flat
