"""The small part of the vendors' published descriptions that the account sources rely on, as JSON schemas.

HubSpot: the OpenAPI documents of its CRM objects, version 3 (companies, notes): required fields, enumerations, limits.
Salesforce: the REST API Developer Guide (query, sObject create, errors), the Object Reference (Task) and the OAuth 2.0
client credentials flow.
"""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

Schema = dict[str, Any]


def faults_against(schema: Schema, value: object) -> list[str]:
    """What of `value` the schema does not allow."""
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def _object(required: list[str], properties: Schema, *, closed: bool = False) -> Schema:
    schema: Schema = {"type": "object", "required": required, "properties": properties}
    return schema | {"additionalProperties": False} if closed else schema


def _list(items: Schema, **limits: int) -> Schema:
    return {"type": "array", "items": items, **limits}


_TEXT: Schema = {"type": "string"}
_ID: Schema = {"type": "string", "minLength": 1}
_TIME: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"}
_PROPERTIES: Schema = {"type": "object", "additionalProperties": {"type": ["string", "null"]}}

_HUBSPOT_OBJECT = _object(
    ["archived", "createdAt", "id", "properties", "updatedAt"],
    {
        "archived": {"type": "boolean"},
        "createdAt": _TIME,
        "updatedAt": _TIME,
        "id": _ID,
        "properties": _PROPERTIES,
        "associations": {
            "type": "object",
            "additionalProperties": _object(
                ["results"], {"results": _list(_object(["id", "type"], {"id": _ID, "type": _TEXT}))}
            ),
        },
    },
)
_FILTER = _object(
    ["operator", "propertyName"],
    {
        "operator": {
            "enum": [
                "BETWEEN",
                "CONTAINS_TOKEN",
                "EQ",
                "GT",
                "GTE",
                "HAS_PROPERTY",
                "IN",
                "LT",
                "LTE",
                "NEQ",
                "NOT_CONTAINS_TOKEN",
                "NOT_HAS_PROPERTY",
                "NOT_IN",
            ]
        },
        "propertyName": _ID,
        "value": _TEXT,
        "values": _list(_TEXT),
        "highValue": _TEXT,
    },
    closed=True,
)

HUBSPOT_REQUESTS: dict[str, Schema] = {
    "search": _object(
        ["after", "filterGroups", "limit", "properties", "sorts"],
        {
            "after": _TEXT,
            "filterGroups": _list(_object(["filters"], {"filters": _list(_FILTER)}, closed=True), maxItems=6),
            "limit": {"type": "integer", "minimum": 1, "maximum": 200},
            "properties": _list(_TEXT),
            "query": {"type": "string", "maxLength": 3000},
            "sorts": _list(_TEXT),
        },
        closed=True,
    ),
    "batch_read": _object(
        ["inputs", "properties", "propertiesWithHistory"],
        {
            "inputs": _list(_object(["id"], {"id": _ID}, closed=True), maxItems=100),
            "properties": _list(_TEXT),
            "propertiesWithHistory": _list(_TEXT),
            "idProperty": _TEXT,
        },
        closed=True,
    ),
    "read": _object(
        [],
        dict.fromkeys(("archived", "associations", "idProperty", "properties", "propertiesWithHistory"), _TEXT),
        closed=True,
    ),
    "create": _object(
        ["associations", "properties"],
        {
            "properties": {"type": "object", "additionalProperties": _TEXT, "required": ["hs_timestamp"]},
            "associations": _list(
                _object(
                    ["to", "types"],
                    {
                        "to": _object(["id"], {"id": _ID}, closed=True),
                        "types": _list(
                            _object(
                                ["associationCategory", "associationTypeId"],
                                {
                                    "associationCategory": {
                                        "enum": ["HUBSPOT_DEFINED", "INTEGRATOR_DEFINED", "USER_DEFINED", "WORK"]
                                    },
                                    "associationTypeId": {"const": 190},
                                },
                                closed=True,
                            )
                        ),
                    },
                    closed=True,
                )
            ),
        },
        closed=True,
    ),
}
HUBSPOT_ANSWERS: dict[str, Schema] = {
    "search": _object(["results", "total"], {"results": _list(_HUBSPOT_OBJECT), "total": {"type": "integer"}}),
    "batch_read": _object(
        ["completedAt", "results", "startedAt", "status"],
        {
            "completedAt": _TIME,
            "startedAt": _TIME,
            "results": _list(_HUBSPOT_OBJECT),
            "status": {"enum": ["CANCELED", "COMPLETE", "PENDING", "PROCESSING"]},
        },
    ),
    "read": _HUBSPOT_OBJECT,
    "create": _HUBSPOT_OBJECT,
}
HUBSPOT_ERROR = _object(
    ["category", "correlationId", "message"], {"category": _TEXT, "correlationId": _ID, "message": _TEXT}
)

_SALESFORCE_RECORDS = _object(
    ["totalSize", "done", "records"],
    {
        "totalSize": {"type": "integer", "minimum": 0},
        "done": {"type": "boolean"},
        "nextRecordsUrl": _TEXT,
        "records": _list(
            _object(
                ["attributes"],
                {
                    "attributes": _object(
                        ["type", "url"], {"type": _TEXT, "url": {"type": "string", "pattern": "^/services/data/v"}}
                    )
                },
            )
        ),
    },
)

SALESFORCE_REQUESTS: dict[str, Schema] = {
    "login": _object(["grant_type"], {"grant_type": {"const": "client_credentials"}}, closed=True),
    "query": {"type": "string", "pattern": "^SELECT ", "maxLength": 100_000},
    "create": _object(
        ["WhatId", "Subject", "Status"],
        {
            "WhatId": _ID,
            "Subject": {"type": "string", "maxLength": 255},
            "Description": {"type": "string", "maxLength": 32_000},
            "ActivityDate": {"type": "string", "format": "date"},
            "Status": {"enum": ["Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred"]},
            "TaskSubtype": {"enum": ["Task", "Call", "Email", "ListEmail", "Cadence", "LinkedIn"]},
        },
        closed=True,
    ),
}
SALESFORCE_ANSWERS: dict[str, Schema] = {
    "login": _object(
        ["access_token", "instance_url", "id", "token_type", "issued_at", "signature"],
        {"token_type": {"const": "Bearer"}, "instance_url": {"type": "string", "pattern": "^https://"}},
    ),
    "query": _SALESFORCE_RECORDS,
    "create": _object(
        ["id", "success", "errors"], {"id": _ID, "success": {"type": "boolean"}, "errors": _list({"type": "object"})}
    ),
}
SALESFORCE_ERROR = _list(_object(["message", "errorCode"], {"message": _TEXT, "errorCode": _ID}), minItems=1)
