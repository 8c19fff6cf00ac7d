"""What crosses Cornerman's edges: job metadata (the dispatch contract) and, re-exported, the messages of the private
line.

The messages live in `cornerman_client.contract`, the small package both sides install, so that there is one definition
of them.
"""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cornerman.errors import ConfigError
from cornerman_client import contract as wire
from cornerman_client.contract import ConsentMode, Role

__all__ = [
    "Account",
    "ConsentMode",
    "ConsentTerms",
    "JobMetadata",
    "Listed",
    "Role",
    "RoomEncryption",
    "Takeover",
    "faults_of",
    "parse_job_metadata",
    "wire",
]


class MetadataPart(BaseModel):
    """Base of job metadata: frozen; unknown fields are ignored, so that a newer dispatcher may say more."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Listed(MetadataPart):
    """A participant the dispatcher knows beforehand."""

    role: Role = "prospect"
    name: str = ""
    language: str = ""


class Account(MetadataPart):
    """Who is being sold to; what the account source is asked for."""

    company: str = ""
    crm_id: str = ""
    last_call: str = ""


class ConsentTerms(MetadataPart):
    """How consent is obtained; `granted` names identities whose consent the host application holds already."""

    mode: ConsentMode = "rep_discloses"
    granted: tuple[str, ...] = ()


class Takeover(MetadataPart):
    """Set by the watchdog only: the coach that died and whose place this one takes."""

    of: str


class RoomEncryption(MetadataPart):
    """That the room is end-to-end encrypted. `key` is the name under which the operator holds the key, never the key;
    `check` is `cornerman_client.encryption.key_check` of it, so that a wrong one is noticed before it is used.
    """

    key: str = Field(min_length=1, max_length=100)
    check: str = Field("", pattern="^([0-9A-Fa-f]{24})?$")


class JobMetadata(MetadataPart):
    """Version 1 of the public dispatch contract. Only `rep` is required."""

    v: Literal[1] = 1
    rep: str = Field(min_length=1, max_length=200)
    participants: dict[str, Listed] = Field(default_factory=dict)
    default_role: Role = "prospect"
    account: Account | None = None
    playbook: str = ""
    language: str = ""
    consent: ConsentTerms = Field(default_factory=ConsentTerms)
    settings: dict[str, Any] = Field(default_factory=dict)
    encryption: RoomEncryption | None = None
    takeover: Takeover | None = None

    def role_of(self, identity: str) -> Role:
        """The role of an identity: the rep, as listed, or the default. The `rep` field wins over the list."""
        if identity == self.rep:
            return "rep"
        listed = self.participants.get(identity)
        return listed.role if listed else self.default_role

    def name_of(self, identity: str) -> str:
        """The name the dispatcher gave, or an empty string."""
        listed = self.participants.get(identity)
        return listed.name if listed else ""

    def names(self) -> tuple[str, ...]:
        """Names that this very call will hear: people and the company they buy for."""
        names = [listed.name for listed in self.participants.values()]
        return tuple(name for name in [*names, self.account.company if self.account else ""] if name.strip())

    def language_of(self, identity: str) -> str:
        """What somebody speaks: their own language, else the call's, else an empty string."""
        listed = self.participants.get(identity)
        return (listed.language if listed else "") or self.language


def faults_of(error: ValidationError) -> list[str]:
    """A pydantic error as one sentence per fault, without the values (they may be secrets or spoken words)."""
    return [
        f"{'.'.join(str(step) for step in fault['loc']) or 'the whole'}: {fault['msg']}" for fault in error.errors()
    ]


def parse_job_metadata(text: str) -> JobMetadata:
    """Reads a job's metadata.

    Raises:
        ConfigError: it is not JSON, is of another version, or names no rep; every fault is listed.
    """
    hint = 'send at least {"v":1,"rep":"<identity of the rep>"}'
    if not text.strip():
        raise ConfigError("the job's metadata cannot be used", [f"it is empty; {hint}"])
    try:
        raw = json.loads(text)
    except json.JSONDecodeError as fault:
        at = f"line {fault.lineno}, column {fault.colno}"
        raise ConfigError(
            "the job's metadata cannot be used", [f"it is not JSON ({at}: {fault.msg}); {hint}"]
        ) from None
    if not isinstance(raw, dict):
        raise ConfigError("the job's metadata cannot be used", [f"it is not a JSON object; {hint}"])
    try:
        return JobMetadata.model_validate(raw)
    except ValidationError as error:
        raise ConfigError("the job's metadata cannot be used", faults_of(error)) from None
