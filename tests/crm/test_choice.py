"""From settings to a source: each kind, and every fault at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from crm.redis_server import RedisServer
from crm.remotes import HARBOR, ORG, SECRET, outcome
from fakes.hubspot import FakeHubSpot
from fakes.salesforce import FakeSalesforce
from pydantic import SecretStr

from cornerman.config import AccountSettings
from cornerman.crm import AccountReadOnlyError, CachedAccounts, FileAccounts, NoAccounts, account_source
from cornerman.errors import ConfigError

SERVICE = {"url": "https://accounts.example/{company}"}


async def test_nothing_configured_knows_nothing_and_takes_nothing() -> None:
    source = account_source(AccountSettings(), {})
    assert isinstance(source, NoAccounts)
    assert await source.look_up(HARBOR) is None
    with pytest.raises(AccountReadOnlyError, match=r"accounts\.source"):
        await source.log(outcome())
    await source.aclose()


def test_file_that_is_named_is_used() -> None:
    path = Path(__file__).parent / "accounts.yaml"
    assert isinstance(account_source(AccountSettings(file=path), {}), FileAccounts)
    assert isinstance(account_source(AccountSettings(file=path, source="none"), {}), NoAccounts)


async def test_hubspot_is_asked_once_for_one_account() -> None:
    async with FakeHubSpot(key=SECRET) as provider:
        provider.put("companies", {"name": "Harbor Foods"})
        settings = AccountSettings(source="hubspot", base_url=provider.url)
        source = account_source(settings, {"HUBSPOT_ACCESS_TOKEN": SECRET})
        assert await source.look_up(HARBOR) is not None
        asked = len(provider.records)
        assert await source.look_up(HARBOR) is not None
        assert len(provider.records) == asked
        await source.aclose()


async def test_memory_can_be_switched_off() -> None:
    async with FakeHubSpot(key=SECRET) as provider:
        settings = AccountSettings(source="hubspot", base_url=provider.url, ttl=0)
        source = account_source(settings, {"HUBSPOT_ACCESS_TOKEN": SECRET})
        assert not isinstance(source, CachedAccounts)
        await source.aclose()


@pytest.mark.parametrize(
    "environment",
    [
        {"SF_ACCESS_TOKEN": SECRET, "SF_ORG_INSTANCE_URL": ORG},
        {"SF_ACCESS_TOKEN": SECRET},
        {"SF_CLIENT_ID": "client", "SF_CLIENT_SECRET": "secret", "SF_ORG_INSTANCE_URL": ORG},
    ],
)
async def test_salesforce_through_a_gateway(environment: dict[str, str]) -> None:
    async with FakeSalesforce(token=SECRET) as provider:
        provider.put("Account", {"Name": "Harbor Foods"})
        source = account_source(AccountSettings(source="salesforce", base_url=provider.url), environment)
        assert await source.look_up(HARBOR) is not None
        await source.aclose()


async def test_redis_keeps_accounts_for_the_next_process(tmp_path: Path) -> None:
    server = RedisServer(tmp_path)
    await server.start()
    async with FakeHubSpot(key=SECRET) as provider:
        provider.put("companies", {"name": "Harbor Foods"})
        settings = AccountSettings(source="hubspot", base_url=provider.url, redis_url=SecretStr(server.url))
        for _ in range(2):
            source = account_source(settings, {"HUBSPOT_ACCESS_TOKEN": SECRET})
            assert await source.look_up(HARBOR) is not None
            await source.aclose()
        assert len([each for each in provider.exchanges if each.kind == "search"]) == 1
    await server.aclose()


@pytest.mark.parametrize(
    ("settings", "environment", "faults"),
    [
        ({"source": "file"}, {}, ["accounts.file: name the file"]),
        ({"source": "http"}, {}, ["accounts.http.url: give an address"]),
        (
            {"source": "http", "http": {"url": "https://x.example/all", "log_url": "ftp://x"}},
            {},
            ["accounts.http.url: put {company}", "accounts.http.log_url"],
        ),
        ({"source": "hubspot", "base_url": "gateway"}, {}, ["HUBSPOT_ACCESS_TOKEN", "accounts.base_url"]),
        ({"source": "salesforce"}, {}, ["SF_ACCESS_TOKEN, or SF_CLIENT_ID and SF_CLIENT_SECRET"]),
        ({"source": "salesforce"}, {"SF_ACCESS_TOKEN": SECRET}, ["SF_ORG_INSTANCE_URL"]),
        (
            {"source": "salesforce"},
            {"SF_CLIENT_ID": "x", "SF_CLIENT_SECRET": SECRET, "SF_ORG_INSTANCE_URL": "https://login.example"},
            ["SF_ORG_INSTANCE_URL: client credentials need"],
        ),
        ({"source": "http", "http": SERVICE, "redis_url": f"http://:{SECRET}@x"}, {}, ["accounts.redis_url: give"]),
    ],
)
def test_every_fault_is_told_at_once(settings: dict[str, Any], environment: dict[str, str], faults: list[str]) -> None:
    with pytest.raises(ConfigError) as raised:
        account_source(AccountSettings.model_validate(settings), environment)
    assert len(raised.value.faults) == len(faults)
    for fault in faults:
        assert fault in str(raised.value)
    assert SECRET not in str(raised.value)
