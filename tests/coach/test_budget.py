"""The rep is interrupted rarely: bucket, cool-downs, caps, attention, and never while speaking."""

from __future__ import annotations

from scenes import Scene, definition, playbook

from cornerman.coach import CoachSettings
from cornerman.events import Control, Delivery, Feedback, Speaking

ANY = tuple(definition(name, f"say {name}", kind=f"kind_{name}") for name in ("a", "b", "c", "d"))


def reasons(scene: Scene) -> list[str]:
    return [held.reason for held in scene.held]


def test_two_at_once_then_one_every_interval() -> None:
    scene = Scene(playbook(*ANY), CoachSettings(interval=10.0, burst=2))
    for index, name in enumerate(("a", "b", "c")):
        scene.turn(f"say {name}", turn=f"t{index}", at=1.0 + index)
    assert [nudge.card for nudge in scene.nudges] == ["a", "b"]
    assert scene.wake_at == 11.0
    scene.hear(Speaking("prospect", False, 12.0), 12.0)
    assert [(nudge.card, nudge.decided) for nudge in scene.nudges][-1] == ("c", 11.0)


def test_what_finds_no_token_in_its_time_is_held_with_the_reason() -> None:
    scene = Scene(playbook(*ANY), CoachSettings(interval=60.0, burst=1))
    scene.turn("say a", turn="t1", at=1.0)
    scene.turn("say b", turn="t2", at=2.0)
    scene.hear(Speaking("prospect", False, 30.0), 30.0)
    assert [nudge.card for nudge in scene.nudges] == ["a"]
    assert reasons(scene) == ["budget"]


def test_the_most_important_draft_goes_first() -> None:
    low = definition("low", "say low", kind="low", priority=100)
    high = definition("high", "say high", kind="high", priority=900)
    scene = Scene(playbook(low, high), CoachSettings(interval=60.0, burst=1))
    scene.hear(Speaking("rep", True, 0.5), 0.5)
    scene.turn("say low", turn="t1", at=1.0)
    scene.turn("say high", turn="t2", at=2.0)
    scene.hear(Speaking("rep", False, 3.0), 3.0)
    assert [nudge.card for nudge in scene.nudges] == ["high"]


def test_nothing_while_the_rep_speaks_unless_critical() -> None:
    plain = definition("plain", "say plain")
    urgent = definition("urgent", "i guarantee", kind="compliance", roles=("rep",), critical=True)
    scene = Scene(playbook(plain, urgent))
    scene.hear(Speaking("rep", True, 1.0), 1.0)
    scene.turn("say plain", at=2.0)
    assert scene.nudges == []
    scene.partial("well i guarantee", turn="t2", who="rep", at=3.0)
    assert [nudge.card for nudge in scene.nudges] == ["urgent"]
    scene.hear(Speaking("rep", False, 4.0), 4.0)
    assert [nudge.card for nudge in scene.nudges] == ["urgent", "plain"]


def test_a_card_cools_down_and_has_a_cap() -> None:
    scene = Scene(playbook(definition("a", "say a", cooldown_s=30.0, per_call=2)), CoachSettings(interval=1.0, burst=5))
    for index, at in enumerate((1.0, 20.0, 40.0, 80.0)):
        scene.turn("say a", turn=f"t{index}", at=at)
    assert [nudge.decided for nudge in scene.nudges] == [1.0, 40.0]
    assert reasons(scene) == ["cool_down", "per_call_cap"]


def test_one_kind_is_offered_once_a_turn() -> None:
    scene = Scene(playbook(definition("a", "too much"), definition("b", "way too much")))
    scene.turn("that is way too much")
    assert len(scene.moments) == 2
    assert len(scene.nudges) == 1
    assert reasons(scene) == ["duplicate"]


def test_attention_is_the_reps_wish() -> None:
    urgent = definition("urgent", "i guarantee", kind="compliance", roles=("rep",), critical=True)
    scene = Scene(playbook(definition("a", "say a"), urgent))
    scene.hear(Control("quiet"), 1.0)
    scene.turn("say a", turn="t1", at=2.0)
    scene.turn("i guarantee it", turn="t2", who="rep", at=3.0)
    scene.hear(Control("off"), 4.0)
    scene.turn("i guarantee it", turn="t3", who="rep", at=90.0)
    assert [nudge.card for nudge in scene.nudges] == ["urgent"]
    assert reasons(scene) == ["attention_quiet", "attention_off"]


def test_an_unknown_delivery_is_spent_and_a_certain_failure_given_back() -> None:
    for outcome, expected in (("unknown", 1), ("no_client", 2), ("absent", 2), ("expired", 2)):
        scene = Scene(playbook(*ANY), CoachSettings(interval=100.0, burst=1))
        scene.turn("say a", turn="t1", at=1.0)
        scene.hear(Delivery(scene.nudges[0].id, 0, outcome, 0), 2.0)  # type: ignore[arg-type]
        scene.turn("say b", turn="t2", at=3.0)
        assert len(scene.nudges) == expected, outcome


def test_a_dismissed_card_does_not_come_back() -> None:
    scene = Scene(playbook(definition("a", "say a", cooldown_s=1.0)), CoachSettings(interval=1.0, burst=5))
    scene.turn("say a", turn="t1", at=1.0)
    scene.hear(Feedback(scene.nudges[0].id, "dismissed"), 2.0)
    scene.turn("say a", turn="t2", at=30.0)
    assert len(scene.nudges) == 1
    assert reasons(scene) == ["dismissed_before"]
