"""A slow look at the call: now and then, never in a hurry, only of turns that were said, gone with who withdraws."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from advising.notes import noting
from advising.notes.noting import Noted, scene
from advising.slow_time import TimedModels, in_slow_time, now
from fakes.openai_chat import FakeOpenAIChat
from fakes.replies import Reply

from cornerman.advising.grounding import Grounds, check
from cornerman.advising.insights import Insights
from cornerman.advising.whole_answer import Models as AnyModels
from cornerman.config import InsightSettings
from cornerman.contract import wire
from cornerman.playbook import Product
from cornerman.providers.llm import Models, Used

PATIENCE = 20.0
QUICK = InsightSettings(batch=0.02, every=0.02, deadline=5.0)


def look(**fields: Any) -> str:
    """A look as a model writes it."""
    whole = {"sentiment": "positive", "intent": 70, "objections": [], "products": [], "hints": [], "compliance": []}
    return json.dumps({**whole, "next_action": "", **fields})


BOOK = replace(noting.BOOK, company="Clearwater", products=(Product("Clearwater Archive", (), "products/archive"),))


class Looked:
    """A call that is looked at, and everything that was told."""

    def __init__(
        self, models: AnyModels, settings: InsightSettings = QUICK, clock: Callable[[], float] | None = None
    ) -> None:
        self.playbook = BOOK
        self.call: Noted = scene(self.playbook)
        self.told: list[tuple[wire.Insights | None, frozenset[str]]] = []
        self.used: list[Used] = []
        self.insights = Insights(
            self.playbook,
            settings,
            models=models,
            check=check,
            base=Grounds(names=frozenset({self.playbook.company}), language="en"),
            now=clock or (lambda: self.call.now),
            told=lambda insights, saw: self.told.append((insights, saw)),
            used=self.used.append,
        )
        self.call.follows.append(lambda event, _now, _made: self.insights.follow(event))
        self.call.come("rep", "rep")
        self.call.come("prospect", "prospect")

    async def told_of(self, number: int) -> wire.Insights | None:
        async with asyncio.timeout(PATIENCE):
            while len(self.told) < number:
                await asyncio.sleep(0.005)
        return self.told[number - 1][0]


async def test_a_look_is_told_with_whose_words_it_rests_on(fake: FakeOpenAIChat, models: Models) -> None:
    looked = Looked(models)
    product = looked.playbook.products[0].name
    fake.replies.play(
        Reply(
            text=look(
                objections=[{"text": "too expensive for forty seats", "turn": "t1"}],
                products=[product.upper(), "Somebody Else's"],
                hints=["Ask who signs."],
                next_action="Ask what one lost customer costs.",
            )
        )
    )
    looked.insights.start()
    looked.call.says("prospect", "It is too expensive for forty seats.")
    insights = await looked.told_of(1)
    assert insights == wire.Insights(
        at=insights.at if insights else 0,
        sentiment="positive",
        intent=70,
        objections=(wire.Objection(text="too expensive for forty seats", turn="t1"),),
        products=(product,),
        hints=("Ask who signs.",),
        next_action="Ask what one lost customer costs.",
    )
    assert looked.told[0][1] == {"prospect"}
    assert len(looked.used) == 1
    await looked.insights.aclose()


@pytest.mark.parametrize(
    "wrong",
    [
        {"objections": [{"text": "too expensive", "turn": "t99"}]},
        {"compliance": [{"text": "promised the moon", "turn": ""}]},
        {"objections": [{"text": "they pay $9,000 elsewhere", "turn": "t1"}]},
        {"hints": ["Offer them 25 percent off."]},
        {"hints": ["Look at http://evil.example now."]},
        {"hints": ["word " * 60]},
        {"next_action": "Tell Siobhan that you agree."},
        {"next_action": "**Sign** it"},
        {"products": ["Somebody Else's"]},
    ],
)
async def test_what_rests_on_nothing_is_left_out(fake: FakeOpenAIChat, models: Models, wrong: dict[str, Any]) -> None:
    fake.replies.play(Reply(text=look(**wrong)))
    looked = Looked(models)
    looked.insights.start()
    looked.call.says("prospect", "It is too expensive for forty seats.")
    insights = await looked.told_of(1)
    assert insights is not None
    assert (insights.objections, insights.compliance, insights.hints, insights.products) == ((), (), (), ())
    assert (insights.next_action, insights.sentiment, insights.intent) == ("", "positive", 70)
    await looked.insights.aclose()


async def test_an_intent_out_of_bounds_is_brought_back(fake: FakeOpenAIChat, models: Models) -> None:
    fake.replies.play(Reply(text=look(intent=250)))
    looked = Looked(models)
    looked.insights.start()
    looked.call.says("prospect", "It is too expensive for forty seats.")
    insights = await looked.told_of(1)
    assert insights is not None
    assert insights.intent == 100
    await looked.insights.aclose()


@pytest.mark.parametrize(
    "bad", [Reply(text="never"), Reply(text=look(sentiment="furious")), Reply(status=400), Reply(text="{")]
)
async def test_a_look_that_failed_is_followed_by_the_next(fake: FakeOpenAIChat, models: Models, bad: Reply) -> None:
    fake.replies.play(bad, then=Reply(text=look()))
    looked = Looked(models)
    looked.insights.start()
    looked.call.says("prospect", "It is too expensive for forty seats.")
    async with asyncio.timeout(PATIENCE):
        while not fake.asked or fake.asked[0].record.ended is None:
            await asyncio.sleep(0.005)
    looked.call.says("prospect", "And too slow for us.")
    assert await looked.told_of(1) is not None
    await looked.insights.aclose()


async def test_who_withdraws_takes_the_look_along(fake: FakeOpenAIChat, models: Models) -> None:
    fake.replies.play(Reply(text=look()), then=Reply(text=look(intent=10)))
    looked = Looked(models)
    looked.insights.start()
    looked.call.says("prospect", "Zanzibar is too expensive for forty seats.")
    looked.call.says("rep", "What does a lost customer cost you?")
    await looked.told_of(1)
    looked.call.forget("prospect")
    assert looked.told[1] == (None, frozenset())
    assert await looked.told_of(3) is not None
    assert looked.told[2][1] == {"rep"}
    assert "Zanzibar" not in fake.asked[1].prompt
    assert "Zanzibar" not in repr(vars(looked.insights))
    await looked.insights.aclose()


async def test_who_withdraws_meanwhile_ends_the_request_upstream(fake: FakeOpenAIChat, models: Models) -> None:
    fake.replies.play(Reply(ending="stall"), then=Reply(text=look()))
    looked = Looked(models)
    looked.insights.start()
    looked.call.says("prospect", "Zanzibar is too expensive for forty seats.")
    looked.call.says("rep", "What does a lost customer cost you?")
    async with asyncio.timeout(PATIENCE):
        while not fake.asked:
            await asyncio.sleep(0.005)
    looked.call.forget("prospect")
    await looked.told_of(1)
    assert [saw for _, saw in looked.told] == [{"rep"}]
    assert fake.asked[0].closed_early
    assert "Zanzibar" not in fake.asked[1].prompt
    await looked.insights.aclose()


async def test_the_end_of_the_call_hangs_up(fake: FakeOpenAIChat, models: Models) -> None:
    fake.replies.play(Reply(ending="stall"))
    looked = Looked(models)
    looked.insights.start()
    looked.call.says("prospect", "It is too expensive for forty seats.")
    async with asyncio.timeout(PATIENCE):
        while not fake.asked:
            await asyncio.sleep(0.005)
    await looked.insights.aclose()
    async with asyncio.timeout(PATIENCE):
        while not fake.asked[0].closed_early:
            await asyncio.sleep(0.005)
    assert looked.told == []


def test_turns_are_gathered_and_requests_kept_apart() -> None:
    async def run() -> list[float]:
        models = TimedModels(lambda _: look(), seconds=0.5)
        looked = Looked(models, InsightSettings(batch=15.0, every=40.0), now)
        looked.insights.start()
        await asyncio.sleep(7.0)
        for _ in range(40):
            looked.call.says("prospect", "We are growing and growing.")
            await asyncio.sleep(3.0)
        await asyncio.sleep(200.0)
        await looked.insights.aclose()
        return [at for at, _ in models.asked]

    asked = in_slow_time(run)
    assert asked[0] == pytest.approx(22.0)
    assert all(later - earlier >= 40.0 for earlier, later in pairwise(asked))
    assert 3 <= len(asked) <= 4


def test_silence_costs_nothing_and_a_late_answer_is_given_up() -> None:
    async def run() -> tuple[list[float], int]:
        models = TimedModels(lambda _: look(), seconds=100.0)
        looked = Looked(models, InsightSettings(), now)
        looked.insights.start()
        await asyncio.sleep(600.0)
        looked.call.says("prospect", "We are growing and growing.")
        await asyncio.sleep(600.0)
        looked.call.says("prospect", "We are growing still.")
        await asyncio.sleep(600.0)
        await looked.insights.aclose()
        return [at for at, _ in models.asked], len(looked.told)

    asked, told = in_slow_time(run)
    assert asked == pytest.approx([615.0, 1215.0])
    assert told == 0
