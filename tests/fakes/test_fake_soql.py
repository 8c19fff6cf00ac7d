"""The local Salesforce understands the part of its query language that is used, and refuses the rest as it does."""

from __future__ import annotations

from typing import Any

import pytest

from fakes.soql import SoqlError, Table, answered

TABLES = {
    "Account": Table(
        frozenset({"Id", "Name", "Description"}),
        frozenset({"Description"}),
        [{"Id": "1", "Name": "O'Brien_s 100%"}, {"Id": "2", "Name": "Obrien"}, {"Id": "3", "Name": "Zed"}],
        {"Tasks": ("Task", "WhatId")},
    ),
    "Task": Table(
        frozenset({"Id", "WhatId", "Done"}), frozenset(), [{"Id": "t", "WhatId": "1", "Done": True, "Hidden": 1}], {}
    ),
}


def names(query: str) -> list[Any]:
    return [record["Name"] for record in answered(query, TABLES, "59.0")["records"]]


def test_conditions_order_and_limit() -> None:
    assert names("SELECT Name FROM Account ORDER BY Name DESC LIMIT 2") == ["Zed", "Obrien"]
    assert names("SELECT Name FROM Account WHERE Name = 'zed' AND Id = '3'") == ["Zed"]
    assert names(r"SELECT Name FROM Account WHERE Name LIKE 'o\'brien\_s%'") == ["O'Brien_s 100%"]
    assert names(r"SELECT Name FROM Account WHERE Name LIKE '%100\%'") == ["O'Brien_s 100%"]
    assert names("SELECT Name FROM Account WHERE Name LIKE 'O_rien'") == ["Obrien"]


def test_children() -> None:
    query = "SELECT Id, (SELECT Id FROM Tasks WHERE Done = true) FROM Account WHERE Id = '1'"
    (record,) = answered(query, TABLES, "59.0")["records"]
    assert [task["Id"] for task in record["Tasks"]["records"]] == ["t"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT Name FROM Account WHERE Name = 'x' OR Id = '1'", "MALFORMED_QUERY"),
        ("SELECT Name FROM Account; DROP", "MALFORMED_QUERY"),
        ("SELECT Name FROM Account WHERE Name = 'x", "MALFORMED_QUERY"),
        ("SELECT Nothing FROM Account", "INVALID_FIELD"),
        ("SELECT Hidden FROM Task", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Description LIKE '%x%'", "INVALID_FIELD"),
        ("SELECT Id FROM Nowhere", "INVALID_TYPE"),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "INVALID_TYPE"),
    ],
)
def test_what_it_does_not_understand_is_refused(query: str, code: str) -> None:
    with pytest.raises(SoqlError) as raised:
        answered(query, TABLES, "59.0")
    assert raised.value.code == code
