"""What is particular to Salesforce: its logins, fields that are hidden, calls among tasks."""

from __future__ import annotations

import pytest
from crm.remotes import HARBOR, ORG, SECRET, outcome, salesforce
from fakes.salesforce import FakeSalesforce

from cornerman.crm import AccountRefusedError, Deal, PastCall
from cornerman.crm.salesforce import SalesforceAccounts, SalesforceLogin


async def test_client_credentials_are_exchanged_once_and_anew_when_the_session_expires() -> None:
    async with FakeSalesforce(token="first") as provider:
        provider.put("Account", {"Name": "Harbor Foods"})
        source = SalesforceAccounts(SalesforceLogin(ORG, "", "client", "secret"), base_url=provider.url)
        assert await source.look_up(HARBOR) is not None
        assert await source.look_up(HARBOR) is not None
        before = provider.logins
        provider.token = "second"
        assert await source.look_up(HARBOR) is not None
        assert provider.logins == before + 1
        await source.aclose()


async def test_wrong_client_credentials_are_told_without_them() -> None:
    async with FakeSalesforce() as provider:
        login = SalesforceLogin(ORG, "", "client", SECRET)
        source = SalesforceAccounts(login, base_url=provider.url)
        with pytest.raises(AccountRefusedError, match="does not accept the key") as raised:
            await source.look_up(HARBOR)
        assert SECRET not in f"{raised.value} {login}"
        await source.aclose()


async def test_hidden_field_costs_the_details_only() -> None:
    async with salesforce() as remote:
        remote.provider.hidden = {"NumberOfEmployees"}
        record = await remote.source.look_up(HARBOR)
        assert record is not None
        assert record.company == "Harbor Foods, Inc."
        assert record.missing[0].startswith("details (")


async def test_opportunities_and_calls_are_read() -> None:
    async with salesforce() as remote:
        put, account = remote.provider.put, {"AccountId": remote.account_id}
        stage = {"StageName": "Negotiation", "Amount": 48000.0, "CloseDate": "2026-12-15"}
        put("Opportunity", {**account, "Name": "Pilot", "IsClosed": False, **stage})
        put("Opportunity", {**account, "Name": "Old one", "IsClosed": True, **stage})
        task = {**account, "IsClosed": True, "ActivityDate": "2026-11-12"}
        put("Task", {**task, "Subject": "Call", "TaskSubtype": "Call", "Description": "asked for SSO"})
        put("Task", {**task, "Subject": "Email: offer", "TaskSubtype": "Email", "ActivityDate": "2026-11-14"})
        record = await remote.source.look_up(HARBOR)
        assert record is not None
        assert record.deals == (Deal("Pilot", "Negotiation", "48000", "2026-12-15"),)
        assert record.last_call == PastCall("Call: asked for SSO", "2026-11-12")
        assert record.notes == ("2026-11-14: Email: offer",)


async def test_outcome_is_the_last_call_of_the_next_look_up_without_its_marker() -> None:
    async with salesforce() as remote:
        await remote.source.log(outcome())
        record = await remote.source.look_up(HARBOR)
        assert record is not None
        assert record.last_call == PastCall("follow-up: sends the offer by Friday", "2026-11-20")
