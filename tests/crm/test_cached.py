"""What the memory of an account source keeps, and for how long."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from crm.counting import CountingAccounts
from crm.remotes import HARBOR, outcome

from cornerman.contract import Account
from cornerman.crm import AccountDownError, AccountRecord, CachedAccounts, Contact, Deal, MemoryCache, PastCall


async def test_account_is_asked_for_once_an_hour() -> None:
    source, clock = CountingAccounts(), [0.0]
    accounts = CachedAccounts(source, MemoryCache(now=lambda: clock[0]))
    first = await accounts.look_up(HARBOR)
    clock[0] = 3599.0
    assert await accounts.look_up(Account(company="  Harbor   FOODS ")) == first
    assert source.asked == 1
    clock[0] = 3600.0
    await accounts.look_up(HARBOR)
    assert source.asked == 2
    await accounts.aclose()


async def test_whole_record_comes_back() -> None:
    source = CountingAccounts()
    source.record = AccountRecord(
        "hf-1",
        "Harbor Foods",
        {"industry": "Food", "Größe": "450"},
        (Contact("Dana Reed", "COO"),),
        (Deal("Pilot", "Negotiation", "48000 EUR", "2026-12-15"),),
        PastCall("wants SSO", "2026-11-12"),
        ("a note",),
        "HubSpot",
    )
    accounts = CachedAccounts(source, MemoryCache())
    await accounts.look_up(HARBOR)
    assert await accounts.look_up(HARBOR) == source.record
    assert source.asked == 1
    await accounts.aclose()


async def test_two_at_once_ask_the_source_once_and_one_may_leave() -> None:
    source = CountingAccounts()
    source.gate.clear()
    accounts = CachedAccounts(source, MemoryCache())
    leaving = asyncio.create_task(accounts.look_up(HARBOR))
    staying = asyncio.create_task(accounts.look_up(HARBOR))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait([leaving])
    source.gate.set()
    assert await staying == source.record
    assert source.asked == 1
    assert leaving.cancelled()
    await accounts.aclose()


async def test_failure_and_absence_are_not_kept() -> None:
    source = CountingAccounts()
    accounts = CachedAccounts(source, MemoryCache())
    source.error = AccountDownError("down")
    for _ in range(2):
        with pytest.raises(AccountDownError):
            await accounts.look_up(HARBOR)
    source.error, source.record = None, None
    for _ in range(2):
        assert await accounts.look_up(HARBOR) is None
    assert source.asked == 4
    await accounts.aclose()


async def test_failure_nobody_waits_for_is_no_noise() -> None:
    """Warnings are errors here: a task's exception that nobody took would fail this test."""
    source = CountingAccounts()
    source.gate.clear()
    source.error = AccountDownError("down")
    accounts = CachedAccounts(source, MemoryCache())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await accounts.look_up(HARBOR)
    source.gate.set()
    await accounts.aclose()


async def test_incomplete_record_is_asked_for_again_soon() -> None:
    source, clock = CountingAccounts(), [0.0]
    assert source.record is not None
    source.record = replace(source.record, missing=("deals (HubSpot failed)",))
    accounts = CachedAccounts(source, MemoryCache(now=lambda: clock[0]))
    await accounts.look_up(HARBOR)
    clock[0] = 61.0
    await accounts.look_up(HARBOR)
    assert source.asked == 2
    await accounts.aclose()


async def test_outcome_forgets_the_account_by_each_of_its_names() -> None:
    source = CountingAccounts()
    accounts = CachedAccounts(source, MemoryCache())
    both = Account(company="Harbor Foods", crm_id="hf-1")
    names = (both, Account(company="Harbor Foods"), Account(crm_id="hf-1"))
    for name in names:
        await accounts.look_up(name)
    assert source.asked == 3
    await accounts.log(outcome(account=both))
    assert source.written == ["call-7:1"]
    for name in names:
        await accounts.look_up(name)
    assert source.asked == 6
    await accounts.aclose()


async def test_look_up_that_began_before_an_outcome_is_not_kept() -> None:
    source = CountingAccounts()
    source.gate.clear()
    accounts = CachedAccounts(source, MemoryCache())
    before = asyncio.create_task(accounts.look_up(HARBOR))
    await asyncio.sleep(0)
    await accounts.log(outcome())
    after = asyncio.create_task(accounts.look_up(HARBOR))
    await asyncio.sleep(0)
    source.gate.set()
    await asyncio.gather(before, after)
    assert source.asked == 2
    await accounts.look_up(HARBOR)
    assert source.asked == 2  # the later one is kept
    await accounts.aclose()


async def test_memory_is_bounded() -> None:
    cache = MemoryCache(most=3)
    for number in range(10):
        await cache.put(str(number), "text", 60)
    assert [number for number in range(10) if await cache.get(str(number))] == [7, 8, 9]


async def test_closing_ends_look_ups_and_the_source() -> None:
    source = CountingAccounts()
    source.gate.clear()
    accounts = CachedAccounts(source, MemoryCache())
    waiting = asyncio.create_task(accounts.look_up(HARBOR))
    await asyncio.sleep(0)
    await accounts.aclose()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert source.closed
