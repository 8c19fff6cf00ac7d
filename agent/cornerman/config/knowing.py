"""What the coach goes by: playbooks, budget, meaning, accounts, and what is looked at of the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, field_validator

from cornerman.config.section import Section, written_off


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
        return written_off(enabled)


class PlaybookSettings(Section):
    """Where playbooks are. `path` is the default one; `library` names others that a job may ask for."""

    path: Path | None = None
    library: dict[str, Path] = Field(default_factory=dict)


class HttpAccountSettings(Section):
    """A service of one's own that knows accounts. `url` may hold `{company}` and `{crm_id}`; the answer is JSON, and
    `fields` says where in it each field stands (`{"industry": "firm.branch"}`). `log_url`: where outcomes are posted;
    empty: it takes none. The token, if any, is read from CORNERMAN_ACCOUNTS_TOKEN.
    """

    url: str = ""
    log_url: str = ""
    fields: dict[str, str] = Field(default_factory=dict)


class AccountSettings(Section):
    """Where accounts are looked up: `auto` is the file if one is named, else nowhere. `base_url` is for a HubSpot or
    Salesforce behind a gateway. What was found is kept for `ttl` seconds, in memory or in Redis.
    """

    source: Literal["auto", "none", "file", "http", "hubspot", "salesforce"] = "auto"
    file: Path | None = None
    http: HttpAccountSettings = Field(default_factory=HttpAccountSettings)
    base_url: str = ""
    timeout: float = Field(3.0, gt=0, le=30)
    ttl: float = Field(3600.0, ge=0)
    redis_url: SecretStr = SecretStr("")


class ScreenSettings(Section):
    """What is looked at of the rep's screen share, and when a frame goes to the model. Frames a second; `held` in
    seconds; `keep` is a folder for frames that were used, None: nothing is kept.
    """

    policy: Literal["relevant", "every_turn", "off"] = "relevant"
    rate_speaking: float = Field(1.0, ge=0, le=5)
    rate_idle: float = Field(1 / 3, ge=0, le=5)
    held: float = Field(180.0, gt=0)
    keep: Path | None = None

    @field_validator("policy", mode="before")
    @classmethod
    def _written_off(cls, policy: Any) -> Any:
        return written_off(policy)
