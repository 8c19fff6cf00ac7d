"""An account source in memory that counts how often it is asked, and can be made to wait or fail."""

from __future__ import annotations

import asyncio

from cornerman.contract import Account
from cornerman.crm import AccountError, AccountRecord, Outcome


class CountingAccounts:
    """Knows one account, whatever is asked for; `gate` holds look-ups back while it is not set."""

    def __init__(self) -> None:
        self.record: AccountRecord | None = AccountRecord("hf-1", "Harbor Foods", {"industry": "Food"}, origin="test")
        self.asked = 0
        self.written: list[str] = []
        self.error: AccountError | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.closed = False

    async def look_up(self, account: Account) -> AccountRecord | None:
        self.asked += 1
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return self.record

    async def log(self, outcome: Outcome) -> str:
        self.written.append(outcome.key)
        return outcome.key

    async def aclose(self) -> None:
        self.closed = True
