"""Promise 3: rarely wrong, mostly silent. The recorded call as perfect words, and ordinary talk."""

from __future__ import annotations

import pytest
from scenes import Scene

from cornerman.coach import CoachSettings
from cornerman.demo_call import load_recording
from cornerman.events import Partial, Speaking, Turn, Word
from cornerman.paths import find_project_file
from cornerman.playbook import Playbook, load_playbook


@pytest.fixture(scope="module")
def sample() -> Playbook:
    return load_playbook(find_project_file("playbook"))


def play(scene: Scene) -> None:
    """The recorded call, word by word, as a recogniser without faults would hear it."""
    for number, line in enumerate(load_recording().lines):
        texts = line.text.split()
        step = (line.end - line.start) / len(texts)
        words = tuple(
            Word(text, round(line.start + index * step, 3), round(line.start + (index + 1) * step, 3))
            for index, text in enumerate(texts)
        )
        scene.hear(Speaking(line.speaker, True, line.start), line.start)
        for count in range(1, len(words) + 1):
            scene.hear(Partial(f"t{number}", line.speaker, line.speaker, words[:count]), words[count - 1].end)
        scene.hear(Speaking(line.speaker, False, line.end), line.end)
        scene.hear(Turn(f"t{number}", line.speaker, line.speaker, words, line.start, line.end, 1.0), line.end)


def test_the_recorded_call_brings_its_planted_moments_and_nothing_else(sample: Playbook) -> None:
    recording = load_recording()
    scene = Scene(sample, CoachSettings(sample.budget.interval_s, sample.budget.burst))
    play(scene)
    assert [nudge.kind for nudge in scene.nudges if nudge.rev == 0] == [one.kind for one in recording.planted]
    assert [nudge.status for nudge in scene.nudges] == ["live"] * len(recording.planted)
    assert len({(moment.turn, moment.kind) for moment in scene.moments}) == len(recording.planted)


ORDINARY = (
    "good morning everybody can you hear me well",
    "the weather was awful so the train was late again",
    "let me share the agenda and then we go through the minutes of last week",
    "I put the remote control on the table and the battery fell out",
    "we should paint the case yellow because the company colours are yellow",
    "the kids go back to school next week and then it gets quieter",
    "thanks for the notes I read them on the plane",
    "she manages the warehouse and he drives the truck",
    "the first item is the budget of the city for schools and roads",
    "could you speak up a little please the line is bad",
)


@pytest.mark.parametrize("line", ORDINARY)
def test_on_ordinary_talk_it_says_nothing(sample: Playbook, line: str) -> None:
    scene = Scene(sample)
    words = line.split()
    for count in range(1, len(words) + 1):
        scene.partial(" ".join(words[:count]), at=float(count))
    scene.turn(line, at=float(len(words) + 1))
    assert scene.decided == []
