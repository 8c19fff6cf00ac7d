"""One settings tree: `cornerman.yaml` plus `CORNERMAN__SECTION__KEY` in the environment, which wins.

Out: a frozen, validated `Settings`. Wrong settings fail at start, whole, listing every fault. Keys and secrets come
from the environment under the names their providers document, and are in no repr.
"""

from __future__ import annotations

from cornerman.config.advising import (
    AdvisingSettings,
    InsightSettings,
    LlmSettings,
    McpServerSettings,
    ModelSettings,
    NotesSettings,
    RetrievalSettings,
    ToolSettings,
)
from cornerman.config.hearing import (
    ProviderSettings,
    SttSettings,
    TurnSettings,
)
from cornerman.config.keeping import (
    JournalSettings,
    RoomSettings,
    read_key,
)
from cornerman.config.knowing import (
    AccountSettings,
    BudgetSettings,
    HttpAccountSettings,
    MeaningSettings,
    PlaybookSettings,
    ScreenSettings,
)
from cornerman.config.observing import HealthSettings, TracingSettings
from cornerman.config.running import (
    LiveKitSettings,
    WorkerSettings,
)
from cornerman.config.section import (
    Section,
    without_secrets,
)
from cornerman.config.settings import (
    CONFIG_FILE,
    CONFIG_VARIABLE,
    Settings,
    config_file,
    load_settings,
    with_overrides,
)
from cornerman.config.watching import WatchSettings

__all__ = [
    "CONFIG_FILE",
    "CONFIG_VARIABLE",
    "AccountSettings",
    "AdvisingSettings",
    "BudgetSettings",
    "HealthSettings",
    "HttpAccountSettings",
    "InsightSettings",
    "JournalSettings",
    "LiveKitSettings",
    "LlmSettings",
    "McpServerSettings",
    "MeaningSettings",
    "ModelSettings",
    "NotesSettings",
    "PlaybookSettings",
    "ProviderSettings",
    "RetrievalSettings",
    "RoomSettings",
    "ScreenSettings",
    "Section",
    "Settings",
    "SttSettings",
    "ToolSettings",
    "TracingSettings",
    "TurnSettings",
    "WatchSettings",
    "WorkerSettings",
    "config_file",
    "load_settings",
    "read_key",
    "with_overrides",
    "without_secrets",
]
