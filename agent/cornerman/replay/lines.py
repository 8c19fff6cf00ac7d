"""Decisions as JSON lines that scorers and people read: one object a line, named by the call's own turn numbers.

`moment` when something is noticed, before the budget decides; `nudge` for a card's first showing, `nudge_revised` and
`nudge_withdrawn` for what follows; `held` for a draft that was not delivered, with the reason; `moment_withdrawn`. No
line holds a spoken word: turn and word numbers name them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cornerman.events import Decision, Held, Moment, MomentWithdrawn
from cornerman.replay.tape import Made


def line_of(made: Made, segment: int | None = None) -> str:
    """One decision as a line without its end; `segment` where a call has several."""
    head: dict[str, Any] = {"type": _type_of(made.decision), "at": round(made.at, 4), "turn": made.turn}
    if segment is not None:
        head["segment"] = segment
    return json.dumps({**head, **_fields(made)}, ensure_ascii=False, allow_nan=False)


def write_lines(lines: Iterable[str], file: Path) -> None:
    """Writes a call's lines; a call in which nothing happened gets an empty file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _type_of(decision: Decision) -> str:
    if isinstance(decision, Moment):
        return "moment"
    if isinstance(decision, MomentWithdrawn):
        return "moment_withdrawn"
    if isinstance(decision, Held):
        return "held"
    if decision.rev == 0:
        return "nudge"
    return "nudge_withdrawn" if decision.status == "withdrawn" else "nudge_revised"


def _fields(made: Made) -> dict[str, Any]:
    decision = made.decision
    if isinstance(decision, Moment):
        words = [made.words_before + decision.evidence.first, made.words_before + decision.evidence.last]
        return {"kind": decision.kind, "id": decision.id, "definition": decision.definition, "words": words}
    if isinstance(decision, MomentWithdrawn):
        return {"id": decision.moment, "reason": decision.reason}
    if isinstance(decision, Held):
        return {"kind": decision.kind, "reason": decision.reason, "card": decision.card, "moment": decision.moment}
    return {
        "kind": decision.kind,
        "id": decision.id,
        "rev": decision.rev,
        "card": decision.card,
        "headline": decision.headline,
    }
