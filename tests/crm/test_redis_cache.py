"""Accounts kept in a real Redis: shared, hashed, for a while; and a Redis that is gone, frozen or wrong is a miss."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from crm.counting import CountingAccounts
from crm.redis_server import RedisServer
from crm.remotes import HARBOR, SECRET, outcome

from cornerman.crm import CachedAccounts, RedisCache
from cornerman.errors import ConfigError


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[RedisServer]:
    running = RedisServer(tmp_path)
    await running.start()
    yield running
    await running.aclose()


async def test_what_one_process_found_another_need_not_ask_for(server: RedisServer) -> None:
    source = CountingAccounts()
    first = CachedAccounts(source, RedisCache(server.url), scope="s", ttl=60)
    second = CachedAccounts(source, RedisCache(server.url), scope="s", ttl=60)
    record = await first.look_up(HARBOR)
    assert await second.look_up(HARBOR) == record
    assert source.asked == 1
    await first.aclose()
    await second.aclose()


async def test_no_key_tells_whose_it_is_and_each_has_its_time(server: RedisServer) -> None:
    accounts = CachedAccounts(CountingAccounts(), RedisCache(server.url), scope=SECRET, ttl=60)
    await accounts.look_up(HARBOR)
    ((key, text),) = (await server.keys()).items()
    assert "harbor" not in key.lower()
    assert SECRET not in key + text
    assert 0 < await server.seconds_left(key) <= 60
    await accounts.aclose()


async def test_sources_with_other_keys_do_not_share(server: RedisServer) -> None:
    source = CountingAccounts()
    for scope in ("one tenant", "another tenant"):
        accounts = CachedAccounts(source, RedisCache(server.url), scope=scope, ttl=60)
        await accounts.look_up(HARBOR)
        await accounts.aclose()
    assert source.asked == 2


async def test_outcome_makes_all_processes_ask_anew(server: RedisServer) -> None:
    source = CountingAccounts()
    first = CachedAccounts(source, RedisCache(server.url), ttl=60)
    second = CachedAccounts(source, RedisCache(server.url), ttl=60)
    await first.look_up(HARBOR)
    await second.log(outcome())
    await first.look_up(HARBOR)
    assert source.asked == 2
    await first.aclose()
    await second.aclose()


async def test_dead_redis_is_a_miss_and_is_left_alone_for_a_while(
    server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    source, clock = CountingAccounts(), [0.0]
    accounts = CachedAccounts(source, RedisCache(server.url, rest=30, now=lambda: clock[0]), ttl=60)
    await accounts.look_up(HARBOR)
    await server.aclose()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert await accounts.look_up(HARBOR) is not None
    assert source.asked == 4
    assert len(caplog.records) == 1
    await server.start()
    clock[0] = 31.0
    await accounts.look_up(HARBOR)
    await accounts.look_up(HARBOR)
    assert source.asked == 5
    await accounts.aclose()


async def test_frozen_redis_is_a_miss(server: RedisServer) -> None:
    source = CountingAccounts()
    accounts = CachedAccounts(source, RedisCache(server.url), ttl=60)
    await accounts.look_up(HARBOR)
    server.freeze()
    assert await accounts.look_up(HARBOR) is not None
    assert source.asked == 2
    await accounts.log(outcome())
    await accounts.aclose()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"id": 7}', '{"id": "x", "company": {"$": 1}, "fields": "no"}', "\x00", "null"]
)
async def test_what_cannot_be_read_is_a_miss(server: RedisServer, text: str) -> None:
    source = CountingAccounts()
    accounts = CachedAccounts(source, RedisCache(server.url), ttl=60)
    await accounts.look_up(HARBOR)
    (key,) = await server.keys()
    await server.overwrite(key, text)
    assert await accounts.look_up(HARBOR) == source.record
    assert source.asked == 2
    await accounts.aclose()


async def test_what_others_wrote_there_is_made_plain(server: RedisServer) -> None:
    accounts = CachedAccounts(CountingAccounts(), RedisCache(server.url), ttl=60)
    await accounts.look_up(HARBOR)
    ((key, text),) = (await server.keys()).items()
    await server.overwrite(key, text.replace("Food", "<img src=x>Food\u202e"))
    record = await accounts.look_up(HARBOR)
    assert record is not None
    assert record.fields["industry"] == "Food"
    await accounts.aclose()


def test_address_that_is_none_is_refused_without_showing_it() -> None:
    with pytest.raises(ConfigError) as raised:
        RedisCache(f"https://user:{SECRET}@localhost")
    assert "redis_url" in str(raised.value)
    assert SECRET not in str(raised.value)


async def test_password_of_the_address_is_in_no_log_or_representation(caplog: pytest.LogCaptureFixture) -> None:
    cache = RedisCache(f"redis://:{SECRET}@127.0.0.1:1/0")
    with caplog.at_level(logging.DEBUG):
        assert await cache.get("key") is None
        await cache.aclose()
    assert SECRET not in f"{caplog.text} {cache!r}"
