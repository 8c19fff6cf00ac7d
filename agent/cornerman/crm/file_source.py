"""Accounts from a CSV or YAML file: columns (or keys) `id`, `company`, and whatever else is worth knowing.

`last_call` (with `last_call_at`), `notes`, and in YAML lists of `contacts` and `deals`, are understood; everything else
is a field. Outcomes go to a file beside it, `accounts.csv` to `accounts.outcomes.jsonl`, and the newest is the last
call from then on.
"""

from __future__ import annotations

import asyncio
import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from cornerman.contract import Account
from cornerman.crm.companies import chosen
from cornerman.crm.errors import not_written
from cornerman.crm.outcome_log import OutcomeLog
from cornerman.crm.plain_record import plain_record
from cornerman.crm.source import AccountRecord, Contact, Deal, Outcome, PastCall
from cornerman.errors import ConfigError

_KNOWN = frozenset({"id", "company", "contacts", "deals", "last_call", "last_call_at", "notes"})


class FileAccounts:
    """Reads the file afresh for each look-up, in a thread, so that an edited file counts for the next call."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = OutcomeLog(path.with_name(f"{path.stem}.outcomes.jsonl"))

    async def look_up(self, account: Account) -> AccountRecord | None:
        """By id first, then by company, apart from case, punctuation and legal form.

        Raises:
            ConfigError: the file cannot be read or has no `company` column.
            AccountUnclearError: several entries are of this company.
        """
        return await asyncio.to_thread(self._find, account)

    async def log(self, outcome: Outcome) -> str:
        """Appends to the file of outcomes and returns `file:line`.

        Raises:
            ConfigError, AccountUnclearError: as for `look_up`.
            AccountError: there is no such account, or the file cannot be written.
        """
        return await asyncio.to_thread(self._write, outcome)

    async def aclose(self) -> None:
        """Nothing to end."""

    def _find(self, account: Account) -> AccountRecord | None:
        record = self._entry(account)
        if record is None:
            return None
        logged = self._log.last_of(record.id, record.company)
        if logged is not None and (record.last_call is None or record.last_call.at <= logged.at):
            record = replace(record, last_call=logged)
        return plain_record(record)

    def _write(self, outcome: Outcome) -> str:
        record = self._entry(outcome.account)
        if record is None:
            raise not_written(self._path.name)
        return self._log.write(outcome, record.id, record.company)

    def _entry(self, account: Account) -> AccountRecord | None:
        records = self._read()
        for record in records:
            if account.crm_id and record.id == account.crm_id:
                return record
        return chosen(records, account.company, lambda one: one.company, self._path.name)

    def _read(self) -> list[AccountRecord]:
        try:
            text = self._path.read_text(encoding="utf-8-sig")
            rows = list(csv.DictReader(text.splitlines())) if self._path.suffix == ".csv" else yaml.safe_load(text)
        except (OSError, UnicodeDecodeError, yaml.YAMLError, csv.Error) as error:
            raise ConfigError(f"accounts in {self._path} cannot be used", [str(error)]) from None
        if not isinstance(rows, list) or not all(isinstance(row, dict) and row.get("company") for row in rows):
            raise ConfigError(
                f"accounts in {self._path} cannot be used", ["give a list of entries with a company each"]
            )
        return [record_of(row, self._path.name) for row in rows]


def record_of(row: dict[str, Any], origin: str) -> AccountRecord:
    """An entry of the file, or of a service's answer, as a record; what is not understood is a field."""
    fields = {str(key): str(value) for key, value in row.items() if value is not None and key not in _KNOWN}
    return AccountRecord(
        _text(row.get("id")),
        _text(row.get("company")),
        fields,
        tuple(_contact(one) for one in _list(row.get("contacts"))),
        tuple(_deal(one) for one in _list(row.get("deals"))),
        _past_call(row.get("last_call"), _text(row.get("last_call_at"))),
        tuple(_text(note) for note in _list(row.get("notes"))),
        origin,
    )


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _list(value: object) -> list[Any]:
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def _contact(entry: object) -> Contact:
    if isinstance(entry, dict):
        return Contact(_text(entry.get("name")), _text(entry.get("title")))
    return Contact(_text(entry))


def _deal(entry: object) -> Deal:
    if isinstance(entry, dict):
        return Deal(*(_text(entry.get(name)) for name in ("name", "stage", "amount", "closes")))
    return Deal(_text(entry))


def _past_call(entry: object, at: str) -> PastCall | None:
    outcome = _text(entry.get("outcome") if isinstance(entry, dict) else entry)
    at = _text(entry.get("at")) or at if isinstance(entry, dict) else at
    return PastCall(outcome, at) if outcome else None
