"""A thousand generated calls with revisions, negations, purges and late results: what is gone is gone at once.

`call_histories` says what has to hold; here calls are made up, and the checks are shown to be able to fail.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import pytest
from call_histories import BY_MEANING, HARBOUR, MEANT, SURELY, History
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from cornerman.coach.cards import Cards
from cornerman.coach.consulting import Consulting, Request
from cornerman.coach.fading import Fading
from cornerman.coach.grounding import GroundingError
from cornerman.coach.noticing import Changes, Noticing
from cornerman.coach.offers import Offers
from cornerman.coach.transcript import Transcript
from cornerman.contract import wire
from cornerman.events import (
    Act,
    Acted,
    Advice,
    AdviceStatus,
    Ask,
    Attendance,
    Consent,
    Control,
    Decision,
    Delivery,
    DeliveryOutcome,
    Feedback,
    Likeness,
    MeaningResult,
    Purge,
    Question,
    ScreenChange,
    Speaking,
)

Speaker = Literal["rep", "prospect"]

CALLS = 1000
STEPS = 30
PAUSES = st.sampled_from((0.05, 0.4, 0.4, 1.5, 1.5, 6.0, 21.0, 130.0))
SPEAKERS: st.SearchStrategy[Speaker] = st.sampled_from(("prospect", "prospect", "rep"))
PRICEY = [line for line, meant in MEANT["prospect"].items() if "too-expensive" in meant or "over-budget" in meant]
TWO_SENTENCES = "maybe it can wait then. let us see"
OUTCOMES: tuple[DeliveryOutcome, ...] = ("shown", "hidden", "dropped", "unknown", "absent", "no_client", "expired")
FEEDBACK: tuple[wire.FeedbackKind, ...] = ("dismissed", "not_useful", "useful", "pinned")
STATUSES: tuple[AdviceStatus, ...] = ("thinking", "words", "words", "final", "final", "silent", "failed")
STEPS_OF_ADVICE = st.lists(st.sampled_from(STATUSES), max_size=4)
SAW = st.sampled_from((("prospect", "rep"), ("prospect", "rep"), ("prospect",), ("rep",), ()))
SOURCES = st.sampled_from(
    (
        (wire.Source(id="objections/price#answer", title="Price", locator="objections/price.md"),),
        (wire.Source(id="tool:get_battlecard:1", title="Northstar", locator="battlecards/northstar.md"),),
        (),
    )
)
ACTIONS = st.sampled_from(("", "log-1", "log-2"))
SHORT_PAUSES = st.sampled_from((0.05, 0.4, 2.0, 9.0))


class Calls(RuleBasedStateMachine):
    """Calls as they might go, and worse."""

    def __init__(self) -> None:
        super().__init__()
        self.history = History()
        self.turns = {"rep": 0, "prospect": 0}
        self.asked = 0

    def later(self, pause: float) -> float:
        return round(self.history.now + pause, 3)

    def turn(self, who: Speaker) -> str:
        return f"{who}{self.turns[who]}"

    @initialize(who=SPEAKERS, at=st.sampled_from((0.0, 3.0, 200.0)))
    def begins(self, who: Speaker, at: float) -> None:
        self.history.hear(Speaking(who, True, at), at)

    @rule(who=SPEAKERS, data=st.data(), pause=PAUSES)
    def revises(self, who: Speaker, data: st.DataObject, pause: float) -> None:
        line = data.draw(st.sampled_from(sorted(MEANT[who])))
        self.history.say(who, self.turn(who), line, self.later(pause), complete=False)

    @rule(
        line=st.sampled_from(sorted(MEANT["prospect"])), other=st.sampled_from(sorted(MEANT["prospect"])), pause=PAUSES
    )
    def is_revised_while_the_rep_speaks(self, line: str, other: str, pause: float) -> None:
        """What was asked for meanwhile waits, and must not leave when its words are gone."""
        self.history.hear(Speaking("rep", True, self.history.now), self.later(0.4))
        self.history.say("prospect", self.turn("prospect"), line, self.later(0.4), complete=False)
        self.history.say("prospect", self.turn("prospect"), other, self.later(pause), complete=False)
        self.history.hear(Speaking("rep", False, self.history.now), self.later(0.4))

    @rule(who=SPEAKERS, data=st.data(), pause=PAUSES)
    def ends_turn(self, who: Speaker, data: st.DataObject, pause: float) -> None:
        line = data.draw(st.sampled_from(sorted(MEANT[who])))
        self.history.say(who, self.turn(who), line, self.later(pause), complete=True)
        self.turns[who] += 1

    @rule(who=SPEAKERS, line=st.sampled_from(("", "that is too expensive", "it never goes down")), pause=PAUSES)
    def is_heard_late(self, who: Speaker, line: str, pause: float) -> None:
        """Words of a turn that is over or purged."""
        late = f"{who}{max(self.turns[who] - 1, 0)}"
        if late != self.turn(who) and line in MEANT[who]:
            self.history.say(who, late, line, self.later(pause), complete=False)

    @rule(who=SPEAKERS, active=st.booleans(), pause=PAUSES)
    def voice(self, who: Speaker, active: bool, pause: float) -> None:
        self.history.hear(Speaking(who, active, self.history.now), self.later(pause))

    @rule(who=SPEAKERS, pause=PAUSES)
    def withdraws_consent(self, who: Speaker, pause: float) -> None:
        """As the room does it: deaf first, then forgetting; who consents again begins a new turn."""
        at = self.later(pause)
        self.history.hear(Consent(who, "declined", "rep"), at)
        self.history.hear(Purge(who), at)
        self.turns[who] += 1

    @rule(who=SPEAKERS, data=st.data(), pause=PAUSES)
    def says_something_and_withdraws_it(self, who: Speaker, data: st.DataObject, pause: float) -> None:
        self.ends_turn(who=who, data=data, pause=0.4)
        self.withdraws_consent(who=who, pause=pause)
        self.consents(who=who, pause=0.4)

    @rule(line=st.sampled_from(PRICEY), other=st.sampled_from(PRICEY), pause=PAUSES)
    def is_heard_better_in_the_end(self, line: str, other: str, pause: float) -> None:
        self.history.say("prospect", self.turn("prospect"), line, self.later(pause), complete=False)
        self.history.say("prospect", self.turn("prospect"), other, self.later(0.4), complete=True)
        self.turns["prospect"] += 1

    @rule(who=SPEAKERS, pause=PAUSES)
    def consents(self, who: Speaker, pause: float) -> None:
        self.history.hear(Consent(who, "granted", "rep"), self.later(pause))

    @rule(who=SPEAKERS, present=st.booleans(), pause=PAUSES)
    def comes_or_goes(self, who: Speaker, present: bool, pause: float) -> None:
        self.history.hear(Attendance(who, who, who, present), self.later(pause))

    @rule(attention=st.sampled_from(("live", "live", "quiet", "off")), pause=PAUSES)
    def wishes(self, attention: wire.Attention, pause: float) -> None:
        self.history.hear(Control(attention), self.later(pause))

    @rule(pause=PAUSES)
    def asks(self, pause: float) -> None:
        self.asked += 1
        self.history.hear(Ask(f"1-q{self.asked}"), self.later(pause))

    @rule(data=st.data(), outcome=st.sampled_from(OUTCOMES), pause=PAUSES)
    def delivers(self, data: st.DataObject, outcome: DeliveryOutcome, pause: float) -> None:
        if self.history.nudges:
            nudge = self.history.nudges[data.draw(st.sampled_from(sorted(self.history.nudges)))]
            self.history.hear(Delivery(nudge.id, nudge.rev, outcome), self.later(pause))

    @rule(data=st.data(), kind=st.sampled_from(FEEDBACK), pause=PAUSES)
    def gives_feedback(self, data: st.DataObject, kind: wire.FeedbackKind, pause: float) -> None:
        if self.history.nudges:
            name = data.draw(st.sampled_from(sorted(self.history.nudges)))
            self.history.hear(Feedback(name, kind), self.later(pause))

    @rule(data=st.data(), like=st.sampled_from((0.0, SURELY)), pause=PAUSES)
    def meaning_arrives(self, data: st.DataObject, like: float, pause: float) -> None:
        """In any order, late, and for sentences that were revised or purged meanwhile."""
        if self.history.requests:
            at = data.draw(st.integers(0, len(self.history.requests) - 1))
            request = self.history.requests.pop(at)
            likeness = tuple(Likeness(name, like, 0.3) for name in sorted(BY_MEANING))
            self.history.hear(MeaningResult(request.id, likeness), self.later(pause))

    @rule(line=st.sampled_from(sorted(MEANT["prospect"])), before=st.booleans(), pause=PAUSES)
    def is_revised_round_the_answer(self, line: str, before: bool, pause: float) -> None:
        """A sentence is revised just before, or just after, it was found to mean something."""
        self.history.say("prospect", self.turn("prospect"), TWO_SENTENCES, self.later(pause), complete=False)
        requests, self.history.requests = self.history.requests, []
        if before:
            self.history.say("prospect", self.turn("prospect"), line, self.later(0.4), complete=False)
        for request in requests:
            likeness = tuple(Likeness(name, SURELY, 0.3) for name in sorted(BY_MEANING))
            self.history.hear(MeaningResult(request.id, likeness), self.later(0.05))
        self.history.say("prospect", self.turn("prospect"), line, self.later(0.4), complete=True)
        self.turns["prospect"] += 1

    # -- advice --

    def advise(self, name: str, statuses: Sequence[AdviceStatus], data: st.DataObject) -> None:
        """Steps of an answer to a request, whether anybody still wants it or not."""
        saw, sources, action = data.draw(SAW), data.draw(SOURCES), data.draw(ACTIONS)
        for status in statuses:
            advice = self.history.advice.advice(name, status, saw, sources, action, detail=data.draw(st.booleans()))
            self.history.hear(advice, self.later(data.draw(SHORT_PAUSES)))

    @rule(data=st.data(), statuses=STEPS_OF_ADVICE, newest=st.integers(1, 3))
    def is_advised(self, data: st.DataObject, statuses: list[AdviceStatus], newest: int) -> None:
        """For the newest request, or for one that was superseded, dropped or answered long ago."""
        names = list(self.history.advice.asked)
        if names:
            self.advise(names[-min(newest, len(names))], statuses, data)

    @rule(line=st.sampled_from(sorted(MEANT["prospect"])), data=st.data(), statuses=STEPS_OF_ADVICE, pause=PAUSES)
    def ends_turn_and_is_advised(
        self, line: str, data: st.DataObject, statuses: list[AdviceStatus], pause: float
    ) -> None:
        self.history.say("prospect", self.turn("prospect"), line, self.later(pause), complete=True)
        self.turns["prospect"] += 1
        self.is_advised(data=data, statuses=statuses, newest=1)

    @rule(
        line=st.sampled_from(sorted(MEANT["prospect"])),
        other=st.sampled_from(sorted(MEANT["prospect"])),
        same=st.booleans(),
        data=st.data(),
        statuses=STEPS_OF_ADVICE,
        pause=PAUSES,
    )
    def is_advised_early(
        self, line: str, other: str, same: bool, data: st.DataObject, statuses: list[AdviceStatus], pause: float
    ) -> None:
        """The turn ends with the words that were advised on, or with others."""
        self.history.say("prospect", self.turn("prospect"), line, self.later(pause), complete=False)
        self.is_advised(data=data, statuses=statuses, newest=1)
        end = line if same else other
        self.history.say("prospect", self.turn("prospect"), end, self.later(pause), complete=True)
        self.turns["prospect"] += 1
        self.is_advised(data=data, statuses=statuses, newest=2)

    @rule(data=st.data(), statuses=STEPS_OF_ADVICE, interrupted=st.booleans())
    def asks_and_is_advised(self, data: st.DataObject, statuses: list[AdviceStatus], interrupted: bool) -> None:
        """A turn may end while the rep waits for an answer."""
        self.asks(pause=0.4)
        if interrupted:
            self.ends_turn(who="prospect", data=data, pause=0.4)
        self.is_advised(data=data, statuses=statuses, newest=1)

    @rule(change=st.sampled_from(("new", "held", "error")), data=st.data(), statuses=STEPS_OF_ADVICE, pause=PAUSES)
    def sees(
        self,
        change: Literal["new", "held", "error"],
        data: st.DataObject,
        statuses: list[AdviceStatus],
        pause: float,
    ) -> None:
        at = self.later(pause)
        self.history.hear(ScreenChange(change, at, "0f0f"), at)
        self.is_advised(data=data, statuses=statuses, newest=1)

    @rule(
        data=st.data(),
        action=st.sampled_from(("log-1", "log-2")),
        done=st.sampled_from((True, False, None)),
        statuses=STEPS_OF_ADVICE,
    )
    def asks_and_confirms(
        self, data: st.DataObject, action: str, done: bool | None, statuses: list[AdviceStatus]
    ) -> None:
        """What comes late for the very card must not offer again what is done."""
        self.asks(pause=0.4)
        name = list(self.history.advice.asked)[-1] if self.history.advice.asked else ""
        if name:
            sources = data.draw(SOURCES)
            advice = self.history.advice.advice(name, "final", ("rep",), sources, action, detail=True)
            self.history.hear(advice, self.later(0.4))
            self.confirms_twice(data=data, done=done, pause=0.4)
            self.advise(name, statuses, data)
            self.confirms_twice(data=data, done=done, pause=0.4)

    @rule(data=st.data(), done=st.sampled_from((True, False, None)), pause=PAUSES)
    def confirms_twice(self, data: st.DataObject, done: bool | None, pause: float) -> None:
        """Before the outcome is known, and after it."""
        names = [name for name, nudge in self.history.nudges.items() if nudge.action is not None]
        if not names:
            return
        name = data.draw(st.sampled_from(sorted(names)))
        for _ in range(2):
            self.history.hear(Feedback(name, "confirm"), self.later(0.05))
        for action in self.history.actions.under_way if done is not None else ():
            self.history.hear(Acted(action, bool(done)), self.later(pause))
        self.history.hear(Feedback(name, "confirm"), self.later(0.05))

    @rule(pause=PAUSES)
    def waits(self, pause: float) -> None:
        self.history.hear(Delivery("0-0", 0, "shown"), self.later(pause))

    def teardown(self) -> None:
        self.history.end()
        with tempfile.TemporaryDirectory() as folder:
            self.history.write(Path(folder) / "call")


Calls.TestCase.settings = settings(
    max_examples=CALLS, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)
)
TestCalls = pytest.mark.timeout(600)(Calls.TestCase)


def test_the_playbook_knows_what_the_lines_are_about() -> None:
    meant = {name for lines in MEANT.values() for definitions in lines.values() for name in definitions}
    assert meant == {definition.id for definition in HARBOUR.moments}


# -- and these checks can fail --


def _nothing(*_arguments: object, **_options: object) -> None:
    return None


def _remembering(_transcript: Transcript, _identity: str) -> list[str]:
    return []


def _offers_always(offers: Offers) -> float | None:
    return offers._floor.quiet_since


def _answers_anything(consulting: Consulting, advice: Advice, _now: float, _made: list[Decision]) -> Request | None:
    open_ = consulting.open
    return open_ if open_ is not None else Request(advice.request, Question("", 0.0), early=False)


def _acts_always(cards: Cards, nudge_id: str, made: list[Decision]) -> None:
    nudge = cards._shown[nudge_id].nudge
    if nudge.action is not None:
        made.append(Act(nudge_id, nudge.action.id))


def _pays_again(cards: Cards, advice: Advice, draft: str, now: float, made: list[Decision]) -> None:
    for shown in cards._shown.values():
        if shown.draft.moment.id == draft:
            cards._budget.spend(shown.draft, now)


BROKEN: dict[str, tuple[type, str, Callable[..., Any]]] = {
    "cards outlive their moments": (Cards, "withdraw", _nothing),
    "cards keep purged quotes": (Cards, "forget", _nothing),
    "drafts are dropped without a word": (Cards, "hold_all", _nothing),
    "the rep's purged words are kept": (Fading, "forget", _nothing),
    "nothing is ever purged": (Transcript, "purge", _remembering),
    "revisions are not heard": (Noticing, "revise", lambda *_: Changes()),
    "wakes in the past are asked for": (Offers, "next_look", _offers_always),
    "cards wait for words that will not come": (Cards, "settle", _nothing),
    "advice outlives the words it saw": (Cards, "unsee", _nothing),
    "answers that nobody wants are taken": (Consulting, "answered", _answers_anything),
    "an action is carried out each time": (Cards, "confirm", _acts_always),
    "every refinement costs": (Cards, "advise", _pays_again),
}


@pytest.mark.parametrize("fault", sorted(BROKEN))
def test_a_coach_with_a_fault_is_found_out(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place, name, broken = BROKEN[fault]
    monkeypatch.setattr(place, name, broken)
    with pytest.raises((AssertionError, GroundingError)):
        run_state_machine_as_test(
            Calls,
            settings=settings(
                max_examples=400,
                stateful_step_count=STEPS,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
