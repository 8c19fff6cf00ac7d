"""Outcomes of calls in a file beside the accounts, for a source that is a file itself.

In: outcomes the rep confirmed. Out: one line of JSON each, and the last one of an account. Promises that a key is
written once, whichever process writes, and that nobody but the owner reads the file. Blocking: call it in a thread.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any, TextIO

from cornerman.crm.errors import AccountError
from cornerman.crm.source import Outcome, PastCall


class OutcomeLog:
    """`path` is made when the first outcome is written."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, outcome: Outcome, account_id: str, company: str) -> str:
        """Appends the outcome, unless its key is there, and returns where it stands: `file:line`.

        Raises: AccountError: the file cannot be written.
        """
        line = {
            "key": outcome.key,
            "at": outcome.at.isoformat(timespec="seconds"),
            "account": {"id": account_id, "company": company},
            "kind": outcome.kind,
            "summary": outcome.summary,
        }
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                return f"{self._path.name}:{_append(file, line)}"
        except (OSError, UnicodeDecodeError) as error:
            raise AccountError(f"outcomes cannot be written to {self._path}: {error.__class__.__name__}") from None

    def last_of(self, account_id: str, company: str) -> PastCall | None:
        """The newest outcome of the account with this id, or of this company where it has none."""
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return None
        found = [line for line in map(_read, lines) if _is_of(line, account_id, company)]
        last = max(found, key=lambda line: str(line.get("at")), default=None)
        return PastCall(f"{last.get('kind')}: {last.get('summary')}", str(last.get("at"))[:10]) if last else None


def _append(file: TextIO, line: dict[str, Any]) -> int:
    """The number of the line that has this key. A line a dying process left unfinished is ended first."""
    file.seek(0)
    text = file.read()
    lines = text.splitlines()
    for number, written in enumerate(lines, start=1):
        if _read(written).get("key") == line["key"]:
            return number
    end = "" if not text or text.endswith("\n") else "\n"
    file.write(f"{end}{json.dumps(line, ensure_ascii=False)}\n")
    file.flush()
    os.fsync(file.fileno())
    return len(lines) + 1


def _read(line: str) -> dict[str, Any]:
    try:
        written = json.loads(line)
    except ValueError:
        return {}
    return written if isinstance(written, dict) else {}


def _is_of(line: dict[str, Any], account_id: str, company: str) -> bool:
    account = line.get("account")
    if not isinstance(account, dict):
        return False
    if account_id or account.get("id"):
        return bool(account.get("id") == account_id)
    return str(account.get("company")).casefold() == company.casefold()
