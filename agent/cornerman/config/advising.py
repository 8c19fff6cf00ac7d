"""Which models advise, what they are given, and what they may look up."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from cornerman.config.section import Section, without_secrets, written_off


class ModelSettings(Section):
    """One language model. `options` go to its plugin as they are; `plugin` names any other LiveKit plugin."""

    provider: Literal["none", "openai", "openai_responses", "plugin"] = "none"
    plugin: str = ""
    model: str = ""
    base_url: str = ""
    structured: Literal["schema", "json", "prompt"] = "schema"
    places: int = Field(4, ge=1)
    options: dict[str, Any] = Field(default_factory=dict)

    @field_validator("options")
    @classmethod
    def _holds_no_secret(cls, options: dict[str, Any]) -> dict[str, Any]:
        return without_secrets(options)


class LlmSettings(ModelSettings):
    """Which language models advise, one after the other; `questions` answers what the rep asks. Seconds."""

    fallback: tuple[ModelSettings, ...] = ()
    questions: ModelSettings | None = None
    retry: float = Field(0.5, ge=0)
    answer_deadline: float = Field(12.0, gt=0)
    summary_deadline: float = Field(10.0, gt=0)
    breaker_failures: int = Field(5, ge=1)
    breaker_rest: float = Field(30.0, gt=0)


class AdvisingSettings(Section):
    """The reasoning lane. Seconds; `context` in tokens, `summarise_every` in turns that no longer stand verbatim."""

    early: bool = True
    card_deadline: float = Field(4.0, gt=0)
    thinking_after: float = Field(1.5, gt=0)
    context: int = Field(1200, ge=400)
    verbatim: float = Field(90.0, gt=0)
    summarise_every: int = Field(8, ge=1)


class RetrievalSettings(Section):
    """What of the playbook is offered for a turn: at most `sections`, by words, and by meaning where it can be had."""

    sections: int = Field(4, ge=1, le=12)
    meaning: Literal["auto", "off"] = "auto"

    @field_validator("meaning", mode="before")
    @classmethod
    def _written_off(cls, meaning: Any) -> Any:
        return written_off(meaning)


class McpServerSettings(Section):
    """An MCP server: a `url`, or a `command` with `args`. Of its tools only those in `allow` are offered, and only
    those that read.
    """

    url: str = ""
    command: str = ""
    args: tuple[str, ...] = ()
    allow: tuple[str, ...] = Field(min_length=1)


class ToolSettings(Section):
    """What the model may look up. The provider's own tools need llm.provider openai_responses. Seconds."""

    deadline: float = Field(3.0, gt=0, le=30)
    web_search: bool = False
    file_search: tuple[str, ...] = ()
    code_interpreter: bool = False
    mcp: dict[str, McpServerSettings] = Field(default_factory=dict)


class InsightSettings(Section):
    """The slow look at the whole call; seconds. Needs a model."""

    enabled: bool = True
    batch: float = Field(15.0, gt=0)
    every: float = Field(60.0, gt=0)
    deadline: float = Field(10.0, gt=0)


class NotesSettings(Section):
    """Notes of the call; seconds. Without a model the deterministic ones stand alone."""

    enabled: bool = True
    every: float = Field(120.0, gt=0)
    deadline: float = Field(20.0, gt=0, le=25)
