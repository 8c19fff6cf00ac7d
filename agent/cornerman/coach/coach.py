"""The coach: hears one event at a time and decides.

In: `hear(event, now)`, where `now` is the arrival time, stamped once, never going back. Out: decisions in order and the
time of the next wake. The same events with the same times give the same decisions in any process.
"""

from __future__ import annotations

from cornerman.coach.budget import Budget
from cornerman.coach.cards import Cards
from cornerman.coach.consulting import Consulting
from cornerman.coach.drafting import Drafting
from cornerman.coach.fading import Fading
from cornerman.coach.floor import Floor
from cornerman.coach.languages import language_of
from cornerman.coach.moments import Detector
from cornerman.coach.noticing import Changes, Noticing
from cornerman.coach.offers import SILENCE, Offers
from cornerman.coach.refining import Refining
from cornerman.coach.settings import CoachSettings
from cornerman.coach.tracking import Tracking
from cornerman.coach.transcript import Transcript, Utterance
from cornerman.contract import wire
from cornerman.events import (
    Acted,
    Advice,
    Ask,
    CallEnd,
    Consent,
    Control,
    Decision,
    Decisions,
    Delivery,
    Event,
    Feedback,
    MeaningResult,
    MomentWithdrawn,
    Partial,
    Purge,
    Question,
    Restored,
    ScreenChange,
    Speaking,
    Stage,
    Turn,
)
from cornerman.playbook import Playbook
from cornerman.playbook.kinds import COMPLIANCE_KIND


class Coach:
    """One call's mind. `detector` may be shared between calls of the same playbook."""

    def __init__(self, playbook: Playbook, settings: CoachSettings, detector: Detector | None = None) -> None:
        self._floor = Floor()
        self._budget = Budget(settings, self._floor)
        self._transcript = Transcript()
        self._noticing = Noticing(detector or Detector(playbook), self._transcript, by_meaning=settings.by_meaning)
        self._tracking = Tracking(playbook)
        language = language_of(playbook.language)
        self._fading = Fading(language, settings.fade_after)
        self._drafting = Drafting(playbook)
        self._cards = Cards(self._budget, self._transcript, self._fading, settings.segment)
        self._offers = Offers(playbook, self._tracking.checklist, self._budget, self._floor)
        consulting = Consulting(language, settings.segment)
        self._refining = Refining(consulting, self._cards, self._drafting, self._budget, self._transcript)
        self._consent: dict[str, wire.ConsentState] = {}
        self._now = 0.0
        self._ended = False

    @property
    def attention(self) -> wire.Attention:
        """How much the rep wants to hear."""
        return self._budget.attention

    @property
    def stage(self) -> Stage:
        """Where the call stands."""
        return self._tracking.stage

    @property
    def checklist(self) -> dict[str, bool]:
        """Each item of the checklist, and whether it was dealt with."""
        return self._tracking.checklist.ticked()

    @property
    def disclosures(self) -> dict[str, bool]:
        """Each required disclosure, and whether it was made."""
        return self._tracking.disclosures.ticked()

    @property
    def shown(self) -> int:
        """Nudges sent in this segment."""
        return self._cards.shown

    @property
    def withdrawn(self) -> int:
        """Nudges of this segment whose words were taken back."""
        return self._cards.withdrawn

    @property
    def held(self) -> int:
        """Drafts noted but not delivered in this segment."""
        return self._cards.held

    def gauges(self, now: float) -> dict[str, float]:
        """The conversation gauges as they stand; asking changes nothing."""
        return self._tracking.gauges.readings(now)

    def hear(self, event: Event, now: float) -> Decisions:
        """Takes in one event.

        Raises:
            ValueError: `now` lies before an earlier event's.
        """
        if now < self._now:
            raise ValueError(
                f"time went back from {self._now} to {now} s: stamp events once, in the order they are heard"
            )
        self._now = now
        self._floor.move_on(now)
        made: list[Decision] = []
        if not self._ended and self._may_hear(event):
            self._apply(event, now, made)
        if not self._ended:
            self._speak(now, made)
        return Decisions(tuple(made), None if self._ended else self._next_look(now))

    def _may_hear(self, event: Event) -> bool:
        """Words count with consent only, and so does a voice; that it fell silent always counts."""
        if isinstance(event, Partial | Turn):
            return event.role != "observer" and self._consent.get(event.identity) == "granted"
        return not (isinstance(event, Speaking) and event.active) or self._consent.get(event.identity) == "granted"

    def _apply(self, event: Event, now: float, made: list[Decision]) -> None:
        match event:
            case Partial() | Turn():
                utterance = self._transcript.hear(event)
                if utterance is None:
                    return
                self._follow(event, now, made)
                self._words(utterance, now, made)
                return
            case Delivery():
                self._cards.delivered(event, now)
            case Feedback(feedback="confirm"):
                self._cards.confirm(event.nudge, made)
            case Feedback():
                self._cards.feedback(event)
            case Control():
                self._budget.attention = event.attention
                if event.attention != "live":
                    self._refining.quiet(now, made)
            case Advice():
                self._refining.advised(event, now, made)
            case Acted():
                self._cards.acted(event, now, made)
            case ScreenChange() if self._tracking.selling:
                self._refining.screen(event, now, made)
            case Consent():
                self._consent[event.identity] = event.state
            case MeaningResult():
                self._changed(self._noticing.meant(event), now, made)
            case Ask():
                self._answer(event, now, made)
            case Restored():
                for card, at in event.spent:
                    self._budget.spend_card(card, at)
                self._tracking.resume(event)
                self._noticing.stage = self.stage
            case CallEnd():
                self._refining.quiet(now, made)
                self._cards.hold_all("call_ended", made)
                made.append(self._tracking.figures(now))
                self._ended = True
        self._follow(event, now, made)
        if isinstance(event, Purge):
            self._purge(event.identity, now, made)

    def _follow(self, event: Event, now: float, made: list[Decision]) -> None:
        """Keeps up with who has the floor and how the call goes."""
        self._floor.hear(event, now)
        self._tracking.hear(event, now)
        self._offers.hear(event)
        if self._floor.quiet_since == now and isinstance(event, Partial | Turn | Speaking):
            self._cards.silence_over(SILENCE, made)
        if isinstance(event, Speaking) and not event.active and self._tracking.selling:
            utterance = self._transcript.unfinished(event.identity)
            if utterance is not None:
                self._refining.said(utterance, True, now, made)

    def _words(self, utterance: Utterance, now: float, made: list[Decision]) -> None:
        if utterance.role == "rep":
            self._fading.hear(utterance)
        self._changed(self._noticing.revise(utterance), now, made)
        if not utterance.complete:
            if self._tracking.selling:
                self._refining.said(utterance, not self._floor.is_speaking(utterance.identity), now, made)
            return
        self._cards.correct(utterance.turn, now, made)
        standing = self._noticing.standing(utterance.turn)
        missed, disclosed = self._tracking.completed(utterance, standing, now, made)
        self._noticing.stage = self._tracking.stage
        for tick in disclosed:
            self._cards.done(tick.item, tick.evidence, made)
        for draft in missed:
            self._cards.offer(draft, None, now, made)
        if self._tracking.selling:
            self._refining.completed(utterance, bool(standing), now, made)

    def _changed(self, changes: Changes, now: float, made: list[Decision]) -> None:
        """What a revision or a meaning brought: moments that moved, went or came, and what has to be asked.

        What moved comes first: a card that loses its moment may go over to one whose words are elsewhere by now.
        """
        for moment, evidence in changes.moved:
            self._cards.move(moment, evidence)
        made.extend(MomentWithdrawn(moment, "revised") for moment in changes.gone)
        self._cards.withdraw(changes.gone, now, made, "revised")
        self._refining.withdrawn(changes.gone, made)
        for noticed in changes.new:
            made.append(noticed.moment)
            self._tracking.selling = self._tracking.selling or noticed.moment.kind != COMPLIANCE_KIND
            origin = (noticed.moment.turn, noticed.definition, noticed.named)
            self._cards.offer(self._drafting.noticed(noticed, now), origin, now, made)
        made.extend(changes.asked)

    def _answer(self, ask: Ask, now: float, made: list[Decision]) -> None:
        draft = self._offers.answer(ask, self.stage, now)
        if draft is not None:
            made.append(draft.moment)
            self._cards.offer(draft, None, now, made)
        self._refining.asked(Question(ask.ask, now), draft.moment.id if draft else "", now, made)

    def _speak(self, now: float, made: list[Decision]) -> None:
        """Sends what may go; where nothing better is known, something the playbook has ready for any time.

        How people talk, and their silences, are worth a word in a sales call only: until anything of a sale was heard
        this may be any meeting, where the coach has nothing to say.
        """
        selling = self._tracking.selling
        for draft in self._tracking.crossed(now, made):
            if selling:
                self._cards.offer(draft, None, now, made)
            else:
                self._cards.hold(draft, "no_sale_yet", made)
        self._refining.sent(self._cards.release(now, made), now, made)
        offer = self._offers.in_silence(self.stage, now) if selling and self._cards.idle else None
        if offer is not None:
            made.append(offer.moment)
            self._cards.offer(offer, None, now, made)
            self._cards.release(now, made)

    def _purge(self, identity: str, now: float, made: list[Decision]) -> None:
        turns = self._transcript.purge(identity)
        gone = [moment for turn in turns for moment in self._noticing.forget(turn)]
        gone += self._cards.measured_of(identity)
        made.extend(MomentWithdrawn(moment, "purged") for moment in gone)
        gone += self._tracking.forget(turns, made)
        self._fading.forget(turns)
        self._cards.withdraw(gone, now, made, "purged")
        self._refining.forget(identity, turns, now, made)
        self._cards.forget(turns)

    def _next_look(self, now: float) -> float | None:
        looks = [self._cards.next_look(now), self._tracking.gauges.next_look(now)]
        if self._tracking.selling and self._cards.idle:
            looks.append(self._offers.next_look())
        return min((look for look in looks if look is not None), default=None)
