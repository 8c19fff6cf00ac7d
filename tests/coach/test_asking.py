"""When better words are asked for: for a card that was sent, for a turn that seems to be over or is, and when not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from advised_scenes import ABOUT_MAIL, ADVISED, TOO_EXPENSIVE, AdvisedScene, on_price, with_two_cards

from cornerman.coach import CoachSettings
from cornerman.events import Ask, Control, Delivery, Evidence, Question, ScreenChange, Seen, Speaking


def talking(text: str, settings: CoachSettings = ADVISED) -> AdvisedScene:
    """The prospect has said this and speaks on."""
    scene = AdvisedScene(settings=settings)
    scene.hear(Speaking("prospect", True, 0.5), 0.5)
    scene.partial(text, turn="p1", at=1.0)
    return scene


# -- while the turn goes on --


def test_a_card_has_better_words_before_its_turn_is_over() -> None:
    scene = talking(TOO_EXPENSIVE)
    (request,) = scene.requests
    assert isinstance(request.cause, Evidence)
    assert (request.early, request.cause.quote) == (False, TOO_EXPENSIVE)
    scene.advise("final", "Ask what they compare it with", at=1.5)
    assert (scene.card.headline, scene.card.final) == ("Ask what they compare it with", True)


@pytest.mark.parametrize("settings", [ADVISED, replace(ADVISED, early=False)], ids=["early", "not_early"])
@pytest.mark.parametrize(
    ("rest", "asked_again"),
    [
        ("", False),
        ("for our northern office", False),
        ("for our 12 offices", True),
        ("and we would have to hire somebody who looks after all of it every day", True),
    ],
)
def test_its_turn_is_asked_about_once_more_if_the_rest_adds_something(
    rest: str, asked_again: bool, settings: CoachSettings
) -> None:
    scene = talking(TOO_EXPENSIVE, settings)
    scene.advise("final", "Ask what they compare it with", at=1.5)
    scene.turn(f"{TOO_EXPENSIVE} {rest}", turn="p1", at=3.0)
    assert [one.id for one in scene.requests] == ["1-r1", "1-r2"][: 1 + asked_again]
    if asked_again:
        scene.advise("final", "Ask what it has to save them", at=4.0)
        assert scene.card.headline == "Ask what it has to save them"
    assert len({one.id for one in scene.nudges}) == 1


def test_words_that_read_differently_in_the_end_are_asked_about_again() -> None:
    scene = talking(f"well {TOO_EXPENSIVE}")
    scene.turn(f"wall {TOO_EXPENSIVE}", turn="p1", at=2.0)
    assert len(scene.requests) == 2


def test_what_was_asked_for_a_card_is_not_wanted_when_its_words_are_gone() -> None:
    scene = talking(TOO_EXPENSIVE)
    scene.partial("that is to be expected", turn="p1", at=1.2)
    assert (scene.card.status, scene.dropped) == ("withdrawn", ["1-r1"])
    assert scene.advise("final", "Ask what they compare it with", at=1.5, request="1-r1") == []
    scene.turn("that is to be expected", turn="p1", at=2.0)
    assert [one.early for one in scene.requests] == [False, False]


def test_a_question_is_not_interrupted_by_a_card() -> None:
    scene = talking("well")
    scene.hear(Ask("1-q1"), 1.1)
    scene.partial(TOO_EXPENSIVE, turn="p1", at=1.2)
    scene.turn(TOO_EXPENSIVE, turn="p1", at=1.4)
    assert [isinstance(one.cause, Question) for one in scene.requests] == [True]
    scene.advise("final", "Their contract renews in May", at=2.0)
    assert [isinstance(one.cause, Question) for one in scene.requests] == [True, False]


def test_early_advice_is_the_cards_from_when_the_card_is_there() -> None:
    """The voice pauses for breath, which asks early; the card comes by these words and takes over the answer."""
    scene = AdvisedScene()
    scene.partial(TOO_EXPENSIVE, turn="p1", at=1.0)
    assert ([one.early for one in scene.requests], scene.kept) == ([True], ["1-r1"])
    scene.advise("final", "Ask what they compare it with", at=1.5)
    assert scene.card.headline == "Ask what they compare it with"


# -- early --


def selling(settings: CoachSettings = ADVISED) -> AdvisedScene:
    """Long after the first card."""
    scene = on_price(settings=settings)
    scene.advise("silent", at=2.0)
    return scene


def test_early_advice_is_shown_when_the_turn_ends_so() -> None:
    scene = selling()
    scene.partial(ABOUT_MAIL, turn="p2", at=60.0)
    assert scene.requests[-1].early
    assert scene.advise("final", "Ask how many they answer", at=60.5) == []
    scene.turn(ABOUT_MAIL, turn="p2", at=61.0)
    assert (scene.kept, scene.card.headline, scene.card.final) == (["1-r2"], "Ask how many they answer", True)


def test_early_advice_is_never_shown_when_it_ends_otherwise() -> None:
    scene = selling()
    scene.partial(ABOUT_MAIL, turn="p2", at=60.0)
    scene.advise("final", "Ask how many they answer", at=60.5)
    scene.turn(f"{ABOUT_MAIL} or nearly", turn="p2", at=61.0)
    assert (scene.kept, scene.dropped) == ([], ["1-r2"])
    scene.advise("final", "Ask how many they answer", at=62.0, request="1-r2")
    assert not any(one.advised for one in scene.nudges)
    assert (scene.requests[-1].id, scene.requests[-1].early) == ("1-r3", False)


def test_nothing_is_asked_early_where_that_is_off() -> None:
    scene = selling(replace(ADVISED, early=False))
    scene.partial(ABOUT_MAIL, turn="p2", at=60.0)
    assert len(scene.requests) == 1
    scene.turn(ABOUT_MAIL, turn="p2", at=61.0)
    assert [one.early for one in scene.requests] == [False, False]


def test_a_voice_that_falls_silent_asks_early() -> None:
    scene = selling()
    scene.hear(Speaking("prospect", True, 59.5), 59.5)
    scene.partial(ABOUT_MAIL, turn="p2", at=60.0)
    assert len(scene.requests) == 1
    scene.hear(Speaking("prospect", False, 60.4), 60.4)
    assert [one.early for one in scene.requests] == [False, True]


# -- when nothing is asked --


def test_nothing_is_asked_without_a_lane_in_other_meetings_in_quiet_hours_or_of_the_rep() -> None:
    deaf = AdvisedScene(settings=CoachSettings())
    deaf.turn(TOO_EXPENSIVE, turn="p1", at=1.0)
    meeting = AdvisedScene()
    meeting.turn(ABOUT_MAIL, turn="p1", at=1.0)
    meeting.hear(ScreenChange("new", 2.0, "0f0f"), 2.0)
    quiet = AdvisedScene()
    quiet.hear(Control("quiet"), 0.5)
    quiet.turn(TOO_EXPENSIVE, turn="p1", at=1.0)
    quiet.hear(ScreenChange("new", 2.0, "0f0f"), 2.0)
    rep = on_price()
    rep.advise("silent", at=2.0)
    rep.turn(ABOUT_MAIL, turn="r1", who="rep", at=3.0)
    assert [len(scene.requests) for scene in (deaf, meeting, quiet, rep)] == [0, 0, 0, 1]


def test_a_question_in_a_quiet_hour_is_asked_and_none_while_switched_off() -> None:
    scene = AdvisedScene()
    scene.hear(Control("quiet"), 0.5)
    scene.hear(Ask("1-q1"), 1.0)
    scene.advise("final", "Their contract renews in May", at=2.0)
    assert (scene.card.kind, scene.card.headline) == ("answer", "Their contract renews in May")
    scene.hear(Control("off"), 3.0)
    scene.hear(Ask("1-q2"), 4.0)
    assert len(scene.requests) == 1


# -- a turn without a card --


@pytest.mark.parametrize(("at", "asked"), [(10.0, False), (18.0, True)])
def test_nothing_is_asked_for_a_card_that_would_wait_until_it_is_too_late(at: float, asked: bool) -> None:
    """A token spent at 1 s is back at 21 s; advice that has to wait is still worth something for four."""
    turn, screen = with_two_cards(), with_two_cards()
    turn.turn(ABOUT_MAIL, turn="p2", at=at)
    screen.hear(ScreenChange("new", at, "0f0f"), at)
    assert [type(scene.requests[-1].cause) for scene in (turn, screen)] == (
        [Evidence, Seen] if asked else [Evidence] * 2
    )
    assert [len(scene.requests) for scene in (turn, screen)] == [1 + asked] * 2


def test_a_model_is_asked_no_more_often_than_the_rep_may_be_interrupted() -> None:
    """Whatever comes of it; but a card is always asked about."""
    scene = on_price()
    for number in range(1, 9):
        scene.advise("silent", at=10.0 * number)
        scene.turn(f"{ABOUT_MAIL} {'again ' * number}", turn=f"m{number}", at=10.0 * number + 5.0)
    assert [one.cause.turn for one in scene.requests if isinstance(one.cause, Evidence)] == [
        "p1",
        "m1",
        "m2",
        "m4",
        "m6",
        "m8",
    ]
    scene.turn("come back next quarter", turn="p2", at=87.0)
    assert isinstance(cause := scene.requests[-1].cause, Evidence)
    assert cause.turn == "p2"


def test_a_turn_that_was_asked_about_too_early_may_be_asked_about_again() -> None:
    scene = on_price(settings=replace(ADVISED, burst=1))
    scene.advise("silent", at=2.0)
    scene.partial(ABOUT_MAIL, turn="p2", at=60.0)
    scene.turn(f"{ABOUT_MAIL} or nearly", turn="p2", at=61.0)
    assert [one.early for one in scene.requests[1:]] == [True, False]


def test_a_card_that_had_to_wait_is_asked_about_when_it_is_sent() -> None:
    scene = on_price(settings=replace(ADVISED, burst=1))
    scene.advise("silent", at=2.0)
    scene.turn("come back next quarter", turn="p2", at=12.0)
    assert len(scene.requests) == 1
    scene.hear(Delivery("0-0", 0, "shown"), 21.5)
    assert (scene.card.card, len(scene.requests)) == ("later", 2)


def test_nothing_is_asked_on_words_whose_card_was_refused() -> None:
    scene = on_price()
    scene.advise("silent", at=2.0)
    scene.turn(TOO_EXPENSIVE, turn="p2", at=20.0)
    assert [(one.kind, one.reason) for one in scene.held] == [("price_objection", "cool_down")]
    assert len(scene.requests) == 1


def test_but_not_for_words_that_were_misheard() -> None:
    scene = on_price()
    scene.advise("silent", at=2.0)
    scene.hear(Speaking("rep", True, 58.0), 58.0)
    scene.partial("come back next quarter or", turn="p2", at=59.0)
    scene.turn("come pack your boxes with us", turn="p2", at=60.0)
    scene.hear(Speaking("rep", False, 60.5), 60.5)
    scene.advise("final", "Ask what they pack", at=61.0)
    assert [(one.kind, one.reason) for one in scene.held] == [("timing_stall", "revised")]
    assert scene.card.headline == "Ask what they pack"
