"""The whole tree, and where it is read from: a file and the environment, which wins."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, YamlConfigSettingsSource

from cornerman.config.advising import (
    AdvisingSettings,
    InsightSettings,
    LlmSettings,
    NotesSettings,
    RetrievalSettings,
    ToolSettings,
)
from cornerman.config.hearing import SttSettings, TurnSettings
from cornerman.config.keeping import JournalSettings, RoomSettings
from cornerman.config.knowing import AccountSettings, BudgetSettings, MeaningSettings, PlaybookSettings, ScreenSettings
from cornerman.config.observing import HealthSettings, TracingSettings
from cornerman.config.running import LiveKitSettings, WorkerSettings
from cornerman.config.section import Section
from cornerman.config.watching import WatchSettings
from cornerman.contract import faults_of
from cornerman.errors import ConfigError

CONFIG_FILE = "cornerman.yaml"
CONFIG_VARIABLE = "CORNERMAN_CONFIG"


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
    rooms: RoomSettings = Field(default_factory=RoomSettings)
    accounts: AccountSettings = Field(default_factory=AccountSettings)
    llm: LlmSettings = Field(default_factory=LlmSettings)
    advising: AdvisingSettings = Field(default_factory=AdvisingSettings)
    retrieval: RetrievalSettings = Field(default_factory=RetrievalSettings)
    tools: ToolSettings = Field(default_factory=ToolSettings)
    screen: ScreenSettings = Field(default_factory=ScreenSettings)
    insights: InsightSettings = Field(default_factory=InsightSettings)
    notes: NotesSettings = Field(default_factory=NotesSettings)
    health: HealthSettings = Field(default_factory=HealthSettings)
    tracing: TracingSettings = Field(default_factory=TracingSettings)
    watch: WatchSettings = Field(default_factory=WatchSettings)

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
