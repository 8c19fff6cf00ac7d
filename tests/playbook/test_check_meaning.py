"""A playbook's lines with meaning: what only examples notice, and what must stay silent either way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from meaning_playbook import write_meaning_playbook
from small_playbook import PLAYBOOK

from cornerman.config import MeaningSettings
from cornerman.playbook_check import Report, check
from cornerman.replay.meaning import ReplayedMeaning

MEANT = '- {role: prospect, text: "we cannot afford it", fires: [price], meaning: true}\n'
BY_WORDS = '- {role: prospect, text: "that is too expensive", fires: [price]}\n'
QUIET = '- {role: prospect, text: "the weather is nice", silent: true}\n'


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORNERMAN_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def meaning() -> ReplayedMeaning:
    return ReplayedMeaning(MeaningSettings())


def checked(folder: Path, lines: str, meaning: ReplayedMeaning | None = None) -> Report:
    return check(write_meaning_playbook(folder / "mine", PLAYBOOK, **{"tests.yaml": lines}), meaning)


def test_a_line_that_only_meaning_notices_is_said_with_meaning(tmp_path: Path, meaning: ReplayedMeaning) -> None:
    report = checked(tmp_path, MEANT + BY_WORDS + QUIET, meaning)
    assert (report.faults, report.failures, report.said, report.unsaid) == ((), (), 3, 0)


def test_without_meaning_it_is_not_said_and_no_fault(tmp_path: Path) -> None:
    report = checked(tmp_path, MEANT + BY_WORDS + QUIET)
    assert (report.ok, report.said, report.unsaid) == (True, 2, 1)
    assert report.why_not == "switched off by meaning.enabled"
    assert not [one for one in report.warnings if "no line of tests.yaml fires" in one.text]


def test_a_line_without_the_mark_must_fire_by_words(tmp_path: Path, meaning: ReplayedMeaning) -> None:
    """Or it would fail on a machine without the model."""
    report = checked(tmp_path, MEANT.replace(", meaning: true", "") + QUIET, meaning)
    (failure,) = report.failures
    assert "should fire price, but nothing did; add a phrase to the moment" in failure.text


def test_a_line_that_means_something_else_fails_with_what_to_do(tmp_path: Path, meaning: ReplayedMeaning) -> None:
    report = checked(tmp_path, MEANT.replace("we cannot afford it", "the weather is nice") + QUIET, meaning)
    (failure,) = report.failures
    assert "should fire price, but nothing did; add an example to the moment" in failure.text


def test_a_silent_line_must_be_silent_by_meaning_too(tmp_path: Path, meaning: ReplayedMeaning) -> None:
    lines = '- {role: prospect, text: "we cannot afford it", silent: true}\n' + BY_WORDS
    assert checked(tmp_path / "words", lines).ok
    (failure,) = checked(tmp_path / "meaning", lines, meaning).failures
    assert "should stay silent, but price fired on 'we cannot afford it'" in failure.text


def test_silence_and_meaning_contradict_each_other(tmp_path: Path) -> None:
    report = checked(tmp_path, QUIET.replace("silent: true", "silent: true, meaning: true"))
    (fault,) = report.faults
    assert "a silent line must stay silent by words and by meaning; remove 'meaning'" in fault.text


def test_the_command_says_what_was_not_said(tmp_path: Path) -> None:
    folder = write_meaning_playbook(tmp_path / "mine", PLAYBOOK, **{"tests.yaml": MEANT + BY_WORDS + QUIET})
    command = [sys.executable, "-c", "from cornerman.cli import main; main()", "playbook", "check", str(folder)]
    without = subprocess.run([*command, "--no-meaning"], capture_output=True, text=True, timeout=60, check=True)
    assert "2 of 2 test lines went as wanted" in without.stdout
    assert "1 lines need meaning and were not said: switched off" in without.stdout
    assert "3 of 3" in subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
