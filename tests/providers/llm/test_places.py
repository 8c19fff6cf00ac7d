"""A provider is sent so many requests at a time, and whoever is asked newest and most urgently goes first."""

from __future__ import annotations

import asyncio

import pytest
from fakes.hearing import until
from fakes.openai_chat import FakeOpenAIChat
from fakes.replies import Reply
from hypothesis import given
from hypothesis import strategies as st
from providers.llm.asking import Make, Told, ask, at, conversation, settings

from cornerman.providers.llm import ModelLateError, ModelUnavailableError, Purpose, Queued
from cornerman.providers.llm.places import MOST_WAITING, Place, Places

HELD = Reply(text="done", first=3600.0)


async def test_the_newest_goes_first_and_the_urgent_before_the_others() -> None:
    places = Places(1)
    holder = places.take(urgent=True)
    waiting = [places.take(urgent=urgent) for urgent in (False, True, False, True)]
    admitted = []
    for _ in range(4):
        holder.give_back()
        (holder,) = [place for place in waiting if place.held]
        admitted.append(waiting.index(holder))
    assert admitted == [3, 1, 2, 0]


async def test_background_work_leaves_a_place_free_for_who_waits() -> None:
    places = Places(2)
    background = [places.take(urgent=False) for _ in range(2)]
    assert [place.held for place in background] == [True, False]
    assert places.take(urgent=True).held


async def test_one_too_many_sends_the_oldest_background_work_away() -> None:
    places = Places(1)
    places.take(urgent=True)
    oldest = places.take(urgent=True)
    background = places.take(urgent=False)
    rest = [places.take(urgent=True) for _ in range(MOST_WAITING - 2)]
    over = places.take(urgent=True)
    assert await asyncio.wait_for(background.wait(), 5) is False
    assert not any(place.held for place in (oldest, over, *rest))


@given(st.integers(1, 4), st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 9)), max_size=60))
def test_there_are_never_more_than_there_are_places_and_none_stays_empty(
    limit: int, steps: list[tuple[bool, bool, int]]
) -> None:
    async def play() -> None:
        places = Places(limit)
        taken: list[Place] = []
        for takes, urgent, which in steps:
            if takes or not taken:
                taken.append(places.take(urgent=urgent))
            else:
                taken.pop(which % len(taken)).give_back()
            held = [place for place in taken if place.held]
            assert len(held) <= limit
            if any(place.urgent and not place.held for place in taken):
                assert len(held) == limit

    asyncio.run(play())


async def test_a_question_that_must_wait_says_so_once_and_goes_out_when_a_place_is_free(
    other: FakeOpenAIChat, make: Make
) -> None:
    models = make(settings(at(other, places=1)))
    other.replies.play(HELD, then=Reply(text="second"))
    async with models.open(conversation(), purpose="answer", schema=None, deadline=60.0) as first:
        await anext(first)
        await until(lambda: len(other.asked) == 1)
        told = Told()
        waiting = asyncio.create_task(ask(models, schema=None, told=told))
        await until(lambda: told.pieces == [Queued()])
        assert len(other.asked) == 1
    await asyncio.wait_for(waiting, 10)
    assert sum(isinstance(piece, Queued) for piece in told.pieces) == 1
    assert told.text == "second"


@pytest.mark.parametrize(
    ("purposes", "order"),
    [(("answer", "answer", "answer"), [2, 1, 0]), (("summary", "question", "notes"), [1, 2, 0])],
    ids=["newest first", "urgent first"],
)
async def test_who_waits_is_admitted_in_order(
    other: FakeOpenAIChat, make: Make, purposes: tuple[Purpose, ...], order: list[int]
) -> None:
    models = make(settings(at(other, places=1)))
    other.replies.play(HELD, then=Reply(text="x"))
    waiting: list[asyncio.Task[Told]] = []
    async with models.open(conversation(), purpose="answer", schema=None, deadline=60.0) as first:
        await anext(first)
        for number, purpose in enumerate(purposes):
            asking = ask(models, conversation(f"number {number}"), purpose=purpose, schema=None)
            waiting.append(asyncio.create_task(asking))
            await asyncio.sleep(0)
        await until(lambda: len(other.asked) == 1)
    await asyncio.wait_for(asyncio.gather(*waiting), 10)
    assert [asked.texts[-1] for asked in other.asked[1:]] == [f"number {number}" for number in order]


async def test_waiting_ends_with_the_deadline_and_speaks_against_nobody(other: FakeOpenAIChat, make: Make) -> None:
    models = make(settings(at(other, places=1), breaker_failures=1))
    other.replies.play(HELD)
    async with models.open(conversation(), purpose="answer", schema=None, deadline=60.0) as first:
        await anext(first)
        await until(lambda: len(other.asked) == 1)
        told = await ask(models, deadline=0.2)
    assert isinstance(told.error, ModelLateError)
    assert told.pieces == [Queued()]
    assert models.health == "full"
    assert (await ask(models, schema=None)).text == "ok"


async def test_who_waited_does_not_ask_one_that_failed_the_others_meanwhile(other: FakeOpenAIChat, make: Make) -> None:
    models = make(settings(at(other, places=1), breaker_failures=1, breaker_rest=60.0))
    other.replies.play(Reply(status=500, headers=0.2))
    first = asyncio.create_task(ask(models))
    await until(lambda: len(other.asked) == 1)
    told = await ask(models)
    assert isinstance(told.error, ModelUnavailableError)
    await first
    assert len(other.asked) == 1


async def test_too_many_that_wait_are_told_so(other: FakeOpenAIChat, make: Make) -> None:
    models = make(settings(at(other, places=1)))
    other.replies.play(HELD, then=Reply(text="x"))
    async with models.open(conversation(), purpose="answer", schema=None, deadline=60.0) as first:
        await anext(first)
        await until(lambda: len(other.asked) == 1)
        waiting = [asyncio.create_task(ask(models, purpose="notes", deadline=30.0)) for _ in range(MOST_WAITING + 1)]
        await until(lambda: any(task.done() for task in waiting))
    answers = await asyncio.gather(*waiting)
    assert sum(isinstance(told.error, ModelUnavailableError) for told in answers) == 1
