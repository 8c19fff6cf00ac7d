"""Builds nudges, and only ones whose quotes stand in the transcript.

In: a draft or an earlier revision. Out: a nudge, or GroundingError, which means a bug and never reaches the rep as a
card.
"""

from __future__ import annotations

from dataclasses import replace

from cornerman.coach.transcript import Transcript
from cornerman.errors import CornermanError
from cornerman.events import Draft, Evidence, Nudge

WITHDRAWN_HEADLINE = "Withdrawn: that was not what was said"
WITHDRAWN_QUOTE = "[withdrawn]"


class GroundingError(CornermanError):
    """A nudge would have quoted words that nobody said."""


def first_revision(draft: Draft, nudge_id: str, transcript: Transcript, now: float) -> Nudge:
    """The plain card of a draft as revision 0 of a new nudge."""
    evidence = draft.moment.evidence
    _check(evidence, transcript)
    return Nudge(
        id=nudge_id,
        rev=0,
        status="live",
        kind=draft.moment.kind,
        card=draft.card,
        headline=draft.headline,
        detail=draft.detail,
        priority=draft.priority,
        critical=draft.critical,
        expires=round(now + draft.ttl, 3),
        because=(evidence,),
        sources=draft.sources,
        spoken=evidence.end,
        heard=draft.heard,
        decided=now,
    )


def requoted(nudge: Nudge, draft: Draft, evidence: Evidence, transcript: Transcript, heard: float) -> Nudge:
    """The live card again, with the words as they are known by now."""
    _check(evidence, transcript)
    return replace(
        nudge,
        rev=nudge.rev + 1,
        status="live",
        headline=draft.headline,
        detail=draft.detail,
        because=(evidence,),
        spoken=evidence.end,
        heard=heard,
        decided=heard,
    )


def withdrawn(nudge: Nudge, now: float) -> Nudge:
    """The revision that takes a card back: neutral words, nothing quoted."""
    because = tuple(replace(evidence, quote=WITHDRAWN_QUOTE) for evidence in nudge.because)
    return replace(
        nudge,
        rev=nudge.rev + 1,
        status="withdrawn",
        headline=WITHDRAWN_HEADLINE,
        detail="",
        because=because,
        heard=now,
        decided=now,
    )


def _check(evidence: Evidence, transcript: Transcript) -> None:
    if not transcript.says(evidence):
        raise GroundingError(f"nobody said words {evidence.first} to {evidence.last} of turn {evidence.turn}")
