"""A company's own account service: one GET for an account, one POST for an outcome, both JSON.

In: requests of `HttpAccounts`. Out: whatever JSON a test put under a company's name; outcomes are kept once for each
`Idempotency-Key`.
"""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from fakes.faults import Behaviour
from fakes.record import Record
from fakes.server import Answer, FakeProvider


class FakeAccountService(FakeProvider):
    """The address of an account is `provider.url + "/accounts?name={company}&id={crm_id}"`."""

    def __init__(self, *, key: str | None = None) -> None:
        super().__init__(key=key)
        self.accounts: dict[str, Any] = {}
        self.outcomes: dict[str, Any] = {}

    @property
    def account_url(self) -> str:
        return self.url + "/accounts?name={company}&id={crm_id}"

    @property
    def outcome_url(self) -> str:
        return self.url + "/outcomes"

    def routes(self) -> list[tuple[str, str, Answer]]:
        return [
            ("GET", "/accounts", self._account),
            ("POST", "/outcomes", self._outcome),
            ("GET", "/moved", self._moved),
        ]

    def refusal(self, status: int, request_id: str) -> dict[str, Any]:
        return {"error": f"refused with {status}", "request": request_id}

    async def _account(self, request: web.Request, record: Record, behaviour: Behaviour) -> web.StreamResponse:
        failed = await self._fails(request, record, behaviour)
        if failed is not None:
            return failed
        found = self.accounts.get(request.query["id"] or request.query["name"])
        if found is None:
            return self.refuse(record, 404)
        record.note_end("answered 200")
        return web.json_response(found)

    async def _outcome(self, request: web.Request, record: Record, behaviour: Behaviour) -> web.StreamResponse:
        body = await request.json()
        record.note_control(body)
        key = request.headers["Idempotency-Key"]
        if behaviour.fault == "hang":
            self.outcomes.setdefault(key, body)  # it was written, but nobody hears of it
        failed = await self._fails(request, record, behaviour)
        if failed is not None:
            return failed
        self.outcomes.setdefault(key, body)
        record.note_end("answered 201")
        return web.json_response({"id": f"outcome-{list(self.outcomes).index(key) + 1}"}, status=201)

    async def _moved(self, request: web.Request, record: Record, behaviour: Behaviour) -> web.StreamResponse:
        record.note_end("answered 302")
        return web.Response(status=302, headers={"Location": self.url + "/accounts?name=Harbor+Foods&id="})

    async def _fails(self, request: web.Request, record: Record, behaviour: Behaviour) -> web.StreamResponse | None:
        await asyncio.sleep(behaviour.final_delay)
        return await self.fail(request, record, behaviour, garbage=b'{"company": ')
