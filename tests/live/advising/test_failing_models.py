"""A model that says nothing, hangs, fails or talks nonsense costs a card its better words, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from advising_calls import (
    BOSS,
    LATER,
    OBJECTION,
    PRICE,
    RIVAL,
    SECURITY,
    SIGN_ON,
    UNHURRIED,
    AdvisedWorker,
    Script,
    Speaks,
    Told,
    advised_worker,
    answer,
    begun,
    engine_of,
    playbook,
    quiet,
    replays_the_same,
    said,
)
from calls import LiveCall, inputs_of, live_call, until
from fakes.openai_chat import FakeOpenAIChat
from fakes.replies import Reply
from livekit import api

from cornerman.livekit_server import ServerAddress

IMPATIENT = {**UNHURRIED, "CORNERMAN__ADVISING__CARD_DEADLINE": "1.5", "CORNERMAN__ADVISING__THINKING_AFTER": "0.5"}
WORDS = "Ask who else has to agree before they sign"
HALF = '{"sources": ["objections/too-exp'


@pytest.fixture(scope="module")
def advised(livekit_server: ServerAddress, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AdvisedWorker]:
    """A worker that gives a model little time."""
    folder = tmp_path_factory.mktemp("impatient")
    with advised_worker(livekit_server, folder, IMPATIENT, breaker_rest=10.0) as running:
        yield running


async def ended(call: LiveCall, many: int) -> None:
    """Waits until so many answers have ended."""
    await until(lambda: len(outcomes(call)) >= many, f"the end of answer {many}")


def saying(headline: str) -> Speaks:
    """A model that says this of whatever it was given."""
    return lambda asked: Reply(text=answer(headline, "", asked.sources[:1]))


def outcomes(call: LiveCall) -> list[str]:
    """How each answer ended, in order."""
    return [one["status"] for one in inputs_of(call, "advice") if one["status"] in ("final", "silent", "failed")]


async def test_a_model_that_fails_leaves_the_plain_cards_and_the_next_ones_come(
    call: LiveCall, told: Told, advised: AdvisedWorker
) -> None:
    """Silent, hanging, cut off in the middle, and no JSON, one after the other, each to another moment."""
    script = advised.script
    ways = [
        (SIGN_ON, "requirement", "silent", Reply(text=answer())),
        (OBJECTION, "price_objection", "failed", Reply(ending="stall")),
        (RIVAL, "competitor_mention", "failed", Reply(text=HALF, ending="cut")),
        (SECURITY, "trust_concern", "failed", Reply(text="Sure! Here is my advice: give in at once.")),
        (PRICE, "price_question", "failed", Reply(text=HALF, ending="garbage")),
    ]
    for words, _, _, reply in ways:
        script.to(words, reply)
    _, (prospect,) = await begun(call)
    for number, (words, kind, _, _) in enumerate(ways, start=1):
        await said(call, prospect, words)
        async with quiet(prospect):
            await call.nudge(kind)
            await ended(call, number)
    assert outcomes(call) == [how for _, _, how, _ in ways]
    cards = playbook().cards
    for _, kind, _, _ in ways:
        shown = told.of(kind)
        headlines = {cards[card].headline for card in cards}
        assert {one.headline for one in shown} <= headlines
        assert shown[-1].final
        assert shown[-1].status == "live"
        assert (shown[-1].headline, shown[-1].detail) == (shown[0].headline, shown[0].detail)
    assert [one.status for one in told.of("price_objection")] == ["live", "thinking", "live"]
    (hanging,) = list(script.asked(OBJECTION))
    assert hanging.asked.closed_early
    assert len(told.of("requirement")) == 1
    assert replays_the_same(await call.end()) > 10


async def test_the_rep_sees_that_rules_alone_coach_while_the_breaker_is_open(
    call: LiveCall, told: Told, advised: AdvisedWorker
) -> None:
    script = advised.script
    for words in (OBJECTION, RIVAL, SECURITY, PRICE, SIGN_ON):
        script.to(words, Reply(status=503))
    script.to(BOSS, Reply(text=answer(WORDS, "", ["objections/need-approval#answer"])))
    client, (prospect,) = await begun(call)
    assert engine_of(client) == "full"
    for words, kind in ((OBJECTION, "price_objection"), (RIVAL, "competitor_mention"), (SECURITY, "trust_concern")):
        await said(call, prospect, words)
        async with quiet(prospect):
            await call.nudge(kind)
    async with quiet(prospect):
        await until(lambda: engine_of(client) == "rules_only", "rules only")
    before = len(advised.model.asked)
    await said(call, prospect, LATER)
    async with quiet(prospect):
        await call.nudge("timing_stall")
        await until(lambda: len(outcomes(call)) >= 4, "the fourth answer's end")
        assert len(advised.model.asked) == before, "a model whose breaker is open was asked"
        while engine_of(client) != "full":  # the first question after the breaker's rest is the probe
            await client.ask("what now?")
            with suppress(AssertionError):
                await until(lambda: engine_of(client) == "full", "a model advises again", 1.5)
    await said(call, prospect, BOSS)
    async with quiet(prospect):
        better = await until(lambda: told.final(WORDS), "the model's words")
    assert better.kind == "authority"
    await call.end()
    for kind in ("price_objection", "competitor_mention", "trust_concern", "timing_stall"):
        assert {one.headline for one in told.of(kind)} <= {card.headline for card in playbook().cards.values()}


async def test_another_model_counts_for_new_calls_while_a_running_call_keeps_its_own(
    call: LiveCall, told: Told, advised: AdvisedWorker, server_api: api.LiveKitAPI
) -> None:
    first, hearing = advised.script, advised.hearing
    for words, headline in ((OBJECTION, "Ask compared with what"), (RIVAL, "Ask what they like about it")):
        first.to(words, saying(headline))
    with FakeOpenAIChat() as other:
        second = Script(other)
        second.to(OBJECTION, saying("Ask what it is compared with"))
        _, (prospect,) = await begun(call)
        await said(call, prospect, OBJECTION)
        async with quiet(prospect):
            await until(lambda: told.final("Ask compared with what"), "the first model's words")
        advised.thinks_with(other)
        try:
            async with live_call(
                call.server, server_api, f"later-{call.room}", hearing.agent_name, hearing.journals
            ) as later:
                _, (prospect_later,) = await begun(later)
                await said(later, prospect_later, OBJECTION)
                async with quiet(prospect, prospect_later):
                    await until(lambda: Told(later).final("Ask what it is compared with"), "the second model's words")
        finally:
            advised.thinks_with(advised.model)
        await said(call, prospect, RIVAL)
        async with quiet(prospect):
            await until(lambda: told.final("Ask what they like about it"), "the first model's words again")
        assert not second.asked(RIVAL)
    assert len({one.headline for one in call.nudges if "compared" in one.headline}) <= 2
