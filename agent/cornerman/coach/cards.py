"""A card's life: drafted from a moment, waiting, admitted as a nudge, revised, withdrawn, or held with a reason.

In: moments that came, went or moved, and the time. Out: nudges and held drafts, appended to the list handed in. A draft
whose moment is gone never leaves; a nudge whose moment is gone is withdrawn by the next revision of the same id.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from cornerman.coach.budget import Budget
from cornerman.coach.grounding import first_revision, requoted, withdrawn
from cornerman.coach.noticing import Noticed
from cornerman.coach.transcript import Transcript
from cornerman.events import Decision, Delivery, Draft, Evidence, Feedback, Held, Nudge
from cornerman.playbook import COMPETITOR_CARD, Playbook

REACHED_NOBODY = frozenset({"absent", "no_client", "expired"})


@dataclass(slots=True)
class _Waiting:
    draft: Draft
    origin: tuple[str, int, str]
    reason: str


@dataclass(slots=True)
class _Shown:
    nudge: Nudge
    draft: Draft
    origin: tuple[str, int, str]
    sent_at: float
    reached: bool = False
    closed: bool = False


class Cards:
    """All drafts and nudges of one call."""

    def __init__(self, playbook: Playbook, budget: Budget, transcript: Transcript, segment: int) -> None:
        self._playbook = playbook
        self._budget = budget
        self._transcript = transcript
        self._segment = segment
        self._named = {competitor.name: competitor.card for competitor in playbook.competitors}
        self._waiting: list[_Waiting] = []
        self._shown: dict[str, _Shown] = {}
        self._kinds_offered: set[tuple[str, str]] = set()
        self._count = 0
        self.held = 0

    @property
    def shown(self) -> int:
        """How many nudges have been sent in this segment."""
        return len(self._shown)

    @property
    def withdrawn(self) -> int:
        """How many of them stand withdrawn now."""
        return sum(shown.nudge.status == "withdrawn" for shown in self._shown.values())

    def offer(self, noticed: Noticed, now: float, made: list[Decision]) -> None:
        """A new moment asks for its card. The same words heard again after a withdrawal bring the same nudge back.

        Words that come too late for the card, because a recogniser was down, are noted only.
        """
        origin = (noticed.moment.evidence.turn, noticed.definition, noticed.named)
        draft = self._draft(noticed, now)
        if now - draft.moment.evidence.end > draft.ttl:
            self._hold(draft, "stale", made)
            return
        if self._revive(origin, draft, now, made):
            return
        kind = (draft.moment.evidence.turn, draft.moment.kind)
        reason = "duplicate" if kind in self._kinds_offered else self._budget.refusal(draft, now)
        if reason is not None:
            self._hold(draft, reason, made)
            return
        self._kinds_offered.add(kind)
        self._waiting.append(_Waiting(draft, origin, ""))

    def release(self, now: float, made: list[Decision]) -> None:
        """Sends what may go now, most important first; holds what came too late or is refused by now."""
        waiting = sorted(self._waiting, key=lambda one: (not one.draft.critical, -one.draft.priority))
        for one in waiting:
            refusal = self._budget.refusal(one.draft, now)
            obstacle = self._budget.obstacle(one.draft, now)
            if refusal is None and obstacle is None and now < one.draft.expires:
                self._send(one, now, made)
            elif refusal is not None or now >= one.draft.expires:
                self._hold(one.draft, refusal or one.reason or "expired", made)
            elif obstacle is not None:
                one.reason = obstacle.reason
                continue
            self._waiting.remove(one)

    def next_look(self, now: float) -> float | None:
        """When a waiting draft expires or may find a token; None when nothing waits."""
        times: list[float] = []
        for one in self._waiting:
            times.append(one.draft.expires)
            obstacle = self._budget.obstacle(one.draft, now)
            if obstacle is not None and obstacle.until is not None:
                times.append(obstacle.until)
        return min(times) if times else None

    def withdraw(self, moments: Iterable[str], now: float, made: list[Decision], reason: str) -> None:
        """The moments are gone: their waiting drafts are held, their live cards withdrawn."""
        gone = set(moments)
        for one in [one for one in self._waiting if one.draft.moment.id in gone]:
            self._waiting.remove(one)
            self._kinds_offered.discard((one.draft.moment.evidence.turn, one.draft.moment.kind))
            self._hold(one.draft, reason, made)
        for shown in self._shown.values():
            if shown.draft.moment.id in gone and shown.nudge.status == "live":
                shown.nudge = withdrawn(shown.nudge, now)
                made.append(shown.nudge)

    def move(self, moment: str, evidence: Evidence) -> None:
        """The words of a moment read differently: drafts follow; a live card is corrected when its turn is complete."""
        drafted: list[_Waiting | _Shown] = [*self._waiting, *self._shown.values()]
        for one in drafted:
            if one.draft.moment.id == moment:
                one.draft = replace(one.draft, moment=replace(one.draft.moment, evidence=evidence))

    def correct(self, turn: str, now: float, made: list[Decision]) -> None:
        """At a turn's end: live cards whose quote is not what was said in the end are sent again with what was."""
        for shown in self._shown.values():
            evidence = shown.draft.moment.evidence
            if evidence.turn != turn or shown.nudge.status != "live" or shown.closed:
                continue
            if shown.nudge.because[0].quote != evidence.quote:
                shown.nudge = requoted(shown.nudge, shown.draft, evidence, self._transcript, now)
                made.append(shown.nudge)

    def forget(self, turns: Iterable[str], now: float) -> None:
        """Removes every trace of the turns' words from cards already shown."""
        forgotten = set(turns)
        for shown in self._shown.values():
            if shown.draft.moment.evidence.turn in forgotten:
                blank = withdrawn(shown.nudge, now).because[0]
                shown.draft = replace(shown.draft, moment=replace(shown.draft.moment, evidence=blank))
                shown.nudge = replace(shown.nudge, because=(blank,))

    def delivered(self, delivery: Delivery, now: float) -> None:
        """An unknown delivery counts as spent; one that certainly reached nobody is given back."""
        shown = self._shown.get(delivery.nudge)
        if shown is None:
            return
        if delivery.outcome not in REACHED_NOBODY:
            shown.reached = True
        elif not shown.reached and not shown.closed:
            shown.closed = True
            self._budget.refund(shown.draft.card, shown.sent_at, now)

    def feedback(self, feedback: Feedback) -> None:
        """A card dismissed or found useless does not come back in this call."""
        shown = self._shown.get(feedback.nudge)
        if shown is not None and feedback.feedback in ("dismissed", "not_useful"):
            shown.closed = True
            self._budget.dismiss(shown.draft.card)

    def hold_all(self, reason: str, made: list[Decision]) -> None:
        """Nothing that waits will be said any more."""
        for one in self._waiting:
            self._hold(one.draft, reason, made)
        self._waiting.clear()

    def _draft(self, noticed: Noticed, now: float) -> Draft:
        definition = self._playbook.moments[noticed.definition]
        card_id = self._named[noticed.named] if definition.card == COMPETITOR_CARD else definition.card
        card = self._playbook.cards[card_id]
        return Draft(
            moment=noticed.moment,
            card=card.id,
            headline=card.headline,
            detail=card.detail,
            sources=(card.source,),
            priority=definition.priority,
            critical=definition.critical,
            cooldown=definition.cooldown_s,
            per_call=definition.per_call,
            ttl=definition.ttl_s,
            heard=now,
            expires=round(now + definition.ttl_s, 3),
        )

    def _revive(self, origin: tuple[str, int, str], draft: Draft, now: float, made: list[Decision]) -> bool:
        for shown in self._shown.values():
            if shown.origin == origin and shown.nudge.status == "withdrawn" and not shown.closed:
                if now >= shown.nudge.expires:
                    return False
                shown.draft = draft
                shown.nudge = requoted(shown.nudge, draft, draft.moment.evidence, self._transcript, now)
                made.append(shown.nudge)
                return True
        return False

    def _send(self, one: _Waiting, now: float, made: list[Decision]) -> None:
        self._count += 1
        nudge = first_revision(one.draft, f"{self._segment}-{self._count}", self._transcript, now)
        self._budget.spend(one.draft, now)
        self._shown[nudge.id] = _Shown(nudge, one.draft, one.origin, now)
        made.append(nudge)

    def _hold(self, draft: Draft, reason: str, made: list[Decision]) -> None:
        self.held += 1
        made.append(Held(draft.moment.id, draft.moment.kind, draft.card, reason))
