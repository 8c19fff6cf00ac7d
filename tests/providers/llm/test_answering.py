"""A question goes out whole, its answer streams back, and leaving it hangs up at the provider."""

from __future__ import annotations

import asyncio

import pytest
from fakes.hearing import until
from fakes.language_model import FakeLanguageModel
from fakes.openai_chat import FakeOpenAIChat
from fakes.replies import Call, Reply
from livekit.agents import llm
from prometheus_client import REGISTRY
from providers.llm.asking import ANSWER, Advice, Make, ask, at, conversation, settings

from cornerman.providers.llm import Began, ModelLateError, Queued, Text, ToolCalls, Used

JPEG = "data:image/jpeg;base64,/9j/4AA="


@llm.function_tool
async def get_battlecard(competitor: str) -> str:
    """What is known of a competitor.

    Args:
        competitor: The name as it was said.
    """
    return competitor


async def test_an_answer_streams_as_it_is_written(fake: FakeLanguageModel, make: Make) -> None:
    models = make(settings(at(fake)))
    fake.replies.play(Reply(text=ANSWER, cached_tokens=2, first=0.02, tokens_per_second=500))
    told = await ask(models)
    began, *texts, used = told.pieces
    (name,) = models.names
    assert began == Began(name)
    assert [piece.text for piece in texts if isinstance(piece, Text)] == list(Reply(text=ANSWER).cut)
    assert isinstance(used, Used)
    (asked,) = fake.asked
    assert (used.provider, used.prompt_tokens, used.cached_tokens) == (name, asked.prompt_tokens, 2)
    assert (used.completion_tokens, used.images, used.estimated) == (Reply(text=ANSWER).tokens, 0, False)
    assert used.first_token_seconds is not None
    assert 0.02 <= used.first_token_seconds <= used.seconds
    assert told.error is None


async def test_what_is_asked_arrives_whole(fake: FakeLanguageModel, make: Make) -> None:
    models = make(settings(at(fake, options={"temperature": 0.2})))
    image = llm.ImageContent(image=JPEG)
    told = await ask(models, conversation("prospect: what is this?", image), tools=[get_battlecard])
    (asked,) = fake.asked
    assert asked.body["model"] == "a-model"
    assert asked.body["temperature"] == 0.2
    assert "what is this?" in asked.prompt
    assert asked.images == (b"\xff\xd8\xff\xe0\x00",)
    assert told.used.images == 1
    assert asked.tools == ("get_battlecard",)
    (tool,) = asked.body["tools"]
    parameters = tool.get("function", tool)["parameters"]
    assert parameters["properties"]["competitor"]["description"] == "The name as it was said."
    schema = (
        asked.body["response_format"]["json_schema"]
        if isinstance(fake, FakeOpenAIChat)
        else asked.body["text"]["format"]
    )
    assert schema["strict"]
    assert list(schema["schema"]["properties"]) == ["silent", "sources", "headline"]


async def test_the_provider_keeps_nothing(fake: FakeLanguageModel, make: Make) -> None:
    await ask(make(settings(at(fake))))
    assert fake.asked[0].body.get("store", False) is False
    assert "previous_response_id" not in fake.asked[0].body


async def test_a_question_without_a_form_gets_plain_text(fake: FakeLanguageModel, make: Make) -> None:
    fake.replies.play(Reply(text="So far: price and term."))
    told = await ask(make(settings(at(fake))), purpose="summary", schema=None)
    assert told.text == "So far: price and term."
    assert "response_format" not in fake.asked[0].body
    assert "text" not in fake.asked[0].body


async def test_tool_calls_come_whole_and_each_once(fake: FakeLanguageModel, make: Make) -> None:
    calls = tuple(
        Call(name="get_battlecard", arguments=f'{{"competitor": "{name}"}}', call_id=name) for name in ("Acme", "Umbra")
    )
    fake.replies.play(Reply(calls=calls))
    told = await ask(make(settings(at(fake))), tools=[get_battlecard])
    wanted = [call for piece in told.pieces if isinstance(piece, ToolCalls) for call in piece.calls]
    assert [(call.name, call.arguments, call.call_id) for call in wanted] == [
        (call.name, call.arguments, call.call_id) for call in calls
    ]


async def test_the_same_tools_are_told_the_same_way_each_time(fake: FakeLanguageModel, make: Make) -> None:
    """A provider's cache takes a prompt's beginning only where nothing in it differs, and tools stand at the front."""
    models = make(settings(at(fake)))
    for _ in range(2):
        await ask(models, tools=[get_battlecard])
    first, second = fake.asked
    assert first.body == second.body


async def test_leaving_hangs_up_at_the_provider(fake: FakeLanguageModel, make: Make) -> None:
    models = make(settings(at(fake, places=1)))
    fake.replies.play(Reply(pieces=('{"silent"',), ending="stall"), Reply(text=ANSWER))
    async with models.open(conversation(), purpose="answer", schema=Advice, deadline=60.0) as answering:
        async for piece in answering:
            if isinstance(piece, Text):
                break
    await until(lambda: fake.asked[0].closed_early)
    told = await ask(models)
    assert told.text == ANSWER
    assert not any(isinstance(piece, Queued) for piece in told.pieces)  # its place was free again
    used = answering.used
    assert used is not None
    assert used.estimated
    assert used.completion_tokens > 0


async def test_an_answer_that_said_enough_may_be_read_to_its_end(fake: FakeLanguageModel, make: Make) -> None:
    models = make(settings(at(fake)))
    fake.replies.play(Reply(text=ANSWER, first=0.01, tokens_per_second=200), Reply(pieces=("x",), ending="stall"))
    for patience in (9.0, 0.1):
        async with models.open(conversation(), purpose="answer", schema=None, deadline=9.0) as answering:
            while not isinstance(await anext(answering), Text):
                pass
            await answering.drain(patience)
        assert answering.used is not None
        assert answering.used.estimated == (patience < 1)
    whole, stalled = fake.asked
    assert whole.record.ended == "answered 200"
    await until(lambda: stalled.closed_early)


@pytest.mark.parametrize("piece", [Began, Text])
async def test_cancelling_hangs_up_too(fake: FakeLanguageModel, make: Make, piece: type) -> None:
    models = make(settings(at(fake)))
    fake.replies.play(Reply(pieces=("x",) if piece is Text else (), first=0.0 if piece is Text else 99, ending="stall"))
    reached = asyncio.Event()

    async def follow() -> None:
        async with models.open(conversation(), purpose="answer", schema=None, deadline=60.0) as answering:
            async for one in answering:
                if isinstance(one, piece):
                    reached.set()

    follower = asyncio.create_task(follow())
    await asyncio.wait_for(reached.wait(), 10)
    await until(lambda: len(fake.asked) == 1)
    follower.cancel()
    with pytest.raises(asyncio.CancelledError):
        await follower
    await until(lambda: fake.asked[0].closed_early)
    assert models.health == "full"


@pytest.mark.parametrize(
    "reply", [Reply(text="x", first=3600.0), Reply(text="x", headers=3600.0), Reply(ending="stall")]
)
async def test_an_answer_that_is_not_there_in_time_is_late(fake: FakeLanguageModel, make: Make, reply: Reply) -> None:
    fake.replies.play(reply)
    told = await ask(make(settings(at(fake))), deadline=0.3)
    assert isinstance(told.error, ModelLateError)
    await until(lambda: fake.asked[0].closed_early)


async def test_what_a_late_answer_took_is_known(fake: FakeLanguageModel, make: Make) -> None:
    models = make(settings(at(fake)))
    fake.replies.play(Reply(pieces=("half of ", "it"), ending="stall"))
    async with models.open(conversation(), purpose="answer", schema=None, deadline=0.5) as answering:
        with pytest.raises(ModelLateError):
            [piece async for piece in answering]
    assert answering.used is not None
    assert answering.used.completion_tokens == 3


async def test_a_provider_that_does_not_count_is_counted_for(other: FakeOpenAIChat, make: Make) -> None:
    other.replies.play(Reply(text=ANSWER, usage=False))
    used = (await ask(make(settings(at(other))))).used
    assert used.estimated
    assert used.completion_tokens == Reply(text=ANSWER).tokens
    assert used.prompt_tokens > 0


async def test_what_an_answer_takes_is_on_the_page(fake: FakeLanguageModel, make: Make) -> None:
    models = make(settings(at(fake)))
    (name,) = models.names

    def counted(metric: str, **labels: str) -> float:
        return REGISTRY.get_sample_value(f"cornerman_llm_{metric}", {"provider": name, **labels}) or 0.0

    def now() -> list[float]:
        kinds = [counted("tokens_total", kind=kind) for kind in ("prompt", "cached", "completion")]
        return [*kinds, counted("images_total"), counted("seconds_count"), counted("first_token_seconds_count")]

    before = now()
    fake.replies.play(Reply(text=ANSWER, cached_tokens=3))
    used = (await ask(models, conversation("Look:", llm.ImageContent(image=JPEG)))).used
    took = [used.prompt_tokens, 3, used.completion_tokens, 1, 1, 1]
    assert [after - was for after, was in zip(now(), before, strict=True)] == took
