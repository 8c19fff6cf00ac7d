"""What every section of the settings shares: frozen, unknown keys refused, no secrets among options."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

SECRETS = frozenset({"api_key", "azure_ad_token", "api_secret", "token"})


def without_secrets(options: dict[str, Any]) -> dict[str, Any]:
    """Options of a plugin. Settings are shown and logged; a key among them would be too.

    Raises: ValueError: there is one.
    """
    found = sorted(SECRETS & options.keys())
    if found:
        raise ValueError(f"{', '.join(found)}: keys belong in the environment variable that the provider documents")
    return options


def written_off(value: Any) -> Any:
    """YAML reads a bare `off` as false."""
    return "off" if value is False else value


class Section(BaseModel):
    """Base of the sections: frozen, unknown keys refused, so that a typing error is found at start."""

    model_config = ConfigDict(extra="forbid", frozen=True)
