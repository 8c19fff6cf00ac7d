"""Builds nudges, and only ones whose quotes stand in the transcript.

In: a draft or an earlier revision. Out: a nudge, or GroundingError, which means a bug and never reaches the rep as a
card.
"""

from __future__ import annotations

from dataclasses import replace

from cornerman.coach.transcript import Transcript
from cornerman.errors import CornermanError
from cornerman.events import Advice, Cause, Draft, Evidence, Nudge, Reading

WITHDRAWN_HEADLINE = "Withdrawn: that was not what was said"
WITHDRAWN_QUOTE = "[withdrawn]"
DONE_DETAIL = "Done: it is in the CRM."
NOT_DONE_DETAIL = "It did not get into the CRM. Confirm again, or enter it by hand."
READING_TIME = 8.0
"""Seconds that words which have just changed stay at least, however old their card is."""


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
        advised=draft.advised,
        saw=draft.saw,
    )


def advised(nudge: Nudge, draft: Draft, advice: Advice, now: float) -> Nudge:
    """The card with the words of this advice, or, where it has none, with its own. The detail of the card stays until
    the advice has one, or has come to its end without.
    """
    if not advice.headline:
        thinking = advice.status == "thinking"
        own = plain(nudge, draft, now)
        return replace(own, status="thinking", final=False) if thinking else own
    final = advice.status == "final"
    return replace(
        settled(nudge, now),
        headline=advice.headline,
        detail=advice.detail or ("" if final or draft.advised else draft.detail),
        sources=advice.sources or draft.sources,
        expires=max(nudge.expires, round(now + READING_TIME, 3)),
        final=final,
        advised=advice.name,
        action=advice.action,
        saw=advice.saw,
    )


def plain(nudge: Nudge, draft: Draft, now: float) -> Nudge:
    """The card with the playbook's own words again."""
    return replace(
        settled(nudge, now),
        headline=draft.headline,
        detail=draft.detail,
        sources=draft.sources,
        advised=draft.advised,
        saw=draft.saw,
        action=None,
    )


def settled(nudge: Nudge, now: float) -> Nudge:
    """The card as it is, and no more words to come."""
    return replace(nudge, rev=nudge.rev + 1, status="live", heard=now, decided=now, final=True)


def acted(nudge: Nudge, done: bool, now: float) -> Nudge:
    """The card after its action was carried out, or not; what is done cannot be confirmed again."""
    return replace(
        settled(nudge, now),
        detail=DONE_DETAIL if done else NOT_DONE_DETAIL,
        action=None if done else nudge.action,
        expires=max(nudge.expires, round(now + READING_TIME, 3)),
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
        final=True,
        advised=draft.advised,
        saw=draft.saw,
        action=None,
        sources=draft.sources,
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
        final=True,
        advised="",
        action=None,
        saw=(),
    )


def unquoted(cause: Cause) -> Cause:
    """The cause without the words it quotes."""
    return replace(cause, quote=WITHDRAWN_QUOTE) if isinstance(cause, Evidence) else cause


def unworded(draft: Draft) -> Draft:
    """A withdrawn card's draft without the advice it was made of."""
    return replace(draft, headline=WITHDRAWN_HEADLINE, detail="", advised="", saw=())


def whose(cause: Cause) -> str:
    """Whom it tells about: who said the words, whose gauge it is; empty where it is nobody's."""
    return cause.identity if isinstance(cause, Evidence | Reading) else ""


def came_at(cause: Cause) -> float:
    """When the cause was there: the words' end, the gauge's reading, the question. Seconds since the call began."""
    return cause.end if isinstance(cause, Evidence) else cause.at


def _check(cause: Cause, transcript: Transcript) -> None:
    if isinstance(cause, Evidence) and not transcript.says(cause):
        raise GroundingError(f"nobody said words {cause.first} to {cause.last} of turn {cause.turn}")
