"""Builds nudges, and only ones whose quotes stand in the transcript.

In: a draft or an earlier revision. Out: a nudge, or GroundingError, which means a bug and never reaches the rep as a
card.
"""

from __future__ import annotations

from dataclasses import replace

from cornerman.coach.transcript import Transcript
from cornerman.errors import CornermanError
from cornerman.events import Cause, Draft, Evidence, Nudge, Reading

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
        spoken=came_at(evidence),
        heard=draft.heard,
        decided=now,
    )


def requoted(nudge: Nudge, draft: Draft, transcript: Transcript, heard: float) -> Nudge:
    """The live card again, with the words of its draft's moment as they are known by now."""
    evidence = draft.moment.evidence
    _check(evidence, transcript)
    return replace(
        nudge,
        rev=nudge.rev + 1,
        status="live",
        headline=draft.headline,
        detail=draft.detail,
        because=(evidence,),
        spoken=came_at(evidence),
        heard=heard,
        decided=heard,
    )


def withdrawn(nudge: Nudge, now: float) -> Nudge:
    """The revision that takes a card back: neutral words, nothing quoted."""
    because = tuple(unquoted(cause) for cause in nudge.because)
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


def unquoted(cause: Cause) -> Cause:
    """The cause without the words it quotes."""
    return replace(cause, quote=WITHDRAWN_QUOTE) if isinstance(cause, Evidence) else cause


def whose(cause: Cause) -> str:
    """Whom it tells about: who said the words, whose gauge it is; empty where it is nobody's."""
    return cause.identity if isinstance(cause, Evidence | Reading) else ""


def came_at(cause: Cause) -> float:
    """When the cause was there: the words' end, the gauge's reading, the question. Seconds since the call began."""
    return cause.end if isinstance(cause, Evidence) else cause.at


def _check(cause: Cause, transcript: Transcript) -> None:
    if isinstance(cause, Evidence) and not transcript.says(cause):
        raise GroundingError(f"nobody said words {cause.first} to {cause.last} of turn {cause.turn}")
