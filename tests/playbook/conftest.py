"""A small playbook on disk that tests break in one place at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from small_playbook import PLAYBOOK as PLAYBOOK

MOMENTS = """\
- id: too-expensive
  kind: price_objection
  phrases:
    - too expensive
  card: objections/price
"""

CARD = """\
---
title: Price
headline: Ask what they compare the price with today
detail: Then go back to the value they named.
---
# Answer
Ask what they compare it with.
"""

BATTLECARD = """\
---
title: Northstar
competitor: Northstar
aliases: [north star]
pronunciations:
  northstar: N AO1 R TH S T AA2 R
headline: Ask what their quote includes besides the seats
detail: Compare the two quotes line by line.
---
# Answer
Their quote leaves things out.
"""

SMALL = {
    "playbook.yaml": PLAYBOOK,
    "moments/price.yaml": MOMENTS,
    "objections/price.md": CARD,
    "battlecards/northstar.md": BATTLECARD,
}

Changes = Mapping[str, str | bytes | None]
WriteFolder = Callable[[Changes], Path]


@pytest.fixture
def write_folder(tmp_path: Path) -> WriteFolder:
    """Writes the small playbook with some files replaced, added, or (None) left out."""

    def write(changes: Changes) -> Path:
        folder = tmp_path / "playbook"
        for path, content in {**SMALL, **changes}.items():
            if content is None:
                continue
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return folder

    return write


@pytest.fixture
def small() -> dict[str, str]:
    """The small playbook's files by path."""
    return dict(SMALL)
