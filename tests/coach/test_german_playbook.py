"""A whole German playbook from its folder: its own lines fire, its near misses stay silent on every partial."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cornerman.coach.moments import Detector
from cornerman.coach.transcript import Utterance
from cornerman.events import Word
from cornerman.playbook import Playbook, PlaybookTest, load_playbook

KLARWASSER = load_playbook(Path(__file__).parent / "klarwasser")


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(KLARWASSER)


def noticed(playbook: Playbook, detector: Detector, line: PlaybookTest, words: list[str]) -> set[str]:
    """Ids and kinds noticed in these words, spoken at an even pace."""
    spoken = tuple(Word(word, index * 0.3, index * 0.3 + 0.25) for index, word in enumerate(words))
    found = detector.detect(detector.read(Utterance("1", "somebody", line.line.role, spoken, False)))
    moments = [playbook.moments[one.definition] for one in found]
    return {moment.id for moment in moments} | {moment.kind for moment in moments}


def test_a_german_playbook_loads_without_a_warning() -> None:
    assert KLARWASSER.warnings == ()


@pytest.mark.parametrize("line", [one for one in KLARWASSER.tests if one.fires], ids=lambda one: one.locator)
@pytest.mark.parametrize(
    "written", [str, str.upper, lambda text: f"{text.capitalize()}."], ids=["", "capitals", "stop"]
)
def test_its_lines_fire_however_they_are_written(
    detector: Detector, line: PlaybookTest, written: Callable[[str], str]
) -> None:
    assert set(line.fires) <= noticed(KLARWASSER, detector, line, written(line.line.text).split())


@pytest.mark.parametrize("line", [one for one in KLARWASSER.tests if one.silent], ids=lambda one: one.locator)
def test_its_near_misses_stay_silent_on_every_partial(detector: Detector, line: PlaybookTest) -> None:
    words = line.line.text.split()
    for count in range(1, len(words) + 1):
        assert noticed(KLARWASSER, detector, line, words[:count]) == set()
