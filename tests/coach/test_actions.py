"""An action of a card is carried out when the rep confirms it, once, and what became of it stands on the card."""

from __future__ import annotations

import pytest
from advised_scenes import ABOUT_MAIL, LOG, AdvisedScene, on_mail, on_price

from cornerman.coach.grounding import DONE_DETAIL, NOT_DONE_DETAIL, READING_TIME
from cornerman.contract import wire
from cornerman.events import Act, Acted, Decision, Feedback, Purge

OTHER = wire.Action(id="outcome-2", label="Log another")


def with_action() -> AdvisedScene:
    """A card that offers to log the outcome."""
    scene = on_price()
    scene.advise("final", "Log that it is too expensive", "Too expensive.", at=2.0, action=LOG)
    return scene


def acts(made: list[Decision]) -> list[Act]:
    return [one for one in made if isinstance(one, Act)]


def test_what_the_rep_confirms_is_carried_out_once() -> None:
    scene = with_action()
    confirmed = Feedback(scene.card.id, "confirm")
    assert scene.hear(confirmed, 3.0) == [Act(scene.card.id, LOG.id)]
    assert scene.hear(confirmed, 3.1) == []
    scene.hear(Acted(LOG.id, True), 4.0)
    assert (scene.card.detail, scene.card.action, scene.card.final) == (DONE_DETAIL, None, True)
    assert scene.hear(confirmed, 5.0) == []


def test_what_failed_may_be_confirmed_again() -> None:
    scene = with_action()
    confirmed = Feedback(scene.card.id, "confirm")
    scene.hear(confirmed, 3.0)
    scene.hear(Acted(LOG.id, False), 4.0)
    assert (scene.card.detail, scene.card.action) == (NOT_DONE_DETAIL, LOG)
    assert scene.hear(confirmed, 5.0) == [Act(scene.card.id, LOG.id)]
    scene.hear(Acted(LOG.id, True), 6.0)
    assert [one.rev for one in scene.nudges] == [0, 1, 2, 3]


def test_what_became_of_it_can_be_read_however_old_the_card_is() -> None:
    scene = with_action()
    scene.hear(Feedback(scene.card.id, "confirm"), 3.0)
    scene.hear(Acted(LOG.id, True), 30.0)
    assert scene.card.expires == 30.0 + READING_TIME


@pytest.mark.parametrize("nudge", ["1-1", "1-9", ""])
def test_there_is_nothing_to_confirm_on_other_cards(nudge: str) -> None:
    scene = on_price()
    assert scene.hear(Feedback(nudge, "confirm"), 2.0) == []
    scene.advise("final", "Ask what they compare it with", at=3.0)
    assert scene.hear(Feedback(nudge, "confirm"), 4.0) == []


@pytest.mark.parametrize("feedback", ["pinned", "useful", "used", "later"])
def test_nothing_else_the_rep_does_carries_it_out(feedback: wire.FeedbackKind) -> None:
    scene = with_action()
    assert acts(scene.hear(Feedback(scene.card.id, feedback), 3.0)) == []


def test_what_comes_late_changes_nothing_of_what_was_confirmed() -> None:
    scene = with_action()
    scene.hear(Feedback(scene.card.id, "confirm"), 3.0)
    assert scene.advise("final", "Log something else", at=4.0, action=OTHER) == []
    scene.hear(Acted(LOG.id, True), 5.0)
    assert scene.advise("final", "Log it again", at=6.0, action=LOG) == []
    assert (scene.card.detail, scene.card.action) == (DONE_DETAIL, None)


def test_an_outcome_is_not_carried_out_from_two_cards() -> None:
    scene = on_mail(at=20.0)
    scene.advise("final", "Log that they answer mail", at=21.0, action=LOG)
    first = scene.card.id
    scene.turn(ABOUT_MAIL, turn="p3", at=60.0)
    scene.advise("final", "Log it here", at=61.0, action=LOG, sources=(wire.Source(id="x", title="X", locator="x"),))
    assert scene.card.id != first
    assert len(acts(scene.hear(Feedback(scene.card.id, "confirm"), 62.0))) == 1
    assert acts(scene.hear(Feedback(first, "confirm"), 62.1)) == []
    scene.hear(Acted(LOG.id, False), 63.0)
    assert acts(scene.hear(Feedback(first, "confirm"), 64.0)) == [Act(first, LOG.id)]


def test_an_action_goes_with_the_words_it_was_made_of() -> None:
    scene = with_action()
    confirmed = Feedback(scene.card.id, "confirm")
    scene.hear(Purge("rep"), 3.0)
    assert scene.card.action is None
    assert acts(scene.hear(confirmed, 4.0)) == []


def test_what_was_confirmed_before_a_purge_is_told_of_without_the_words() -> None:
    scene = with_action()
    scene.hear(Feedback(scene.card.id, "confirm"), 3.0)
    scene.hear(Purge("rep"), 4.0)
    scene.hear(Acted(LOG.id, True), 5.0)
    assert (scene.card.detail, scene.card.advised, scene.card.saw) == (DONE_DETAIL, "", ())
    scene.hear(Purge("prospect"), 6.0)
    assert scene.hear(Acted(LOG.id, True), 7.0) == []


def test_what_failed_after_its_card_was_withdrawn_may_be_confirmed_on_another() -> None:
    scene = on_mail()
    scene.advise("final", "Log that they answer mail", at=61.0, action=LOG)
    scene.hear(Feedback(scene.card.id, "confirm"), 62.0)
    scene.hear(Purge("rep"), 63.0)
    assert scene.card.status == "withdrawn"
    assert scene.hear(Acted(LOG.id, False), 64.0) == []
    scene.turn(ABOUT_MAIL, turn="p3", at=130.0)
    scene.advise("final", "Log it here", at=131.0, action=LOG)
    assert acts(scene.hear(Feedback(scene.card.id, "confirm"), 132.0)) == [Act(scene.card.id, LOG.id)]


def test_news_of_an_action_nobody_confirmed_counts_for_nothing() -> None:
    scene = with_action()
    assert scene.hear(Acted(LOG.id, True), 3.0) == []
    assert scene.hear(Acted("outcome-9", False), 3.0) == []
