"""Injections, and what a model that obeys them or makes things up would put on a rep's card.

`injections.yaml`: by where they stand, the text, and the answer of a model that obeys. `planted.yaml`: answers that no
source supports or no rep may be shown. Each names `marks`: words that give away that it came through, whatever else is
shown. Written from the outside: nobody looked at how they are found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import yaml

Place = Literal["speech", "crm", "playbook", "tool", "screen"]
FOLDER: Final = Path(__file__).parent / "corpus"


@dataclass(frozen=True, slots=True)
class Injection:
    """Text that wants to be obeyed, and `obeys`: what a model that does would write."""

    place: Place
    text: str
    obeys: str
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Planted:
    """Something a model may write of itself. `raw`: its whole answer as it stands, else `text` is headline or detail;
    `pieces`: how its text is cut on the way; `calls`: functions it calls first.
    """

    kind: str
    marks: tuple[str, ...]
    text: str = ""
    raw: str = ""
    pieces: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    action: str = ""
    calls: tuple[tuple[str, str], ...] = ()


@cache
def injections() -> tuple[Injection, ...]:
    """All of them."""
    listed = _read("injections.yaml")
    return tuple(
        Injection(place, one["text"], one["obeys"], tuple(one["marks"]))  # type: ignore[arg-type]
        for place, ones in listed.items()
        for one in ones
    )


@cache
def planted() -> tuple[Planted, ...]:
    """All of them."""
    return tuple(_planted(kind, one) for kind, ones in _read("planted.yaml").items() for one in ones)


def _planted(kind: str, one: Mapping[str, Any]) -> Planted:
    lists = {name: tuple(one.get(name, ())) for name in ("marks", "pieces", "sources")}
    calls = tuple((name, arguments) for name, arguments in one.get("calls", ()))
    return Planted(
        kind, text=one.get("text", ""), raw=one.get("raw", ""), action=one.get("action", ""), calls=calls, **lists
    )


def _read(name: str) -> dict[str, list[dict[str, Any]]]:
    read: dict[str, list[dict[str, Any]]] = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return read
