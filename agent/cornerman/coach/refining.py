"""From what is heard to requests for better words, and from the answers to the cards they are for.

In: cards that were sent, turns, the rep's questions, changes of the screen, and advice. Out: requests, and revisions of
cards, appended to the list handed in. Advice on a turn refines the card of that turn; where the turn has none it wants
to be a card of its own and asks the budget like any other. Silence costs nothing: nothing is asked before anything of a
sale was heard, while the rep wants quiet, or for a card that the budget would hold until it is too late; and no more
turns without a card are asked about than the rep might be shown cards.
"""

from __future__ import annotations

from collections.abc import Iterable

from cornerman.coach.budget import Budget
from cornerman.coach.cards import Cards
from cornerman.coach.consulting import LATEST, Consulting, Request
from cornerman.coach.drafting import Drafting, is_compliance
from cornerman.coach.transcript import Transcript, Utterance
from cornerman.events import Advice, Decision, Draft, Evidence, Moment, MomentWithdrawn, Question, ScreenChange, Seen
from cornerman.playbook.kinds import ADVICE_KIND, ANSWER_KIND, SCREEN_KIND

QUOTED = 30
"""Words of a turn that a card of its own quotes, the last ones."""


class Refining:
    """The advice of one call."""

    def __init__(
        self, consulting: Consulting, cards: Cards, drafting: Drafting, budget: Budget, transcript: Transcript
    ) -> None:
        self._consulting = consulting
        self._cards = cards
        self._drafting = drafting
        self._budget = budget
        self._transcript = transcript
        self._on = budget.settings.advised
        self._early = budget.settings.advised and budget.settings.early
        self._thought_of = ""
        """The turn that was asked about last: its rest costs the budget nothing more."""
        self._moments = 0
        self._own: dict[str, str] = {}
        """Moments of cards of its own, with the turn they quote."""

    def sent(self, drafts: Iterable[Draft], now: float, made: list[Decision]) -> None:
        """These cards are before the rep: better words are asked for at once, for those of prospects' words."""
        if not (self._on and self._listening):
            return
        for draft in drafts:
            words = draft.moment.evidence
            if draft.advised or is_compliance(draft):
                continue
            utterance = self._transcript.utterance(draft.moment.turn)
            if isinstance(words, Evidence) and words.role == "prospect" and utterance is not None:
                before = self._consulting.open
                kept = self._consulting.card_sent(utterance, draft.moment.id, now, made)
                self._go_on(before, kept, now, made)

    def said(self, utterance: Utterance, silent: bool, now: float, made: list[Decision]) -> None:
        """A prospect's turn goes on; `silent`: their voice is not heard."""
        if self._early and utterance.role == "prospect" and self._listening and self._has_place(utterance.turn, now):
            before = self._consulting.open
            self._consulting.seems_over(utterance, silent, made)
            self._go_on(before, None, now, made)

    def completed(self, utterance: Utterance, noticed: bool, now: float, made: list[Decision]) -> None:
        """A turn has ended; `noticed`: a moment stands in it."""
        if not (self._on and utterance.role == "prospect" and self._listening):
            return
        before = self._consulting.open
        wanted = self._has_place(utterance.turn, now)
        self._go_on(before, self._consulting.completed(utterance, noticed, now, made, wanted=wanted), now, made)

    def withdrawn(self, moments: Iterable[str], made: list[Decision]) -> None:
        """These moments are gone: nothing is wanted for their cards any more."""
        self._consulting.withdrawn(moments, made)

    def asked(self, question: Question, moment: str, now: float, made: list[Decision]) -> None:
        """The rep asks; `moment` is that of the prepared answer, empty where there is none."""
        if not self._on or self._budget.attention == "off":
            return
        before = self._consulting.open
        self._consulting.question(question, made)
        self._go_on(before, None, now, made)
        if self._consulting.open is not None:
            self._consulting.open.draft = moment

    def screen(self, change: ScreenChange, now: float, made: list[Decision]) -> None:
        """The screen shows something worth a thought."""
        if self._on and self._listening and self._has_place("", now):
            before = self._consulting.open
            self._consulting.screen(Seen(change.hash, change.at), made)
            self._go_on(before, None, now, made)

    def advised(self, advice: Advice, now: float, made: list[Decision]) -> None:
        """Takes in a step of an answer; nothing where the request is not wanted any more, or not yet."""
        request = self._consulting.answered(advice, now, made)
        if request is None:
            return
        if not request.draft:
            request.draft = self._cards.card_of(request.turn, now)
        if request.draft:
            self._cards.advise(advice, request.draft, now, made)
        elif advice.headline and advice.sources:
            self._propose(request, advice, now, made)

    def quiet(self, now: float, made: list[Decision]) -> None:
        """The rep wants no advice for now."""
        dropped = self._consulting.drop(made)
        if dropped is not None and dropped.draft:
            self._cards.settle(dropped.draft, now, made)

    def forget(self, identity: str, turns: list[str], now: float, made: list[Decision]) -> None:
        """Somebody's words are to be forgotten: an answer under way rests on everybody's."""
        dropped = self._consulting.drop(made)
        self._consulting.forget(turns)
        gone = [moment for moment, turn in self._own.items() if turn in turns]
        for moment in gone:
            del self._own[moment]
            made.append(MomentWithdrawn(moment, "purged"))
        self._cards.withdraw(gone, now, made, "purged")
        self._cards.unsee(identity, now, made)
        if dropped is not None and dropped.draft:
            self._cards.settle(dropped.draft, now, made)

    @property
    def _listening(self) -> bool:
        return self._budget.attention == "live"

    def _propose(self, request: Request, advice: Advice, now: float, made: list[Decision]) -> None:
        """A card of its own, for words or a screen that have none; a question always gets its answer."""
        self._moments += 1
        cause = request.cause
        if isinstance(cause, Evidence):
            kind = ADVICE_KIND
            utterance = self._transcript.utterance(cause.turn)
            if utterance is None:
                return
            last = len(utterance.words) - 1
            cause = utterance.evidence(max(last - QUOTED + 1, 0), last)
        else:
            kind = ANSWER_KIND if isinstance(cause, Question) else SCREEN_KIND
        moment = Moment(f"v{self._moments}", kind, kind, cause)
        request.draft = moment.id
        if moment.turn:
            self._own[moment.id] = moment.turn
        made.append(moment)
        draft = self._drafting.advised(moment, advice, now, asked=isinstance(cause, Question))
        held = self._cards.held
        refused = self._cards.refused(request.turn)
        if refused:
            self._cards.hold(draft, refused, made)
        else:
            self._cards.offer(draft, None, now, made)
            self._cards.advise(advice, moment.id, now, made)
        if self._cards.held > held:
            self._budget.think(now)  # it was in vain, and the next one on the same matter would be too

    def _has_place(self, turn: str, now: float) -> bool:
        """Whether words for this turn would be shown: on a card that stands, or on one there will soon be room for.
        Without a turn: for what the screen shows.
        """
        if self._cards.has_card(turn, now):
            return True
        is_same = bool(turn) and turn == self._thought_of
        may_think = is_same or self._budget.may_think(now)
        return may_think and not self._cards.refused(turn) and self._budget.has_room(now + LATEST)

    def _go_on(self, before: Request | None, kept: Advice | None, now: float, made: list[Decision]) -> None:
        """After something was asked, or not: a request that was replaced is settled, what came early is shown."""
        open_ = self._consulting.open
        if before is not None and before is not open_ and before.draft:
            self._cards.settle(before.draft, now, made)
        if open_ is not None and open_ is not before and not isinstance(open_.cause, Question):
            if not open_.turn or open_.turn != self._thought_of:
                self._budget.think(now)
            self._thought_of = open_.turn
        if kept is not None:
            self.advised(kept, now, made)
