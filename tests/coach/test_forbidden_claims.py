"""Forbidden claims: told at once whatever the budget says, and only when the rep makes one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scenes import Scene

from cornerman.contract import Role
from cornerman.events import Speaking
from cornerman.paths import find_project_file
from cornerman.playbook import Playbook, load_playbook
from cornerman.playbook.kinds import COMPLIANCE_KIND


@pytest.fixture(scope="module")
def sample() -> Playbook:
    """The sample with its forbidden claims alone."""
    whole = load_playbook(find_project_file("playbook"))
    return replace(whole, moments=tuple(one for one in whole.moments if one.kind == COMPLIANCE_KIND))


CLAIMS = {
    "no-downtime-guarantee": "I guarantee you will never have any downtime",
    "roadmap-promise": "I promise you that the feature is ready next month",
    "competitor-disparagement": "honestly northstar is going bankrupt",
    "absolute-security": "your data is completely safe with us",
    "result-guarantee": "I guarantee you that you will save half of it",
}


def fired(scene: Scene) -> list[str]:
    """The forbidden claims noticed, for a moment or to the end."""
    return [one.definition for one in scene.moments if one.kind == "compliance"]


def say(scene: Scene, text: str, who: Role) -> None:
    """Word by word, as a recogniser brings it."""
    words = text.split()
    for count in range(1, len(words) + 1):
        scene.partial(" ".join(words[:count]), who=who, at=float(count))
    scene.turn(text, who=who, at=float(len(words) + 1))


@pytest.mark.parametrize("claim", CLAIMS)
def test_every_claim_of_the_sample_is_told_while_the_rep_still_speaks(claim: str, sample: Playbook) -> None:
    scene = Scene(sample)
    scene.hear(Speaking("rep", True, 0.0), 0.0)
    say(scene, CLAIMS[claim], "rep")
    assert fired(scene) == [claim]
    assert [(nudge.card, nudge.critical) for nudge in scene.nudges] == [(f"compliance/{claim}", True)]


@pytest.mark.parametrize("claim", CLAIMS)
def test_nobody_else_can_make_them(claim: str, sample: Playbook) -> None:
    roles: tuple[Role, ...] = ("prospect", "colleague")
    for who in roles:
        scene = Scene(sample)
        say(scene, CLAIMS[claim], who)
        assert fired(scene) == []


@pytest.mark.parametrize(
    "text",
    [
        "our competitor says they guarantee no downtime",
        "they told you that they guarantee no downtime",
        "northstar claims that they guarantee no downtime",
        "your last vendor said that you would never have any downtime",
        "I can not guarantee that there is no downtime",
        "nobody can guarantee no downtime",
        "we do not guarantee that there will be no downtime",
        "we never promise zero downtime",
        "what would no downtime be worth to you",
        "I will not say that northstar is going bankrupt",
        "people say that northstar is going bankrupt but I would not repeat that",
        "no system is completely safe and neither is ours",
        "your data is not completely safe on that laptop",
        "I do not promise that you will save anything",
        "I can not promise you that feature",
    ],
)
def test_what_is_denied_or_only_reported_is_no_claim(text: str, sample: Playbook) -> None:
    scene = Scene(sample)
    say(scene, text, "rep")
    assert fired(scene) == []


@pytest.mark.parametrize(
    "text",
    [
        "does northstar guarantee no downtime",
        "did they promise you no downtime?",
        "has your vendor ever guaranteed zero downtime",
        "do they say that your data is completely safe",
        "are you looking for a guarantee of no downtime",
        "is your data completely safe today",
        "did northstar promise you any savings",
    ],
)
def test_a_question_is_no_claim(text: str, sample: Playbook) -> None:
    scene = Scene(sample)
    say(scene, text, "rep")
    assert fired(scene) == []


@pytest.mark.parametrize(
    "text",
    [
        "unlike northstar we guarantee no downtime",
        "they do not, but we guarantee no downtime",
        "our system will never have any downtime okay?",
        "with us your data is absolutely secure, is that clear?",
    ],
)
def test_a_claim_beside_other_names_and_with_a_tag_question_is_one(text: str, sample: Playbook) -> None:
    scene = Scene(sample)
    say(scene, text, "rep")
    assert len(fired(scene)) == 1


def test_a_claim_overtakes_an_empty_budget(sample: Playbook) -> None:
    scene = Scene(sample)
    for number, text in enumerate(CLAIMS.values()):
        scene.turn(text, turn=f"t{number}", who="rep", at=1.0 + number)
    assert len(scene.nudges) == len(CLAIMS)
