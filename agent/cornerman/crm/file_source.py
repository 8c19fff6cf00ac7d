"""Accounts from a CSV or YAML file: columns (or keys) `id`, `company`, and whatever else is worth knowing."""

from __future__ import annotations

import asyncio
import csv
from pathlib import Path
from typing import Any

import yaml

from cornerman.contract import Account
from cornerman.crm.source import AccountRecord
from cornerman.errors import ConfigError


class FileAccounts:
    """Reads the file afresh for each look-up, in a thread, so that an edited file counts for the next call."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def look_up(self, account: Account) -> AccountRecord | None:
        """By id first, then by company, case aside.

        Raises:
            ConfigError: the file cannot be read or has no `company` column.
        """
        return await asyncio.to_thread(self._find, account)

    def _find(self, account: Account) -> AccountRecord | None:
        records = self._read()
        for record in records:
            if account.crm_id and record.id == account.crm_id:
                return record
        company = account.company.strip().casefold()
        return next((one for one in records if company and one.company.strip().casefold() == company), None)

    def _read(self) -> list[AccountRecord]:
        try:
            text = self._path.read_text(encoding="utf-8")
            rows = list(csv.DictReader(text.splitlines())) if self._path.suffix == ".csv" else yaml.safe_load(text)
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise ConfigError(f"accounts in {self._path} cannot be used", [str(error)]) from None
        if not isinstance(rows, list) or not all(isinstance(row, dict) and row.get("company") for row in rows):
            raise ConfigError(
                f"accounts in {self._path} cannot be used", ["give a list of entries with a company each"]
            )
        return [_record(row) for row in rows]


def _record(row: dict[str, Any]) -> AccountRecord:
    fields = {str(key): str(value) for key, value in row.items() if value is not None and key not in ("id", "company")}
    return AccountRecord(str(row.get("id") or ""), str(row["company"]), fields)
