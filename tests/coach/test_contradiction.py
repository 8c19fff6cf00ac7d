"""A card goes with its moment, and stands as long as any moment that asked for it does."""

from __future__ import annotations

from scenes import Scene, definition, playbook

from cornerman.coach import CoachSettings
from cornerman.events import Speaking

SAME = playbook(definition("a", "too expensive", card="price"), definition("b", "over our budget", card="price"))
OTHER = playbook(definition("a", "too expensive"), definition("b", "over our budget"))
QUICK = CoachSettings(interval=1.0, burst=5)


def test_a_card_stands_on_because_of_another_moment_that_asked_for_it() -> None:
    scene = Scene(SAME, QUICK)
    scene.partial("too expensive", at=1.0)
    scene.partial("too expensive and over our budget", at=2.0)
    scene.partial("two extensive and over our budget", at=3.0)
    assert [(nudge.id, nudge.rev, nudge.status, nudge.because[0].quote) for nudge in scene.nudges] == [  # type: ignore[union-attr]
        ("1-1", 0, "live", "too expensive"),
        ("1-1", 1, "live", "over our budget"),
    ]
    scene.partial("two extensive and over there", at=4.0)
    assert scene.nudges[-1].status == "withdrawn"


def test_a_shown_card_stays_when_its_duplicate_is_taken_back() -> None:
    scene = Scene(SAME, QUICK)
    scene.partial("too expensive and over our budget", at=2.0)
    scene.partial("too expensive and over there", at=3.0)
    assert [(nudge.rev, nudge.status) for nudge in scene.nudges] == [(0, "live")]


def test_another_card_that_stood_back_has_its_turn() -> None:
    scene = Scene(OTHER, QUICK)
    scene.partial("too expensive and over our budget", at=2.0)
    scene.partial("two extensive and over our budget", at=3.0)
    assert [(nudge.card, nudge.status) for nudge in scene.nudges] == [("a", "live"), ("a", "withdrawn"), ("b", "live")]
    scene.partial("too expensive and over our budget", at=4.0)
    assert [nudge.card for nudge in scene.nudges if nudge.status == "live"] == ["a", "b"]


def test_the_same_while_both_wait() -> None:
    scene = Scene(OTHER, QUICK)
    scene.hear(Speaking("rep", True, 1.0), 1.0)
    scene.partial("too expensive and over our budget", at=2.0)
    scene.partial("two extensive and over our budget", at=3.0)
    scene.hear(Speaking("rep", False, 4.0), 4.0)
    assert [nudge.card for nudge in scene.nudges] == ["b"]
    assert [held.reason for held in scene.held] == ["duplicate", "revised"]


def test_a_card_that_waits_or_stands_is_not_asked_for_twice() -> None:
    book = playbook(
        definition("a", "too expensive", card="price", cooldown_s=0.0),
        definition("b", "no budget", kind="authority", card="price", cooldown_s=0.0),
    )
    scene = Scene(book, QUICK)
    scene.hear(Speaking("rep", True, 1.0), 1.0)
    scene.partial("too expensive", turn="t1", at=2.0)
    scene.partial("no budget", turn="t2", at=3.0)
    scene.hear(Speaking("rep", False, 4.0), 4.0)
    scene.partial("no budget", turn="t3", at=6.0)
    scene.partial("no budget", turn="t4", at=30.0)
    assert [nudge.decided for nudge in scene.nudges] == [4.0, 30.0]
    assert [held.reason for held in scene.held] == ["duplicate", "duplicate"]


def test_two_forbidden_claims_in_one_turn_are_two_cards() -> None:
    book = playbook(
        definition("x", "always up", kind="compliance", roles=("rep",), critical=True),
        definition("y", "always safe", kind="compliance", roles=("rep",), critical=True),
    )
    scene = Scene(book, CoachSettings(interval=100.0, burst=1))
    scene.turn("it is always up and always safe", who="rep", at=1.0)
    assert [nudge.card for nudge in scene.nudges] == ["x", "y"]
