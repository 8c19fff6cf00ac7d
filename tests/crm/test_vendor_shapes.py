"""What the official clients send, and what the local servers answer, is what the vendors describe."""

from __future__ import annotations

import pytest
from crm import vendor_schemas as described
from crm.remotes import HARBOR, SECRET, hubspot, outcome, salesforce
from crm.vendor_schemas import faults_against
from fakes.hubspot import FakeHubSpot
from fakes.salesforce import FakeSalesforce

from cornerman.contract import Account
from cornerman.crm.salesforce import SalesforceAccounts, SalesforceLogin


async def test_hubspot_exchanges_are_as_hubspot_describes_them() -> None:
    async with hubspot() as remote:
        for number in range(120):  # more notes than one request may read: they are searched too
            remote.provider.put(
                "notes",
                {"hs_timestamp": "2026-11-02T00:00:00Z", "hs_note_body": f"note {number}"},
                company=remote.account_id,
            )
        assert await remote.source.look_up(HARBOR) is not None
        await remote.source.log(outcome())
        await remote.source.log(outcome())
        exchanges = remote.provider.exchanges
        assert {each.kind for each in exchanges} == set(described.HUBSPOT_REQUESTS)
        for each in exchanges:
            assert faults_against(described.HUBSPOT_REQUESTS[each.kind], each.request) == []
            assert faults_against(described.HUBSPOT_ANSWERS[each.kind], each.answer) == []


async def test_salesforce_exchanges_are_as_salesforce_describes_them() -> None:
    async with salesforce() as remote:
        source = SalesforceAccounts(
            SalesforceLogin("https://harbor.my.salesforce.com", "", "client", "secret"), base_url=remote.provider.url
        )
        assert await source.look_up(HARBOR) is not None
        await source.log(outcome(summary="x" * 50_000))
        await source.log(outcome())
        await source.aclose()
        exchanges = remote.provider.exchanges
        assert {each.kind for each in exchanges} == set(described.SALESFORCE_REQUESTS)
        for each in exchanges:
            assert faults_against(described.SALESFORCE_REQUESTS[each.kind], each.request) == []
            assert faults_against(described.SALESFORCE_ANSWERS[each.kind], each.answer) == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503])
def test_refusals_are_as_the_vendors_describe_them(status: int) -> None:
    assert faults_against(described.HUBSPOT_ERROR, FakeHubSpot(key=SECRET).refusal(status, "aeb5f871")) == []
    assert faults_against(described.SALESFORCE_ERROR, FakeSalesforce().refusal(status, "")) == []


def test_schemas_can_fail() -> None:
    assert faults_against(described.HUBSPOT_REQUESTS["search"], {"query": "Harbor Foods"})
    assert faults_against(described.HUBSPOT_ANSWERS["search"], {"results": [{"id": 512}], "total": 1})
    assert faults_against(described.SALESFORCE_REQUESTS["create"], {"WhatId": "001", "Subject": "x" * 256})
    assert faults_against(described.SALESFORCE_ANSWERS["query"], {"records": []})


async def test_a_query_cannot_be_broken_out_of() -> None:
    async with salesforce() as remote:
        for name in ("O'Brien' OR Name LIKE '%", "Harbor%", "H_rbor Foods", 'Harbor\\" Foods', "Harbor\n' Foods"):
            assert await remote.source.look_up(Account(company=name)) is None
            assert await remote.source.look_up(Account(crm_id=name)) is None
