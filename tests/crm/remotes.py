"""The three account sources behind a network, each with a local server that holds the same account, Harbor Foods."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fakes.crm_http import FakeAccountService
from fakes.hubspot import FakeHubSpot
from fakes.salesforce import FakeSalesforce

from cornerman.contract import Account
from cornerman.crm import AccountSource, Outcome
from cornerman.crm.http_source import HttpAccounts
from cornerman.crm.hubspot import HubSpotAccounts
from cornerman.crm.salesforce import SalesforceAccounts, SalesforceLogin

SECRET = "pat-eu1-nobody-may-read-this"
ORG = "https://harbor.my.salesforce.com"
HARBOR = Account(company="harbor foods")
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SHORT = 0.4
"""Seconds of a deadline that a test waits for."""


@dataclass(frozen=True, slots=True)
class Remote:
    """A running server and the source that asks it; `written` are the texts of outcomes it holds."""

    provider: Any
    source: AccountSource
    account_id: str
    written: Callable[[], list[str]]
    another: Callable[[], AccountSource]
    """A source of the same server that knows nothing of what this one did; whoever takes it closes it."""


@asynccontextmanager
async def hubspot(*, token: str = SECRET, timeout: float = 20.0) -> AsyncIterator[Remote]:
    async with FakeHubSpot(key=SECRET) as provider:
        company = provider.put(
            "companies", {"name": "Harbor Foods, Inc.", "industry": "FOOD_PRODUCTION", "numberofemployees": "450"}
        )
        provider.put("contacts", {"firstname": "Dana", "lastname": "Reed", "jobtitle": "COO"}, company=company)

        def make(seconds: float = 20.0) -> AccountSource:
            return HubSpotAccounts(token, base_url=provider.url, timeout=seconds, writing=seconds)

        def written() -> list[str]:
            return [one.properties["hs_note_body"] or "" for one in provider.all_of("notes")]

        async with _closed(make(timeout)) as source:
            yield Remote(provider, source, company, written, make)


@asynccontextmanager
async def salesforce(*, token: str = SECRET, timeout: float = 20.0) -> AsyncIterator[Remote]:
    async with FakeSalesforce(token=SECRET) as provider:
        account = provider.put("Account", {"Name": "Harbor Foods, Inc.", "Industry": "Food", "NumberOfEmployees": 450})
        provider.put("Contact", {"AccountId": account, "Name": "Dana Reed", "Title": "COO"})

        def make(seconds: float = 20.0) -> AccountSource:
            login = SalesforceLogin(ORG, token)
            return SalesforceAccounts(login, base_url=provider.url, timeout=seconds, writing=seconds)

        def written() -> list[str]:
            return [f"{one['Subject']} {one['Description']}" for one in provider.all_of("Task")]

        async with _closed(make(timeout)) as source:
            yield Remote(provider, source, account, written, make)


@asynccontextmanager
async def service(*, token: str = SECRET, timeout: float = 20.0) -> AsyncIterator[Remote]:
    async with FakeAccountService(key=SECRET) as provider:
        entry = {
            "id": "hf-1",
            "company": "Harbor Foods, Inc.",
            "industry": "Food",
            "employees": 450,
            "contacts": [{"name": "Dana Reed", "title": "COO"}],
        }
        provider.accounts |= {"harbor foods": entry, "hf-1": entry}

        def make(seconds: float = 20.0) -> AccountSource:
            urls = {"url": provider.account_url, "log_url": provider.outcome_url}
            return HttpAccounts(**urls, fields={}, token=token, timeout=seconds, writing=seconds)

        def written() -> list[str]:
            return [json.dumps(one) for one in provider.outcomes.values()]

        async with _closed(make(timeout)) as source:
            yield Remote(provider, source, "hf-1", written, make)


@asynccontextmanager
async def _closed(source: AccountSource) -> AsyncIterator[AccountSource]:
    try:
        yield source
    finally:
        await source.aclose()


REMOTES = {"hubspot": hubspot, "salesforce": salesforce, "service": service}


def outcome(key: str = "call-7:1", *, account: Account = HARBOR, summary: str = "sends the offer by Friday") -> Outcome:
    return Outcome(account, "follow-up", summary, NOON, key)
