"""Advice refines the card of its turn, or is a card of its own; it ends when its request does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from advised_scenes import (
    ABOUT_MAIL,
    ADVISED,
    BOOK,
    BOTH,
    LOG,
    SECTION,
    TOO_EXPENSIVE,
    AdvisedScene,
    on_mail,
    on_price,
    with_two_cards,
    without_stages,
)

from cornerman.coach.grounding import READING_TIME
from cornerman.events import (
    AdviceStatus,
    Ask,
    CallEnd,
    Control,
    Delivery,
    Evidence,
    Feedback,
    Nudge,
    Purge,
    Question,
    ScreenChange,
    Seen,
    Speaking,
)

PLAIN = "Say something about price"


# -- the card of the turn --


def test_advice_refines_the_card_that_is_there() -> None:
    scene = on_price()
    scene.advise("thinking", at=2.5)
    scene.advise("words", "Ask what they compare it with", at=3.0)
    scene.advise("words", "Ask what they compare it with", "It is a question.", at=3.1)
    scene.advise("final", "Ask what they compare it with", "It is a question. Wait.", at=3.2)
    assert [(one.rev, one.status, one.final, one.headline, one.detail) for one in scene.nudges] == [
        (0, "live", True, PLAIN, ""),
        (1, "thinking", False, PLAIN, ""),
        (2, "live", False, "Ask what they compare it with", ""),
        (3, "live", False, "Ask what they compare it with", "It is a question."),
        (4, "live", True, "Ask what they compare it with", "It is a question. Wait."),
    ]
    assert len({one.id for one in scene.nudges}) == 1
    assert [one.advised for one in scene.nudges] == ["", "", "1-r1/2", "1-r1/3", "1-r1/4"]
    assert [one.sources for one in scene.nudges[1:3]] == [scene.nudges[0].sources, (SECTION,)]
    assert {one.because for one in scene.nudges} == {scene.nudges[0].because}


@pytest.mark.parametrize("status", ["silent", "failed"])
def test_without_advice_the_plain_card_stands(status: AdviceStatus) -> None:
    scene = on_price()
    assert scene.advise(status, at=2.0) == []
    scene.turn(ABOUT_MAIL, turn="p2", at=3.0)
    assert scene.requests[-1].id == "1-r2"


def test_what_failed_on_the_way_gives_the_plain_card_back() -> None:
    scene = on_price()
    scene.advise("words", "Ask what they compare it with", at=3.0)
    scene.advise("failed", at=3.1)
    assert (scene.card.headline, scene.card.final, scene.card.advised, scene.card.saw) == (PLAIN, True, "", ())
    assert scene.card.sources == scene.nudges[0].sources


@pytest.mark.parametrize(("status", "detail"), [("words", "Once."), ("final", "")])
def test_the_detail_of_the_card_stays_until_the_advice_has_one_or_ends_without(
    status: AdviceStatus, detail: str
) -> None:
    price = BOOK.cards["price"]
    scene = AdvisedScene(replace(BOOK, cards={**BOOK.cards, "price": replace(price, detail="Once.")}))
    scene.turn(TOO_EXPENSIVE, turn="p1", at=1.0)
    scene.advise(status, "Ask what they compare it with", at=2.0)
    assert scene.card.detail == detail


def test_words_that_change_can_still_be_read() -> None:
    scene = on_price(at=1.0)
    first = scene.card.expires
    scene.advise("words", "Ask what they compare it with", at=2.0)
    assert scene.card.expires == first
    scene.advise("final", "Ask what they compare it with", "Wait.", at=first - 1.0)
    assert scene.card.expires == first - 1.0 + READING_TIME


def test_a_card_that_waits_takes_its_advice_along() -> None:
    scene = AdvisedScene()
    scene.hear(Speaking("rep", True, 0.5), 0.5)
    scene.turn(TOO_EXPENSIVE, turn="p1", at=1.0)
    scene.advise("words", "Ask what they compare it with", at=2.0)
    scene.advise("final", "Ask what they compare it with", "Wait.", at=2.1, action=LOG)
    assert scene.nudges == []
    scene.hear(Speaking("rep", False, 3.0), 3.0)
    (nudge,) = scene.nudges
    assert (nudge.rev, nudge.headline, nudge.detail, nudge.final) == (0, "Ask what they compare it with", "Wait.", True)
    assert (nudge.advised, nudge.saw, nudge.action) == ("1-r1/2", BOTH, LOG)


def test_a_refined_card_is_spent_once() -> None:
    """With one token for two cards: what comes next waits exactly as long as without advice."""
    plain, refined = on_price(settings=replace(ADVISED, burst=1)), on_price(settings=replace(ADVISED, burst=1))
    for step in range(5):
        refined.advise("words", f"Ask what they compare it with {step}", at=2.0 + step)
    refined.advise("final", "Ask what they compare it with", at=8.0)
    for scene in (plain, refined):
        scene.turn("come back next quarter", turn="p2", at=12.0)
        scene.hear(Delivery("0-0", 0, "shown"), 25.0)
    sent = [[(one.card, one.decided) for one in scene.nudges if not one.rev] for scene in (plain, refined)]
    assert sent[0] == sent[1] == [("price", 1.0), ("later", 21.0)]


# -- it ends when its request does --


def test_a_newer_turn_ends_what_was_under_way() -> None:
    scene = on_price()
    scene.advise("words", "Ask what they compare it with", at=2.0)
    scene.turn(ABOUT_MAIL, turn="p2", at=3.0)
    assert (scene.card.final, scene.card.headline) == (True, "Ask what they compare it with")
    assert scene.advise("final", "Too late", at=4.0, request="1-r1") == []


@pytest.mark.parametrize("status", ["thinking", "words"])
@pytest.mark.parametrize("end", [Ask("1-q1"), Control("quiet"), Control("off"), CallEnd("over"), Purge("colleague")])
def test_so_does_whatever_drops_it(status: AdviceStatus, end: Ask | Control | CallEnd | Purge) -> None:
    scene = on_price()
    price = scene.card.id
    scene.advise(status, "Ask what they compare it with" if status == "words" else "", at=2.0)
    assert not scene.card.final
    made = scene.hear(end, 3.0)
    (last,) = (one for one in made if isinstance(one, Nudge) and one.id == price)
    assert (last.final, last.status, last.rev) == (True, "live", 2)


def test_words_that_waited_are_the_last_when_their_request_is_superseded() -> None:
    scene = AdvisedScene()
    scene.hear(Speaking("rep", True, 0.5), 0.5)
    scene.turn(TOO_EXPENSIVE, turn="p1", at=1.0)
    scene.advise("words", "Ask what they compare it with", at=2.0)
    scene.turn(ABOUT_MAIL, turn="p2", at=3.0)
    scene.hear(Speaking("rep", False, 4.0), 4.0)
    (nudge,) = scene.nudges
    assert (nudge.headline, nudge.final) == ("Ask what they compare it with", True)


def test_a_card_whose_time_is_up_is_ended_and_not_reworded() -> None:
    scene = on_price()
    scene.advise("words", "Ask what they compare it with", at=2.0)
    over = scene.card.expires
    assert scene.advise("words", "Ask them", at=over) == []
    scene.advise("final", "Ask them now", at=over + 1.0)
    assert (scene.card.final, scene.card.headline) == (True, "Ask what they compare it with")


def test_a_card_the_rep_put_away_does_not_come_back_with_better_words() -> None:
    scene = on_price()
    scene.hear(Feedback(scene.card.id, "dismissed"), 2.0)
    scene.advise("final", "Ask what they compare it with", at=3.0)
    assert [(one.kind, one.reason) for one in scene.held] == [("advice", "dismissed_before")]
    assert len(scene.nudges) == 1


def test_what_comes_late_betters_the_card_in_one_piece() -> None:
    scene = on_price()
    scene.advise("final", "Ask what they compare it with", at=2.0)
    assert scene.advise("words", "Name Northstar", at=3.0) == []
    scene.advise("final", "Name Northstar's price", at=4.0)
    assert (scene.card.headline, scene.card.final, scene.card.rev) == ("Name Northstar's price", True, 2)
    assert scene.advise("failed", at=5.0) == []


# -- a card of its own --


def test_advice_that_no_card_is_for_is_one_of_its_own() -> None:
    scene = on_mail()
    scene.advise("words", "Ask how many they answer", at=61.0)
    scene.advise("words", "Ask how many they answer", "It is their pain.", at=61.1)
    scene.advise("final", "Ask how many they answer", "It is their pain. Wait.", at=61.2, action=LOG)
    own = [one for one in scene.nudges if one.kind == "advice"]
    assert [(one.rev, one.final, one.detail) for one in own] == [
        (0, False, ""),
        (1, False, "It is their pain."),
        (2, True, "It is their pain. Wait."),
    ]
    assert (own[0].card, own[0].sources, own[0].saw) == ("advice/objections/mail", (SECTION,), BOTH)
    (cause,) = own[0].because
    assert isinstance(cause, Evidence)
    assert cause.quote == ABOUT_MAIL
    assert [one.id for one in scene.moments if one.kind == "advice"] == ["v1"]


def test_an_answer_that_comes_in_one_piece_loses_nothing() -> None:
    scene = on_mail()
    scene.advise("final", "Ask how many they answer", "Wait.", at=61.0, action=LOG)
    assert (scene.card.rev, scene.card.final, scene.card.action) == (0, True, LOG)


def test_it_quotes_the_last_words_of_a_long_turn_as_they_were_said_in_the_end() -> None:
    scene = on_price()
    scene.advise("silent", at=2.0)
    many = " ".join(f"w{number}" for number in range(40))
    scene.partial(f"it's {many}.", turn="p2", at=30.0)
    scene.advise("final", "Ask how many they answer", at=31.0)
    scene.turn(f"it is {many}", turn="p2", at=60.0)
    assert scene.kept == ["1-r2"]
    (cause,) = scene.card.because
    assert isinstance(cause, Evidence)
    assert cause.quote == " ".join(f"w{number}" for number in range(10, 40))


def test_it_costs_and_waits_like_any_card() -> None:
    scene = with_two_cards()
    scene.turn(ABOUT_MAIL, turn="p2", at=18.0)
    scene.advise("final", "Ask how many they answer", at=19.0)
    assert [one.card for one in scene.nudges] == ["price", "later"]
    scene.hear(Delivery("0-0", 0, "shown"), 25.0)
    assert (scene.card.headline, scene.card.decided) == ("Ask how many they answer", 21.0)


def test_words_without_support_are_no_card() -> None:
    scene = on_mail()
    assert scene.advise("final", "Ask how many they answer", at=61.0, sources=()) == []


def test_a_screen_brings_a_card_of_its_own() -> None:
    scene = on_price()
    scene.advise("silent", at=2.0)
    scene.hear(ScreenChange("error", 60.0, "0f0f"), 60.0)
    scene.advise("final", "Close the dialog and go on", at=61.0)
    assert (scene.card.kind, scene.card.because) == ("screen", (Seen("0f0f", 60.0),))


# -- questions --


def test_a_question_has_the_prepared_answer_until_there_is_a_better_one() -> None:
    scene = AdvisedScene()
    scene.hear(Ask("1-q1"), 1.0)
    assert scene.card.headline == "First line of opening"
    scene.advise("words", "Their contract renews in May", at=2.0)
    scene.advise("final", "Their contract renews in May", "It is in the file.", at=2.1)
    assert [(one.rev, one.final) for one in scene.nudges] == [(0, True), (1, False), (2, True)]


def test_where_nothing_is_prepared_the_answer_is_a_card_that_waits_for_nothing_and_costs_nothing() -> None:
    scene = AdvisedScene(without_stages(), replace(ADVISED, burst=1))
    scene.turn(TOO_EXPENSIVE, turn="p1", at=1.0)
    scene.hear(Speaking("rep", True, 2.0), 2.0)
    scene.hear(Ask("1-q1"), 3.0)
    scene.advise("words", "Their contract renews in May", at=4.0)
    assert (scene.card.kind, scene.card.because) == ("answer", (Question("1-q1", 3.0),))
    scene.advise("final", "Their contract renews in May", "It is in the file.", at=4.1)
    scene.hear(Speaking("rep", False, 5.0), 5.0)
    scene.turn("come back next quarter", turn="p2", at=21.0)
    assert [(one.card, one.rev) for one in scene.nudges] == [
        ("price", 0),
        ("advice/objections/mail", 0),
        ("advice/objections/mail", 1),
        ("later", 0),
    ]
