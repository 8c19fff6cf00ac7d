"""What is particular to a service of one's own: addresses, fields, and answers of any shape."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from crm.remotes import HARBOR, outcome
from fakes.crm_http import FakeAccountService

from cornerman.contract import Account
from cornerman.crm import AccountDownError, AccountError, AccountReadOnlyError, AccountUnclearError, PastCall
from cornerman.crm.http_source import HttpAccounts


@pytest.fixture
async def provider() -> AsyncIterator[FakeAccountService]:
    async with FakeAccountService(key="token") as running:
        yield running


async def test_fields_are_taken_from_where_they_stand(provider: FakeAccountService) -> None:
    provider.accounts["harbor foods"] = {
        "firm": {"name": "Harbor Foods", "number": 12, "branch": "Food", "people": [{"name": "Dana Reed"}]},
        "crm": {"calls": [{"summary": "wants SSO", "day": "2026-11-12"}]},
        "secret": "not mapped",
    }
    fields = {
        "id": "firm.number",
        "company": "firm.name",
        "industry": "firm.branch",
        "contacts": "firm.people",
        "last_call": "crm.calls.0.summary",
        "last_call_at": "crm.calls.0.day",
        "nowhere": "firm.x.y",
    }
    source = HttpAccounts(provider.account_url, fields, token="token")
    record = await source.look_up(HARBOR)
    assert record is not None
    assert (record.id, record.company, record.fields) == ("12", "Harbor Foods", {"industry": "Food"})
    assert record.contacts[0].name == "Dana Reed"
    assert record.last_call == PastCall("wants SSO", "2026-11-12")
    await source.aclose()


async def test_name_is_escaped_into_the_address(provider: FakeAccountService) -> None:
    name = "A&B/Söhne? #1 {crm_id} ../x"
    provider.accounts[name] = {"company": name}
    source = HttpAccounts(provider.account_url, {}, token="token")
    assert await source.look_up(Account(company=name)) is not None
    assert provider.records[0].path == "/accounts"
    await source.aclose()


async def test_list_is_searched_for_the_company(provider: FakeAccountService) -> None:
    provider.accounts["harbor foods"] = [{"company": "Harbor"}, {"company": "Harbor Foods Ltd", "id": 3}]
    source = HttpAccounts(provider.account_url, {}, token="token")
    record = await source.look_up(HARBOR)
    assert record is not None
    assert record.id == "3"
    provider.accounts["harbor foods"] = [{"company": "Harbor Foods Inc"}, {"company": "Harbor Foods Ltd"}]
    with pytest.raises(AccountUnclearError):
        await source.look_up(HARBOR)
    provider.accounts["harbor foods"] = []
    assert await source.look_up(HARBOR) is None
    await source.aclose()


@pytest.mark.parametrize("answer", ["text", 7, [1], [[]], [None]])
async def test_answer_of_another_shape_is_told(provider: FakeAccountService, answer: object) -> None:
    provider.accounts["harbor foods"] = answer
    source = HttpAccounts(provider.account_url, {}, token="token")
    with pytest.raises(AccountDownError, match="cannot be read"):
        await source.look_up(HARBOR)
    await source.aclose()


async def test_answer_that_is_too_long_is_told(provider: FakeAccountService) -> None:
    provider.accounts["harbor foods"] = {"company": "x" * 1_100_000}
    source = HttpAccounts(provider.account_url, {}, token="token")
    with pytest.raises(AccountDownError, match="more than 1000000 bytes"):
        await source.look_up(HARBOR)
    await source.aclose()


async def test_token_is_not_carried_elsewhere(provider: FakeAccountService) -> None:
    provider.accounts["Harbor Foods"] = {"company": "Harbor Foods"}
    source = HttpAccounts(provider.url + "/moved?name={company}", {}, token="token")
    with pytest.raises(AccountError, match="sends elsewhere"):
        await source.look_up(HARBOR)
    assert [record.path for record in provider.records] == ["/moved"]
    await source.aclose()


async def test_address_that_asks_for_what_is_not_known_is_not_asked(provider: FakeAccountService) -> None:
    source = HttpAccounts(provider.url + "/accounts?id={crm_id}", {}, token="token")
    assert await source.look_up(HARBOR) is None
    assert provider.records == ()
    await source.aclose()


async def test_service_without_an_address_for_outcomes_takes_none(provider: FakeAccountService) -> None:
    source = HttpAccounts(provider.account_url, {}, token="token")
    with pytest.raises(AccountReadOnlyError, match="log_url"):
        await source.log(outcome())
    await source.aclose()
