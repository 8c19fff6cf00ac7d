"""Events and decisions as journal lines, and events back again.

A line never holds a spoken word: words of turns are kept apart under an id, quotes are named by turn and word indices.
What a model wrote may hold spoken words, so it is kept apart too, and cards name it by request and step. The same
decision always becomes the same bytes.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from cornerman.contract import wire
from cornerman.errors import JournalError
from cornerman.events import (
    Acted,
    Advice,
    Ask,
    Attendance,
    CallEnd,
    Consent,
    Control,
    Decision,
    Delivery,
    Event,
    Evidence,
    Feedback,
    Likeness,
    MeaningResult,
    Nudge,
    Partial,
    Purge,
    Restored,
    ScreenChange,
    Speaking,
    Turn,
    Wake,
    Word,
)

EVENT_TYPES: Mapping[str, type[Event]] = {
    kind.__name__.lower(): kind
    for kind in (
        Attendance,
        Speaking,
        Partial,
        Turn,
        Wake,
        Delivery,
        Feedback,
        Control,
        Consent,
        Purge,
        Restored,
        Ask,
        MeaningResult,
        ScreenChange,
        Advice,
        Acted,
        CallEnd,
    )
}
WRITTEN = ("headline", "detail")
"""Fields that hold what a model wrote."""


def to_line(fields: Mapping[str, Any]) -> str:
    """One journal line: compact JSON with a fixed order of keys, ended by a newline."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"


def event_fields(event: Event, words_id: int | None) -> dict[str, Any]:
    """An input as journal fields; `words_id` names its words, or its text, where it has any."""
    fields: dict[str, Any] = {"in": type(event).__name__.lower()}
    for field in dataclasses.fields(event):
        if not (isinstance(event, Advice) and field.name in WRITTEN):
            value = getattr(event, field.name)
            fields[field.name] = words_id if field.name == "words" else _plain(value)
    return {**fields, "text": words_id} if isinstance(event, Advice) else fields


def decision_fields(decision: Decision) -> dict[str, Any]:
    """A decision as journal fields, quotes left out: turn and word indices name them. `advised` names what a model
    wrote.
    """
    apart = WRITTEN if isinstance(decision, Nudge) and decision.advised else ()
    return {"out": type(decision).__name__.lower(), **{k: _plain(v) for k, v in _items(decision) if k not in apart}}


def _items(thing: Any) -> list[tuple[str, Any]]:
    return [(field.name, getattr(thing, field.name)) for field in dataclasses.fields(thing)]


def _plain(value: Any) -> Any:
    if isinstance(value, Evidence):
        return {name: part for name, part in _items(value) if name != "quote"}
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_none=True)
    if dataclasses.is_dataclass(value):
        return {name: _plain(part) for name, part in _items(value)}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value


def read_event(
    fields: Mapping[str, Any], words: Sequence[Word] | None, text: tuple[str, str] | None = None
) -> Event | None:
    """An input line as the event it was; `text` is headline and detail. None when its words, or its text, were purged.

    Raises:
        JournalError: the line is of a kind this version does not know, or lacks a field.
    """
    kind = EVENT_TYPES.get(str(fields.get("in")))
    if kind is None:
        raise JournalError(f"unknown input {fields.get('in')!r} in the journal: it was written by a newer version")
    values = {}
    for field in dataclasses.fields(kind):
        if field.name not in fields and field.default is not dataclasses.MISSING:
            continue  # an older version did not write it
        if field.name not in fields:
            raise JournalError(f"input {fields['in']} lacks {field.name}: the journal is damaged")
        values[field.name] = fields[field.name]
    if "words" in values:
        if words is None:
            return None
        values["words"] = tuple(words)
    if "spent" in values:
        values["spent"] = tuple((str(card), float(at)) for card, at in values["spent"])
    if "ticked" in values:
        values["ticked"] = tuple((name, str(item)) for name, item in values["ticked"])
    if "reminded" in values:
        values["reminded"] = tuple(values["reminded"])
    if kind is Advice:
        if text is None:
            return None
        values |= dict(zip(WRITTEN, text, strict=True))
        values["sources"] = tuple(wire.Source.model_validate(source) for source in values["sources"])
        values["action"] = wire.Action.model_validate(values["action"]) if values["action"] else None
        values["saw"] = tuple(values["saw"])
    if "likeness" in values:
        values["likeness"] = tuple(Likeness(**likeness) for likeness in values["likeness"])
    return kind(**values)
