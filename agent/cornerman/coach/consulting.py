"""What the reasoning lane is asked, one request at a time; the newest counts.

In: cards that were sent, completed turns of prospects, turns that seem to be over, the rep's questions, changes of the
screen. Out: requests, and which of them a piece of advice still answers. A card is asked about with the words there are
when it is sent; what is said after them is asked about once more only where it adds something. An early request is made
for a turn's words so far: its answer is kept back until the turn ends with these very words, and thrown away when it
ends with others. A question of the rep is not interrupted by a turn; the turn has its chance when the question is
answered.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cornerman.coach.language import Language
from cornerman.coach.sentences import ends_sentence
from cornerman.coach.transcript import Utterance
from cornerman.coach.words import tokenize, tokens_of
from cornerman.events import (
    Advice,
    AdviceDropped,
    AdviceKept,
    AdviceRequest,
    Cause,
    Decision,
    Evidence,
    Question,
    Seen,
)

LEAST_WORDS: Final = 4
"""Words a turn has at least to be worth a thought of its own, unless a moment was noticed in it."""
MORE_WORDS: Final = 12
"""Words after those that a card was asked about, four or five seconds, that may change what is to be said about it. A
number among fewer does too.
"""
MOST_EARLY: Final = 3
"""Early requests a turn may cause: each may have to be paid for."""
LATEST: Final = 4.0
"""Seconds after its end at which a turn that had to wait is still worth advice."""
REFINED_WITHIN: Final = 8.0
"""Seconds after its last step in which an answer may still be bettered by what came late."""
OVER: Final = frozenset({"final", "silent", "failed"})


@dataclass(slots=True)
class Request:
    """A request that is open. `early` until its turn has ended with its words; `kept` is its answer till then. `draft`
    is the moment whose card the answer is for, once that is known.
    """

    id: str
    cause: Cause
    early: bool
    kept: Advice | None = None
    draft: str = ""

    @property
    def turn(self) -> str:
        """The turn it is about; empty where it is about none."""
        return self.cause.turn if isinstance(self.cause, Evidence) else ""


class Consulting:
    """The requests of one call."""

    def __init__(self, language: Language, segment: int) -> None:
        self._language = language
        self._segment = segment
        self._count = 0
        self._open: Request | None = None
        self._early: dict[str, int] = {}
        self._asked: dict[str, Request] = {}
        """Turns that were asked about, with the newest request whose answer counts."""
        self._postponed: tuple[Evidence, float] | None = None
        self._closed: tuple[Request, float] | None = None

    @property
    def open(self) -> Request | None:
        """The request whose answer is wanted."""
        return self._open

    def card_sent(self, utterance: Utterance, draft: str, now: float, made: list[Decision]) -> Advice | None:
        """The card of a moment (`draft`) in these words is before the rep, who is to have better words for it at once,
        whether or not more is said. Returns what an early request for the same words has brought already.
        """
        open_ = self._open
        if open_ is not None and isinstance(open_.cause, Question):
            if utterance.complete:  # else its end will be asked about
                self._postponed = _whole(utterance), now
        elif open_ is not None and open_.early and self._is_about(open_, utterance):
            return self._keep(open_, made)
        elif self._adds(utterance):
            self._ask(_whole(utterance), made, draft=draft)
        return None

    def seems_over(self, utterance: Utterance, silent: bool, made: list[Decision]) -> None:
        """Asks early when a turn seems to be over: its speaker is silent, or its last word ends a sentence."""
        if not utterance.words or not (silent or ends_sentence(utterance.words[-1].text)):
            return
        if self._open is not None and not self._open.early:
            return
        asked = self._early.get(utterance.turn, 0)
        if asked >= MOST_EARLY or len(utterance.words) < LEAST_WORDS or not self._adds(utterance):
            return
        if self._is_about(self._open, utterance):
            return
        self._early[utterance.turn] = asked + 1
        self._ask(_whole(utterance), made, early=True)

    def completed(
        self, utterance: Utterance, noticed: bool, now: float, made: list[Decision], *, wanted: bool = True
    ) -> Advice | None:
        """A turn has ended; `wanted`: there is a place for advice on it. Returns what an early request has brought
        already, if it was made for these very words.
        """
        self._early.pop(utterance.turn, None)
        open_ = self._open
        if open_ is not None and open_.early and open_.turn == utterance.turn:
            if self._is_about(open_, utterance):
                return self._keep(open_, made)
            self._drop(made)
        if not wanted or not utterance.words or (len(utterance.words) < LEAST_WORDS and not noticed):
            return None
        if open_ is not None and isinstance(open_.cause, Question):
            self._postponed = _whole(utterance), now
        elif self._adds(utterance):
            self._ask(_whole(utterance), made)
        return None

    def question(self, cause: Question, made: list[Decision]) -> None:
        """The rep asks."""
        self._ask(cause, made)

    def screen(self, cause: Seen, made: list[Decision]) -> None:
        """The screen shows something worth a thought. It interrupts nothing."""
        if self._open is None:
            self._ask(cause, made)

    def answered(self, advice: Advice, now: float, made: list[Decision]) -> Request | None:
        """The request a piece of advice is for, if it is wanted now. With its last step the request is closed; what
        comes late may better it as long as nothing newer was asked, and once it is whole: nobody would end it else.
        """
        open_ = self._open
        if open_ is None and self._closed is not None and now - self._closed[1] <= REFINED_WITHIN:
            late = self._closed[0]
            return late if late.id == advice.request and advice.status == "final" else None
        if open_ is None or open_.id != advice.request:
            return None
        if open_.early:
            open_.kept = advice
            return None
        if advice.status in OVER:
            self._open, self._closed = None, (open_, now)
            if self._postponed is not None and now - self._postponed[1] <= LATEST:
                self._ask(self._postponed[0], made)
            self._postponed = None
        return open_

    def drop(self, made: list[Decision]) -> Request | None:
        """Nothing of what was asked is wanted any more; returns what was open."""
        self._postponed = self._closed = None
        return self._drop(made)

    def withdrawn(self, moments: Iterable[str], made: list[Decision]) -> None:
        """These moments are gone: words for their cards are not wanted, and their turns may be asked about anew."""
        gone = set(moments)
        for turn in [turn for turn, request in self._asked.items() if request.draft in gone]:
            if self._asked.pop(turn) is self._open:
                self._drop(made)

    def forget(self, turns: Iterable[str]) -> None:
        """Drops what is known of purged turns."""
        for turn in turns:
            self._early.pop(turn, None)
            self._asked.pop(turn, None)

    def _ask(self, cause: Cause, made: list[Decision], *, early: bool = False, draft: str = "") -> None:
        self._count += 1
        self._closed = None
        self._open = Request(f"{self._segment}-r{self._count}", cause, early, draft=draft)
        if self._open.turn and not early:
            self._asked[self._open.turn] = self._open
        made.append(AdviceRequest(self._open.id, cause, early))

    def _keep(self, request: Request, made: list[Decision]) -> Advice | None:
        """The answer to an early request counts from now on; returns what there is of it."""
        request.early = False
        self._asked[request.turn] = request
        made.append(AdviceKept(request.id))
        kept, request.kept = request.kept, None
        return kept

    def _drop(self, made: list[Decision]) -> Request | None:
        dropped, self._open = self._open, None
        if dropped is not None:
            made.append(AdviceDropped(dropped.id))
        return dropped

    def _adds(self, utterance: Utterance) -> bool:
        """Whether a turn says more by now than what it was asked about with."""
        request = self._asked.get(utterance.turn)
        if request is None or not isinstance(request.cause, Evidence):
            return True
        asked = tokenize(self._language, request.cause.quote.split())
        tokens = tokens_of(self._language, utterance.words)
        if [token.text for token in tokens[: len(asked)]] != [token.text for token in asked]:
            return True
        since = range(len(asked), len(tokens))
        if len({tokens[at].word for at in since}) >= MORE_WORDS:
            return True
        return any(self._language.amount_at(tokens, at) is not None for at in since)

    def _is_about(self, request: Request | None, utterance: Utterance) -> bool:
        """Whether a request was made for the words this turn has now, whatever their spelling."""
        if request is None or not isinstance(request.cause, Evidence) or request.cause.turn != utterance.turn:
            return False
        asked = tokenize(self._language, request.cause.quote.split())
        now = tokens_of(self._language, utterance.words)
        return [token.text for token in asked] == [token.text for token in now]


def _whole(utterance: Utterance) -> Evidence:
    return utterance.evidence(0, len(utterance.words) - 1)
