"""YAML text as plain values plus the line of every value: the only YAML reader of the playbook.

It reads the part of YAML a playbook needs: mappings with text keys, lists, text, numbers, true, false and null.
Anchors, aliases and tags are refused, so that a small file can neither grow without bounds nor build objects; so are
duplicate keys, which ordinary readers drop in silence. Only `true` and `false` are truth values: a language `no`
stays text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

Step = str | int
Report = Callable[[int, str], None]

MAX_NESTING: Final = 12
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?[0-9]{1,15}")
_REAL = re.compile(r"[-+]?(?:[0-9]{1,15}\.[0-9]{0,15}|\.[0-9]{1,15})(?:[eE][-+]?[0-9]{1,2})?")
_QUOTES = "a value that starts with { [ & * ! % @ # or holds ': ' needs quotes"


@dataclass(slots=True)
class YamlTree:
    """Values of a file and the line (from 1) of each, by path."""

    value: object = None
    lines: dict[tuple[Step, ...], int] = field(default_factory=dict)

    def line_at(self, path: tuple[Step, ...]) -> int:
        """The line of a value or of the nearest thing around it that has one."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class _RefusedError(Exception):
    """The text cannot be read on from `line`."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line
        self.text = text


def read_yaml(text: str, first_line: int, report: Report) -> YamlTree | None:
    """Reads one YAML document that starts at line `first_line` of its file.

    Faults go to `report(line, text)`. None: the text could not be read to its end.
    """
    try:
        return _Reader(text, first_line, report).read()
    except _RefusedError as refusal:
        report(refusal.line, refusal.text)
    except yaml.YAMLError as error:
        report(*_syntax_fault(error, text, first_line))
    return None


def _syntax_fault(error: yaml.YAMLError, text: str, first_line: int) -> tuple[int, str]:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return first_line, f"this is not YAML ({str(error).splitlines()[0]}); save the file as plain UTF-8 text"
    rows = text.split("\n")
    row = min(mark.line, len(rows) - 1)
    # The parser may notice a tab only on the line after it.
    for candidate in (row, row - 1):
        if candidate >= 0 and "\t" in rows[candidate][: len(rows[candidate]) - len(rows[candidate].lstrip())]:
            return candidate + first_line, "a tab is used to indent; use spaces"
    problem = getattr(error, "problem", None) or "unexpected text"
    return row + first_line, f"this is not YAML ({problem}); check indentation and quotes: {_QUOTES}"


class _Reader:
    def __init__(self, text: str, first_line: int, report: Report) -> None:
        self._events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
        self._first_line = first_line
        self._report = report
        self._tree = YamlTree()

    def read(self) -> YamlTree:
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _RefusedError(self._line(event), "a second document starts here; keep one, remove the '---'")
            elif isinstance(event, yaml.NodeEvent):
                self._tree.lines[()] = self._line(event)
                self._tree.value = self._value(event, ())
        return self._tree

    def _line(self, event: Any) -> int:
        return int(event.start_mark.line) + self._first_line

    def _value(self, event: Any, path: tuple[Step, ...]) -> object:
        self._refuse_references(event)
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        if len(path) >= MAX_NESTING:
            raise _RefusedError(self._line(event), f"values are nested more than {MAX_NESTING} deep; flatten them")
        return self._list(path) if isinstance(event, yaml.SequenceStartEvent) else self._mapping(path)

    def _refuse_references(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            sign = f"*{event.anchor}" if isinstance(event, yaml.AliasEvent) else f"&{event.anchor}"
            raise _RefusedError(
                self._line(event), f"anchors and aliases ({sign}) are not read; write the value out, or quote the text"
            )
        if event.tag not in (None, "!"):
            raise _RefusedError(
                self._line(event), f"tags ({event.tag}) are not read; write a plain value, or quote the text"
            )

    def _list(self, path: tuple[Step, ...]) -> list[object]:
        entries: list[object] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            here = (*path, len(entries))
            self._tree.lines[here] = self._line(event)
            entries.append(self._value(event, here))
        return entries

    def _mapping(self, path: tuple[Step, ...]) -> dict[str, object]:
        fields: dict[str, object] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            self._refuse_references(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise _RefusedError(self._line(event), f"a field's name must be plain text; {_QUOTES}")
            name, line = str(event.value), self._line(event)
            here = (*path, name)
            if name in fields:
                self._report(line, f"'{name}' stands here twice (first on line {self._tree.lines[here]}); keep one")
                self._value(next(self._events), (*path, f"{name} again"))
                continue
            self._tree.lines[here] = line
            fields[name] = self._value(next(self._events), here)
        return fields


def _scalar(event: Any) -> object:
    text = str(event.value)
    if event.style or event.tag == "!":
        return text
    if text in ("", "~", "null"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _REAL.fullmatch(text) else text
