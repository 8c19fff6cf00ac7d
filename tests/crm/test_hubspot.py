"""What is particular to HubSpot: parts that may be forbidden, calls and notes, and a search that is behind."""

from __future__ import annotations

import pytest
from crm.remotes import HARBOR, hubspot, outcome

from cornerman.crm import AccountUnclearError, Deal, PastCall, dossier_of, more


async def test_part_that_the_key_may_not_read_costs_that_part_only() -> None:
    async with hubspot() as remote:
        remote.provider.put("deals", {"dealname": "Pilot"}, company=remote.account_id)
        remote.provider.forbidden = {"deals"}
        record = await remote.source.look_up(HARBOR)
        assert record is not None
        assert record.deals == ()
        assert record.contacts
        assert len(record.missing) == 1
        assert record.missing[0].startswith("deals (HubSpot refuses this (403)")
        assert "deals (HubSpot refuses" in more(record)
        assert "refuses" not in dossier_of(record).text


async def test_deals_calls_and_notes_are_read_the_newest_first() -> None:
    async with hubspot() as remote:
        put, company = remote.provider.put, remote.account_id
        deal = {"dealname": "Pilot", "dealstage": "contractsent", "amount": "48000", "deal_currency_code": "EUR"}
        put("deals", deal | {"closedate": "2026-12-15T00:00:00Z"}, company=company)
        for day in ("03", "12"):
            call = {"hs_timestamp": f"2026-11-{day}T09:00:00Z", "hs_call_title": "Check-in"}
            put("calls", call | {"hs_call_body": f"<p>asked for SSO on the {day}th</p>"}, company=company)
            note = {"hs_timestamp": f"2026-11-{day}T10:00:00Z", "hs_note_body": f"<div>note of the {day}th</div>"}
            put("notes", note, company=company)
        record = await remote.source.look_up(HARBOR)
        assert record is not None
        assert record.deals == (Deal("Pilot", "contractsent", "48000 EUR", "2026-12-15"),)
        assert record.last_call == PastCall("Check-in: asked for SSO on the 12th", "2026-11-12")
        assert record.notes == ("2026-11-12: note of the 12th", "2026-11-03: note of the 03th")


async def test_outcome_is_the_last_call_of_the_next_look_up_without_its_marker() -> None:
    async with hubspot() as remote:
        await remote.source.log(outcome(summary="wants 12 % & <no> lock-in"))
        record = await remote.source.look_up(HARBOR)
        assert record is not None
        assert record.last_call == PastCall("follow-up: wants 12 % & lock-in", "2026-11-20")
        assert record.notes == ()


async def test_key_is_found_though_the_search_is_behind() -> None:
    async with hubspot() as remote:
        first = await remote.source.log(outcome())
        assert not remote.provider.all_of("notes")[0].searchable
        assert await remote.source.log(outcome()) == first


async def test_key_is_found_among_more_notes_than_one_request_may_read() -> None:
    async with hubspot() as remote:
        first = await remote.source.log(outcome())
        for number in range(150):
            note = {"hs_timestamp": "2026-11-21T00:00:00Z", "hs_note_body": f"later note {number}"}
            remote.provider.put("notes", note, company=remote.account_id)
        remote.provider.search_catches_up()
        assert await remote.source.log(outcome()) == first


async def test_two_companies_of_one_name_are_not_guessed_at() -> None:
    async with hubspot() as remote:
        remote.provider.put("companies", {"name": "Harbor Foods Ltd"})
        with pytest.raises(AccountUnclearError, match="give crm_id"):
            await remote.source.look_up(HARBOR)
        remote.provider.put("companies", {"name": "HARBOR FOODS"})
        record = await remote.source.look_up(HARBOR)  # one of them is written as it was asked for
        assert record is not None
        assert record.company == "HARBOR FOODS"
