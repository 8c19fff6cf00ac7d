"""Decisions as JSON lines that scorers and people read: one object a line, named by the call's own turn numbers.

`moment` when something is noticed, before the budget decides; `nudge` for a card's first showing, `nudge_revised` and
`nudge_withdrawn` for what follows; `held` for a draft that was not delivered, with the reason; `moment_withdrawn`;
`stage` when the call comes to another; `tick` and `untick` for items of the checklist and disclosures; `figures` with
the gauges of the whole call, at its end. `advice_request`, `advice_kept` and `advice_dropped` tell what the reasoning
lane was asked, `act` what the rep had carried out. Requests for a meaning have no line: what comes of them is a moment,
or nothing. No line holds a spoken word: turn and word numbers name them, and `advised` names what a model wrote.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from cornerman.events import (
    Act,
    AdviceDropped,
    AdviceKept,
    AdviceRequest,
    Cause,
    Decision,
    Evidence,
    Figures,
    Held,
    MeaningRequest,
    Moment,
    MomentWithdrawn,
    Nudge,
    Question,
    Reading,
    Seen,
    StageChange,
    Tick,
    Untick,
)
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


_TYPES: Final[Mapping[type[Decision], str]] = {
    Moment: "moment",
    MomentWithdrawn: "moment_withdrawn",
    MeaningRequest: "meaning_request",
    AdviceRequest: "advice_request",
    AdviceKept: "advice_kept",
    AdviceDropped: "advice_dropped",
    Act: "act",
    StageChange: "stage",
    Tick: "tick",
    Untick: "untick",
    Figures: "figures",
    Held: "held",
}


def _type_of(decision: Decision) -> str:
    if not isinstance(decision, Nudge):
        return _TYPES[type(decision)]
    if decision.rev == 0:
        return "nudge"
    return "nudge_withdrawn" if decision.status == "withdrawn" else "nudge_revised"


def _fields(made: Made) -> dict[str, Any]:
    match made.decision:
        case Moment() as moment:
            named = {"kind": moment.kind, "id": moment.id, "definition": moment.definition}
            return {**named, **_cause(moment.evidence, made.words_before), "confidence": moment.confidence}
        case MomentWithdrawn() as withdrawn:
            return {"id": withdrawn.moment, "reason": withdrawn.reason}
        case MeaningRequest() as asked:
            return {"id": asked.id, **_cause(asked.evidence, made.words_before)}
        case AdviceRequest() as request:
            return {"id": request.id, "early": request.early, **_cause(request.cause, made.words_before)}
        case AdviceKept() | AdviceDropped() as known:
            return {"id": known.request}
        case Act() as act:
            return {"nudge": act.nudge, "action": act.action}
        case StageChange() as change:
            return {"stage": change.stage, **_cause(change.evidence, made.words_before)}
        case Tick() as tick:
            return {"checklist": tick.checklist, "item": tick.item, **_cause(tick.evidence, made.words_before)}
        case Untick() as untick:
            return {"checklist": untick.checklist, "item": untick.item, "reason": untick.reason}
        case Figures() as figures:
            return {"values": dict(figures.values)}
        case Held() as held:
            return {"kind": held.kind, "reason": held.reason, "card": held.card, "moment": held.moment}
        case Nudge() as nudge:
            words = {"advised": nudge.advised} if nudge.advised else {"headline": nudge.headline}
            return {"kind": nudge.kind, "id": nudge.id, "rev": nudge.rev, "card": nudge.card, **words}


def _cause(cause: Cause | None, words_before: int) -> dict[str, Any]:
    """What a line says of what told: word numbers within the turn, a gauge's reading, or a question's id."""
    match cause:
        case Evidence():
            return {"words": [words_before + cause.first, words_before + cause.last]}
        case Reading():
            return {"gauge": cause.gauge, "value": cause.value, "window": cause.window}
        case Question():
            return {"ask": cause.ask}
        case Seen():
            return {"frame": cause.hash}
        case None:
            return {}
