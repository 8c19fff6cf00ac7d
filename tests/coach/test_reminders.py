"""What must be said has priority over everything: a disclosure that was missed is told at once."""

from __future__ import annotations

from course import disclosure, item, signs
from prepared import prepared
from scenes import Scene, definition

from cornerman.coach import CoachSettings
from cornerman.events import Attendance, Evidence, Purge, Restored, Speaking, StageChange, Tick, Untick

AI = disclosure("assistant", "an assistant listens", stage="opening")
BOOK = prepared(
    definition("a", "say a", priority=1000),
    definition("urgent", "say urgent", kind="urgent", priority=1000, critical=True),
    disclosures=(AI, disclosure("terms", "the terms apply", stage="discovery")),
    signs=signs(),
)
TIGHT = CoachSettings(interval=1000.0, burst=1)


def move_on(scene: Scene, word: str, at: float) -> None:
    """Two turns that bring the call to another stage."""
    scene.turn(f"well {word} it is", turn=f"x{at}", at=at)
    scene.turn(f"and {word} again", turn=f"y{at}", at=at + 5.0)


def test_a_disclosure_that_was_missed_comes_at_once_with_the_words_that_told_so() -> None:
    scene = Scene(BOOK, TIGHT)
    scene.turn("say a", at=1.0)
    scene.hear(Speaking("rep", True, 2.0), 2.0)
    move_on(scene, "biggest problem", 10.0)
    first, second = scene.nudges
    assert (first.card, second.card) == ("a", "compliance/assistant")
    assert (second.kind, second.critical, second.priority) == ("compliance", True, 1000)
    (because,) = second.because
    assert isinstance(because, Evidence)
    assert because.quote == "biggest problem"
    (change,) = [one for one in scene.decided if isinstance(one, StageChange)]
    assert change.evidence == because


def test_one_that_was_made_is_ticked_and_not_asked_for() -> None:
    scene = Scene(BOOK)
    scene.turn("by the way an assistant listens", turn="r1", who="rep", at=1.0)
    move_on(scene, "biggest problem", 10.0)
    assert [one.item for one in scene.decided if isinstance(one, Tick)] == ["assistant"]
    assert scene.coach.disclosures == {"assistant": True, "terms": False}
    assert scene.nudges == []


def test_both_are_told_where_two_were_missed_in_the_same_words() -> None:
    scene = Scene(BOOK)
    move_on(scene, "payment terms", 10.0)
    assert [nudge.card for nudge in scene.nudges] == ["compliance/assistant", "compliance/terms"]


def test_it_goes_before_what_is_critical_and_important() -> None:
    scene = Scene(BOOK)
    scene.hear(Attendance("rep", "Rep", "rep", False), 1.0)
    scene.turn("say urgent", turn="u", at=14.0)
    move_on(scene, "biggest problem", 10.0 + 5.0)
    scene.hear(Attendance("rep", "Rep", "rep", True), 21.0)
    assert [nudge.card for nudge in scene.nudges] == ["compliance/assistant", "urgent"]


def test_one_that_is_made_while_the_reminder_waits_needs_no_reminder() -> None:
    scene = Scene(BOOK)
    scene.hear(Attendance("rep", "Rep", "rep", False), 1.0)
    move_on(scene, "biggest problem", 10.0)
    scene.turn("an assistant listens", turn="r1", who="rep", at=17.0)
    scene.hear(Attendance("rep", "Rep", "rep", True), 21.0)
    assert scene.nudges == []
    (held,) = scene.held
    assert held.reason == "handled_unaided"
    assert held.because is not None
    assert held.because.quote == "an assistant listens"


def test_purged_words_take_the_reminder_along() -> None:
    scene = Scene(BOOK)
    move_on(scene, "biggest problem", 10.0)
    made = scene.hear(Purge("prospect"), 20.0)
    assert [nudge.status for nudge in scene.nudges] == ["live", "withdrawn"]
    assert [one.reason for one in scene.withdrawn] == ["purged"]
    assert "problem" not in repr(made)


def test_purged_words_untick() -> None:
    scene = Scene(prepared(checklist=(item("pain", heard=("it hurts",)),), disclosures=(AI,)))
    scene.turn("it hurts", turn="p1", at=1.0)
    scene.turn("an assistant listens", turn="r1", who="rep", at=2.0)
    scene.hear(Purge("prospect"), 3.0)
    scene.hear(Purge("rep"), 4.0)
    unticked = [(one.checklist, one.item, one.reason) for one in scene.decided if isinstance(one, Untick)]
    assert unticked == [("checklist", "pain", "purged"), ("disclosures", "assistant", "purged")]
    assert (scene.coach.checklist, scene.coach.disclosures) == ({"pain": False}, {"assistant": False})


def test_a_coach_that_takes_over_knows_what_was_said_and_where_the_call_stood() -> None:
    scene = Scene(BOOK, CoachSettings(segment=2))
    scene.hear(Restored((), (("disclosures", "assistant"),), (), "discovery", "discovery"), 1.0)
    assert (scene.coach.stage, scene.coach.disclosures) == ("discovery", {"assistant": True, "terms": False})
    move_on(scene, "payment terms", 10.0)
    assert [nudge.card for nudge in scene.nudges] == ["compliance/terms"]


def test_a_coach_that_takes_over_does_not_remind_again() -> None:
    scene = Scene(BOOK, CoachSettings(segment=2))
    scene.hear(Restored((), (), ("assistant", "terms"), "discovery", "discovery"), 1.0)
    move_on(scene, "payment terms", 10.0)
    assert scene.nudges == []
