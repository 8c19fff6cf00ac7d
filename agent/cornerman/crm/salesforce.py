"""Accounts from Salesforce, through `simple-salesforce`: an account with its contacts, open opportunities and tasks in
one query. Outcomes become completed call tasks.

In: an access token and the address of the org, or a connected app's client credentials. Out: records; ids of tasks. A
task's subject carries a marker made from the outcome's key, since only the subject can be searched, and is looked for
before one is written.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError, SalesforceMalformedRequest, SalesforceResourceNotFound
from simple_salesforce.format import format_soql

from cornerman.contract import Account
from cornerman.crm.blocking import BlockingWork, Deadline
from cornerman.crm.companies import chosen, core_name
from cornerman.crm.errors import (
    AccountBusyError,
    AccountError,
    answer_error,
    not_written,
    unreachable,
    unreadable,
)
from cornerman.crm.plain_record import plain_record, plain_text
from cornerman.crm.source import AccountRecord, Contact, Deal, Outcome, PastCall

NAME = "Salesforce"
WRITING = 10.0
"""Seconds for an outcome: the rep confirmed it, nobody waits on a card for it."""
LOGIN = 5.0
"""Seconds for a request of the client's own that is given no deadline."""

_MOST_ALIKE = 50
_FIELDS = {
    "Industry": "industry",
    "Type": "type",
    "NumberOfEmployees": "employees",
    "AnnualRevenue": "annual revenue",
    "BillingCity": "city",
    "BillingCountry": "country",
    "Website": "website",
    "Description": "description",
}
_ACCOUNT = (
    f"SELECT Id, Name, {', '.join(_FIELDS)}, "
    "(SELECT Name, Title FROM Contacts ORDER BY LastModifiedDate DESC LIMIT 10), "
    "(SELECT Name, StageName, Amount, CloseDate FROM Opportunities WHERE IsClosed = false"
    " ORDER BY CloseDate LIMIT 10), "
    "(SELECT Subject, Description, ActivityDate, TaskSubtype FROM Tasks WHERE IsClosed = true"
    " ORDER BY ActivityDate DESC LIMIT 10) "
    "FROM Account WHERE Id = {}"
)
_BARE_ACCOUNT = "SELECT Id, Name FROM Account WHERE Id = {}"
_ALIKE = f"SELECT Id, Name FROM Account WHERE Name LIKE '{{:like}}%' ORDER BY Name LIMIT {_MOST_ALIKE}"
_WRITTEN = "SELECT Id FROM Task WHERE WhatId = {} AND Subject LIKE '%{:like}%' LIMIT 1"


@dataclass(frozen=True, slots=True)
class SalesforceLogin:
    """An access token, or a client's id and secret; `address` is the org's own (https://….my.salesforce.com)."""

    address: str
    token: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)

    def options(self) -> dict[str, Any]:
        """What the client wants to be told."""
        if self.token:
            return {"session_id": self.token, "instance_url": self.address}
        domain = (urlsplit(self.address).hostname or "").removesuffix(".salesforce.com")
        return {"consumer_key": self.client_id, "consumer_secret": self.client_secret, "domain": domain}


class SalesforceAccounts:
    """One org. `base_url` is for a gateway before it, which gets every request, also the login."""

    def __init__(
        self, login: SalesforceLogin, *, base_url: str = "", timeout: float = 3.0, writing: float = WRITING
    ) -> None:
        self._login = login
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._seconds_to_write = writing
        self._of_thread = _Clients()
        self._sessions: list[requests.Session] = []
        self._work = BlockingWork(NAME, threads=2)
        self._writing = asyncio.Lock()
        logging.getLogger("urllib3").setLevel(logging.INFO)  # its debug lines hold whole queries

    async def look_up(self, account: Account) -> AccountRecord | None:
        """By id, else by name.

        Raises: AccountError: Salesforce could not be asked, or several accounts fit.
        """
        return await self._work.run(lambda deadline: self._find(account, deadline), self._timeout)

    async def log(self, outcome: Outcome) -> str:
        """Writes a completed task, unless the account has one of this key, and returns its id.

        Raises: AccountError: there is no such account, or Salesforce did not take it or did not say so.
        """
        async with self._writing:
            return await self._work.run(lambda deadline: self._write(outcome, deadline), self._seconds_to_write)

    async def aclose(self) -> None:
        """Ends the connections."""
        await self._work.aclose()
        for session in self._sessions:
            session.close()

    def _find(self, account: Account, deadline: Deadline) -> AccountRecord | None:
        account_id = self._id_of(account, deadline)
        if account_id is None:
            return None
        missing: tuple[str, ...] = ()
        try:
            found = self._first(format_soql(_ACCOUNT, account_id), deadline)
        except _FieldError as error:
            missing = (f"details ({error})",)
            found = self._first(format_soql(_BARE_ACCOUNT, account_id), deadline)
        return plain_record(_record(found, missing)) if found is not None else None

    def _id_of(self, account: Account, deadline: Deadline) -> str | None:
        if account.crm_id.isalnum():
            try:
                found = self._first(format_soql(_BARE_ACCOUNT, account.crm_id), deadline)
            except _FieldError:  # it does not look like an id of theirs
                found = None
            if found is not None:
                return str(found["Id"])
        if not account.company.strip():
            return None
        records = self._query(format_soql(_ALIKE, core_name(account.company)), deadline)
        one = chosen(records, account.company, lambda each: str(each.get("Name") or ""), NAME)
        return str(one["Id"]) if one is not None else None

    def _write(self, outcome: Outcome, deadline: Deadline) -> str:
        account_id = self._id_of(outcome.account, deadline)
        if account_id is None:
            raise not_written(NAME)
        written = self._first(format_soql(_WRITTEN, account_id, outcome.marker), deadline)
        if written is not None:
            return str(written["Id"])
        task = {
            "WhatId": account_id,
            "Subject": f"Call: {plain_text(outcome.kind, 120)} {outcome.marker}",
            "Description": plain_text(outcome.summary, 4000),
            "ActivityDate": outcome.at.date().isoformat(),
            "Status": "Completed",
            "TaskSubtype": "Call",
        }
        answer = self._ask(
            lambda client, seconds: client.restful("sobjects/Task", method="POST", json=task, timeout=seconds), deadline
        )
        if not isinstance(answer, Mapping) or not answer.get("success") or not answer.get("id"):
            raise unreadable(NAME)
        return str(answer["id"])

    def _first(self, soql: str, deadline: Deadline) -> Mapping[str, Any] | None:
        return next(iter(self._query(soql, deadline)), None)

    def _query(self, soql: str, deadline: Deadline) -> list[Mapping[str, Any]]:
        answer = self._ask(lambda client, seconds: client.query(soql, timeout=seconds), deadline)
        records = answer.get("records") if isinstance(answer, Mapping) else None
        if not isinstance(records, list) or not all(isinstance(one, Mapping) and "Id" in one for one in records):
            raise unreadable(NAME)
        return records

    def _ask(self, request: Callable[[Salesforce, float], Any], deadline: Deadline) -> Any:
        """One request, after a login where there was none.

        Raises: AccountError: what went wrong, without the client's own text, which quotes what was sent and answered.
        """
        try:
            deadline.left()
            client = self._of_thread.client
            if client is None:
                client = self._of_thread.client = Salesforce(**self._login.options(), session=self._session())
            return request(client, deadline.left())
        except SalesforceError as error:
            raise _error_of(error) from None
        except requests.exceptions.JSONDecodeError:
            raise unreadable(NAME) from None
        except requests.Timeout:
            raise deadline.late() from None
        except requests.RequestException:
            raise unreachable(NAME) from None
        except (ValueError, TypeError, KeyError, IndexError, AttributeError):
            raise unreadable(NAME) from None

    def _session(self) -> requests.Session:
        session = requests.Session()
        session.max_redirects = 0
        session.mount("https://", _Gateway(self._base_url))
        self._sessions.append(session)
        return session


class _Clients(threading.local):
    """The client of this thread: sessions of `requests` may not be shared."""

    client: Salesforce | None = None


class _FieldError(AccountError):
    """The query names what this org, or this user, does not have."""


class _Gateway(HTTPAdapter):
    """Sends what is meant for the org to the gateway, if there is one, and nothing without a deadline."""

    def __init__(self, base_url: str) -> None:
        super().__init__(max_retries=0)
        self._base_url = base_url

    def send(self, request: requests.PreparedRequest, *arguments: Any, **named: Any) -> requests.Response:
        if named.get("timeout") is None:
            named["timeout"] = LOGIN
        if self._base_url and request.url:
            asked = urlsplit(request.url)
            request.url = f"{self._base_url}{asked.path}{f'?{asked.query}' if asked.query else ''}"
        return super().send(request, *arguments, **named)


def _error_of(error: SalesforceError) -> AccountError:
    content: Any = error.content
    told = content if isinstance(content, list) else []
    codes = {one.get("errorCode") for one in told if isinstance(one, Mapping)}
    if "REQUEST_LIMIT_EXCEEDED" in codes:
        return AccountBusyError(f"{NAME} was asked too often: the org's limit of requests is reached")
    if isinstance(error, SalesforceMalformedRequest) and codes & {
        "INVALID_FIELD",
        "INVALID_TYPE",
        "INVALID_QUERY_FILTER_OPERATOR",
    }:
        return _FieldError(f"{NAME} does not know, or does not show this user, a field that is asked for")
    if isinstance(error, SalesforceResourceNotFound):
        return answer_error(NAME, 404)
    return answer_error(NAME, error.status)


def _record(found: Mapping[str, Any], missing: tuple[str, ...]) -> AccountRecord:
    tasks = _children(found, "Tasks")
    calls = [one for one in tasks if one.get("TaskSubtype") == "Call" or str(one.get("Subject")).startswith("Call")]
    last = next(iter(calls), None)
    return AccountRecord(
        str(found["Id"]),
        str(found.get("Name") or ""),
        {told: _number(found[key]) for key, told in _FIELDS.items() if found.get(key) is not None},
        tuple(Contact(_text(one, "Name"), _text(one, "Title")) for one in _children(found, "Contacts")),
        tuple(
            Deal(*(_text(one, name) for name in ("Name", "StageName", "Amount", "CloseDate")))
            for one in _children(found, "Opportunities")
        ),
        PastCall(_told(last), _text(last, "ActivityDate")) if last is not None else None,
        tuple(f"{_text(one, 'ActivityDate')}: {_told(one)}" for one in tasks if one is not last),
        NAME,
        missing,
    )


def _children(found: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    children = found.get(name)
    records = children.get("records") if isinstance(children, Mapping) else None
    return [one for one in records if isinstance(one, Mapping)] if isinstance(records, list) else []


def _told(task: Mapping[str, Any]) -> str:
    subject = plain_text(_text(task, "Subject"), 300).removeprefix("Call: ")
    return ": ".join(text for text in (subject, _text(task, "Description")) if text)


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    return "" if value is None else _number(value)


def _number(value: object) -> str:
    """Whole amounts come with a fraction of nought, which nobody says."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
