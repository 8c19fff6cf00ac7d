"""Words that are denied, or only reported, are not meant."""

from __future__ import annotations

import pytest
from scenes import Scene, definition, playbook

BOOK = playbook(definition("price", "too expensive", "can not afford"))


@pytest.mark.parametrize(
    "line",
    [
        "that is too expensive for us",
        "honestly it's too expensive",
        "isn't it too expensive",
        "we can't afford it",
        "I am not happy, that is too expensive",
        "we are not ready and that is too expensive",
        "my boss says it is too expensive",
        "I said it is too expensive",
        "our team says it is too expensive",
        "they liked it but it is too expensive",
        "not only is it slow it is too expensive",
    ],
)
def test_what_is_meant_fires(line: str) -> None:
    scene = Scene(BOOK)
    scene.turn(line)
    assert [moment.kind for moment in scene.moments] == ["price_objection"]


@pytest.mark.parametrize(
    "line",
    [
        "it is not too expensive",
        "it isn't too expensive at all",
        "it was never too expensive",
        "I don't think it is too expensive",
        "I do not think that this is really too expensive",
        "they told us it was too expensive",
        "half of the team said it was too expensive",
        "people say it is too expensive",
        "our old vendor thought we can not afford it",
    ],
)
def test_what_is_denied_or_reported_stays_silent(line: str) -> None:
    scene = Scene(BOOK)
    scene.turn(line)
    assert scene.moments == []


def test_a_partial_fires_and_its_denial_withdraws() -> None:
    scene = Scene(BOOK)
    scene.partial("too expensive", at=1.0)
    assert [nudge.status for nudge in scene.nudges] == ["live"]
    scene.partial("not too expensive", at=1.2)
    assert [nudge.status for nudge in scene.nudges] == ["live", "withdrawn"]
    assert [one.reason for one in scene.withdrawn] == ["revised"]
