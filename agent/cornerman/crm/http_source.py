"""Accounts from a service of one's own, over HTTP: one GET for an account, one POST for an outcome, both JSON.

In: the settings' address with `{company}` and `{crm_id}` in it, and where in the answer each field stands; a token,
sent as a bearer. Out: records. The answer is an object, or a list of which the company that was asked for is taken;
404, or nothing of that name, means there is none. An outcome carries its key in the header `Idempotency-Key`, by which
the service tells a repeated one.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import aiohttp
from pydantic import SecretStr

from cornerman.contract import Account
from cornerman.crm.companies import chosen
from cornerman.crm.errors import (
    AccountDownError,
    AccountError,
    AccountReadOnlyError,
    answer_error,
    late,
    unreachable,
    unreadable,
)
from cornerman.crm.file_source import record_of
from cornerman.crm.plain_record import plain_record, plain_text
from cornerman.crm.source import AccountRecord, Outcome

NAME = "the account service"
WRITING = 10.0
MOST = 1_000_000
"""Bytes of an answer that are read."""


class HttpAccounts:
    """One service. `fields` maps a field's name to where it stands, `{"industry": "firm.branch"}`; empty: the answer's
    own names count. The names `id`, `company`, `contacts`, `deals`, `last_call`, `last_call_at` and `notes` are
    understood, the rest are fields.
    """

    def __init__(
        self,
        url: str,
        fields: Mapping[str, str],
        *,
        log_url: str = "",
        token: str = "",
        timeout: float = 3.0,
        writing: float = WRITING,
    ) -> None:
        self._url = url
        self._fields = dict(fields)
        self._log_url = log_url
        self._token = SecretStr(token)
        self._timeout = timeout
        self._seconds_to_write = writing
        self._session: aiohttp.ClientSession | None = None

    async def look_up(self, account: Account) -> AccountRecord | None:
        """Raises: AccountError: the service could not be asked, or several of its accounts fit."""
        url = self._filled(account)
        if url is None:
            return None
        answer = await self._ask("GET", url, self._timeout, {})
        if answer is None:
            return None
        entries = answer if isinstance(answer, list) else [answer]
        if not all(isinstance(entry, dict) for entry in entries):
            raise unreadable(NAME)
        records = [self._record(entry, account) for entry in entries if entry]
        if not isinstance(answer, list):
            return next(map(plain_record, records), None)
        if account.crm_id:
            named = [one for one in records if one.id == account.crm_id]
            if named:
                return plain_record(named[0])
        one = chosen(records, account.company, lambda each: each.company, NAME)
        return plain_record(one) if one is not None else None

    async def log(self, outcome: Outcome) -> str:
        """Posts the outcome and returns the id in the answer, or the key where there is none.

        Raises: AccountError: the service takes none, or did not take it or did not say so.
        """
        if not self._log_url:
            raise AccountReadOnlyError(f"{NAME} takes no outcomes (accounts.http.log_url): it was not written")
        told = {
            "key": outcome.key,
            "account": {"company": outcome.account.company, "crm_id": outcome.account.crm_id},
            "kind": plain_text(outcome.kind, 120),
            "summary": plain_text(outcome.summary, 4000),
            "at": outcome.at.isoformat(timespec="seconds"),
        }
        answer = await self._ask("POST", self._log_url, self._seconds_to_write, {"Idempotency-Key": outcome.key}, told)
        if answer is None:
            raise answer_error(NAME, 404)
        written = answer.get("id") if isinstance(answer, dict) else None
        return str(written) if written else outcome.key

    async def aclose(self) -> None:
        """Ends the connections."""
        if self._session is not None:
            await self._session.close()

    def _filled(self, account: Account) -> str | None:
        """The address for this account; None: it asks for what is not known."""
        url = self._url
        for mark, value in (("{company}", account.company), ("{crm_id}", account.crm_id)):
            url = url.replace(mark, quote(value.strip(), safe=""))
        asked = {"{company}": account.company, "{crm_id}": account.crm_id}
        return url if any(value.strip() for mark, value in asked.items() if mark in self._url) else None

    def _record(self, entry: dict[str, Any], account: Account) -> AccountRecord:
        row = {name: _at(entry, path) for name, path in self._fields.items()} if self._fields else entry
        row = {name: value for name, value in row.items() if name in _STRUCTURED or not isinstance(value, dict | list)}
        return record_of({"id": account.crm_id, "company": account.company} | _present(row), NAME)

    async def _ask(
        self, method: str, url: str, seconds: float, headers: dict[str, str], body: object = None
    ) -> Any | None:
        """What was answered; None: 404."""
        if self._session is None:
            token = self._token.get_secret_value()
            bearer = {"Authorization": f"Bearer {token}"} if token else {}
            self._session = aiohttp.ClientSession(
                headers={"Accept": "application/json"} | bearer, cookie_jar=aiohttp.DummyCookieJar()
            )
        try:
            async with (
                asyncio.timeout(seconds),
                self._session.request(method, url, headers=headers, json=body, allow_redirects=False) as answer,
            ):
                return await _read(answer)
        except TimeoutError:
            raise late(NAME, seconds) from None
        except (aiohttp.ClientError, OSError, ValueError):
            raise unreachable(NAME) from None


_STRUCTURED = frozenset({"contacts", "deals", "last_call", "notes"})


async def _read(answer: aiohttp.ClientResponse) -> Any | None:
    if answer.status == 404:
        return None
    if not 200 <= answer.status < 300:
        raise _refused(answer)
    if answer.status == 204:
        return {}
    content = await answer.content.read(MOST + 1)
    while len(content) <= MOST and (more := await answer.content.read(MOST + 1 - len(content))):
        content += more
    if len(content) > MOST:
        raise AccountDownError(f"{NAME} answered more than {MOST} bytes: check that the address is an account's")
    try:
        return json.loads(content) if content else {}
    except (ValueError, RecursionError):
        raise unreadable(NAME) from None


def _refused(answer: aiohttp.ClientResponse) -> AccountError:
    if 300 <= answer.status < 400:
        return AccountError(f"{NAME} sends elsewhere ({answer.status}): put the final address into the settings")
    return answer_error(NAME, answer.status, answer.headers.get("Retry-After", ""))


def _at(entry: object, path: str) -> Any | None:
    """What stands at `firm.branch`; a number picks from a list."""
    for step in path.split("."):
        if isinstance(entry, dict):
            entry = entry.get(step)
        elif isinstance(entry, list) and step.isdecimal() and int(step) < len(entry):
            entry = entry[int(step)]
        else:
            return None
    return entry


def _present(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None and value != ""}
