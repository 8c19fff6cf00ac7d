"""Accounts in a file: what is understood, which entry is meant, and outcomes in a file beside it."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import stat
from pathlib import Path

import pytest
from crm.remotes import HARBOR, outcome

from cornerman.contract import Account
from cornerman.crm import AccountError, AccountUnclearError, Contact, Deal, FileAccounts, PastCall
from cornerman.errors import ConfigError

ACCOUNTS = Path(__file__).parent / "accounts.yaml"
CSV = (
    "id,company,industry,last_call,last_call_at\nhf-1,Harbor Foods Inc.,Food,wants SSO,2026-11-12\nnw-2,Northwind,,,\n"
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "accounts.csv"
    path.write_text(CSV)
    return path


async def test_sample_of_everything_that_is_understood() -> None:
    record = await FileAccounts(ACCOUNTS).look_up(HARBOR)
    assert record is not None
    assert (record.id, record.company, record.origin) == ("hf-1", "Harbor Foods", "accounts.yaml")
    assert record.fields == {"industry": "Food", "employees": "450", "renewal": "2027-03-31"}
    assert record.contacts == (Contact("Dana Reed", "COO"), Contact("Sam Ortiz"))
    assert record.deals == (Deal("Pilot in Leeds", "Negotiation", "48000 EUR", "2026-12-15"),)
    assert record.last_call == PastCall("asked for a security review before the pilot", "2026-11-12")
    assert record.notes == ("buys in Q1 only",)


async def test_bare_entry_is_a_record() -> None:
    record = await FileAccounts(ACCOUNTS).look_up(Account(company="northwind"))
    assert record is not None
    assert (record.id, record.fields, record.last_call) == ("", {}, None)


async def test_columns_of_a_table_are_fields(table: Path) -> None:
    record = await FileAccounts(table).look_up(HARBOR)
    assert record is not None
    assert record.fields == {"industry": "Food"}
    assert record.last_call == PastCall("wants SSO", "2026-11-12")


async def test_id_goes_before_name(table: Path) -> None:
    record = await FileAccounts(table).look_up(Account(company="Harbor Foods", crm_id="nw-2"))
    assert record is not None
    assert record.company == "Northwind"


async def test_edited_file_counts_at_once(table: Path) -> None:
    accounts = FileAccounts(table)
    assert await accounts.look_up(Account(company="Aldgate")) is None
    await asyncio.to_thread(table.write_text, CSV + "al-3,Aldgate,,,\n")
    assert await accounts.look_up(Account(company="Aldgate")) is not None


async def test_two_entries_of_one_name_are_not_guessed_at(table: Path) -> None:
    await asyncio.to_thread(table.write_text, CSV + "hf-9,Harbor Foods LLC,,,\n")
    with pytest.raises(AccountUnclearError, match="2 accounts of this name"):
        await FileAccounts(table).look_up(HARBOR)


@pytest.mark.parametrize("text", ["][", "company: x", "- {id: 1}", "- company", '"text"'])
async def test_file_that_cannot_be_used_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "accounts.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"accounts\.yaml cannot be used"):
        await FileAccounts(path).look_up(HARBOR)


async def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be used"):
        await FileAccounts(tmp_path / "none.csv").look_up(HARBOR)


async def test_outcome_is_kept_beside_the_file_for_its_owner_only(table: Path) -> None:
    accounts = FileAccounts(table)
    assert await accounts.log(outcome()) == "accounts.outcomes.jsonl:1"
    path = table.with_name("accounts.outcomes.jsonl")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    written = json.loads(path.read_text())
    assert written["account"] == {"id": "hf-1", "company": "Harbor Foods Inc."}
    assert written["summary"] == "sends the offer by Friday"
    assert await asyncio.to_thread(table.read_text) == CSV


async def test_outcome_is_the_last_call_from_then_on(table: Path) -> None:
    accounts = FileAccounts(table)
    await accounts.log(outcome())
    record = await accounts.look_up(HARBOR)
    assert record is not None
    assert record.last_call == PastCall("follow-up: sends the offer by Friday", "2026-11-20")
    other = await accounts.look_up(Account(company="Northwind"))
    assert other is not None
    assert other.last_call is None


async def test_same_key_is_written_once(table: Path) -> None:
    ids = await asyncio.gather(*(FileAccounts(table).log(outcome()) for _ in range(8)))
    assert set(ids) == {"accounts.outcomes.jsonl:1"}
    assert await FileAccounts(table).log(outcome("call-7:2")) == "accounts.outcomes.jsonl:2"


def test_same_key_is_written_once_by_many_processes(table: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        ids = pool.map(_log, [str(table)] * 6)
    assert set(ids) == {"accounts.outcomes.jsonl:1"}


async def test_line_that_was_never_finished_costs_itself_only(table: Path) -> None:
    path = table.with_name("accounts.outcomes.jsonl")
    path.write_text('{"key": "call-7:1", "at": "2026-')
    assert await FileAccounts(table).log(outcome()) == "accounts.outcomes.jsonl:2"
    assert await FileAccounts(table).log(outcome()) == "accounts.outcomes.jsonl:2"
    record = await FileAccounts(table).look_up(HARBOR)
    assert record is not None
    assert record.last_call is not None
    assert record.last_call.at == "2026-11-20"


async def test_outcome_for_an_unknown_account_or_an_unwritable_place_is_refused(table: Path) -> None:
    with pytest.raises(AccountError, match="no such account"):
        await FileAccounts(table).log(outcome(account=Account(company="Nobody")))
    table.with_name("accounts.outcomes.jsonl").mkdir()
    with pytest.raises(AccountError, match="cannot be written"):
        await FileAccounts(table).log(outcome())


def _log(path: str) -> str:
    return asyncio.run(FileAccounts(Path(path)).log(outcome()))
