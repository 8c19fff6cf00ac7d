"""What stands between the two sides when a turn begins: the prices named, and whether an answer is due."""

from __future__ import annotations

import pytest
from call_histories import reachable
from hypothesis import given
from hypothesis import strategies as st
from scenes import Scene, definition, playbook, spoken

from cornerman.coach.exchange import LOOKED_BACK, Exchange, Exchanges
from cornerman.coach.languages import language_of
from cornerman.coach.transcript import Transcript, Utterance
from cornerman.contract import Role
from cornerman.events import Attendance, Consent, Partial, Turn

Lines = list[tuple[Role, str]]


class Talk:
    """Turns as they are heard, and what stands before the next one."""

    def __init__(self, language: str = "en") -> None:
        self.transcript = Transcript()
        self.exchanges = Exchanges(language_of(language), self.transcript)
        self._turns = self._looks = 0

    def says(self, who: Role, text: str, turn: str = "", *, complete: bool = True) -> Utterance:
        if not turn:
            self._turns += 1
            turn = f"n{self._turns}"
        words = spoken(text)
        event = Turn(turn, who, who, words, 0.0, 1.0, 0.9) if complete else Partial(turn, who, who, words)
        utterance = self.transcript.hear(event)
        assert utterance is not None
        return utterance

    def before(self, who: Role = "prospect") -> Exchange:
        """What stands there for a turn that begins now; it is forgotten again."""
        self._looks += 1
        utterance = self.transcript.hear(Partial(f"look{self._looks}", "guest", who, ()))
        assert utterance is not None
        found = self.exchanges.before(utterance, None)
        self.transcript.purge("guest")
        return found


def after(lines: Lines, who: Role = "prospect", language: str = "en") -> Exchange:
    talk = Talk(language)
    for role, text in lines:
        talk.says(role, text)
    return talk.before(who)


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        ([], ()),
        ([("rep", "it is five hundred dollars")], (500,)),
        ([("rep", "it is $1,200 or 1.1k in cash")], (1200, 1100)),
        ([("prospect", "it is five hundred dollars")], ()),
        ([("rep", "500"), ("prospect", "hm"), ("rep", "I could do 450")], (450,)),
        ([("rep", "500"), ("rep", "that is my price")], (500,)),
        ([("rep", "500"), ("prospect", "400?"), ("rep", "400 is too little")], (500,)),
        ([("rep", "500"), ("prospect", "400?"), ("rep", "not for 400 but for 450")], (450,)),
        ([("prospect", "400?"), ("rep", "no, not for 400")], ()),
        ([("rep", "500"), ("prospect", "400?"), ("rep", "500 as I said"), ("prospect", "400")], (500,)),
    ],
)
def test_the_prices_the_other_side_named_last_count_and_never_ones_own(lines: Lines, named: tuple[float, ...]) -> None:
    assert after(lines).named == named


def test_each_side_hears_the_others_prices() -> None:
    lines: Lines = [("rep", "five hundred dollars"), ("prospect", "four hundred dollars")]
    assert (after(lines, "rep").named, after(lines, "prospect").named) == ((400,), (500,))


def test_a_colleague_speaks_for_the_reps_side() -> None:
    lines: Lines = [("colleague", "the seat is fifty dollars"), ("prospect", "forty"), ("rep", "hm")]
    assert after(lines, "prospect").named == (50,)
    assert after(lines, "rep").named == after(lines, "colleague").named == (40,)


@pytest.mark.parametrize(
    "text",
    [
        "it has 900 square feet",
        "it is a 2 door car",
        "it is a 10 year lease",
        "there are three bedrooms and twelve drawers",
        "we have 40 agents",
        "take 20 percent",
        "20% of it",
        "one of them or four of those",
        "it weighs nothing",
    ],
)
def test_what_is_counted_is_no_price(text: str) -> None:
    assert after([("rep", text)]) == Exchange((), False)


@pytest.mark.parametrize(("text", "named"), [("4", ()), ("5", (5,)), ("4 dollars", (4,)), ("$0.50", (0.5,))])
def test_a_small_bare_number_is_no_price_but_little_money_is(text: str, named: tuple[float, ...]) -> None:
    assert after([("rep", f"it is {text} then")]).named == named


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("do you like it", True),
        ("you like it?", True),
        ("It is blue. You like it?", True),
        ("would you take it. I have to go.", True),
        ("I can do that for you. It is new.", True),
        ("it is fifty dollars. It is new.", True),
        ("it is new", False),
        ("Do you see? It is new.", False),
        ("", False),
    ],
)
def test_an_answer_is_due_after_a_question_an_offer_or_a_price(text: str, asked: bool) -> None:
    assert after([("rep", text)]).asked == asked


def test_only_the_other_sides_last_turn_asks() -> None:
    asks: Lines = [("rep", "would you take it")]
    assert after([*asks, ("prospect", "hm")]).asked
    assert not after([*asks, ("rep", "it is new")]).asked
    assert not after([*asks, ("prospect", "do you have another"), ("rep", "it is new")]).asked
    assert not after([("prospect", "would you take four hundred")]).asked


def test_turns_too_far_back_do_not_count() -> None:
    price: Lines = [("rep", "five hundred dollars")]
    fillers: Lines = [("prospect", "hm")] * (LOOKED_BACK - 1)
    assert after([*price, *fillers]).named == (500,)
    assert after([*price, *fillers, ("prospect", "hm")]) == Exchange()


def test_own_prices_too_far_back_are_the_other_sides_again() -> None:
    fillers: Lines = [("prospect", "hm")] * (LOOKED_BACK - 1)
    lines: Lines = [("prospect", "four hundred"), *fillers, ("rep", "four hundred")]
    assert after(lines).named == (400,)
    assert after(lines[:1] + lines[2:]).named == ()


def test_a_price_counts_as_it_reads_now() -> None:
    talk = Talk()
    heard = []
    for text, complete in (("it is five", False), ("it is five hundred", False), ("it is nine hundred dollars", True)):
        talk.says("rep", text, "r1", complete=complete)
        heard.append(talk.before().named)
    assert heard == [(5,), (500,), (900,)]


def test_a_price_taken_back_counts_no_more() -> None:
    talk = Talk()
    talk.says("rep", "it is five hundred", "r1", complete=False)
    assert talk.before() == Exchange((500,), True)
    talk.says("rep", "it is five hundred square feet", "r1")
    assert talk.before() == Exchange()


def test_turns_count_in_the_order_they_were_first_heard() -> None:
    talk = Talk()
    talk.says("rep", "well", "r1", complete=False)
    mine = talk.says("prospect", "so", "p1", complete=False)
    talk.says("rep", "it is five hundred", "r2")
    assert talk.exchanges.before(mine, None) == Exchange()
    talk.says("rep", "well it is four hundred", "r1")
    assert talk.exchanges.before(mine, None) == Exchange((400,), True)
    assert talk.before().named == (500,)


def test_the_stage_is_the_one_handed_in() -> None:
    talk = Talk()
    utterance = talk.says("prospect", "hello")
    assert [talk.exchanges.before(utterance, stage).stage for stage in (None, "closing")] == [None, "closing"]


def test_what_was_purged_leaves_no_trace() -> None:
    talk = Talk()
    talk.says("rep", "zebra five hundred dollars", "r1")
    talk.says("prospect", "hm")
    assert talk.before() == Exchange((500,), True)
    for turn in talk.transcript.purge("rep"):
        talk.exchanges.forget(turn)
    assert talk.before() == Exchange()
    kept = list(reachable(talk.exchanges))
    assert not [thing for thing in kept if isinstance(thing, Utterance) and thing.role == "rep"]
    assert not [thing for thing in kept if isinstance(thing, str) and "zebra" in thing]
    assert 500.0 not in [price for thing in kept if isinstance(thing, tuple) for price in thing]


def test_what_an_observer_says_is_no_price() -> None:
    book = playbook(definition("haggles", "could do {lower}", kind="discount_request"))
    scene = Scene(book)
    scene.hear(Attendance("boss", "Boss", "observer", True))
    scene.hear(Consent("boss", "granted", "test"))
    scene.turn("it is five hundred dollars", turn="r1", who="rep", at=1.0)
    words = spoken("it is one hundred dollars", 4.0)
    scene.hear(Turn("o1", "boss", "observer", words, 4.0, 6.0, 0.9), 6.0)
    scene.turn("I could do four hundred", turn="p1", at=8.0)
    assert [moment.turn for moment in scene.moments] == ["p1"]


def test_german_prices_and_questions_count_by_german_rules() -> None:
    lines: Lines = [("rep", "das kostet zwölfhundert Euro")]
    assert after(lines, language="de") == Exchange((1200,), True)
    assert after([("rep", "was halten Sie davon")], language="de").asked
    assert not after([("rep", "das ist neu")], language="de").asked


def test_in_a_language_without_a_grammar_digits_and_marks_count() -> None:
    assert after([("rep", "c'est 1.500,50 €")], language="fr") == Exchange((1500.5,), True)
    assert after([("rep", "vous l'aimez ?")], language="fr").asked
    assert not after([("rep", "aimez vous cela")], language="fr").asked


SAID = st.sampled_from(["five hundred", "400?", "would you take 450", "hm", "it is new", "two doors", "$90 then", ""])
HEARD = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c", "d"]), st.sampled_from(["rep", "prospect", "colleague"]), SAID),
    max_size=20,
)


@given(HEARD)
def test_what_is_remembered_of_turns_changes_nothing(heard: list[tuple[str, Role, str]]) -> None:
    """Read on every revision or only once at the end: the same."""
    talk = Talk()
    roles: dict[str, Role] = {}
    for turn, role, text in heard:
        talk.says(roles.setdefault(turn, role), text, turn, complete=False)
        talk.before()
    fresh = Talk()
    for turn in roles:
        latest = talk.transcript.utterance(turn)
        assert latest is not None
        fresh.says(latest.role, " ".join(word.text for word in latest.words), turn, complete=False)
    for who in ("rep", "prospect"):
        assert talk.before(who) == fresh.before(who)


@given(HEARD)
def test_nothing_is_named_that_the_own_side_said(heard: list[tuple[str, Role, str]]) -> None:
    talk = Talk()
    for _, role, text in heard[-LOOKED_BACK:]:
        talk.says(role, text)
    seller, buyer = talk.before("rep").named, talk.before("prospect").named
    assert not set(seller) & set(buyer)
