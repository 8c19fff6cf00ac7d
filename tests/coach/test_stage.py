"""The stage moves by evidence, with the words that told, and never to and fro."""

from __future__ import annotations

import pytest
from course import WORDS, course, said, signs
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import Scene, definition
from scenes import playbook as playbook_of

from cornerman.coach.stage import HALF_LIFE, Stages
from cornerman.contract import Role
from cornerman.events import Evidence, Moment, Reading, Stage, StageChange
from cornerman.paths import find_project_file
from cornerman.playbook import StageSign, load_playbook
from cornerman.playbook.kinds import STAGES

SIGNS = course(signs=signs())


def moment(kind: str, turn: str = "t1") -> Moment:
    return Moment("m1", kind, kind, Evidence(turn, "prospect", "prospect", 0, 1, 0.0, 1.0, "too expensive"))


class Call:
    """Turns said one after the other."""

    def __init__(self, stages: Stages | None = None) -> None:
        self.stages = stages or Stages(SIGNS)
        self.now = 0.0
        self.turns = 0

    def say(self, text: str, *moments: Moment, after: float = 10.0) -> StageChange | None:
        self.now += after
        self.turns += 1
        return self.stages.hear(said(text, turn=f"t{self.turns}", at=self.now), moments, self.now)

    def sign(self, stage: Stage, after: float = 10.0) -> StageChange | None:
        return self.say(f"well {WORDS[stage]} it is", after=after)


def test_a_call_begins_with_its_opening() -> None:
    assert Stages(SIGNS).current == "opening"


@pytest.mark.parametrize("stage", STAGES[1:])
def test_two_turns_that_speak_for_a_later_stage_bring_it_with_the_words_that_told(stage: Stage) -> None:
    call = Call()

    assert call.sign(stage) is None
    change = call.sign(stage)

    assert change is not None
    assert change.stage == call.stages.current == stage
    assert change.evidence is not None
    assert (change.evidence.turn, change.evidence.quote) == ("t2", WORDS[stage])


def test_one_turn_is_never_enough_however_much_it_says() -> None:
    call = Call()
    assert call.say("our biggest problem is a biggest problem of biggest problems", moment("requirement")) is None
    assert call.stages.current == "opening"


def test_signs_that_lie_far_apart_do_not_add_up() -> None:
    call = Call()
    for _ in range(20):
        call.sign("discovery", after=20 * HALF_LIFE)
    assert call.stages.current == "opening"


def test_going_back_takes_more_than_going_on() -> None:
    call = Call()
    call.sign("negotiation")
    call.sign("negotiation")

    back = [call.sign("discovery") for _ in range(6)]

    assert [change.stage for change in back if change] == ["discovery"]
    assert back.index(next(change for change in back if change)) > 2


def test_what_was_is_touched_on_now_and_then_without_going_back_to_it() -> None:
    call = Call()
    call.sign("negotiation")
    call.sign("negotiation")
    assert not any(call.sign("discovery", after=HALF_LIFE) for _ in range(20))


def test_an_hour_in_one_stage_does_not_outweigh_what_is_said_now() -> None:
    call = Call()
    for _ in range(300):
        call.sign("discovery", after=12.0)
    changes = [call.sign("negotiation", after=12.0) for _ in range(6)]
    assert [change.stage for change in changes if change] == ["negotiation"]


def test_moments_tell_the_stage_their_kind_belongs_to() -> None:
    call = Call()
    call.say("that is too expensive", moment("price_objection"))
    change = call.say("can we get a discount", moment("discount_request"))
    assert change is not None
    assert (change.stage, change.evidence) == ("negotiation", moment("discount_request").evidence)


def test_kinds_that_belong_nowhere_and_gauges_tell_nothing() -> None:
    call = Call()
    gauge = Moment("g1", "requirement", "monologue", Reading("monologue", 70.0, 70.0, 1.0))
    for _ in range(5):
        assert call.say("hm", moment("competitor_mention"), gauge) is None


def test_a_playbook_may_give_a_kind_to_another_stage() -> None:
    sign = StageSign("presentation", ("prospect",), (), ("requirement", "legal_question"))
    call = Call(Stages(course(signs=(sign,))))
    call.say("we need a log", moment("requirement"))
    change = call.say("is that legal", moment("legal_question"))
    assert change is not None
    assert change.stage == "presentation"


@pytest.mark.parametrize(
    "text",
    [
        "this is not about payment terms",
        "we never talk about payment terms",
        "they said that payment terms were fine",
        "we made the payment. Terms are long",
    ],
)
def test_what_is_denied_reported_or_parted_by_a_full_stop_tells_nothing(text: str) -> None:
    call = Call()
    for _ in range(4):
        call.say(text)
    assert call.stages.current == "opening"


def test_questions_tell_as_statements_do() -> None:
    call = Call()
    call.say("what are your payment terms?")
    assert call.say("and are the payment terms yearly?") is not None


def test_a_phrase_counts_for_the_roles_it_was_written_for_only() -> None:
    stages = Stages(course(signs=signs(("rep",))))
    for number in range(4):
        stages.hear(said(WORDS["closing"], turn=f"t{number}", who="prospect"), (), float(number))
    assert stages.scores(4.0)["closing"] == 0.0
    for number in range(4, 6):
        stages.hear(said(WORDS["closing"], turn=f"t{number}", who="rep"), (), float(number))
    assert stages.current == "closing"


def test_purged_turns_count_no_longer() -> None:
    call = Call()
    call.sign("discovery")
    call.stages.forget(["t1"])
    assert call.sign("discovery") is None
    assert call.sign("discovery") is not None


def test_forgetting_everything_leaves_no_weight() -> None:
    call = Call()
    for stage in (*STAGES, *STAGES):
        call.sign(stage)
    call.stages.forget([f"t{number}" for number in range(1, call.turns + 1)])
    assert set(call.stages.scores(call.now).values()) == {0.0}


# -- hysteresis, whatever is said --

Spoken = st.tuples(st.sampled_from([*STAGES, None]), st.floats(0.0, 400.0))


@settings(deadline=None)
@given(st.lists(st.floats(0.0, 1000.0), max_size=30))
def test_without_evidence_nothing_changes(pauses: list[float]) -> None:
    call = Call()
    assert not any(call.say("the weather was awful", after=pause) for pause in pauses)


@settings(deadline=None)
@given(st.lists(Spoken, max_size=25), st.sampled_from(STAGES), st.sampled_from(STAGES), st.lists(st.floats(0.1, 600.0)))
def test_evidence_that_takes_turns_never_moves_the_stage_to_and_fro(
    before: list[tuple[Stage | None, float]], one: Stage, other: Stage, pauses: list[float]
) -> None:
    call = Call()
    for stage, pause in before:
        if stage is not None:
            call.sign(stage, after=pause)
    changes = [call.sign((one, other)[turn % 2], after=pause) for turn, pause in enumerate(pauses)]
    into = [change.stage for change in changes if change]
    assert len(into) == len(set(into))


@settings(deadline=None)
@given(st.lists(Spoken, max_size=60))
def test_each_change_names_words_of_the_turn_that_brought_it_and_a_new_stage(
    turns: list[tuple[Stage | None, float]],
) -> None:
    call, current = Call(), "opening"
    for stage, pause in turns:
        change = call.sign(stage, after=pause) if stage else call.say("nothing new", after=pause)
        if change is not None:
            assert change.evidence is not None
            assert change.evidence.turn == f"t{call.turns}"
            assert change.stage == stage != current
            current = change.stage
        assert call.stages.current == current


@settings(deadline=None)
@given(st.lists(Spoken, min_size=1, max_size=40))
def test_changes_are_fewer_than_half_of_the_signs(turns: list[tuple[Stage | None, float]]) -> None:
    call = Call()
    told = [call.sign(stage, after=pause) for stage, pause in turns if stage]
    assert sum(change is not None for change in told) <= len(told) / 2


def test_the_stage_reaches_the_decisions_of_a_call() -> None:
    scene = Scene(playbook_of(definition("price", "too expensive"), definition("less", "a discount")))
    scene.turn("that is too expensive", turn="t1", at=10.0)
    scene.turn("we want a discount", turn="t2", at=20.0)
    (change,) = [one for one in scene.decided if isinstance(one, StageChange) and one.evidence is not None]
    assert change.stage == "negotiation"


SALES_CALL: tuple[tuple[Role, str, Stage], ...] = (
    ("rep", "hi thanks for joining nice to meet you", "opening"),
    ("rep", "before we start let me go through the agenda for today", "opening"),
    ("rep", "tell me a bit about your support team", "opening"),
    ("prospect", "we mostly work in spreadsheets and lose a lot of time", "opening"),
    ("rep", "what is the biggest challenge", "discovery"),
    ("prospect", "we struggle with answering at night", "discovery"),
    ("rep", "let me share my screen", "discovery"),
    ("rep", "you can see here what an agent sees", "discovery"),
    ("prospect", "can you show us the reports", "presentation"),
    ("prospect", "that looks good to me", "presentation"),
    ("prospect", "we would need it within our budget", "presentation"),
    ("prospect", "could you do twenty percent off", "presentation"),
    ("prospect", "and what are the payment terms", "negotiation"),
    ("prospect", "okay what is the next step", "negotiation"),
    ("rep", "I am sending you the contract today", "negotiation"),
    ("prospect", "then we are ready to sign", "closing"),
)
"""Who says what, 30 s apart, and the stage after it."""


def test_the_samples_signs_follow_a_plain_sales_call() -> None:
    stages = Stages(load_playbook(find_project_file("playbook")))
    for number, (who, text, stage) in enumerate(SALES_CALL):
        stages.hear(said(text, turn=str(number), who=who, at=30.0 * number), (), 30.0 * number)
        assert stages.current == stage, text
