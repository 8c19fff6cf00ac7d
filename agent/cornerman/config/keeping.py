"""What is kept of calls, for how long, how it is closed to others, and which keys open rooms.

A key is never a setting: settings name where it stands, as `env:NAME` for a variable of the environment or `file:/path`
for a file, so that it is in no file of settings, no log and no repr.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from cornerman.config.section import Section
from cornerman.errors import ConfigError

_REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:.+")


def _named(reference: str) -> str:
    if not _REFERENCE.fullmatch(reference):
        # The text is not shown: it may be the key itself, put where its place belongs.
        raise ValueError("say where the key stands: env:NAME or file:/path; never the key itself")
    return reference


KeyReference = Annotated[str, AfterValidator(_named)]
Redacted = Literal["phone", "email", "card", "iban", "number"]


class JournalSettings(Section):
    """Where journals are written, and how they are kept. `keys`: the first one seals, all of them open; none: journals
    are plain. `retention` in days, None: kept until somebody deletes them. `redact`: what is taken out of words.
    """

    path: Path = Path(".cornerman/calls")
    keys: tuple[KeyReference, ...] = ()
    retention: float | None = Field(None, gt=0)
    redact: tuple[Redacted, ...] = ()
    redact_region: str = Field("US", pattern="^[A-Z]{2}$")


class RoomSettings(Section):
    """Keys of end-to-end encrypted rooms, by the name a job's metadata gives."""

    keys: dict[str, KeyReference] = Field(default_factory=dict)


def read_key(reference: str, setting: str) -> SecretStr:
    """What stands where a reference points, without the white space around it.

    Raises:
        ConfigError: it is not there, cannot be read, or is empty; the message names the place and the setting.
    """
    kind, _, place = reference.partition(":")
    if kind == "env":
        found = os.environ.get(place, "")
        fault = f"{setting}: the environment variable {place} is not set"
    else:
        try:
            found = Path(place).expanduser().read_text(encoding="utf-8")
            fault = f"{setting}: {place} is empty"
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            found, fault = "", f"{setting}: {place} cannot be read ({reason})"
    if not found.strip():
        raise ConfigError("a key cannot be had", [fault])
    return SecretStr(found.strip())
