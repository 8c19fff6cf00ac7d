"""A card's life: a draft that waits, is admitted as a nudge, revised, withdrawn, or held with a reason.

In: drafts, moments that went or moved, and the time. Out: nudges and held drafts, appended to the list handed in. A
draft whose moment is gone never leaves; a nudge whose moment is gone is withdrawn by the next revision of the same id,
or stands on from then because of another moment that asked for the same card and still stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from cornerman.coach.budget import Budget
from cornerman.coach.drafting import is_compliance
from cornerman.coach.fading import Fading
from cornerman.coach.grounding import came_at, first_revision, requoted, unquoted, withdrawn
from cornerman.coach.transcript import Transcript
from cornerman.events import Cause, Decision, Delivery, Draft, Evidence, Feedback, Held, Nudge, Reading

REACHED_NOBODY = frozenset({"absent", "no_client", "expired"})

Origin = tuple[str, int, str]
"""What brings the same nudge back: turn, definition and name. A draft that was not noticed in words has none."""


@dataclass(slots=True)
class _Waiting:
    draft: Draft
    origin: Origin | None
    reason: str = ""


@dataclass(slots=True)
class _Shown:
    nudge: Nudge
    draft: Draft
    origin: Origin | None
    sent_at: float
    reached: bool = False
    closed: bool = False


class Cards:
    """All drafts and nudges of one call."""

    def __init__(self, budget: Budget, transcript: Transcript, fading: Fading, segment: int) -> None:
        self._budget = budget
        self._transcript = transcript
        self._fading = fading
        self._segment = segment
        self._waiting: list[_Waiting] = []
        self._shown: dict[str, _Shown] = {}
        self._offered: dict[tuple[str, str], list[_Waiting]] = {}
        """Turns and kinds that have their card, each with the drafts held as its duplicates."""
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

    @property
    def idle(self) -> bool:
        """Whether nothing waits to be said."""
        return not self._waiting

    # -- drafts --

    def offer(self, draft: Draft, origin: Origin | None, now: float, made: list[Decision]) -> None:
        """A card that wants to be said. The same words heard again after a withdrawal bring the same nudge back.

        Words that come too late for the card, because a recogniser was down, are noted only.
        """
        if now - came_at(draft.moment.evidence) > draft.ttl:
            self.hold(draft, "stale", made)
        elif not self._revive(origin, draft, now, made):
            self._admit(_Waiting(draft, origin), now, made)

    def release(self, now: float, made: list[Decision]) -> None:
        """Sends what may go now, most important first; holds what came too late, is refused by now, or was done by the
        rep meanwhile.
        """
        for one in sorted(self._waiting, key=_pressing):
            refusal = self._budget.refusal(one.draft, now)
            obstacle = self._budget.obstacle(one.draft, now)
            late = now >= one.draft.expires
            if refusal is None and not late and obstacle is not None:
                one.reason = obstacle.reason
                continue
            self._waiting.remove(one)
            handled = None if refusal or one.draft.critical or one.draft.asked else self._fading.handled(one.draft)
            if handled is not None:
                self.hold(one.draft, "handled_unaided", made, handled)
            elif refusal is not None or late:
                self.hold(one.draft, refusal or one.reason or "expired", made)
            else:
                self._send(one, now, made)

    def next_look(self, now: float) -> float | None:
        """When a waiting draft expires or may find a token; None when nothing waits."""
        times: list[float] = []
        for one in self._waiting:
            times.append(one.draft.expires)
            obstacle = self._budget.obstacle(one.draft, now)
            if obstacle is not None and obstacle.until is not None:
                times.append(obstacle.until)
        return min(times) if times else None

    def silence_over(self, gauge: str, made: list[Decision]) -> None:
        """Somebody speaks again: what was to be said about the silence is too late."""
        for one in [one for one in self._waiting if _reads(one.draft.moment.evidence, gauge)]:
            self._waiting.remove(one)
            self.hold(one.draft, "silence_over", made)

    def done(self, definition: str, evidence: Evidence, made: list[Decision]) -> None:
        """What a waiting reminder asks for was just said."""
        for one in [one for one in self._waiting if one.draft.moment.definition == definition]:
            self._waiting.remove(one)
            self.hold(one.draft, "handled_unaided", made, evidence)

    def hold(self, draft: Draft, reason: str, made: list[Decision], because: Evidence | None = None) -> None:
        """Notes a draft that will not be said, with the reason."""
        self.held += 1
        made.append(Held(draft.moment.id, draft.moment.kind, draft.card, reason, because))

    def hold_all(self, reason: str, made: list[Decision]) -> None:
        """Nothing that waits will be said any more."""
        for one in self._waiting:
            self.hold(one.draft, reason, made)
        self._waiting.clear()

    # -- moments that go or move --

    def withdraw(self, moments: Iterable[str], now: float, made: list[Decision], reason: str) -> None:
        """The moments are gone: their waiting drafts are held, their live cards withdrawn, unless a moment that still
        stands asked for the same card. Another card of the same kind that was held as their duplicate has its turn.
        """
        gone = set(moments)
        if not gone:
            return
        for duplicates in self._offered.values():
            duplicates[:] = [one for one in duplicates if one.draft.moment.id not in gone]
        freed: list[_Waiting] = []
        for one in [one for one in self._waiting if one.draft.moment.id in gone]:
            self._waiting.remove(one)
            self.hold(one.draft, reason, made)
            freed += self._offered.pop(_place(one), [])
        for shown in self._shown.values():
            if shown.draft.moment.id in gone and shown.nudge.status == "live":
                freed += self._take_back(shown, now, made)
        for one in freed:
            if now < one.draft.expires:
                self._admit(one, now, made)

    def move(self, moment: str, evidence: Evidence) -> None:
        """The words of a moment read differently: drafts follow; a live card is corrected when its turn is complete."""
        held = [one for duplicates in self._offered.values() for one in duplicates]
        drafted: list[_Waiting | _Shown] = [*self._waiting, *self._shown.values(), *held]
        for one in drafted:
            if one.draft.moment.id == moment:
                one.draft = replace(one.draft, moment=replace(one.draft.moment, evidence=evidence))

    def correct(self, turn: str, now: float, made: list[Decision]) -> None:
        """At a turn's end: live cards whose quote is not what was said in the end are sent again with what was."""
        for shown in self._shown.values():
            moment = shown.draft.moment
            if moment.turn != turn or shown.nudge.status != "live" or shown.closed:
                continue
            quoted = shown.nudge.because[0]
            if isinstance(quoted, Evidence) and not self._transcript.says(quoted):
                self._requote(shown, shown.draft, now, made)

    def measured_of(self, identity: str) -> list[str]:
        """The moments of waiting drafts and live cards that tell about how somebody speaks."""
        live = [shown for shown in self._shown.values() if shown.nudge.status == "live"]
        drafts = [*(one.draft for one in self._waiting), *(shown.draft for shown in live)]
        return [draft.moment.id for draft in drafts if _is_reading_of(draft.moment.evidence, identity)]

    def forget(self, turns: Iterable[str]) -> None:
        """Removes every trace of the turns' words from cards already shown."""
        forgotten = set(turns)
        self._offered = {place: ones for place, ones in self._offered.items() if place[0] not in forgotten}
        for shown in self._shown.values():
            if shown.draft.moment.turn in forgotten:
                blank = unquoted(shown.draft.moment.evidence)
                shown.draft = replace(shown.draft, moment=replace(shown.draft.moment, evidence=blank))
                shown.nudge = replace(shown.nudge, because=(blank,))

    # -- what became of a nudge --

    def delivered(self, delivery: Delivery, now: float) -> None:
        """An unknown delivery counts as spent; one that certainly reached nobody is given back."""
        shown = self._shown.get(delivery.nudge)
        if shown is None:
            return
        if delivery.outcome not in REACHED_NOBODY:
            shown.reached = True
        elif not shown.reached and not shown.closed:
            shown.closed = True
            self._budget.refund(shown.draft, shown.sent_at, now)

    def feedback(self, feedback: Feedback) -> None:
        """A card dismissed or found useless does not come back in this call."""
        shown = self._shown.get(feedback.nudge)
        if shown is not None and feedback.feedback in ("dismissed", "not_useful"):
            shown.closed = True
            self._budget.dismiss(shown.draft.card)

    # -- inside --

    def _admit(self, one: _Waiting, now: float, made: list[Decision]) -> None:
        """Lets a draft wait for its chance, or holds it for good."""
        place = _place(one)
        if place in self._offered:
            self._offered[place].append(one)
            self.hold(one.draft, "duplicate", made)
        elif reason := self._budget.refusal(one.draft, now) or self._needless(one.draft, now):
            self.hold(one.draft, reason, made)
        else:
            if place[0]:
                self._offered[place] = []
            self._waiting.append(one)

    def _needless(self, draft: Draft, now: float) -> str | None:
        """Why there is no need for this card: it waits or stands already, or the rep does without it."""
        if draft.asked:
            return None
        waits = any(one.draft.card == draft.card for one in self._waiting)
        if waits or any(_stands(shown, draft.card, now) for shown in self._shown.values()):
            return "duplicate"
        return "faded_out" if not draft.critical and self._fading.faded(draft.card) else None

    def _take_back(self, shown: _Shown, now: float, made: list[Decision]) -> list[_Waiting]:
        """Withdraws a live card, or gives it to another moment that asked for it; returns the drafts that had to stand
        back for it.
        """
        place = _place(shown)
        duplicates = self._offered.get(place, [])
        heir = next((one for one in duplicates if one.draft.card == shown.draft.card), None)
        if heir is not None and now < shown.nudge.expires:
            duplicates.remove(heir)
            shown.origin = heir.origin
            self._requote(shown, heir.draft, now, made)
            return []
        shown.nudge = withdrawn(shown.nudge, now)
        made.append(shown.nudge)
        if not duplicates:
            return []
        del self._offered[place]
        return duplicates

    def _revive(self, origin: Origin | None, draft: Draft, now: float, made: list[Decision]) -> bool:
        for shown in self._shown.values():
            if shown.origin is None or shown.origin != origin or shown.nudge.status != "withdrawn" or shown.closed:
                continue
            if now >= shown.nudge.expires or self._taken(_place(shown)):
                return False
            self._requote(shown, draft, now, made)
            return True
        return False

    def _taken(self, place: tuple[str, str]) -> bool:
        """Whether another card stands or waits in this place."""
        there: list[_Waiting | _Shown] = [*self._waiting]
        there += [shown for shown in self._shown.values() if shown.nudge.status == "live"]
        return bool(place[0]) and any(_place(one) == place for one in there)

    def _requote(self, shown: _Shown, draft: Draft, now: float, made: list[Decision]) -> None:
        """Sends a card again, with the words that stand for it now."""
        shown.draft = draft
        shown.nudge = requoted(shown.nudge, draft, self._transcript, now)
        made.append(shown.nudge)

    def _send(self, one: _Waiting, now: float, made: list[Decision]) -> None:
        self._count += 1
        nudge = first_revision(one.draft, f"{self._segment}-{self._count}", self._transcript, now)
        self._budget.spend(one.draft, now)
        self._shown[nudge.id] = _Shown(nudge, one.draft, one.origin, now)
        made.append(nudge)


def _pressing(one: _Waiting) -> tuple[bool, bool, bool, int]:
    """What must or must not be said goes first, then what is critical, what was asked for, and what matters most."""
    draft = one.draft
    return (not is_compliance(draft), not draft.critical, not draft.asked, -draft.priority)


def _place(one: _Waiting | _Shown) -> tuple[str, str]:
    """The turn and kind that it may be the only card of. What must or must not be said takes no such place, and neither
    does what was not noticed in words.
    """
    alone = one.origin is not None and not is_compliance(one.draft)
    return (one.draft.moment.turn if alone else ""), one.draft.moment.kind


def _stands(shown: _Shown, card: str, now: float) -> bool:
    nudge = shown.nudge
    return nudge.card == card and nudge.status == "live" and now < nudge.expires and not shown.closed


def _is_reading_of(cause: Cause, identity: str) -> bool:
    return isinstance(cause, Reading) and cause.identity == identity


def _reads(cause: Cause, gauge: str) -> bool:
    return isinstance(cause, Reading) and cause.gauge == gauge
