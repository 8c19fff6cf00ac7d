"""Accounts from HubSpot, through its own client (`hubspot-api-client`): companies with their contacts, deals, calls and
notes. Outcomes become notes on the company.

In: a private app's access token, which needs crm.objects.companies, contacts and deals to read, and contacts to write
for outcomes. Out: records; ids of notes. A right that is missing for a part costs that part only. A note carries a
marker made from the outcome's key, and is looked for among the company's own notes before it is written, and by search
for what has grown too long to list: the search alone is some seconds behind.
"""

from __future__ import annotations

import asyncio
import html
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC
from typing import Any

import urllib3
from hubspot.crm import objects  # type: ignore[import-untyped]
from hubspot.crm.objects.exceptions import ApiException, OpenApiException  # type: ignore[import-untyped]

from cornerman.contract import Account
from cornerman.crm.blocking import BlockingWork, Deadline
from cornerman.crm.companies import chosen
from cornerman.crm.errors import AccountError, answer_error, not_written, unreachable, unreadable
from cornerman.crm.plain_record import plain_record, plain_text
from cornerman.crm.source import AccountRecord, Contact, Deal, Outcome, PastCall

NAME = "HubSpot"
ADDRESS = "https://api.hubapi.com"
WRITING = 10.0
"""Seconds for an outcome: the rep confirmed it, nobody waits on a card for it."""
NOTE_TO_COMPANY = 190
"""HubSpot's own kind of association."""

_COMPANY = {
    "domain": "domain",
    "industry": "industry",
    "numberofemployees": "employees",
    "annualrevenue": "annual revenue",
    "city": "city",
    "country": "country",
    "lifecyclestage": "lifecycle stage",
    "description": "description",
}
_PARTS = {
    "contacts": (10, ("firstname", "lastname", "jobtitle")),
    "deals": (10, ("dealname", "dealstage", "amount", "deal_currency_code", "closedate")),
    "calls": (5, ("hs_timestamp", "hs_call_title", "hs_call_body")),
    "notes": (10, ("hs_timestamp", "hs_note_body")),
}
"""What is read of a company's associations: how many, the newest first, and which properties."""
_MOST_NOTES = 100
"""Notes that are looked through for a marker; the most one request may read."""
_OURS = "[cornerman "

Properties = Mapping[str, str | None]


class HubSpotAccounts:
    """One HubSpot account. `base_url` is for a gateway before it."""

    def __init__(self, token: str, *, base_url: str = "", timeout: float = 3.0, writing: float = WRITING) -> None:
        configuration = objects.Configuration(host=base_url.rstrip("/") or ADDRESS)
        configuration.access_token = token
        configuration.retries = urllib3.Retry(0)
        self._client = objects.ApiClient(configuration)
        self._basic = objects.BasicApi(self._client)
        self._batch = objects.BatchApi(self._client)
        self._search = objects.SearchApi(self._client)
        self._timeout = timeout
        self._seconds_to_write = writing
        self._work = BlockingWork(NAME, threads=2)
        self._writing = asyncio.Lock()

    async def look_up(self, account: Account) -> AccountRecord | None:
        """By id, else by name.

        Raises: AccountError: HubSpot could not be asked, or several companies fit.
        """
        return await self._work.run(lambda deadline: self._find(account, deadline), self._timeout)

    async def log(self, outcome: Outcome) -> str:
        """Writes a note, unless the company has one of this key, and returns its id.

        Raises: AccountError: there is no such company, or HubSpot did not take it or did not say so.
        """
        async with self._writing:
            return await self._work.run(lambda deadline: self._write(outcome, deadline), self._seconds_to_write)

    async def aclose(self) -> None:
        """Ends the connections."""
        await self._work.aclose()
        self._client.rest_client.pool_manager.clear()

    def _find(self, account: Account, deadline: Deadline) -> AccountRecord | None:
        found = self._company(account, deadline)
        if found is None:
            return None
        missing: list[str] = []
        parts = {kind: self._part(found, kind, deadline, missing) for kind in _PARTS}
        name = found.properties.get("name") or account.company
        return plain_record(_record(found.id, name, found.properties, parts, tuple(missing)))

    def _company(self, account: Account, deadline: Deadline) -> Any | None:
        """The company with the ids of what is associated with it."""
        if account.crm_id.isdecimal():
            found = self._company_of(account.crm_id, deadline)
            if found is not None:
                return found
        if not account.company.strip():
            return None
        request = objects.PublicObjectSearchRequest(
            query=account.company.strip(), limit=50, after="0", sorts=[], properties=["name"], filter_groups=[]
        )
        answer = self._ask(self._search.do_search, "companies", request, deadline=deadline)
        one = chosen(_results(answer), account.company, lambda each: each.properties.get("name") or "", NAME)
        return self._company_of(one.id, deadline) if one is not None else None

    def _company_of(self, company_id: str, deadline: Deadline) -> Any | None:
        try:
            found = self._ask(
                self._basic.get_by_id,
                "companies",
                company_id,
                deadline=deadline,
                properties=["name", *_COMPANY],
                associations=list(_PARTS),
            )
            return _whole(found)
        except _NotThereError:
            return None

    def _part(self, company: Any, kind: str, deadline: Deadline, missing: list[str]) -> list[Properties]:
        """The newest of the company's contacts, deals, calls or notes; none, and a word about it, where they fail."""
        most, properties = _PARTS[kind]
        try:
            return [one.properties for one in self._read(kind, _associated(company, kind)[:most], properties, deadline)]
        except AccountError as error:
            missing.append(f"{kind} ({error})")
            return []

    def _read(self, kind: str, ids: list[str], properties: Iterable[str], deadline: Deadline) -> list[Any]:
        if not ids:
            return []
        wanted = objects.BatchReadInputSimplePublicObjectId(
            inputs=[objects.SimplePublicObjectId(id=one) for one in ids],
            properties=list(properties),
            properties_with_history=[],
        )
        read = _results(self._ask(self._batch.read, kind, wanted, deadline=deadline))
        return sorted(read, key=lambda one: ids.index(one.id) if one.id in ids else len(ids))

    def _write(self, outcome: Outcome, deadline: Deadline) -> str:
        company = self._company(outcome.account, deadline)
        if company is None:
            raise not_written(NAME)
        written = self._written(company, outcome, deadline)
        if written is not None:
            return written
        note = objects.SimplePublicObjectInputForCreate(
            properties={
                "hs_timestamp": outcome.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "hs_note_body": f"{html.escape(_told(outcome))}<br>{outcome.marker}",
            },
            associations=[
                objects.PublicAssociationsForObject(
                    to=objects.PublicObjectId(id=company.id),
                    types=[
                        objects.AssociationSpec(
                            association_category="HUBSPOT_DEFINED", association_type_id=NOTE_TO_COMPANY
                        )
                    ],
                )
            ],
        )
        return str(_whole(self._ask(self._basic.create, "notes", note, deadline=deadline)).id)

    def _written(self, company: Any, outcome: Outcome, deadline: Deadline) -> str | None:
        """The id of the note that has the outcome's marker."""
        ids = _associated(company, "notes")
        notes = self._read("notes", ids[:_MOST_NOTES], ("hs_note_body",), deadline)
        if len(ids) > _MOST_NOTES:
            token = outcome.marker.strip("[]").split()[-1]
            marked = objects.Filter(property_name="hs_note_body", operator="CONTAINS_TOKEN", value=token)
            request = objects.PublicObjectSearchRequest(
                filter_groups=[objects.FilterGroup(filters=[marked])],
                properties=["hs_note_body"],
                limit=10,
                after="0",
                sorts=[],
            )
            notes += _results(self._ask(self._search.do_search, "notes", request, deadline=deadline))
        found = (one.id for one in notes if outcome.marker in (one.properties.get("hs_note_body") or ""))
        return next(found, None)

    def _ask(self, request: Callable[..., Any], *arguments: Any, deadline: Deadline, **named: Any) -> Any:
        """One request.

        Raises: AccountError: what went wrong, without the client's own text, which quotes what was sent and answered.
        """
        try:
            answer = request(*arguments, **named, _request_timeout=deadline.left())
        except ApiException as error:
            raise _error_of(error) from None
        except urllib3.exceptions.TimeoutError:
            raise deadline.late() from None
        except urllib3.exceptions.MaxRetryError as error:
            raise (deadline.late() if _is_late(error.reason) else unreachable(NAME)) from None
        except urllib3.exceptions.HTTPError:
            raise unreachable(NAME) from None
        except (OpenApiException, ValueError, TypeError, AttributeError, KeyError):
            raise unreadable(NAME) from None
        if isinstance(answer, str) or answer is None:
            raise unreadable(NAME)
        return answer


class _NotThereError(AccountError):
    """No object of this id."""


def _is_late(reason: Exception | None) -> bool:
    """A refused connection is a kind of timeout to the client."""
    return isinstance(reason, urllib3.exceptions.TimeoutError) and not isinstance(
        reason, urllib3.exceptions.NewConnectionError
    )


def _error_of(error: Any) -> AccountError:
    if not error.status:
        return unreachable(NAME)
    if error.status == 404:
        return _NotThereError(str(answer_error(NAME, 404)))
    headers = {str(name).lower(): str(value) for name, value in dict(error.headers or {}).items()}
    return answer_error(NAME, error.status, headers.get("retry-after", ""))


def _whole(one: Any) -> Any:
    """An object that has what every object has; the client takes any JSON for one."""
    if not getattr(one, "id", None) or not isinstance(getattr(one, "properties", None), dict):
        raise unreadable(NAME)
    return one


def _results(answer: Any) -> list[Any]:
    results = getattr(answer, "results", None)
    if not isinstance(results, list):
        raise unreadable(NAME)
    return [_whole(one) for one in results]


def _associated(company: Any, kind: str) -> list[str]:
    """Ids, each once, the newest first: HubSpot counts upwards."""
    listed = (company.associations or {}).get(kind)
    ids = {str(one.id) for one in listed.results} if listed is not None else set()
    return sorted(ids, key=lambda one: (len(one), one), reverse=True)


def _record(
    company_id: str,
    name: str,
    properties: Properties,
    parts: Mapping[str, list[Properties]],
    missing: tuple[str, ...],
) -> AccountRecord:
    ours = [note for note in parts["notes"] if _OURS in (note.get("hs_note_body") or "")]
    calls = [_past_call(one, "hs_note_body") for one in ours]
    calls += [_past_call(one, "hs_call_title", "hs_call_body") for one in parts["calls"]]
    last = max(calls, key=lambda call: call.at, default=None)
    noted = [_past_call(one, "hs_note_body") for one in parts["notes"] if one not in ours]
    return AccountRecord(
        str(company_id),
        name,
        {told: value for key, told in _COMPANY.items() if (value := properties.get(key))},
        tuple(_contact(one) for one in parts["contacts"]),
        tuple(_deal(one) for one in parts["deals"]),
        PastCall(last.outcome, last.at[:10]) if last is not None else None,
        tuple(f"{note.at[:10]}: {note.outcome}" for note in sorted(noted, key=lambda note: note.at, reverse=True)),
        NAME,
        missing,
    )


def _past_call(properties: Properties, *texts: str) -> PastCall:
    told = [plain_text(text, 600) for text in (properties.get(name) or "" for name in texts) if text]
    return PastCall(": ".join(told), properties.get("hs_timestamp") or "")


def _contact(properties: Properties) -> Contact:
    name = " ".join(part for part in (properties.get("firstname"), properties.get("lastname")) if part)
    return Contact(name, properties.get("jobtitle") or "")


def _deal(properties: Properties) -> Deal:
    amount = " ".join(part for part in (properties.get("amount"), properties.get("deal_currency_code")) if part)
    closes = (properties.get("closedate") or "")[:10]
    return Deal(properties.get("dealname") or "", properties.get("dealstage") or "", amount, closes)


def _told(outcome: Outcome) -> str:
    return f"{plain_text(outcome.kind, 120)}: {plain_text(outcome.summary, 4000)}"
