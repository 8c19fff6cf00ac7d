"""A card's life: a draft that waits, is admitted as a nudge, revised, withdrawn, or held with a reason.

In: drafts, moments that went or moved, and the time. Out: nudges and held drafts, appended to the list handed in. A
draft whose moment is gone never leaves; a nudge whose moment is gone is withdrawn by the next revision of the same id,
or stands on from then because of another moment that asked for the same card and still stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from cornerman.coach.budget import Budget
from cornerman.coach.drafted import Origin, Shown, Waiting, is_reading_of, place_of, pressing, reads, stands
from cornerman.coach.drafting import is_compliance
from cornerman.coach.fading import Fading
from cornerman.coach.grounding import (
    acted,
    advised,
    came_at,
    first_revision,
    plain,
    requoted,
    settled,
    unquoted,
    unworded,
    withdrawn,
)
from cornerman.coach.transcript import Transcript
from cornerman.events import Act, Acted, Advice, Decision, Delivery, Draft, Evidence, Feedback, Held, Nudge

REACHED_NOBODY: Final = frozenset({"absent", "no_client", "expired"})


class Cards:
    """All drafts and nudges of one call."""

    def __init__(self, budget: Budget, transcript: Transcript, fading: Fading, segment: int) -> None:
        self._budget = budget
        self._transcript = transcript
        self._fading = fading
        self._segment = segment
        self._waiting: list[Waiting] = []
        self._shown: dict[str, Shown] = {}
        self._offered: dict[tuple[str, str], list[Waiting]] = {}
        """Turns and kinds that have their card, each with the drafts held as its duplicates."""
        self._refused: dict[str, str] = {}
        """Turns whose card was held, or put away by the rep, with the last reason; not where the words it was for were
        revised.
        """
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
            self._admit(Waiting(draft, origin), now, made)

    def release(self, now: float, made: list[Decision]) -> list[Draft]:
        """Sends what may go now, most important first, and returns it; holds what came too late, is refused by now, or
        was done by the rep meanwhile.
        """
        sent: list[Draft] = []
        for one in sorted(self._waiting, key=pressing):
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
                sent.append(one.draft)
        return sent

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
        for one in [one for one in self._waiting if reads(one.draft.moment.evidence, gauge)]:
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
        if draft.moment.turn and reason != "revised":
            self._refused[draft.moment.turn] = reason
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
        freed: list[Waiting] = []
        for one in [one for one in self._waiting if one.draft.moment.id in gone]:
            self._waiting.remove(one)
            self.hold(one.draft, reason, made)
            freed += self._offered.pop(place_of(one), [])
        for shown in self._shown.values():
            if shown.draft.moment.id in gone and shown.nudge.status != "withdrawn":
                freed += self._take_back(shown, now, made)
        for one in freed:
            if now < one.draft.expires:
                self._admit(one, now, made)

    def move(self, moment: str, evidence: Evidence) -> None:
        """The words of a moment read differently: drafts follow; a live card is corrected when its turn is complete."""
        held = [one for duplicates in self._offered.values() for one in duplicates]
        drafted: list[Waiting | Shown] = [*self._waiting, *self._shown.values(), *held]
        for one in drafted:
            if one.draft.moment.id == moment:
                one.draft = replace(one.draft, moment=replace(one.draft.moment, evidence=evidence))

    def correct(self, turn: str, now: float, made: list[Decision]) -> None:
        """At a turn's end: live cards whose quote is not what was said in the end are sent again with what was."""
        for shown in self._shown.values():
            moment = shown.draft.moment
            if moment.turn != turn or not shown.is_live:
                continue
            quoted = shown.nudge.because[0]
            if isinstance(quoted, Evidence) and not self._transcript.says(quoted):
                self._requote(shown, shown.draft, now, made)

    def measured_of(self, identity: str) -> list[str]:
        """The moments of waiting drafts and live cards that tell about how somebody speaks."""
        live = [shown for shown in self._shown.values() if shown.nudge.status != "withdrawn"]
        drafts = [*(one.draft for one in self._waiting), *(shown.draft for shown in live)]
        return [draft.moment.id for draft in drafts if is_reading_of(draft.moment.evidence, identity)]

    def forget(self, turns: Iterable[str]) -> None:
        """Removes every trace of the turns' words from cards already shown."""
        forgotten = set(turns)
        self._offered = {place: ones for place, ones in self._offered.items() if place[0] not in forgotten}
        for shown in self._shown.values():
            if shown.draft.moment.turn in forgotten:
                blank = unquoted(shown.draft.moment.evidence)
                shown.draft = replace(shown.draft, moment=replace(shown.draft.moment, evidence=blank))
                shown.nudge = replace(shown.nudge, because=(blank,))

    # -- better words for a card --

    def advise(self, advice: Advice, draft: str, now: float, made: list[Decision]) -> None:
        """Gives the card of a moment (`draft`: its id) the words of this advice, or has them wait with it.

        What the rep has confirmed, or has no time left to read, stays as it is.
        """
        says_nothing = not advice.headline and advice.status != "thinking"
        for shown in self._shown.values():
            if shown.draft.moment.id != draft or not shown.is_live:
                continue
            if shown.acting or now >= shown.nudge.expires:
                if not shown.nudge.final and (shown.acting or advice.status not in ("thinking", "words")):
                    self._revise(shown, settled(shown.nudge, now), made)
            elif not (says_nothing and shown.nudge.final):
                self._revise(shown, advised(shown.nudge, shown.draft, advice, now), made)
        for one in self._waiting:
            if one.draft.moment.id == draft and advice.status != "thinking":
                one.advice = advice if advice.headline else None

    def settle(self, draft: str, now: float, made: list[Decision]) -> None:
        """No more words will come for the card of this moment: what is there of them stays."""
        for shown in self._shown.values():
            if shown.draft.moment.id == draft and shown.is_live and not shown.nudge.final:
                self._revise(shown, settled(shown.nudge, now), made)
        for one in self._waiting:
            one.settled = one.settled or one.draft.moment.id == draft

    def has_card(self, turn: str, now: float) -> bool:
        """Whether a card of this turn is before the rep that may have better words."""
        return any(_is_of(one, turn) and one.is_before_rep(now) for one in self._shown.values())

    def card_of(self, turn: str, now: float) -> str:
        """The moment of the newest card of a turn that waits or is before the rep; empty where there is none."""
        shown = [one for one in reversed(self._shown.values()) if one.is_before_rep(now)]
        cards: list[Shown | Waiting] = [*shown, *self._waiting]
        return next((one.draft.moment.id for one in cards if _is_of(one, turn)), "")

    def refused(self, turn: str) -> str:
        """Why a card of this turn was held or put away; empty where none was. Better words are refused for the same."""
        return self._refused.get(turn, "")

    def unsee(self, identity: str, now: float, made: list[Decision]) -> None:
        """Takes back words that may rest on what a participant said who is to be forgotten."""
        for one in self._waiting:
            if one.advice is not None and identity in one.advice.saw:
                one.advice = None
        for one in [one for one in self._waiting if identity in one.draft.saw]:
            self._waiting.remove(one)
            self.hold(one.draft, "purged", made)
        for shown in self._shown.values():
            rests_on_it = identity in (*shown.nudge.saw, *shown.draft.saw)
            if rests_on_it and shown.nudge.status != "withdrawn":
                told = shown.draft.advised
                self._revise(shown, withdrawn(shown.nudge, now) if told else plain(shown.nudge, shown.draft, now), made)
            if identity in shown.draft.saw:
                shown.draft = unworded(shown.draft)

    # -- an action the rep may confirm --

    def confirm(self, nudge_id: str, made: list[Decision]) -> None:
        """Has the action of a card carried out, the first time the rep confirms it."""
        shown = self._shown.get(nudge_id)
        action = shown.nudge.action if shown is not None else None
        if shown is None or action is None or shown.acting:
            return
        if all(one.acting != action.id for one in self._shown.values()):
            shown.acting = action.id
            made.append(Act(nudge_id, action.id))

    def acted(self, event: Acted, now: float, made: list[Decision]) -> None:
        """What became of it; after a failure it may be confirmed once more."""
        for shown in self._shown.values():
            if shown.acting != event.action:
                continue
            shown.acting = shown.acting if event.done else ""
            if shown.nudge.status != "withdrawn":
                self._revise(shown, acted(shown.nudge, event.done, now), made)

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
        """A card dismissed or found useless does not come back in this call, and its turn has had its card."""
        shown = self._shown.get(feedback.nudge)
        if shown is not None and feedback.feedback in ("dismissed", "not_useful"):
            shown.closed = True
            self._budget.dismiss(shown.draft.card)
            if shown.draft.moment.turn:
                self._refused[shown.draft.moment.turn] = "dismissed_before"

    # -- inside --

    def _admit(self, one: Waiting, now: float, made: list[Decision]) -> None:
        """Lets a draft wait for its chance, or holds it for good."""
        place = place_of(one)
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
        if waits or any(stands(shown, draft.card, now) for shown in self._shown.values()):
            return "duplicate"
        return "faded_out" if not draft.critical and self._fading.faded(draft.card) else None

    def _take_back(self, shown: Shown, now: float, made: list[Decision]) -> list[Waiting]:
        """Withdraws a live card, or gives it to another moment that asked for it; returns the drafts that had to stand
        back for it.
        """
        place = place_of(shown)
        duplicates = self._offered.get(place, [])
        heir = next((one for one in duplicates if one.draft.card == shown.draft.card), None)
        if heir is not None and now < shown.nudge.expires:
            duplicates.remove(heir)
            shown.origin = heir.origin
            self._requote(shown, heir.draft, now, made)
            return []
        self._revise(shown, withdrawn(shown.nudge, now), made)
        if not duplicates:
            return []
        del self._offered[place]
        return duplicates

    def _revive(self, origin: Origin | None, draft: Draft, now: float, made: list[Decision]) -> bool:
        for shown in self._shown.values():
            if shown.origin is None or shown.origin != origin or shown.nudge.status != "withdrawn" or shown.closed:
                continue
            if now >= shown.nudge.expires or self._taken(place_of(shown)):
                return False
            self._requote(shown, draft, now, made)
            return True
        return False

    def _taken(self, place: tuple[str, str]) -> bool:
        """Whether another card stands or waits in this place."""
        there: list[Waiting | Shown] = [*self._waiting]
        there += [shown for shown in self._shown.values() if shown.nudge.status != "withdrawn"]
        return bool(place[0]) and any(place_of(one) == place for one in there)

    def _requote(self, shown: Shown, draft: Draft, now: float, made: list[Decision]) -> None:
        """Sends a card again, with the words that stand for it now."""
        shown.draft = draft
        self._revise(shown, requoted(shown.nudge, draft, self._transcript, now), made)

    def _revise(self, shown: Shown, nudge: Nudge, made: list[Decision]) -> None:
        shown.nudge = nudge
        made.append(nudge)

    def _send(self, one: Waiting, now: float, made: list[Decision]) -> None:
        self._count += 1
        nudge = first_revision(one.draft, f"{self._segment}-{self._count}", self._transcript, now)
        if one.advice is not None:
            better = advised(nudge, one.draft, one.advice, now)
            nudge = replace(better, rev=0, heard=nudge.heard, final=better.final or one.settled)
        self._budget.spend(one.draft, now)
        self._shown[nudge.id] = Shown(nudge, one.draft, one.origin, now)
        made.append(nudge)


def _is_of(one: Shown | Waiting, turn: str) -> bool:
    """Whether it is a card of this turn; what must or must not be said keeps its words."""
    return bool(turn) and one.draft.moment.turn == turn and not is_compliance(one.draft)
