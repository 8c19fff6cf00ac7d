"""What waits for the embedder: bounded, the latest of each, and over when closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from cornerman_client.contract import Nudge, Source, Timing, WordsBecause
from cornerman_client.inbox import Latest, NudgeInbox

DEADLINE = 5.0

Value = TypeVar("Value")


def nudge(id_: str, rev: int = 0) -> Nudge:
    return Nudge(
        id=id_,
        rev=rev,
        kind="price_objection",
        headline="Ask",
        priority=1,
        ttl_ms=1000,
        because=(WordsBecause(speaker="Ann", role="prospect", start=0, end=1, quote="too much"),),
        sources=(Source(id="card:price", title="Price card", locator="price.md"),),
        timing=Timing(spoken=1, heard=1, decided=1, sent=1),
    )


async def collected(stream: AsyncIterator[Value]) -> list[Value]:
    async with asyncio.timeout(DEADLINE):
        return [each async for each in stream]


async def test_a_revision_replaces_the_unread_one_in_its_place() -> None:
    inbox = NudgeInbox()
    for each in (nudge("1-1"), nudge("1-2"), nudge("1-1", 1)):
        inbox.put(each)
    inbox.close()
    assert [(each.id, each.rev) for each in await collected(inbox.read())] == [("1-1", 1), ("1-2", 0)]


async def test_beyond_its_capacity_the_oldest_unread_card_is_dropped_and_counted() -> None:
    inbox = NudgeInbox(capacity=2)
    for number in range(5):
        inbox.put(nudge(f"1-{number}"))
    inbox.close()
    assert inbox.overflowed == 3
    assert [each.id for each in await collected(inbox.read())] == ["1-3", "1-4"]


async def test_closing_wakes_every_reader_and_nothing_is_taken_in_afterwards() -> None:
    inbox = NudgeInbox()
    readers = [asyncio.create_task(collected(inbox.read())) for _ in range(2)]
    await asyncio.sleep(0)
    inbox.put(nudge("1-1"))
    await asyncio.sleep(0)
    inbox.close()
    inbox.put(nudge("1-2"))
    taken = [each.id for reader in readers for each in await reader]
    assert taken == ["1-1"]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=40))
async def test_every_card_is_read_at_its_last_revision(arrivals: list[tuple[int, int]]) -> None:
    inbox = NudgeInbox()
    for number, rev in arrivals:
        inbox.put(nudge(f"1-{number}", rev))
    inbox.close()
    assert {each.id: each.rev for each in await collected(inbox.read())} == {f"1-{n}": rev for n, rev in arrivals}


async def test_every_reader_of_the_latest_sees_the_last_value() -> None:
    latest: Latest[int] = Latest()
    latest.put(1)
    first = latest.read()
    assert await anext(first) == 1
    latest.put(2)
    latest.put(3)
    late = asyncio.create_task(collected(latest.read()))
    await asyncio.sleep(0)
    latest.close()
    assert await collected(first) == [3]
    assert await late == [3]


async def test_a_value_that_is_taken_back_is_told_to_be() -> None:
    latest: Latest[int | None] = Latest()
    assert latest.value is None
    latest.put(1)
    reader = latest.read()
    assert await anext(reader) == 1
    latest.put(None)
    latest.close()
    assert latest.value is None
    assert await collected(reader) == [None]
