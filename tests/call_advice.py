"""What has to hold of advice in every call: which of it may be shown, how it ends, what it costs, what is forgotten.

In: what a coach hears and decides, step by step. Out: an `AssertionError` that names the promise that was broken. Each
piece of advice holds a word of its own, and the markers of every turn it saw, so that its traces can be found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cornerman.coach.budget import Budget
from cornerman.coach.cards import REACHED_NOBODY
from cornerman.contract import wire
from cornerman.events import (
    Act,
    Acted,
    Advice,
    AdviceDropped,
    AdviceKept,
    AdviceRequest,
    AdviceStatus,
    Decision,
    Delivery,
    Event,
    Evidence,
    Feedback,
    Nudge,
    Purge,
    Question,
)

OVER = ("final", "silent", "failed")
MOST_EARLY = 3
REFINED_WITHIN = 8.0
INTERVAL = 15.0


def token(number: int) -> str:
    """A word that stands in this piece of advice and nowhere else."""
    return f"quokka{number}x"


@dataclass
class Asked:
    """A request, and what of the call had been said when it was made."""

    request: AdviceRequest
    markers: Mapping[str, tuple[str, ...]]
    sure: bool
    steps: int = 0
    kept: Advice | None = None


@dataclass
class Requests:
    """Which requests are wanted, and which advice was heard while its request was."""

    asked: dict[str, Asked] = field(default_factory=dict)
    wanted: str = ""
    closed: tuple[str, float] | None = None
    accepted: dict[str, Advice] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)
    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _early: Counter[str] = field(default_factory=Counter)
    _made: int = 0

    @property
    def is_wanted(self) -> bool:
        """Whether somebody's words may come at any time."""
        return bool(self.wanted) and self.asked[self.wanted].sure

    def advice(
        self,
        name: str,
        status: AdviceStatus,
        saw: tuple[str, ...],
        sources: tuple[wire.Source, ...],
        action: str,
        *,
        detail: bool,
    ) -> Advice:
        """The next step of a request's answer, as the reasoning lane might make it: by what it may still know."""
        asked = self.asked[name]
        asked.steps += 1
        if status not in ("words", "final"):
            return Advice(name, asked.steps, status, saw=saw)
        self._made += 1
        said = " ".join(marker for who in saw for marker in asked.markers[who][-2:] if marker in self.known[who])
        told = Advice(
            name,
            asked.steps,
            status,
            f"Say {token(self._made)} {said}".strip(),
            f"It holds {token(self._made)} too" if detail else "",
            sources,
            wire.Action(id=action, label="Log the outcome") if action and status == "final" else None,
            saw,
        )
        self.tokens[told.name] = token(self._made)
        return told

    def hears(self, event: Event, now: float) -> None:
        """Before the coach's decisions on it are known."""
        match event:
            case Advice() if event.request == self.wanted:
                asked = self.asked[event.request]
                if asked.sure:
                    self._accept(event, now)
                else:
                    asked.kept = event
            case Advice(status="final") if not self.wanted and self.closed is not None:
                name, at = self.closed
                if event.request == name and now - at <= REFINED_WITHIN:
                    self.accepted[event.name] = event
            case Purge():
                seen = {name for name, one in self.accepted.items() if event.identity in one.saw}
                self.forgotten |= {self.tokens[name] for name in seen if name in self.tokens}
                for name in seen:
                    del self.accepted[name]

    def decided(self, made: Iterable[Decision], now: float, markers: Mapping[str, tuple[str, ...]]) -> None:
        """Takes in what the coach wants, and wants no more; `markers` are what everybody's words are told by."""
        self.known = markers
        for decision in made:
            match decision:
                case AdviceRequest():
                    assert decision.id not in self.asked, "a request is made twice"
                    self.asked[decision.id] = Asked(decision, markers, not decision.early)
                    self.wanted, self.closed = decision.id, None
                    if decision.early and isinstance(decision.cause, Evidence):
                        self._early[decision.cause.turn] += 1
                        assert self._early[decision.cause.turn] <= MOST_EARLY, "a turn was paid for too often"
                case AdviceKept():
                    asked = self.asked[decision.request]
                    assert decision.request == self.wanted, "a request that nobody wants is kept"
                    assert not asked.sure, "a request is kept twice"
                    asked.sure = True
                    if asked.kept is not None:
                        self._accept(asked.kept, now)
                case AdviceDropped():
                    assert decision.request == self.wanted, "a request that nobody wants is dropped"
                    self.wanted, self.closed = "", None

    def shows(self, nudge: Nudge, before: Nudge | None) -> None:
        """A revision with advice holds just what was said to a request that was wanted."""
        if not nudge.advised:
            return
        if before is not None and before.advised == nudge.advised:
            assert nudge.headline == before.headline, "the words of a card change, but not their name"
            return
        advice = self.accepted.get(nudge.advised)
        assert advice is not None, "advice that nobody wants is shown"
        assert nudge.headline == advice.headline, "a card names other advice than it shows"
        assert set(advice.saw) == set(nudge.saw), "a card does not know whose words it rests on"
        assert nudge.sources, "advice without support is shown"

    def check(self, nudges: Iterable[Nudge], ended: set[str]) -> None:
        """After each step: nothing waits for words that will not come, nothing shows what is forgotten."""
        if self.wanted:
            asked = self.asked[self.wanted]
            cause = asked.request.cause
            assert asked.sure or not isinstance(cause, Evidence) or cause.turn not in ended, "a turn's end was missed"
        for nudge in nudges:
            told = f"{nudge.headline} {nudge.detail}"
            assert not any(word in told for word in self.forgotten), "a card shows what a purged person's words led to"
            if nudge.final:
                continue
            assert self.is_wanted, "a card waits for words that will not come"
            assert not nudge.advised or nudge.advised.partition("/")[0] == self.wanted, "a card waits for other words"

    def _accept(self, advice: Advice, now: float) -> None:
        self.accepted[advice.name] = advice
        if advice.status in OVER:
            self.wanted, self.closed = "", (advice.request, now)


@dataclass
class Actions:
    """What the rep had carried out."""

    state: dict[str, str] = field(default_factory=dict)

    def hears(self, event: Event) -> None:
        """Before the coach's decisions on it are known."""
        if isinstance(event, Acted):
            if event.done:
                self.state[event.action] = "done"
            else:
                self.state.pop(event.action, None)

    def decided(self, event: Event, made: Sequence[Decision], nudges: Mapping[str, Nudge]) -> None:
        """An action is carried out when the rep confirms it, and at most once unless it failed."""
        acts = [one for one in made if isinstance(one, Act)]
        for act in acts:
            assert isinstance(event, Feedback), "something is carried out though nobody confirmed it"
            assert (event.nudge, event.feedback) == (act.nudge, "confirm"), "something else is carried out"
            assert act.action not in self.state, "an action is carried out twice"
            self.state[act.action] = "under way"
        if isinstance(event, Feedback) and event.feedback == "confirm" and not acts:
            nudge = nudges.get(event.nudge)
            open_ = nudge is not None and nudge.action is not None and nudge.action.id not in self.state
            assert not open_, "what the rep confirmed is not carried out"

    @property
    def under_way(self) -> list[str]:
        """Actions whose outcome is not known yet."""
        return sorted(name for name, state in self.state.items() if state == "under way")


@dataclass
class Spending:
    """What nudges cost: each once, however often it is refined; what reached nobody is given back."""

    level: float = 1.0
    filled_at: float = 0.0
    sent: int = 0
    reached: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    _costly: set[str] = field(default_factory=set)
    _known: set[str] = field(default_factory=set)

    def hears(self, event: Event, now: float) -> None:
        """Before the coach's decisions on it are known."""
        match event:
            case Delivery() if event.nudge in self._known:
                if event.outcome not in REACHED_NOBODY:
                    self.reached.add(event.nudge)
                elif event.nudge not in self.reached | self.closed:
                    self.closed.add(event.nudge)
                    self.sent -= 1
                    if event.nudge in self._costly:
                        self._fill(now, 1.0)
            case Feedback() if event.feedback in ("dismissed", "not_useful") and event.nudge in self._known:
                self.closed.add(event.nudge)

    def shows(self, nudge: Nudge, now: float) -> None:
        """A first revision costs, if the rep did not ask for it."""
        if nudge.rev:
            return
        self._known.add(nudge.id)
        self.sent += 1
        if nudge.kind == "answer":
            return
        self._costly.add(nudge.id)
        self._fill(now, 0.0)
        assert nudge.critical or self.level >= 1.0 - 1e-6, "a card is shown that there was no budget for"
        self.level = max(self.level - 1.0, 0.0)

    def check(self, budget: Budget, now: float) -> None:
        """After each step."""
        assert sum(len(times) for times in budget._sent.values()) == self.sent, "a card is counted twice, or not at all"
        self._fill(now, 0.0)
        assert abs(budget._cards.level(now) - self.level) < 1e-6, "a card cost more than once, or nothing"

    def _fill(self, now: float, more: float) -> None:
        self.level = min(min(self.level + (now - self.filled_at) / INTERVAL, 1.0) + more, 1.0)
        self.filled_at = now


def asked_rightly(
    request: AdviceRequest, attention: str, ended: set[str], with_card: set[str], reads: Mapping[str, Sequence[str]]
) -> None:
    """Nothing is asked in a quiet hour, of anybody but prospects, or about words that were not said; before a turn has
    ended early only, or because a card was sent for it.
    """
    cause = request.cause
    if isinstance(cause, Question):
        assert attention != "off", "a question is asked though the coach is switched off"
        return
    assert attention == "live", "advice is asked for in a quiet hour"
    if isinstance(cause, Evidence):
        assert cause.role == "prospect", "advice is asked for on somebody else's words"
        assert not request.early or cause.turn not in ended, "an early request comes after its turn"
        assert request.early or cause.turn in ended | with_card, "a turn is asked about for good before its end"
        assert " ".join(reads[cause.turn]) == cause.quote, "advice is asked for on words that were not said"
