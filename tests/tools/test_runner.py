"""Look-ups run once, in parallel, under a deadline, and end with the call."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from cornerman.tools import Late, ToolError, UnansweredError
from cornerman.tools.result import Found
from cornerman.tools.runner import KEPT, REST, RUNNING, Runner


class Source:
    """Something that is asked and answers when it is told to; counts how often, and how often it was given up."""

    def __init__(self) -> None:
        self.asked = 0
        self.given_up = 0
        self.may_answer = asyncio.Event()
        self.begun = asyncio.Event()

    async def __call__(self) -> Found:
        self.asked += 1
        self.begun.set()
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        return Found("title", "text", "place")


async def at_once() -> Found:
    return Found("title", "text", "place")


@pytest.fixture
def late() -> list[Late]:
    return []


@pytest.fixture
async def runner(late: list[Late]) -> AsyncIterator[Runner]:
    made = Runner(deadline=30, now=lambda: 7.0, on_late=late.append)
    yield made
    await made.aclose()


async def test_the_same_question_is_asked_once_whoever_asks(runner: Runner) -> None:
    source = Source()
    ahead = runner.ask("account", "key", source)
    jobs = [runner.ask("account", "key", source, generation=name) for name in ("r1", "r2")]
    source.may_answer.set()
    await runner.settled(jobs, 10)
    again = runner.ask("account", "key", source, generation="r3")
    assert source.asked == 1
    assert {id(one) for one in (ahead, *jobs, again)} == {id(ahead)}
    assert [one.id for one in runner.known()] == ["tool:account:1"]


async def test_different_questions_run_at_the_same_time(runner: Runner) -> None:
    first, second = Source(), Source()
    jobs = [runner.ask("a", "1", first), runner.ask("a", "2", second)]
    await asyncio.wait_for(asyncio.gather(first.begun.wait(), second.begun.wait()), 10)
    second.may_answer.set()
    first.may_answer.set()
    await runner.settled(jobs, 10)
    assert [one.key for one in runner.known()] == ["1", "2"]
    assert [one.key for one in runner.known(["2"])] == ["2"]


async def test_a_late_result_comes_to_those_who_went_on_without(runner: Runner, late: list[Late]) -> None:
    source = Source()
    job = runner.ask("a", "1", source, generation="r1")
    await runner.settled([job], 0)
    assert job.running
    job.late.add("r1")
    source.may_answer.set()
    await runner.settled([job], 10)
    assert [(one.result.id, one.generation) for one in late] == [("tool:a:1", "r1")]


async def test_cancelling_gives_up_what_nobody_else_waits_for(runner: Runner, late: list[Late]) -> None:
    alone, shared, ahead = Source(), Source(), Source()
    job = runner.ask("a", "alone", alone, generation="r1")
    runner.ask("a", "shared", shared, generation="r1").late.add("r1")
    runner.ask("a", "shared", shared, generation="r2")
    runner.ask("a", "ahead", ahead)
    runner.ask("a", "ahead", ahead, generation="r1").late.add("r1")
    await asyncio.wait_for(asyncio.gather(*(one.begun.wait() for one in (alone, shared, ahead))), 10)
    runner.cancel("r1")
    await runner.settled([job], 10)
    for source in (shared, ahead):
        source.may_answer.set()
    await runner.settled(runner.jobs(["shared", "ahead"]), 10)
    assert (alone.given_up, shared.given_up, ahead.given_up) == (1, 0, 0)
    assert {one.key for one in runner.known()} == {"shared", "ahead"}
    assert late == []


async def test_what_was_given_up_is_asked_anew(runner: Runner) -> None:
    source = Source()
    runner.ask("a", "1", source, generation="r1")
    await asyncio.wait_for(source.begun.wait(), 10)
    runner.cancel("r1")
    source.may_answer.set()
    job = runner.ask("a", "1", source, generation="r2")
    await runner.settled([job], 10)
    assert job.result is not None
    assert source.asked == 2


async def test_the_deadline_ends_a_look_up_and_after_a_rest_it_may_be_asked_again() -> None:
    clock = [0.0]
    runner = Runner(deadline=0.01, now=lambda: clock[0], on_late=lambda _: None)
    source = Source()
    for at in (0.0, 1.0, REST - 0.1, REST, REST + 1):
        clock[0] = at
        job = runner.ask("a", "1", source, generation="r")
        await runner.settled([job], 10)
        assert isinstance(job.error, UnansweredError)
    assert source.asked == source.given_up == 2
    await runner.aclose()


async def test_what_cannot_be_answered_is_not_asked_again() -> None:
    clock = [0.0]
    runner = Runner(deadline=30, now=lambda: clock[0], on_late=lambda _: None)
    asked: list[float] = []

    async def refuses() -> Found:
        asked.append(clock[0])
        raise ToolError("send something else")

    for at in (0.0, 1000.0):
        clock[0] = at
        await runner.settled([runner.ask("a", "1", refuses, generation="r")], 10)
    assert asked == [0.0]
    await runner.aclose()


async def test_what_fails_is_told_without_what_it_says(runner: Runner, caplog: pytest.LogCaptureFixture) -> None:
    async def fails() -> Found:
        raise KeyError("what the prospect said")

    with caplog.at_level(logging.DEBUG):
        job = runner.ask("a", "1", fails, generation="r")
        await runner.settled([job], 10)
    assert isinstance(job.error, UnansweredError)
    assert "prospect" not in f"{job.error}{caplog.text}"
    assert "KeyError" in caplog.text


async def test_a_source_that_is_cancelled_from_within_leaves_nobody_waiting(runner: Runner) -> None:
    async def gives_up() -> Found:
        raise asyncio.CancelledError

    job = runner.ask("a", "1", gives_up, generation="r")
    await runner.settled([job], 10)
    assert isinstance(job.error, UnansweredError)


async def test_too_much_at_once_is_refused(runner: Runner) -> None:
    for number in range(RUNNING):
        runner.ask("a", str(number), Source())
    with pytest.raises(UnansweredError, match="at once"):
        runner.ask("a", "more", Source())


async def test_the_oldest_answer_gives_way(runner: Runner) -> None:
    for number in range(KEPT + 5):
        await runner.settled([runner.ask("a", str(number), at_once)], 10)
    known = [one.key for one in runner.known()]
    assert len(known) == KEPT
    assert known[0] == "5"


async def test_what_was_asked_with_somebodys_words_is_forgotten_with_them(runner: Runner) -> None:
    running = Source()
    asks: list[tuple[str, Callable[[], Awaitable[Found]], set[str]]] = [
        ("nobody", at_once, set()),
        ("ann", at_once, {"ann"}),
        ("both", at_once, {"ann", "bob"}),
        ("running", running, {"bob"}),
    ]
    jobs = [runner.ask("a", key, work, saw=saw) for key, work, saw in asks]
    runner.ask("a", "nobody", at_once, generation="r", saw={"bob"})
    await runner.settled(jobs[:3], 10)
    await asyncio.wait_for(running.begun.wait(), 10)
    runner.forget("bob")
    await runner.settled(jobs, 10)
    assert [one.key for one in runner.known()] == ["nobody", "ann"]
    assert running.given_up == 1


async def test_the_end_leaves_no_task(runner: Runner) -> None:
    before = asyncio.all_tasks()
    source = Source()
    job = runner.ask("a", "1", source, generation="r")
    await asyncio.wait_for(source.begun.wait(), 10)
    await runner.aclose()
    assert asyncio.all_tasks() == before
    assert source.given_up == 1
    assert job.error is not None
    with pytest.raises(UnansweredError):
        runner.ask("a", "2", source)
