"""The coach: hears one event at a time and decides.

In: `hear(event, now)`, where `now` is the arrival time, stamped once, never going back. Out: decisions in order and the
time of the next wake. The same events with the same times give the same decisions in any process.
"""

from __future__ import annotations

from cornerman.coach.budget import Budget
from cornerman.coach.cards import Cards
from cornerman.coach.moments import Detector
from cornerman.coach.noticing import Noticing
from cornerman.coach.settings import CoachSettings
from cornerman.coach.transcript import Transcript
from cornerman.contract import wire
from cornerman.events import (
    Attendance,
    CallEnd,
    Consent,
    Control,
    Decision,
    Decisions,
    Delivery,
    Event,
    Feedback,
    MomentWithdrawn,
    Partial,
    Purge,
    Restored,
    Speaking,
    Turn,
)
from cornerman.playbook import Playbook


class Coach:
    """One call's mind. `detector` may be shared between calls of the same playbook."""

    def __init__(self, playbook: Playbook, settings: CoachSettings, detector: Detector | None = None) -> None:
        self._budget = Budget(settings)
        self._transcript = Transcript()
        self._noticing = Noticing(detector or Detector(playbook))
        self._cards = Cards(playbook, self._budget, self._transcript, settings.segment)
        self._rep_identity = ""
        self._consent: dict[str, wire.ConsentState] = {}
        self._now = 0.0
        self._ended = False

    @property
    def attention(self) -> wire.Attention:
        """How much the rep wants to hear."""
        return self._budget.attention

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
        made: list[Decision] = []
        if not self._ended:
            self._apply(event, now, made)
            self._cards.release(now, made)
        return Decisions(tuple(made), None if self._ended else self._cards.next_look(now))

    def _apply(self, event: Event, now: float, made: list[Decision]) -> None:
        match event:
            case Partial() | Turn():
                self._words(event, now, made)
            case Speaking():
                if event.identity == self._rep_identity:
                    self._budget.rep_speaking = event.active
            case Attendance():
                self._attendance(event)
            case Delivery():
                self._cards.delivered(event, now)
            case Feedback():
                self._cards.feedback(event)
            case Control():
                self._budget.attention = event.attention
            case Consent():
                self._consent[event.identity] = event.state
            case Purge():
                self._purge(event.identity, now, made)
            case Restored():
                for card, at in event.spent:
                    self._budget.spend_card(card, at)
            case CallEnd():
                self._cards.hold_all("call_ended", made)
                self._ended = True

    def _words(self, event: Partial | Turn, now: float, made: list[Decision]) -> None:
        if event.role == "observer" or self._consent.get(event.identity) != "granted":
            return
        utterance = self._transcript.hear(event)
        if utterance is None:
            return
        changes = self._noticing.revise(utterance)
        made.extend(MomentWithdrawn(moment, "revised") for moment in changes.gone)
        self._cards.withdraw(changes.gone, now, made, "revised")
        for moment, evidence in changes.moved:
            self._cards.move(moment, evidence)
        for noticed in changes.new:
            made.append(noticed.moment)
            self._cards.offer(noticed, now, made)
        if utterance.complete:
            self._cards.correct(utterance.turn, now, made)

    def _attendance(self, event: Attendance) -> None:
        if event.role == "rep":
            self._rep_identity = event.identity
            self._budget.rep_present = event.present
            self._budget.rep_speaking = False

    def _purge(self, identity: str, now: float, made: list[Decision]) -> None:
        turns = self._transcript.purge(identity)
        gone = [moment for turn in turns for moment in self._noticing.forget(turn)]
        made.extend(MomentWithdrawn(moment, "purged") for moment in gone)
        self._cards.withdraw(gone, now, made, "purged")
        self._cards.forget(turns, now)
