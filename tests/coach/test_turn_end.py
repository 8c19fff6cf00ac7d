"""A card that nothing was said for waits until a turn has ended: there an interruption costs least."""

from __future__ import annotations

from prepared import SALE, SALE_LINE, gauge, prepared
from scenes import Scene

from cornerman.coach import CoachSettings
from cornerman.events import Purge, Reading, Speaking

BOOK = prepared(checklist=(SALE,), gauges=(gauge("monologue", 30.0),), offers=False)


def rep_talks(scene: Scene, since: float, until: float) -> None:
    """The rep's voice, with words as a sign of life, in what is known to be a sales call."""
    scene.turn(SALE_LINE, turn="p0", at=1.0)
    scene.hear(Speaking("rep", True, since), since)
    for number, at in enumerate(range(int(since) + 5, int(until), 5)):
        scene.partial("and then " * (number + 1), turn="r1", who="rep", at=float(at))


def test_a_gauge_that_passed_its_limit_waits_for_the_rep_to_stop() -> None:
    scene = Scene(BOOK)
    rep_talks(scene, 10.0, 46.0)
    (moment,) = scene.moments
    assert (moment.kind, moment.definition, moment.turn) == ("monologue", "monologue", "")
    assert isinstance(moment.evidence, Reading)
    assert scene.nudges == []
    scene.hear(Speaking("rep", False, 46.0), 46.0)
    (nudge,) = scene.nudges
    assert (nudge.card, nudge.because, nudge.decided) == ("monologue", (moment.evidence,), 46.0)
    assert nudge.spoken == moment.evidence.at


def test_the_end_of_the_reps_own_turn_lets_it_through_while_the_voice_goes_on() -> None:
    scene = Scene(BOOK)
    rep_talks(scene, 10.0, 46.0)
    scene.turn("and then a turn reached its cap", turn="r1", who="rep", at=46.0)
    assert [nudge.card for nudge in scene.nudges] == ["monologue"]


def test_the_end_of_somebody_elses_turn_does_not_while_the_rep_speaks() -> None:
    scene = Scene(BOOK)
    rep_talks(scene, 10.0, 46.0)
    scene.turn("mhm", turn="p1", at=46.0)
    assert scene.nudges == []


def test_it_does_not_burst_into_what_the_prospect_is_saying() -> None:
    scene = Scene(BOOK)
    rep_talks(scene, 10.0, 46.0)
    scene.hear(Speaking("prospect", True, 45.5), 45.5)
    scene.hear(Speaking("rep", False, 46.0), 46.0)
    assert scene.nudges == []
    scene.turn("well let me think about that", turn="p1", at=48.0)
    assert [nudge.card for nudge in scene.nudges] == ["monologue"]


def test_what_finds_no_turn_end_in_its_time_is_held_with_the_reason() -> None:
    scene = Scene(BOOK)
    rep_talks(scene, 10.0, 70.0)
    assert scene.nudges == []
    assert [held.reason for held in scene.held] == ["rep_speaking"]


def test_a_silence_that_is_over_needs_no_card() -> None:
    scene = Scene(
        prepared(checklist=(SALE,), gauges=(gauge("dead_air", 8.0),), offers=False),
        CoachSettings(interval=60.0, burst=1),
    )
    scene.coach._budget.spend_card("another", 0.0)
    scene.hear(Speaking("prospect", True, 10.0), 10.0)
    scene.turn(SALE_LINE, turn="p0", at=11.0)
    scene.hear(Speaking("prospect", False, 12.0), 12.0)
    scene.hear(Speaking("prospect", True, 23.0), 23.0)
    assert [(held.card, held.reason) for held in scene.held] == [("dead_air", "silence_over")]


def test_whoever_withdraws_takes_along_what_was_measured_of_them() -> None:
    scene = Scene(BOOK)
    rep_talks(scene, 10.0, 46.0)
    scene.hear(Speaking("rep", False, 46.0), 46.0)
    scene.hear(Purge("rep"), 47.0)
    assert [nudge.status for nudge in scene.nudges] == ["live", "withdrawn"]
    assert [one.reason for one in scene.withdrawn] == ["purged"]


def test_a_voice_whose_end_was_lost_does_not_hold_everything_back() -> None:
    scene = Scene(BOOK)
    rep_talks(scene, 10.0, 46.0)
    scene.turn("so much for that", turn="r1", who="rep", at=46.0)
    scene.hear(Speaking("prospect", True, 50.0), 50.0)
    assert scene.coach._floor.anyone_speaking
    scene.hear(Speaking("prospect", True, 140.0), 140.0)
    assert not scene.coach._floor.rep_speaking
