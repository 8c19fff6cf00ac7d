"""Reads what came over the wire, and refuses what no screen should be asked to show.

A JSON text goes in, a message of the contract comes out. Everything is checked: size, shape, version, numbers that can
be formatted, and text without control characters or direction overrides, which could make a card read as something it
is not. `Unreadable` never carries any of the payload.
"""

from __future__ import annotations

import math
import re
from typing import TypeVar

from pydantic import ValidationError

from cornerman_client.contract import MAX_PAYLOAD_BYTES, Message, Nudge, State

LARGEST_NUMBER = 1_000_000_000
BAD_REQUEST_TEXT = "unreadable request"

_LONG_TEXT = frozenset({"detail", "markdown", "text"})
_NUDGE_ID = re.compile(r"[0-9]{1,9}-[0-9A-Za-z._-]{1,60}")
_BREAKS = "\n\t"
_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")

Read = TypeVar("Read", bound=Message)


class Unreadable(ValueError):  # noqa: N818  (named for what happened)
    """The payload cannot be used. The text is fixed: nothing that was sent is echoed."""

    def __init__(self) -> None:
        super().__init__(BAD_REQUEST_TEXT)


def read_nudge(payload: str) -> Nudge:
    """The nudge in a `coach_nudge` request.

    Raises:
        Unreadable: it is not one this client would show.
    """
    nudge = read(Nudge, payload)
    if not _NUDGE_ID.fullmatch(nudge.id) or not nudge.headline.strip():
        raise Unreadable
    return nudge


def read_state(payload: str) -> State:
    """The call state in a `coach_state` request or in an answer.

    Raises:
        Unreadable: it is not in the contract.
    """
    return read(State, payload)


def read(kind: type[Read], payload: str) -> Read:
    """A message of the given kind.

    Raises:
        Unreadable: too large, malformed, of another version, or not fit to be shown.
    """
    if len(payload) > MAX_PAYLOAD_BYTES or len(payload.encode(errors="replace")) > MAX_PAYLOAD_BYTES:
        raise Unreadable
    try:
        message = kind.model_validate_json(payload)
    except ValidationError:
        # The cause is left out: it quotes what was sent.
        raise Unreadable from None
    if not _showable(message.model_dump(mode="python")):
        raise Unreadable
    return message


def showable(text: str, limit: int = 200) -> str:
    """The text as one line fit for any screen: what could not be shown is replaced, what is too long is cut."""
    return _UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", text[:limit])


def _showable(value: object, name: str = "") -> bool:
    """Whether all text below can be shown and all numbers can be formatted. Line breaks are for long text only."""
    match value:
        case str():
            text = value.translate(dict.fromkeys(map(ord, _BREAKS))) if name in _LONG_TEXT else value
            return _UNSHOWABLE.search(text) is None
        case bool() | None:
            return True
        case int() | float():
            return math.isfinite(value) and abs(value) <= LARGEST_NUMBER
        case dict():
            return all(_showable(key) and _showable(part, str(key)) for key, part in value.items())
        case list() | tuple():
            return all(_showable(part, name) for part in value)
        case _:
            return False
