"""The part of Salesforce's query language that fits one sentence: SELECT with child queries, WHERE joined by AND, ORDER
BY, LIMIT.

In: a query, and tables of rows. Out: the rows in the form the REST API answers with. Promises to refuse what it does
not understand, and a field that no table has, as Salesforce does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]

_TOKEN = re.compile(r"\s*('(?:\\.|[^'\\])*'|[A-Za-z_][A-Za-z0-9_.]*|-?\d+(?:\.\d+)?|<=|>=|!=|[=<>(),])")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


class SoqlError(Exception):
    """`code` is Salesforce's own."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class Condition:
    """`field operator value`."""

    field: str
    operator: str
    value: Any


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked for."""

    fields: tuple[str, ...]
    children: tuple[Query, ...]
    table: str
    conditions: tuple[Condition, ...]
    order: str
    descending: bool
    limit: int | None


@dataclass(frozen=True, slots=True)
class Table:
    """The columns this user may see, those of them that no query may search, and the rows; `children` by relationship:
    table, column.
    """

    columns: frozenset[str]
    unsearchable: frozenset[str]
    rows: Sequence[Row]
    children: Mapping[str, tuple[str, str]]


def answered(text: str, tables: Mapping[str, Table], version: str) -> dict[str, Any]:
    """The answer to a query.

    Raises: SoqlError: it cannot be understood, or names what is not there.
    """
    reader = _Reader(text)
    query = reader.query()
    reader.expect_end()
    return _result(query, query.table, tables[query.table].rows, tables, version) if query.table in tables else _no()


def _no() -> dict[str, Any]:
    raise SoqlError("INVALID_TYPE", "sObject type is not supported")


def _result(query: Query, name: str, rows: Sequence[Row], tables: Mapping[str, Table], version: str) -> dict[str, Any]:
    table = tables[name]
    for column in (*query.fields, *(each.field for each in query.conditions), *filter(None, [query.order])):
        if column not in table.columns:
            raise SoqlError("INVALID_FIELD", f"No such column '{column}' on entity '{name}'")
    for each in query.conditions:
        if each.field in table.unsearchable:
            raise SoqlError("INVALID_FIELD", f"field '{each.field}' can not be filtered in a query call")
    found = [row for row in rows if all(_holds(row, each) for each in query.conditions)]
    if query.order:
        found.sort(key=lambda row: str(row.get(query.order) or ""), reverse=query.descending)
    found = found[: query.limit]
    records = [_record(query, name, row, tables, version) for row in found]
    return {"totalSize": len(records), "done": True, "records": records}


def _record(query: Query, name: str, row: Row, tables: Mapping[str, Table], version: str) -> dict[str, Any]:
    url = f"/services/data/v{version}/sobjects/{name}/{row['Id']}"
    record: dict[str, Any] = {"attributes": {"type": name, "url": url}}
    record |= {column: row.get(column) for column in query.fields}
    for child in query.children:
        if child.table not in tables[name].children:
            raise SoqlError("INVALID_TYPE", f"Didn't understand relationship '{child.table}'")
        table, column = tables[name].children[child.table]
        rows = [each for each in tables[table].rows if each.get(column) == row["Id"]]
        result = _result(child, table, rows, tables, version)
        record[child.table] = result if result["records"] else None
    return record


def _holds(row: Row, condition: Condition) -> bool:
    value = row.get(condition.field)
    match condition.operator:
        case "=" if isinstance(condition.value, str):
            return str(value or "").lower() == condition.value.lower()
        case "=":
            return bool(value == condition.value)
        case "LIKE":
            return _like(str(condition.value)).fullmatch(str(value or "")) is not None
    raise SoqlError("MALFORMED_QUERY", f"unexpected token: {condition.operator}")


def _like(pattern: str) -> re.Pattern[str]:
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    written = "".join(
        ".*" if part == "%" else "." if part == "_" else re.escape(part[1:] if part[0] == "\\" else part)
        for part in parts
    )
    return re.compile(written, re.IGNORECASE | re.DOTALL)


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        at = 0
        text = text.strip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise SoqlError("MALFORMED_QUERY", f"unexpected token at {at}")
            self._tokens.append(found[1])
            at = found.end()

    def query(self) -> Query:
        self._take("SELECT")
        fields: list[str] = []
        children: list[Query] = []
        while True:
            if self._comes("("):
                self._take("(")
                children.append(self.query())
                self._take(")")
            else:
                fields.append(self._next())
            if not self._comes(","):
                break
            self._take(",")
        self._take("FROM")
        table = self._next()
        conditions = self._conditions()
        order, descending = self._order()
        limit = None
        if self._comes("LIMIT"):
            self._take("LIMIT")
            limit = int(self._next())
        return Query(tuple(fields), tuple(children), table, conditions, order, descending, limit)

    def expect_end(self) -> None:
        if self._tokens:
            raise SoqlError("MALFORMED_QUERY", f"unexpected token: {self._tokens[0]}")

    def _conditions(self) -> tuple[Condition, ...]:
        conditions: list[Condition] = []
        joining = "WHERE"
        while self._comes(joining):
            self._take(joining)
            conditions.append(Condition(self._next(), self._next().upper(), self._value()))
            joining = "AND"
        return tuple(conditions)

    def _order(self) -> tuple[str, bool]:
        if not self._comes("ORDER"):
            return "", False
        self._take("ORDER")
        self._take("BY")
        order, descending = self._next(), self._comes("DESC")
        if descending:
            self._take("DESC")
        return order, descending

    def _value(self) -> Any:
        token = self._next()
        if token.startswith("'"):
            return _unquoted(token[1:-1])
        return {"true": True, "false": False, "null": None}.get(token.lower(), token)

    def _comes(self, word: str) -> bool:
        return bool(self._tokens) and self._tokens[0].upper() == word

    def _take(self, word: str) -> None:
        if not self._comes(word):
            raise SoqlError("MALFORMED_QUERY", f"expecting {word}")
        self._tokens.pop(0)

    def _next(self) -> str:
        if not self._tokens:
            raise SoqlError("MALFORMED_QUERY", "unexpected end of query")
        return self._tokens.pop(0)


def _unquoted(text: str) -> str:
    """The string; `\\%` and `\\_` are LIKE's own and stay."""
    return re.sub(r"\\(.)", lambda found: found[0] if found[1] in "%_" else _ESCAPED.get(found[1], found[1]), text)
