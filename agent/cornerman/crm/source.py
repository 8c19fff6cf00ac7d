"""The one interface of all account sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from cornerman.contract import Account


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """What a source knows of an account: its id there, the company's name, and further fields as text."""

    id: str
    company: str
    fields: Mapping[str, str]


class AccountSource(Protocol):
    """Looks accounts up. Owners put a deadline round each call."""

    async def look_up(self, account: Account) -> AccountRecord | None:
        """The record of this account, or None when the source has none."""
        ...


class NoAccounts:
    """No source configured."""

    async def look_up(self, account: Account) -> AccountRecord | None:
        """Nothing is known."""
        return None
