"""The rep may ask at any time and is always told something; what nobody asked for comes in a silence, and rarely."""

from __future__ import annotations

from course import item, signs
from prepared import SALE, SALE_LINE, gauge, prepared
from scenes import Scene, definition

from cornerman.coach import CoachSettings
from cornerman.events import Ask, Attendance, Consent, Control, Decision, Nudge, Question, Reading, Speaking

BOOK = prepared(checklist=(SALE, item("budget"), item("pain")))


def nudged(made: list[Decision]) -> list[Nudge]:
    return [one for one in made if isinstance(one, Nudge)]


# -- asked for --


def test_an_answer_is_the_stages_next_line_with_the_next_open_question_as_its_detail() -> None:
    scene = Scene(BOOK)
    scene.turn(SALE_LINE, at=1.0)
    scene.hear(Ask("1-q1"), 5.0)
    scene.hear(Ask("1-q2"), 6.0)
    scene.hear(Ask("1-q3"), 7.0)
    assert [(nudge.kind, nudge.headline, nudge.detail) for nudge in scene.nudges] == [
        ("answer", "First line of opening", "Ask about budget"),
        ("answer", "Second line of opening", "Ask about pain"),
        ("answer", "First line of opening", ""),
    ]
    assert scene.nudges[0].because == (Question("1-q1", 5.0),)
    assert [source.id for source in scene.nudges[0].sources] == ["stage-opening", "budget"]
    assert scene.nudges[0].card == "stage-opening"


def test_it_follows_the_stage_the_call_is_in() -> None:
    scene = Scene(prepared(signs=signs()))
    scene.turn("what is your biggest problem", turn="t1", who="rep", at=10.0)
    scene.turn("my biggest problem is mail", turn="t2", at=20.0)
    scene.hear(Ask("1-q1"), 21.0)
    assert [nudge.headline for nudge in scene.nudges] == ["First line of discovery"]


def test_it_comes_at_once_whatever_the_budget_says_and_takes_nothing_from_it() -> None:
    scene = Scene(prepared(definition("a", "say a")), CoachSettings(interval=1000.0, burst=1))
    scene.hear(Control("quiet"), 1.0)
    scene.hear(Speaking("rep", True, 2.0), 2.0)
    for number in range(8):
        assert len(nudged(scene.hear(Ask(f"1-q{number}"), 3.0 + number))) == 1
    scene.hear(Speaking("rep", False, 20.0), 20.0)
    scene.hear(Control("live"), 21.0)
    scene.turn("say a", at=22.0)
    assert [nudge.card for nudge in scene.nudges][-1] == "a"


def test_off_means_an_empty_screen_even_then() -> None:
    scene = Scene(BOOK)
    scene.hear(Control("off"), 1.0)
    scene.hear(Ask("1-q1"), 2.0)
    assert scene.nudges == []
    assert [held.reason for held in scene.held] == ["attention_off"]


def test_an_answer_waits_for_a_rep_who_is_away() -> None:
    scene = Scene(BOOK)
    scene.hear(Attendance("rep", "Rep", "rep", False), 1.0)
    assert nudged(scene.hear(Ask("1-q1"), 2.0)) == []
    assert len(nudged(scene.hear(Attendance("rep", "Rep", "rep", True), 3.0))) == 1


# -- offered in a silence --


def talk(scene: Scene, at: float) -> None:
    scene.hear(Speaking("prospect", True, at), at)
    scene.turn(SALE_LINE, turn=f"t{at}", at=at + 1.0)
    scene.hear(Speaking("prospect", False, at + 3.0), at + 3.0)


def wait(scene: Scene, until: float) -> None:
    """Time passes, with the wakes the coach asks for and nothing else."""
    scene.hear(Control(scene.coach.attention), until)


def test_a_long_silence_brings_the_next_open_question_once() -> None:
    scene = Scene(BOOK)
    for at in range(10, 160, 10):
        talk(scene, float(at))
    wait(scene, 172.9)
    assert scene.nudges == []
    wait(scene, 600.0)
    (nudge,) = scene.nudges
    assert (nudge.kind, nudge.headline, nudge.detail, nudge.decided) == (
        "checklist",
        "Ask about budget",
        "Budget",
        173.0,
    )
    assert nudge.because == (Reading("dead_air", 20.0, 20.0, 173.0),)


def test_without_a_checklist_it_is_a_line_of_the_stage() -> None:
    scene = Scene(prepared(checklist=(SALE,)))
    talk(scene, 150.0)
    wait(scene, 400.0)
    assert [(nudge.kind, nudge.headline) for nudge in scene.nudges] == [("stage", "First line of opening")]


def test_the_pauses_of_a_conversation_bring_nothing() -> None:
    scene = Scene(BOOK)
    for number in range(60):
        talk(scene, 10.0 + 10 * number)
    assert scene.nudges == []


def test_nothing_is_offered_soon_after_another_card() -> None:
    scene = Scene(prepared(definition("a", "say a"), checklist=(item("budget"),)))
    scene.turn("say a", turn="a", at=150.0)
    wait(scene, 269.0)
    assert [nudge.card for nudge in scene.nudges] == ["a"]
    wait(scene, 270.1)
    assert [nudge.kind for nudge in scene.nudges][1:] == ["checklist"]


def test_nothing_is_offered_before_anybody_spoke_nor_to_nobody_nor_against_a_wish() -> None:
    untold = Scene(BOOK)
    wait(untold, 1000.0)
    assert untold.nudges == []
    quiet = (Control("quiet"), Control("off"))
    gone = (Attendance("prospect", "Prospect", "prospect", False), Attendance("rep", "Rep", "rep", False))
    for event in (*quiet, *gone, Consent("prospect", "declined", "attribute")):
        scene = Scene(BOOK)
        talk(scene, 150.0)
        scene.hear(event, 160.0)
        wait(scene, 1000.0)
        assert scene.nudges + scene.held == [], event


def test_an_author_can_switch_it_off() -> None:
    scene = Scene(prepared(checklist=(SALE, item("budget")), offers=False))
    talk(scene, 150.0)
    wait(scene, 1000.0)
    assert scene.nudges + scene.held == []


def test_in_a_meeting_that_is_no_sale_nothing_is_offered_and_a_gauge_is_only_noted() -> None:
    scene = Scene(prepared(checklist=(item("budget"),), gauges=(gauge("dead_air", 15.0),)))
    talk(scene, 150.0)
    wait(scene, 1000.0)
    assert scene.nudges == []
    assert [(moment.kind, held.reason) for moment, held in zip(scene.moments, scene.held, strict=True)] == [
        ("dead_air", "no_sale_yet")
    ]


def test_a_dead_air_card_of_the_playbook_comes_instead() -> None:
    scene = Scene(prepared(checklist=(SALE, item("budget")), gauges=(gauge("dead_air", 15.0),)))
    talk(scene, 150.0)
    wait(scene, 250.0)
    assert [nudge.card for nudge in scene.nudges] == ["dead_air"]
