"""The running summary: made of the one before and of what was said since, and anew once somebody's words are gone."""

from __future__ import annotations

import asyncio
from pathlib import Path

from advising.rig import Rig, call_with, settings_for
from fakes.openai_chat import FakeOpenAIChat
from fakes.replies import Asked, Reply

from cornerman.events import Purge

FIRST, SECOND = "one about apples today", "another about pears then"
WRITTEN = "They spoke of fruit."
EVERY_TURN = {"early": False, "verbatim": 0.05, "summarise_every": 1}
PATIENCE = 20.0


def is_summary(asked: Asked) -> bool:
    return "Summarise a sales call" in asked.prompt


def reply(asked: Asked) -> Reply:
    return Reply(text=WRITTEN if is_summary(asked) else "{}")


async def asked_for(call: Rig, model: FakeOpenAIChat, holding: str, since: int = 0) -> Asked:
    """The first request for a summary with these words. Turns go on meanwhile: each that ends may bring one."""
    async with asyncio.timeout(PATIENCE):
        while True:
            for one in model.asked[since:]:
                if is_summary(one) and holding in one.prompt:
                    return one
            call.says("hm", who="rep", role="rep", partials=False)
            await asyncio.sleep(0.1)


async def test_a_summary_is_brought_up_to_date_with_what_was_said_since(model: FakeOpenAIChat, tmp_path: Path) -> None:
    model.replies.decide(reply)
    async with call_with(model, tmp_path, settings=settings_for(model, advising=EVERY_TURN)) as call:
        call.says(FIRST, partials=False)
        first = await asked_for(call, model, FIRST)
        call.says(SECOND, partials=False)
        second = await asked_for(call, model, SECOND)
    assert WRITTEN not in first.prompt
    assert WRITTEN in second.prompt
    assert FIRST not in second.prompt, "what a summary holds already is paid for again"


async def test_a_purge_has_the_summary_made_anew_of_what_is_left(model: FakeOpenAIChat, tmp_path: Path) -> None:
    model.replies.decide(reply)
    async with call_with(model, tmp_path, settings=settings_for(model, advising=EVERY_TURN)) as call:
        call.says(FIRST, partials=False)
        call.says(SECOND, who="rep", role="rep", partials=False)
        await asked_for(call, model, WRITTEN)
        call.driver.feed(Purge("pat"))
        before = len(model.asked)
        anew = await asked_for(call, model, SECOND, before)
    assert FIRST not in anew.prompt
    assert WRITTEN not in anew.prompt
