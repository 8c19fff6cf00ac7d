"""Words that come late, because a recogniser was down, are noted; a card that comes too late for them is not shown."""

from __future__ import annotations

from scenes import Scene, definition, playbook, spoken

from cornerman.events import Partial, Turn

BOOK = playbook(definition("price", "too expensive", ttl_s=15.0))
SAID = spoken("that is too expensive", 100.0)


def test_a_moment_in_words_older_than_its_card_lives_is_noted_as_stale() -> None:
    scene = Scene(BOOK)
    scene.hear(Turn("t1", "prospect", "prospect", SAID, SAID[0].start, SAID[-1].end, 0.9), at=SAID[-1].end + 15.1)
    assert [moment.kind for moment in scene.moments] == ["price_objection"]
    assert [held.reason for held in scene.held] == ["stale"]
    assert scene.nudges == []


def test_words_that_are_late_but_not_too_late_still_bring_their_card() -> None:
    scene = Scene(BOOK)
    scene.hear(Partial("t1", "prospect", "prospect", SAID), at=SAID[-1].end + 14.9)
    assert [nudge.card for nudge in scene.nudges] == ["price"]


def test_a_stale_moment_does_not_take_the_place_of_a_fresh_one() -> None:
    scene = Scene(BOOK)
    scene.hear(Turn("t1", "prospect", "prospect", SAID, SAID[0].start, SAID[-1].end, 0.9), at=130.0)
    scene.turn("this is too expensive", turn="t2", at=131.0)
    assert [nudge.card for nudge in scene.nudges] == ["price"]


def test_nudges_that_had_to_be_withdrawn_are_counted() -> None:
    scene = Scene(
        playbook(definition("price", "too expensive"), definition("time", "next quarter", kind="timing_stall"))
    )
    scene.partial("that is too expensive", at=10.0)
    scene.partial("come back next quarter", turn="t2", at=40.0)
    scene.partial("that is two extensive", at=41.0)
    assert (scene.coach.shown, scene.coach.withdrawn) == (2, 1)
