"""The checklist ticks itself, by what the prospect says or answers, and says by which words."""

from __future__ import annotations

import pytest
from course import course, item, said
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import Scene

from cornerman.coach.answers import ANSWER_WITHIN, QUOTED_WORDS
from cornerman.coach.checklist import Checklist
from cornerman.contract import Role
from cornerman.events import Purge, Tick, Untick
from cornerman.paths import find_project_file
from cornerman.playbook import ChecklistItem, Playbook, load_playbook

BUDGET = item("budget", heard=("own the budget",), asked=("who owns the budget",))
PAIN = item("pain", heard=("biggest problem", "(can not|never) answer"), asked=("(main|biggest) headache",))


def checklist(*items: ChecklistItem, language: str = "en") -> Checklist:
    return Checklist(course(checklist=items or (BUDGET, PAIN), language=language))


def ticked(ticks: tuple[Tick, ...]) -> list[str]:
    return [tick.item for tick in ticks]


def ask(one: Checklist, text: str = "may I ask who owns the budget", *, at: float = 0.0, who: Role = "rep") -> None:
    assert one.hear(said(text, turn="q", who=who, at=at)) == ()


# -- heard --


def test_what_is_heard_ticks_its_item_with_quote_and_time() -> None:
    (tick,) = checklist().hear(said("well I own the budget myself", at=60.0))
    assert (tick.checklist, tick.item) == ("checklist", "budget")
    assert (tick.evidence.quote, tick.evidence.turn, tick.evidence.identity) == ("own the budget", "t1", "prospect")
    assert (tick.evidence.start, tick.evidence.end) == (60.6, 61.47)


def test_an_item_is_ticked_once() -> None:
    one = checklist()
    assert ticked(one.hear(said("I own the budget"))) == ["budget"]
    assert one.hear(said("as I said I own the budget", turn="t2")) == ()
    assert one.ticked() == {"budget": True, "pain": False}


def test_one_turn_may_tick_several_items_in_the_playbooks_order() -> None:
    text = "the biggest problem is time and I own the budget"
    assert ticked(checklist().hear(said(text))) == ["budget", "pain"]


@pytest.mark.parametrize(
    "text",
    [
        "I do not own the budget",
        "I don't own the budget",
        "nobody here owns the budget",
        "they said that I own the budget",
        "do I own the budget?",
        "do I own the budget",
        "we own it. The budget is fine",
    ],
)
def test_what_is_denied_reported_asked_or_parted_does_not_tick(text: str) -> None:
    assert checklist().hear(said(text)) == ()


def test_a_statement_beside_a_question_ticks() -> None:
    (tick,) = checklist().hear(said("do I own the budget? Yes, I own the budget."))
    assert tick.evidence.first == 7


def test_a_phrase_that_denies_by_itself_ticks() -> None:
    assert ticked(checklist().hear(said("at night we can not answer"))) == ["pain"]
    assert ticked(checklist().hear(said("we never answer"))) == ["pain"]


def test_a_denial_inside_a_gap_does_not_tick() -> None:
    one = checklist(item("tool", heard=("we ... use a tool",)))
    assert one.hear(said("we do not really use a tool")) == ()
    assert ticked(one.hear(said("we still use a tool", turn="t2"))) == ["tool"]


@pytest.mark.parametrize("who", ["rep", "colleague", "observer"])
def test_only_the_roles_of_an_item_tick_it(who: Role) -> None:
    assert checklist().hear(said("I own the budget", who=who)) == ()
    one = checklist(item("price", heard=("forty dollars",), roles=("rep",)))
    assert ticked(one.hear(said("it is forty dollars", who=who))) == (["price"] if who == "rep" else [])


# -- asked and answered --


@pytest.mark.parametrize(
    "answer",
    ["that would be our finance director", "Maria does, she decides on tools.", "two people", "$40,000"],
)
def test_a_question_that_is_answered_ticks_with_the_answer(answer: str) -> None:
    one = checklist()
    ask(one)
    (tick,) = one.hear(said(answer, at=5.0))
    assert (tick.item, tick.evidence.quote, tick.evidence.role) == ("budget", answer, "prospect")


@pytest.mark.parametrize("who", ["rep", "colleague"])
@pytest.mark.parametrize(
    "question", ["tell me who owns the budget", "who owns the budget?", "people ask me who owns the budget"]
)
def test_however_the_seller_puts_the_question(who: Role, question: str) -> None:
    one = checklist()
    ask(one, question, who=who)
    assert ticked(one.hear(said("our finance director does that", at=5.0))) == ["budget"]


@pytest.mark.parametrize(
    "text",
    [
        "I don't know",
        "honestly I am not sure about that at all",
        "that is hard to say right now",
        "I would have to check with my people first",
        "I would rather not share that with you",
        "why do you want to know that",
    ],
)
def test_an_evasion_ends_the_question(text: str) -> None:
    one = checklist()
    ask(one)
    assert one.hear(said(text, turn="a", at=4.0)) == ()
    assert one.hear(said("our finance director does that", turn="b", at=8.0)) == ()


@pytest.mark.parametrize("text", ["okay", "good question", "hm yes sure", "what do you mean by that?"])
def test_acknowledging_or_asking_back_leaves_the_question_open(text: str) -> None:
    one = checklist()
    ask(one)
    assert one.hear(said(text, turn="a", at=4.0)) == ()
    assert ticked(one.hear(said("our finance director does that", turn="b", at=8.0))) == ["budget"]


def test_what_begins_long_after_a_question_answers_something_else() -> None:
    one = checklist()
    ask(one)
    assert one.hear(said("we went to the lake last weekend", at=ANSWER_WITHIN + 3.0)) == ()


def test_an_answer_belongs_to_the_newest_question() -> None:
    one = checklist()
    ask(one)
    one.hear(said("and what is your main headache", turn="q2", who="rep", at=4.0))
    assert ticked(one.hear(said("the many mails at night", at=8.0))) == ["pain"]


def test_the_seller_does_not_answer_the_sellers_question() -> None:
    one = checklist()
    ask(one)
    assert one.hear(said("I guess your finance director does that", turn="q2", who="rep", at=4.0)) == ()


def test_the_prospects_own_question_asks_nothing() -> None:
    one = checklist()
    one.hear(said("who owns the budget on your side", turn="q"))
    assert one.hear(said("our finance director does that", turn="b", at=5.0)) == ()


def test_of_a_long_answer_only_the_beginning_is_quoted() -> None:
    one = checklist()
    ask(one)
    (tick,) = one.hear(said(" ".join(["word"] * 200), at=5.0))
    assert len(tick.evidence.quote.split()) == QUOTED_WORDS


def test_words_that_say_it_are_quoted_rather_than_the_whole_answer() -> None:
    one = checklist()
    ask(one)
    (tick,) = one.hear(said("oh that is easy because I own the budget", at=5.0))
    assert tick.evidence.quote == "own the budget"


def test_german_answers_are_told_from_evasions() -> None:
    one = checklist(item("etat", asked=("wer ... budget",)), language="de")
    one.hear(said("wer verantwortet das Budget", turn="q", who="rep"))
    assert one.hear(said("das weiß ich leider nicht so genau", turn="a", at=4.0)) == ()
    one.hear(said("wer hat denn das Budget", turn="q2", who="rep", at=8.0))
    assert ticked(one.hear(said("das macht bei uns die Leitung", turn="b", at=12.0))) == ["etat"]


# -- purged --


def test_purged_words_untick_and_may_tick_again() -> None:
    one = checklist()
    one.hear(said("I own the budget", turn="t1"))
    assert one.forget(["t1", "t9"]) == (Untick("checklist", "budget", "purged"),)
    assert one.ticked() == {"budget": False, "pain": False}
    assert one.forget(["t1"]) == ()
    assert ticked(one.hear(said("I own the budget", turn="t2"))) == ["budget"]


def test_a_purged_question_is_not_answered() -> None:
    one = checklist()
    ask(one)
    one.forget(["q"])
    assert one.hear(said("our finance director does that", at=5.0)) == ()


def test_nothing_purged_is_left_in_memory() -> None:
    one = checklist()
    ask(one)
    one.hear(said("xylophone director of finance owns it", at=5.0))
    one.forget(["q", "t1"])
    assert "xylophone" not in repr(vars(one))


# -- offered --


def test_open_items_are_offered_in_order_and_each_once() -> None:
    one = checklist(item("a"), item("b", heard=("bee",)), item("c"))
    one.hear(said("bee"))
    assert [found and found.id for found in (one.next_open(), one.next_open(), one.next_open())] == ["a", "c", None]


def test_items_of_the_present_stage_come_first_then_those_of_none() -> None:
    items = (item("late", stage="closing"), item("any"), item("now", stage="discovery"))
    one = checklist(*items)
    offered = [one.next_open("discovery") for _ in items]
    assert [found and found.id for found in offered] == ["now", "any", "late"]


Line = st.tuples(
    st.sampled_from(["rep", "prospect"]),
    st.sampled_from(["I own the budget", "who owns the budget", "our director does that", "hm", "the biggest problem"]),
    st.floats(0.0, 30.0),
)


@settings(deadline=None)
@given(st.lists(st.one_of(Line, st.integers(0, 30))))
def test_ticks_and_unticks_of_an_item_take_turns(steps: list[tuple[Role, str, float] | int]) -> None:
    one, now, state = checklist(), 0.0, dict.fromkeys(("budget", "pain"), False)
    for number, step in enumerate(steps):
        if isinstance(step, int):
            changes: tuple[Tick | Untick, ...] = one.forget([f"t{step}"])
        else:
            who, text, pause = step
            now += pause
            changes = one.hear(said(text, turn=f"t{number}", who=who, at=now))
        for change in changes:
            assert state[change.item] == isinstance(change, Untick)
            state[change.item] = isinstance(change, Tick)
        assert one.ticked() == state


# -- in a call, with the sample --


def test_a_call_notes_ticks_and_a_purge_takes_them_back() -> None:
    scene = Scene(course(checklist=(BUDGET, PAIN)))
    scene.partial("I own the budget", at=10.0)
    assert not [one for one in scene.decided if isinstance(one, Tick)]
    scene.turn("I own the budget", at=11.0)
    assert [one.item for one in scene.decided if isinstance(one, Tick)] == ["budget"]
    scene.hear(Purge("prospect"), 12.0)
    assert [one for one in scene.decided if isinstance(one, Untick)] == [Untick("checklist", "budget", "purged")]


@pytest.fixture(scope="module")
def sample() -> Playbook:
    return load_playbook(find_project_file("playbook"))


HEARD = {
    "metrics": "we want to cut the first reply from nine hours to two",
    "economic-buyer": "our CFO has to sign off on anything like this",
    "decision-criteria": "the most important thing for us is that agents like it",
    "decision-process": "everything goes through legal and then procurement",
    "identified-pain": "we keep losing customers at night",
    "champion": "my team loves it already",
}
ASKED = {
    "metrics": ("how would you measure that", "by the tickets left over on Friday"),
    "economic-buyer": ("who signs off on this in the end", "that is Dana in finance"),
    "decision-criteria": ("how will you compare the two of us", "with a sheet that IT made"),
    "decision-process": ("and what has to happen before you can start", "first a call with security then the board"),
    "identified-pain": ("what happens if you do nothing", "then people will leave us sooner or later"),
    "champion": ("who else on your side wants this", "Ben from the night shift does"),
}


@pytest.mark.parametrize("name", HEARD)
def test_the_samples_checklist_is_ticked_by_plain_words(name: str, sample: Playbook) -> None:
    one = Checklist(sample)
    assert ticked(one.hear(said(HEARD[name]))) == [name]


@pytest.mark.parametrize("name", ASKED)
def test_the_samples_checklist_is_ticked_by_questions_answered(name: str, sample: Playbook) -> None:
    one = Checklist(sample)
    question, answer = ASKED[name]
    ask(one, question)
    assert ticked(one.hear(said(answer, at=6.0))) == [name]


ORDINARY = (
    "good morning everybody can you hear me well",
    "we should paint the case yellow because the company colours are yellow",
    "the first item is the budget of the city for schools and roads",
    "the kids go back to school next week and then it gets quieter",
    "could you speak up a little please the line is bad",
    "thanks for the notes I read them on the plane",
)


@pytest.mark.parametrize("line", ORDINARY)
def test_ordinary_talk_ticks_nothing(line: str, sample: Playbook) -> None:
    one = Checklist(sample)
    assert one.hear(said(line)) == ()
