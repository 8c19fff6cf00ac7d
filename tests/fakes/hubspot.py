"""HubSpot's CRM objects (`/crm/v3/objects/...`): search, read with associations, batch read, create.

In: requests of the official client. Out: what the real one would answer, from the objects a test put in; errors in its
own form. Search is behind, as the real one is: what was created is found by it only once `search_catches_up` is called.
Bodies stand in the record's `control`; `exchanges` holds each request's kind, its body and the answer.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from fakes.faults import Behaviour
from fakes.record import Record
from fakes.server import Answer, FakeProvider

_CREATED = "2026-11-01T08:00:00.000Z"
_SEARCHED = {"companies": ("name", "domain", "phone"), "notes": ("hs_note_body",)}
_CATEGORIES = {
    400: "VALIDATION_ERROR",
    401: "INVALID_AUTHENTICATION",
    403: "MISSING_SCOPES",
    404: "OBJECT_NOT_FOUND",
    429: "RATE_LIMITS",
}
_KINDS = {190: "companies"}
"""Which kind of object an association of a note leads to."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer: `kind` is search, read, batch_read or create."""

    kind: str
    object_type: str
    request: Any
    answer: Any


@dataclass(slots=True)
class Stored:
    """One object."""

    id: str
    properties: dict[str, str | None]
    associations: dict[str, list[str]] = field(default_factory=dict)
    searchable: bool = True


class FakeHubSpot(FakeProvider):
    """Give the client `host=provider.url`. `forbidden` object types answer 403."""

    def __init__(self, *, key: str | None = None) -> None:
        super().__init__(key=key)
        self.forbidden: set[str] = set()
        self.exchanges: list[Exchange] = []
        self._stored: dict[str, dict[str, Stored]] = {}
        self._next_id = 1000

    def put(self, object_type: str, properties: dict[str, str | None], *, company: str = "") -> str:
        """An object that was there before; with `company`, associated with that one. Returns its id."""
        one = self._add(object_type, properties)
        if company:
            self._associate(one, object_type, company)
        return one.id

    def all_of(self, object_type: str) -> list[Stored]:
        """Every object of a type."""
        return list(self._stored.get(object_type, {}).values())

    def search_catches_up(self) -> None:
        """From now on the search finds everything."""
        for kind in self._stored.values():
            for one in kind.values():
                one.searchable = True

    def routes(self) -> list[tuple[str, str, Answer]]:
        return [
            ("POST", "/crm/v3/objects/{type}/search", self._search),
            ("POST", "/crm/v3/objects/{type}/batch/read", self._batch_read),
            ("GET", "/crm/v3/objects/{type}/{id}", self._read),
            ("POST", "/crm/v3/objects/{type}", self._create),
        ]

    def refusal(self, status: int, request_id: str) -> dict[str, Any]:
        return {
            "status": "error",
            "message": "the fake refuses",
            "correlationId": request_id,
            "category": _CATEGORIES.get(status, "INTERNAL_ERROR"),
        }

    async def _search(self, request: web.Request, record: Record, behaviour: Behaviour) -> web.StreamResponse:
        body = await request.json()
        record.note_control(body)
        kind = request.match_info["type"]
        failed = await self._fails(request, record, behaviour, kind)
        if failed is not None:
            return failed
        found = [one for one in self.all_of(kind) if one.searchable and _matches(one, kind, body)]
        page = found[int(body.get("after") or 0) :][: body.get("limit", 10)]
        return self._answer("search", kind, record, body, {"total": len(found), "results": _told(page, body)})

    async def _read(self, request: web.Request, record: Record, behaviour: Behaviour) -> web.StreamResponse:
        kind = request.match_info["type"]
        failed = await self._fails(request, record, behaviour, kind)
        if failed is not None:
            return failed
        one = self._stored.get(kind, {}).get(request.match_info["id"])
        if one is None:
            return self.refuse(record, 404)
        wanted = {"properties": _commas(request, "properties")}
        answer = _told([one], wanted)[0]
        associations = {
            name: {"results": [{"id": each, "type": f"company_to_{name}"} for each in one.associations[name]]}
            for name in _commas(request, "associations")
            if one.associations.get(name)
        }
        if associations:
            answer["associations"] = associations
        return self._answer("read", kind, record, dict(request.query), answer)

    async def _batch_read(self, request: web.Request, record: Record, behaviour: Behaviour) -> web.StreamResponse:
        body = await request.json()
        record.note_control(body)
        kind = request.match_info["type"]
        failed = await self._fails(request, record, behaviour, kind)
        if failed is not None:
            return failed
        if len(body["inputs"]) > 100:
            return self.refuse(record, 400)
        asked = {each["id"] for each in body["inputs"]}
        results = _told([one for one in self.all_of(kind) if one.id in asked], body)
        answer = {"status": "COMPLETE", "results": results, "startedAt": _CREATED, "completedAt": _CREATED}
        return self._answer("batch_read", kind, record, body, answer)

    async def _create(self, request: web.Request, record: Record, behaviour: Behaviour) -> web.StreamResponse:
        body = await request.json()
        record.note_control(body)
        kind = request.match_info["type"]
        if behaviour.fault != "hang":
            failed = await self._fails(request, record, behaviour, kind)
            if failed is not None:
                return failed
        if kind == "notes" and not body["properties"].get("hs_timestamp"):
            return self.refuse(record, 400)
        one = self._add(kind, body["properties"], searchable=False)
        for association in body.get("associations", []):
            for spec in association["types"]:
                if _KINDS.get(spec["associationTypeId"]) == "companies":
                    self._associate(one, kind, association["to"]["id"])
        if behaviour.fault == "hang":  # it was written, but nobody hears of it
            await asyncio.Event().wait()
        answer = _told([one], {"properties": list(one.properties)})[0]
        return self._answer("create", kind, record, body, answer, status=201)

    async def _fails(
        self, request: web.Request, record: Record, behaviour: Behaviour, kind: str
    ) -> web.StreamResponse | None:
        await asyncio.sleep(behaviour.final_delay)
        if kind in self.forbidden:
            return self.refuse(record, 403)
        return await self.fail(request, record, behaviour, garbage=b'{"total": "many')

    def _answer(
        self, kind: str, object_type: str, record: Record, request: Any, answer: Any, *, status: int = 200
    ) -> web.Response:
        self.exchanges.append(Exchange(kind, object_type, request, answer))
        record.note_end(f"answered {status}")
        return web.json_response(answer, status=status)

    def _add(self, object_type: str, properties: dict[str, str | None], *, searchable: bool = True) -> Stored:
        self._next_id += 1
        one = Stored(str(self._next_id), dict(properties), searchable=searchable)
        self._stored.setdefault(object_type, {})[one.id] = one
        return one

    def _associate(self, one: Stored, object_type: str, company: str) -> None:
        self._stored["companies"][company].associations.setdefault(object_type, []).append(one.id)
        one.associations.setdefault("companies", []).append(company)


def _commas(request: web.Request, name: str) -> list[str]:
    return [one for value in request.query.getall(name, []) for one in value.split(",") if one]


def _matches(one: Stored, kind: str, body: dict[str, Any]) -> bool:
    """Whether the search finds it: every word of the query in a searched property, and one group of filters."""
    words = re.findall(r"\w+", str(body.get("query") or "").lower())
    text = " ".join(one.properties.get(name) or "" for name in _SEARCHED.get(kind, ())).lower()
    if not all(re.search(rf"\b{re.escape(word)}", text) for word in words):
        return False
    groups = body.get("filterGroups") or []
    return not groups or any(all(_passes(one, each) for each in group["filters"]) for group in groups)


def _passes(one: Stored, condition: dict[str, Any]) -> bool:
    value = (one.properties.get(condition["propertyName"]) or "").lower()
    match condition["operator"]:
        case "EQ":
            return bool(value == condition["value"].lower())
        case "CONTAINS_TOKEN":
            return condition["value"].lower() in re.findall(r"\w+", value)
        case other:
            raise NotImplementedError(f"this fake knows no filter {other}")


def _told(found: list[Stored], body: dict[str, Any]) -> list[dict[str, Any]]:
    wanted = ["hs_object_id", *body.get("properties", [])]
    return [
        {
            "id": one.id,
            "properties": {name: one.id if name == "hs_object_id" else one.properties.get(name) for name in wanted},
            "createdAt": _CREATED,
            "updatedAt": _CREATED,
            "archived": False,
        }
        for one in found
    ]
