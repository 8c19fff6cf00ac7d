"""What makes a moment in a turn: phrases at once, hints and meaning when the sentence is whole, and never the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import Scene, definition, playbook, spoken

from cornerman.coach.exchange import Exchange
from cornerman.coach.moments import NOTHING_SAID, SURE, SURE_BY_MEANING, Detection, Detector, Meanings
from cornerman.coach.noticing import Noticing
from cornerman.coach.transcript import Transcript, Utterance
from cornerman.contract import Role
from cornerman.events import Likeness, Partial, Stage
from cornerman.playbook import COMPETITOR_CARD, Competitor, MomentDefinition, Playbook

LIKE, UNLIKE = 0.9, 0.1
OFFERED = Exchange((500.0,), asked=True)


def moment(name: str, *phrases: str, **more: Any) -> MomentDefinition:
    """A definition; `hints`, `examples` and `stages` may be given too."""
    rare = {key: more.pop(key) for key in ("hints", "examples", "stages") if key in more}
    return replace(definition(name, *phrases, **more), **rare)


PRICE = moment("price", "too expensive", "can not afford", examples=("It costs too much.",), negative=("nor cheap",))
STALL = moment("later", "next quarter", kind="timing_stall", hints=("not now",), examples=("Not at this time.",))
ACCEPTS = moment("accepts", "do {same}", kind="buying_signal", hints=("{same}", "works for me"), examples=("Deal.",))
HAGGLES = moment("haggles", "do {lower}", kind="discount_request", hints=("{lower}",), examples=("For less?",))
PLEDGES = moment("pledges", "give {money}", kind="buying_signal", examples=("I will donate.",))
RIVAL = moment("rival", "using {competitor}", kind="competitor_mention", card=COMPETITOR_CARD, examples=("Others.",))
CLAIM = moment("claim", "never down", kind="compliance", roles=("rep",), examples=("It always works.",))
BOOK = playbook(
    PRICE,
    STALL,
    ACCEPTS,
    HAGGLES,
    PLEDGES,
    RIVAL,
    CLAIM,
    competitors=(Competitor("Northstar", ("north star",), "battlecards/northstar"),),
)
DETECTOR = Detector(BOOK)


def detected(
    text: str,
    exchange: Exchange = NOTHING_SAID,
    *,
    who: Role = "prospect",
    complete: bool = True,
    near: Mapping[str, tuple[float, float]] | None = None,
    detector: Detector = DETECTOR,
) -> dict[str, Detection]:
    """What is found in a turn, by definition; `near` is how like each definition every sentence is, and how unlike."""
    heard = detector.read(Utterance("t", who, who, spoken(text), complete))
    likeness = tuple(Likeness(name, like, unlike) for name, (like, unlike) in (near or {}).items())
    meanings: Meanings = {heard.words_of(one): likeness for one in heard.sentences if one.whole}
    return {detector.definitions[one.definition].id: one for one in detector.detect(heard, exchange, meanings)}


def means(*names: str) -> dict[str, tuple[float, float]]:
    """Every definition with examples: these near, the others far."""
    return {one.id: ((LIKE, UNLIKE) if one.id in names else (UNLIKE, UNLIKE)) for one in BOOK.moments if one.examples}


# -- by words --


@pytest.mark.parametrize("complete", [False, True])
def test_a_phrase_makes_its_moment_while_the_sentence_is_being_said(complete: bool) -> None:
    found = detected("well that is too expensive", complete=complete)["price"]
    assert (found.first, found.last) == (3, 4)
    assert found.confidence >= SURE


def test_a_hint_waits_until_its_sentence_is_whole() -> None:
    assert detected("works for me", OFFERED, complete=False) == {}
    assert detected("works for me. Well", OFFERED, complete=False).keys() == {"accepts"}
    assert detected("works for me", OFFERED).keys() == {"accepts"}


def test_a_hint_counts_where_an_answer_was_due() -> None:
    assert detected("that works for me", OFFERED).keys() == {"accepts"}
    assert detected("that works for me") == {}


def test_a_hint_lost_in_a_long_sentence_is_too_little() -> None:
    line = "well the colour works for me and my wife but tell me how old the engine is"
    assert detected(line, replace(OFFERED, asked=False)) == {}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("I could do four hundred", "haggles"),
        ("I could do five hundred", "accepts"),
        ("400?", "haggles"),
        ("five hundred dollars", "accepts"),
        ("I could do six hundred", ""),
        ("I could do 400 percent", ""),
        ("I could do 400 miles", ""),
        ("I could do ninety", ""),
        ("I could give forty dollars", "pledges"),
    ],
)
def test_a_price_is_an_offer_or_a_yes_by_what_the_other_side_asks(line: str, found: str) -> None:
    assert detected(line, OFFERED).keys() == ({found} if found else set())


@pytest.mark.parametrize("line", ["I could do four hundred", "I could do five hundred", "400?", "five hundred"])
def test_no_price_is_lower_or_the_same_where_none_was_named(line: str) -> None:
    assert detected(line) == {}
    assert detected(line, Exchange((), asked=True)) == {}


def test_prices_stand_to_those_of_the_other_side_in_a_call() -> None:
    scene = Scene(BOOK)
    scene.turn("it is five hundred dollars", turn="r1", who="rep", at=1.0)
    scene.turn("I could do four hundred", turn="p1", at=4.0)
    scene.turn("I could do four hundred fifty", turn="r2", who="rep", at=8.0)
    scene.turn("I will do four hundred fifty", turn="p2", at=12.0)
    assert [(one.turn, one.definition) for one in scene.moments] == [("p1", "haggles"), ("p2", "accepts")]


@pytest.mark.parametrize("line", ["that is nor cheap neither too expensive", "it is not too expensive"])
def test_denied_phrases_make_nothing(line: str) -> None:
    assert detected(line) == {}


def test_each_named_competitor_is_found_once_where_it_is_named_best() -> None:
    book = replace(
        BOOK,
        competitors=(*BOOK.competitors, Competitor("Bluefin", (), "battlecards/bluefin")),
        cards={**BOOK.cards, "battlecards/bluefin": BOOK.cards["battlecards/northstar"]},
    )
    detector = Detector(book)
    heard = detector.read(
        Utterance("t", "p", "prospect", spoken("we are using north star and using bluefin. Yes using bluefin."), True)
    )
    found = [(one.named, one.first, one.last) for one in detector.detect(heard)]
    assert found == [("Northstar", 2, 4), ("Bluefin", 9, 10)]


# -- by meaning --


def test_meaning_makes_a_moment_of_the_whole_sentence() -> None:
    found = detected("Hello. That is more than we have. Bye.", near=means("price"))["price"]
    assert (found.first, found.last) in {(0, 0), (1, 6), (7, 7)}
    assert found.confidence >= SURE_BY_MEANING
    heard = DETECTOR.read(Utterance("t", "p", "prospect", spoken("Hello. That is more than we have. Bye."), True))
    near = (Likeness("price", LIKE, UNLIKE),)
    (only,) = DETECTOR.detect(heard, meanings={heard.words_of(heard.sentences[1]): near})
    assert (only.first, only.last) == (1, 6)


@pytest.mark.parametrize(
    ("like", "unlike"), [(0.34, -1.0), (0.0, -1.0), (-1.0, -1.0), (0.5, 0.9)], ids=["little", "no", "none", "unlike"]
)
def test_what_is_not_near_enough_makes_nothing(like: float, unlike: float) -> None:
    assert detected("That is it.", near={"price": (like, unlike)}) == {}


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1))
def test_the_nearer_the_surer(one: float, other: float, unlike: float) -> None:
    less, more = sorted((one, other))
    near = detected("That is it.", near={"price": (less, unlike), "later": (0.4, 0.1)})
    nearer = detected("That is it.", near={"price": (more, unlike), "later": (0.4, 0.1)})
    if "price" in near:
        assert nearer["price"].confidence >= near["price"].confidence


def test_meaning_never_takes_away_what_words_say() -> None:
    line = "that is too expensive"
    far = detected(line, near={one.id: (UNLIKE, LIKE) for one in BOOK.moments if one.examples})
    assert far["price"].confidence == detected(line)["price"].confidence
    near = detected(line, near=means("price"))
    assert near["price"].confidence >= far["price"].confidence
    assert (near["price"].first, near["price"].last) == (2, 3)


def test_what_the_words_say_plainly_meaning_does_not_second_guess() -> None:
    assert detected("that is too expensive", near=means("later")).keys() == {"price"}
    assert detected("that is too expensive. So be it.", near=means("later")).keys() == {"price", "later"}


def test_only_the_roles_of_a_definition_can_mean_it() -> None:
    near = {one.id: (LIKE, UNLIKE) for one in BOOK.moments}
    assert detected("It always works.", who="rep", near=near).keys() == {"claim"}
    assert "claim" not in detected("It always works.", near=near)
    assert detected("It always works.", who="colleague", near=near) == {}
    assert detected("It always works.", who="observer", near=near) == {}


def test_a_definition_that_needs_a_name_is_never_meant() -> None:
    assert detected("We have others.", near=means("rival")) == {}


def test_definitions_the_playbook_does_not_have_are_nothing() -> None:
    assert detected("That is it.", near={"gone": (LIKE, UNLIKE)}) == {}
    # ...and nobody's rival
    alone = detected("That is it.", near={"price": (LIKE, UNLIKE)})
    assert detected("That is it.", near={"price": (LIKE, UNLIKE), "gone": (1.0, -1.0)}) == alone


@pytest.mark.parametrize("line", ["they told us it costs more than they have", "people say they have no money"])
def test_what_is_only_reported_is_not_meant(line: str) -> None:
    assert detected(line, near=means("price")) == {}


@pytest.mark.parametrize("line", ["it is not too expensive", "I do not think it is too expensive at all"])
def test_a_phrase_that_is_denied_is_not_meant_either(line: str) -> None:
    assert detected(line, near=means("price")) == {}
    assert detected(f"{line}. It is beyond us.", near=means("price")).keys() == {"price"}


def test_a_definition_taken_back_by_its_negative_phrase_is_not_meant_either() -> None:
    assert detected("that is neither too expensive nor cheap", near=means("price")) == {}


# -- stages and confidence --


@pytest.mark.parametrize("near", [{}, {"late": (LIKE, UNLIKE)}], ids=["by words", "by meaning"])
def test_a_definition_counts_in_its_stages_and_where_the_stage_is_not_known(
    near: dict[str, tuple[float, float]],
) -> None:
    book = playbook(moment("late", "send the contract", kind="buying_signal", examples=("Sign.",), stages=("closing",)))
    line = "please sign it" if near else "please send the contract"
    wanted: dict[Stage | None, bool] = {"closing": True, "opening": False, None: True}
    for stage, fires in wanted.items():
        found = detected(line, Exchange(stage=stage), near=near, detector=Detector(book))
        assert bool(found) == fires, stage


def test_the_stage_is_the_one_in_which_the_turn_began() -> None:
    book = playbook(moment("late", "send the contract", kind="buying_signal", stages=("opening",)))
    assert _noticed(book, "opening", "closing") == ["late"]
    assert _noticed(book, "closing", "opening") == []


def _noticed(book: Playbook, stage: Stage, later: Stage) -> list[str]:
    """What is noticed in a turn that began in one stage and ended in another."""
    transcript = Transcript()
    noticing = Noticing(Detector(book), transcript)
    noticing.stage = stage
    found: list[str] = []
    for text in ("please", "please send the contract"):
        utterance = transcript.hear(Partial("t", "p", "prospect", spoken(text)))
        assert utterance is not None
        found += [one.moment.definition for one in noticing.revise(utterance).new]
        noticing.stage = later
    return found


def test_a_moment_carries_its_confidence_and_keeps_it() -> None:
    scene = Scene(BOOK)
    scene.partial("that is too expensive", at=1.0)
    scene.partial("that is too expensive and I can not afford it anyway said he", at=2.0)
    (one,) = scene.moments
    assert one.confidence == detected("that is too expensive", complete=False)["price"].confidence
    assert one.confidence < 1.0
