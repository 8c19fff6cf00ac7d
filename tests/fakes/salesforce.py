"""Salesforce's REST API: a token for client credentials, queries, and creation of tasks.

In: requests of `simple-salesforce`. Out: what the real one would answer, from the rows a test put in; errors in its own
form, a list. `exchanges` holds each request's kind, its content and the answer.
"""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

from aiohttp import web

from fakes.faults import Behaviour
from fakes.hubspot import Exchange
from fakes.record import Record
from fakes.server import Answer, FakeProvider
from fakes.soql import Row, SoqlError, Table, answered

VERSION = "59.0"
_ERRORS = {
    401: ("INVALID_SESSION_ID", "Session expired or invalid"),
    403: ("API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner"),
    404: ("NOT_FOUND", "The requested resource does not exist"),
    500: ("UNKNOWN_EXCEPTION", "An unexpected error occurred"),
    503: ("SERVER_UNAVAILABLE", "The server is unavailable"),
}
_COLUMNS = {
    "Account": (
        "Id Name Industry Type NumberOfEmployees AnnualRevenue BillingCity BillingCountry Website Description"
        " LastModifiedDate"
    ),
    "Contact": "Id AccountId Name Title Email LastModifiedDate",
    "Opportunity": "Id AccountId Name StageName Amount CloseDate IsClosed LastModifiedDate",
    "Task": (
        "Id AccountId WhatId WhoId Subject Description ActivityDate Status Priority TaskSubtype IsClosed CreatedDate"
        " LastModifiedDate"
    ),
}
_UNSEARCHABLE = frozenset({"Description"})
"""Long texts can be selected, not searched."""
_CHILDREN = {
    "Account": {
        "Contacts": ("Contact", "AccountId"),
        "Opportunities": ("Opportunity", "AccountId"),
        "Tasks": ("Task", "AccountId"),
    }
}


class FakeSalesforce(FakeProvider):
    """Give `SalesforceAccounts` `base_url=provider.url`. `token` is the session that is good; client credentials get it
    too. `hidden` are fields the user may not see.
    """

    def __init__(self, *, token: str = "00Dfake!session", client: tuple[str, str] = ("client", "secret")) -> None:
        super().__init__()
        self.token = token
        self.hidden: set[str] = set()
        self.exchanges: list[Exchange] = []
        self.logins = 0
        self.limit_reached = False
        self._client = client
        self._rows: dict[str, list[Row]] = {name: [] for name in _COLUMNS}

    def put(self, table: str, row: dict[str, Any]) -> str:
        """A row that was there before; returns its id."""
        row_id = f"{table[:3].upper()}{len(self._rows[table]):015d}"
        self._rows[table].append({"Id": row_id, **row})
        return row_id

    def all_of(self, table: str) -> list[Row]:
        """Every row of a table."""
        return list(self._rows[table])

    def routes(self) -> list[tuple[str, str, Answer]]:
        return [
            ("POST", "/services/oauth2/token", self._login),
            ("GET", f"/services/data/v{VERSION}/query/", self._query),
            ("POST", f"/services/data/v{VERSION}/sobjects/Task", self._create),
        ]

    def refusal(self, status: int, request_id: str) -> Any:
        code, message = _ERRORS.get(status, _ERRORS[500])
        return [{"message": message, "errorCode": code}]

    async def _login(self, request: web.Request, record: Record, behaviour: Behaviour) -> web.StreamResponse:
        form = dict(await request.post())
        given = request.headers["Authorization"].partition(" ")[2]
        if given != base64.b64encode(":".join(self._client).encode()).decode():
            record.note_end("refused 400")
            error = {"error": "invalid_client_id", "error_description": "client identifier invalid"}
            return web.json_response(error, status=400)
        self.logins += 1
        answer = {
            "access_token": self.token,
            "signature": "c2lnbmF0dXJl",
            "scope": "api",
            "instance_url": "https://harbor.my.salesforce.com",
            "id": "https://login.salesforce.com/id/00D000000000001/005000000000001",
            "token_type": "Bearer",
            "issued_at": "1762684800000",
        }
        return self._answer("login", record, {name: str(value) for name, value in form.items()}, answer)

    async def _query(self, request: web.Request, record: Record, behaviour: Behaviour) -> web.StreamResponse:
        asked = request.query["q"]
        record.note_control({"q": asked})
        failed = await self._fails(request, record, behaviour)
        if failed is not None:
            return failed
        try:
            answer = answered(asked, self._tables(), VERSION)
        except SoqlError as error:
            return self._malformed(record, error.code, str(error))
        return self._answer("query", record, asked, answer)

    async def _create(self, request: web.Request, record: Record, behaviour: Behaviour) -> web.StreamResponse:
        body = await request.json()
        record.note_control(body)
        if behaviour.fault != "hang":
            failed = await self._fails(request, record, behaviour)
            if failed is not None:
                return failed
        unknown = set(body) - set(_COLUMNS["Task"].split())
        if unknown:
            return self._malformed(record, "INVALID_FIELD", f"No such column '{min(unknown)}' on sobject of type Task")
        closed = body.get("Status") == "Completed"
        task_id = self.put("Task", {"AccountId": body.get("WhatId"), "IsClosed": closed, **body})
        if behaviour.fault == "hang":  # it was written, but nobody hears of it
            await asyncio.Event().wait()
        return self._answer("create", record, body, {"id": task_id, "success": True, "errors": []}, status=201)

    async def _fails(self, request: web.Request, record: Record, behaviour: Behaviour) -> web.StreamResponse | None:
        await asyncio.sleep(behaviour.final_delay)
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return self.refuse(record, 401)
        if self.limit_reached:
            record.note_end("refused 403")
            error = {"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}
            return web.json_response([error], status=403)
        return await self.fail(request, record, behaviour, garbage=b'{"records": [')

    def _malformed(self, record: Record, code: str, message: str) -> web.Response:
        record.note_end("refused 400")
        return web.json_response([{"message": message, "errorCode": code}], status=400)

    def _answer(self, kind: str, record: Record, request: Any, answer: Any, *, status: int = 200) -> web.Response:
        self.exchanges.append(Exchange(kind, "", request, json.loads(json.dumps(answer))))
        record.note_end(f"answered {status}")
        return web.json_response(answer, status=status)

    def _tables(self) -> dict[str, Table]:
        return {
            name: Table(
                frozenset(columns.split()) - self.hidden,
                _UNSEARCHABLE,
                self._rows[name],
                _CHILDREN.get(name, {}),
            )
            for name, columns in _COLUMNS.items()
        }
