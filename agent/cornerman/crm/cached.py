"""Any account source with a memory: what was found is not asked for again for a while.

In: look-ups and outcomes. Out: what the source says, or what it said. Promises that two who ask for the same account
at once ask the source once, that a record which lacks a part is asked for again soon, that an outcome that was written
shows in the next look-up, and that no key tells which company it is for.
"""

from __future__ import annotations

import asyncio
import hashlib
import json

from pydantic import TypeAdapter, ValidationError

from cornerman.contract import Account
from cornerman.crm.cache import Cache
from cornerman.crm.plain_record import plain_record
from cornerman.crm.source import AccountRecord, AccountSource, Outcome

TTL = 3600.0
INCOMPLETE_TTL = 60.0
"""Seconds for which a record that lacks a part is kept."""

_RECORD = TypeAdapter(AccountRecord)


class CachedAccounts:
    """`scope` tells apart sources that share a cache: whatever makes their answers differ, keys included; only a hash
    of it is kept.
    """

    def __init__(self, source: AccountSource, cache: Cache, *, scope: str = "", ttl: float = TTL) -> None:
        self._source = source
        self._cache = cache
        self._scope = hashlib.sha256(scope.encode()).hexdigest()
        self._ttl = ttl
        self._fetching: dict[str, asyncio.Task[AccountRecord | None]] = {}
        self._tasks: set[asyncio.Task[AccountRecord | None]] = set()
        self._writes = 0

    async def look_up(self, account: Account) -> AccountRecord | None:
        """What is kept, else what the source says.

        Raises: AccountError: as the source does.
        """
        key = self._key(account.crm_id, account.company)
        fetching = self._fetching.get(key)
        if fetching is None:
            fetching = asyncio.create_task(self._fetch(key, account), name="account look-up")
            self._fetching[key] = fetching
            self._tasks.add(fetching)
            fetching.add_done_callback(lambda ended: self._ended(key, ended))
        return await asyncio.shield(fetching)

    async def log(self, outcome: Outcome) -> str:
        """Writes through, and forgets the account.

        Raises: AccountError: as the source does.
        """
        try:
            return await self._source.log(outcome)
        finally:
            self._writes += 1
            self._fetching.clear()  # what is under way may not have seen the outcome: nobody joins or keeps it
            account = outcome.account
            names = {(account.crm_id, account.company), (account.crm_id, ""), ("", account.company)}
            await self._cache.drop(*(self._key(*name) for name in names))

    async def aclose(self) -> None:
        """Ends look-ups under way, the cache and the source."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._cache.aclose()
        await self._source.aclose()

    async def _fetch(self, key: str, account: Account) -> AccountRecord | None:
        kept = _read(await self._cache.get(key))
        if kept is not None:
            return kept
        writes = self._writes
        record = await self._source.look_up(account)
        if record is not None and writes == self._writes:
            ttl = min(self._ttl, INCOMPLETE_TTL) if record.missing else self._ttl
            await self._cache.put(key, _RECORD.dump_json(record).decode(), ttl)
        return record

    def _ended(self, key: str, ended: asyncio.Task[AccountRecord | None]) -> None:
        self._tasks.discard(ended)
        if self._fetching.get(key) is ended:
            del self._fetching[key]
        if not ended.cancelled():
            ended.exception()  # told to whoever still waits; nobody does after a deadline

    def _key(self, crm_id: str, company: str) -> str:
        asked = json.dumps([self._scope, crm_id, " ".join(company.casefold().split())])
        return f"cornerman:account:1:{hashlib.sha256(asked.encode()).hexdigest()}"


def _read(text: str | None) -> AccountRecord | None:
    """A kept record; what cannot be read is none. What others may write to is made plain anew."""
    if text is None:
        return None
    try:
        return plain_record(_RECORD.validate_json(text))
    except ValidationError:
        return None
