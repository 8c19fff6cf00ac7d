"""Small recorded calls and a small playbook on disk, for tests of replays."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from small_playbook import PLAYBOOK

MOMENT = """\
- id: {name}
  kind: {kind}
  phrases: [{phrases}]
  card: objections/{name}
"""

CARD = """\
---
title: About {name}
headline: Ask them one more thing about {name} today
detail: Then go back to the value they named.
---
# Answer
Ask what they compare it with.
"""

PRICE = ("price", "price_objection", "too expensive")
DISCOUNT = ("discount", "discount_request", "percent off")

PEOPLE = [
    {"identity": "anna", "name": "Anna", "role": "rep"},
    {"identity": "ben", "name": "Ben", "role": "prospect"},
]


def write_playbook(folder: Path, *moments: tuple[str, str, str]) -> Path:
    """A playbook of moments given as name, kind and phrases (parted by commas); returns its folder."""
    (folder / "moments").mkdir(parents=True)
    (folder / "objections").mkdir()
    (folder / "playbook.yaml").write_text(PLAYBOOK)
    for name, kind, phrases in moments:
        (folder / "moments" / f"{name}.yaml").write_text(MOMENT.format(name=name, kind=kind, phrases=phrases))
        (folder / "objections" / f"{name}.md").write_text(CARD.format(name=name))
    return folder


def turn(number: int, speaker: str, text: str, start: float, end: float | None = None, **more: Any) -> dict[str, Any]:
    """A turn of a call file; without an end, two words take a second."""
    took = len(text.split()) / 2 if end is None else end - start
    return {"i": number, "speaker": speaker, "start": start, "end": start + took, "text": text, **more}


def call_of(*turns: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A call file's content."""
    call = {"format": "cornerman.call/1", "id": "call", "language": "en", "participants": PEOPLE, "turns": list(turns)}
    return {**call, **more}


def write_call(file: Path, *turns: dict[str, Any], **more: Any) -> Path:
    """A call file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(call_of(*turns, **more)), encoding="utf-8")
    return file


def label(number: int, moment: str, also: Sequence[str] = (), acceptable: Sequence[str] = ()) -> dict[str, Any]:
    """A label of a call file."""
    return {"turn": number, "moment": moment, "also": list(also), "acceptable": list(acceptable)}


def lines_of(file: Path) -> list[dict[str, Any]]:
    """Lines of a replay's output."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
