"""The comparison's arithmetic: known notes give known delays, costs and meters, and what was lost counts as lost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from bench.coaching.capacity import GIGABYTE, per_call
from bench.coaching.costs import Cost, Reading, cost, reading
from bench.coaching.delays import LATEST, delays_of
from bench.coaching.image_tokens import tokens_of
from bench.coaching.meters import meters_of
from bench.coaching.said import EXPRESSION, HEADLINES, TRIGGERS, utterances
from cornerman.coach.moments import Detector
from cornerman.coach.transcript import Utterance
from cornerman.events import Word
from cornerman.paths import find_project_file
from cornerman.playbook import load_playbook

MODEL = HEADLINES[0]


def said(due: float = 10.0, over: float = 12.0, words: str = "discount", call: int = 0) -> dict[str, Any]:
    return {"call": call, "words": words, "inside": over > due + 1, "due": due, "over": over}


def told(at: float, quote: str = "give us a discount", headline: str = "a card", **more: Any) -> dict[str, Any]:
    nudge = {"call": 0, "at": at, "quotes": [quote], "id": "n", "rev": 0, "final": False, "status": "live"}
    return {**nudge, "headline": headline, "detail": "", **more}


def test_a_nudge_is_timed_from_the_triggers_last_word() -> None:
    found = delays_of([said()], [told(10.4)], HEADLINES)
    assert found.nudge == pytest.approx([0.4])
    assert found.inside == found.nudge
    assert (found.said, found.lost) == (1, 0)


def test_the_first_nudge_counts_and_advice_is_timed_from_the_utterances_end() -> None:
    later = [told(11.5, headline=MODEL, final=True), told(13.0, headline=MODEL), told(14.0, headline=MODEL, final=True)]
    found = delays_of([said()], [told(10.4), *later], HEADLINES)
    assert [*found.nudge, *found.first, *found.final] == pytest.approx([0.4, -0.5, 2.0])
    assert found.unadvised == 0


@pytest.mark.parametrize(
    "nudge",
    [
        told(10.4, quote="too expensive"),
        told(10.4, call=1),
        told(10.4, status="withdrawn"),
        told(9.9),
        told(10.1 + LATEST),
    ],
    ids=["of other words", "in another call", "withdrawn", "before it was said", "too late"],
)
def test_a_trigger_without_a_nudge_of_its_own_is_lost(nudge: dict[str, Any]) -> None:
    found = delays_of([said()], [nudge], HEADLINES)
    assert (found.nudge, found.lost, found.unadvised) == ([], 1, 1)


def test_a_nudge_after_the_same_words_were_said_again_is_for_these() -> None:
    found = delays_of([said(10.0), said(14.0, 16.0)], [told(14.5)], HEADLINES)
    assert found.nudge == pytest.approx([0.5])
    assert found.lost == 1


def test_whole_turns_and_single_words_both_quote_the_trigger() -> None:
    asked = said(words="has to approve")
    for quote in ("My boss has to approve this.", "has to approve"):
        assert delays_of([asked], [told(11.0, quote=quote)], HEADLINES).lost == 0


def test_half_of_the_triggers_stand_inside_an_utterance_and_each_is_heard_with_its_due_word() -> None:
    """The floor's expression and the sample playbook agree on which word a nudge is due with."""
    detector = Detector(load_playbook(find_project_file("playbook")))
    script = utterances(0)
    first = [next(script) for _ in range(2 * len(TRIGGERS))]
    assert sum(one.inside for one in first) == len(TRIGGERS)
    assert {one.trigger for one in first if one.inside} == set(TRIGGERS)
    for one in first:
        for count in range(1, len(one.words) + 1):
            heard = one.words[:count]
            is_due = count > one.due
            assert bool(EXPRESSION.search(" ".join(heard))) == is_due
            assert bool(detector.detect(detector.read(utterance(heard)))) == is_due, heard


def utterance(heard: tuple[str, ...]) -> Utterance:
    words = tuple(Word(text, at * 0.34, at * 0.34 + 0.3) for at, text in enumerate(heard))
    return Utterance("t1", "prospect", "prospect", words, False)


def test_a_cost_is_what_was_used_between_two_readings() -> None:
    before = Reading(10.0, {(1, 0.0): 5.0, (2, 0.0): 1.0})
    after = Reading(20.0, {(1, 0.0): 6.0, (3, 12.0): 0.5}, 100)
    found = cost(before, after)
    assert found.cores == pytest.approx(0.15)
    assert found.bytes == 100


def test_a_process_that_has_the_number_of_one_that_ended_is_another() -> None:
    assert cost(Reading(0.0, {(1, 0.0): 9.0}), Reading(1.0, {(1, 5.0): 0.25})).cores == pytest.approx(0.25)


def test_a_reading_takes_in_what_a_process_started(busy_family: subprocess.Popen[str]) -> None:
    found = reading([busy_family.pid], time.monotonic(), memory=True)
    assert len(found.seconds) == 2
    assert sum(found.seconds.values()) > 0
    assert found.bytes is not None
    assert found.bytes > 2**20


def test_nobody_is_read_where_nobody_is() -> None:
    assert reading([2**22 + 1], 0.0, memory=True) == Reading(0.0, {}, 0)


@pytest.fixture
def busy_family() -> Iterator[subprocess.Popen[str]]:
    """A process with a child; both have worked a little and wait."""
    child = "sum(range(2_000_000)); print('ready', flush=True); input()"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    process = subprocess.Popen(
        [sys.executable, "-c", parent],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline().strip() == "ready"
    yield process
    process.stdin.write("\n")
    process.stdin.close()
    process.stdout.close()
    process.wait()


IDLE = Cost(0.1, GIGABYTE)


def test_processor_or_memory_whichever_runs_out_first() -> None:
    by_cores = per_call(IDLE, Cost(0.9, 2 * GIGABYTE), 8)
    assert by_cores.cores == pytest.approx(0.1)
    assert by_cores.carried(4, 1000) == 35
    assert by_cores.carried(1000, 8) == 56


def test_a_machine_too_small_for_the_worker_itself_carries_nobody() -> None:
    assert per_call(IDLE, Cost(0.9, 2 * GIGABYTE), 8).carried(4, 0.5) == 0


def test_meters_are_scaled_to_an_hour() -> None:
    advice = {"prompt_tokens": 900, "completion_tokens": 100, "image_tokens": 85, "advises": True}
    requests = [advice, {**advice, "advises": False}]
    taken = per_call(IDLE, Cost(0.9, 2 * GIGABYTE), 2)
    found = meters_of(
        [{"audio": 5.0}], [{"audio": 45.0}, {"audio": 14.0}], [*requests, *requests], 60.0, taken, calls=2
    )
    assert found.speech_seconds == pytest.approx(27.0 * 60)
    assert found.tokens == pytest.approx(2 * 1085 * 60)
    assert found.advice_tokens == pytest.approx(1085 * 60)
    assert found.requests == pytest.approx(120)


@pytest.mark.parametrize(
    ("width", "height", "detail", "tokens"),
    [
        (1920, 1080, "low", 85),
        (512, 288, "auto", 85),
        (512, 512, "high", 255),
        (1024, 576, "auto", 765),
        (1920, 1080, "high", 1105),
        (4096, 8192, "high", 1105),
    ],
)
def test_a_picture_costs_what_the_service_says(width: int, height: int, detail: str, tokens: int) -> None:
    assert tokens_of(width, height, detail) == tokens
