"""A playbook whose moments are noticed by what sentences mean, in files and in memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from scenes import definition, playbook

from cornerman.playbook import Playbook

PRICE = ("That is too expensive for us.", "We cannot afford it.", "The price is more than we can pay.")
NOT_PRICE = ("Our electricity bill went up.", "The hotel was expensive.")
SECURITY = ("Where is our data stored?", "Who can see our customers' data?")
CLAIM = ("We guarantee that you will save money.",)


def meaning_playbook(*, examples: tuple[str, ...] = PRICE) -> Playbook:
    """Two moments of the prospect, one of the rep, and one without examples."""
    price = replace(definition("price", "too expensive"), examples=examples, unlike=NOT_PRICE)
    security = replace(definition("security", "data protection", kind="trust_concern"), examples=SECURITY)
    claim = replace(definition("claim", "we guarantee", kind="compliance", roles=("rep",)), examples=CLAIM)
    return playbook(price, security, claim, definition("later", "next quarter", kind="timing_stall"))


PLAYBOOK_FILES = {
    "moments/price.yaml": """\
- id: price
  kind: price_objection
  phrases: [too expensive]
  negative: []
  examples:
    - That is too expensive for us.
    - We cannot afford it.
    - The price is more than we can pay.
    - It costs too much for what it does.
    - That is beyond our budget.
  unlike:
    - Our electricity bill went up.
  card: objections/price
""",
    "objections/price.md": """\
---
title: Price
headline: Ask what they compare the price with today
detail: Then go back to the value they named.
---
# Answer
Ask what they compare it with.
""",
}


def write_meaning_playbook(folder: Path, head: str, **more: str) -> Path:
    """The files of a playbook with one moment; `more` are further files by name, dots written as they are."""
    for name, text in {**PLAYBOOK_FILES, "playbook.yaml": head, **more}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder
