"""The one interface of all account sources, and what flows through it.

In: the dispatcher's `Account`, and outcomes the rep confirmed. Out: an `AccountRecord`, whose texts are made plain and
short by every source: what a CRM holds was typed by anybody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from cornerman.contract import Account
from cornerman.crm.errors import AccountReadOnlyError


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody there."""

    name: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Deal:
    """Something that may be sold, or was. `closes` is a date as the source writes it."""

    name: str
    stage: str = ""
    amount: str = ""
    closes: str = ""


@dataclass(frozen=True, slots=True)
class PastCall:
    """What came of the last call; `at` is its date, as far as known."""

    outcome: str
    at: str = ""


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """What a source knows of an account: its id there, the company's name, and further fields as text.

    `origin` names the source for people ("HubSpot", "accounts.csv"). `missing` names what could not be had this time.
    """

    id: str
    company: str
    fields: Mapping[str, str] = field(default_factory=dict)
    contacts: tuple[Contact, ...] = ()
    deals: tuple[Deal, ...] = ()
    last_call: PastCall | None = None
    notes: tuple[str, ...] = ()
    origin: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call, as the rep confirmed it. `at` knows its time zone. The same `key` is written once only."""

    account: Account
    kind: str
    summary: str
    at: datetime
    key: str

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("an outcome's time needs its time zone")

    @property
    def marker(self) -> str:
        """What stands in the written note, by which it is found again."""
        return f"[cornerman {hashlib.sha256(self.key.encode()).hexdigest()[:16]}]"


class AccountSource(Protocol):
    """Looks accounts up and takes outcomes. Each call ends within the source's deadline."""

    async def look_up(self, account: Account) -> AccountRecord | None:
        """The record of this account, or None when the source has none.

        Raises: AccountError: the source could not be asked, or several accounts fit.
        """
        ...

    async def log(self, outcome: Outcome) -> str:
        """Writes an outcome to the account and returns the id of what was written; of the first time, where the key
        was written before.

        Raises: AccountError: it was not written, or that is not known; the same key may be tried again.
        """
        ...

    async def aclose(self) -> None:
        """Ends what the source holds."""
        ...


class NoAccounts:
    """No source configured."""

    async def look_up(self, account: Account) -> AccountRecord | None:
        """Nothing is known."""
        return None

    async def log(self, outcome: Outcome) -> str:
        """Refuses.

        Raises: AccountReadOnlyError: always.
        """
        raise AccountReadOnlyError("no account source is configured (accounts.source): the outcome was not written")

    async def aclose(self) -> None:
        """Nothing to end."""
