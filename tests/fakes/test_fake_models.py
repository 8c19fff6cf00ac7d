"""The real plugins against the two fake language models: answers, tool calls, images, and how each failure looks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from livekit.agents import APIConnectionError, APIConnectOptions, APIError, APIStatusError, llm
from livekit.plugins import openai
from openai.types.chat import ChatCompletionChunk
from openai.types.responses import ResponseStreamEvent
from pydantic import BaseModel, TypeAdapter

from fakes.faults import refuse
from fakes.hearing import until
from fakes.language_model import FakeLanguageModel
from fakes.openai_chat import FakeOpenAIChat, schema_fault
from fakes.openai_responses import FakeOpenAIResponses
from fakes.replies import Call, Ending, Reply

ONCE = APIConnectOptions(max_retry=0, timeout=5.0)
KEY = "sk-not-a-real-key"
ANSWER = "It is 42 euros a seat, a month."


@pytest.fixture(params=[FakeOpenAIChat, FakeOpenAIResponses], ids=["chat", "responses"])
async def model(request: pytest.FixtureRequest) -> AsyncIterator[FakeLanguageModel]:
    async with request.param(key=KEY) as running:
        yield running


@pytest.fixture
async def plugin(model: FakeLanguageModel) -> AsyncIterator[llm.LLM[Any]]:
    one: llm.LLM[Any]
    if isinstance(model, FakeOpenAIChat):
        one = openai.LLM(model="a-model", api_key=KEY, base_url=model.base_url)
    else:
        one = openai.responses.LLM(
            model="a-model", api_key=KEY, base_url=model.base_url, use_websocket=False, store=False
        )
    yield one
    await one.aclose()


def question(*parts: llm.ChatContent) -> llm.ChatContext:
    chat = llm.ChatContext.empty()
    chat.add_message(role="system", content="You are brief.")
    chat.add_message(role="user", content=list(parts or ["What does it cost?"]))
    return chat


async def chunks(plugin: llm.LLM[Any], chat: llm.ChatContext | None = None, **how: Any) -> list[llm.ChatChunk]:
    told: list[llm.ChatChunk] = []
    await listen(plugin, told, chat, **how)
    return told


async def listen(
    plugin: llm.LLM[Any], told: list[llm.ChatChunk], chat: llm.ChatContext | None = None, **how: Any
) -> None:
    async with plugin.chat(chat_ctx=chat or question(), conn_options=ONCE, **how) as stream:
        async for chunk in stream:
            told.append(chunk)


def words(told: list[llm.ChatChunk]) -> list[str]:
    return [chunk.delta.content for chunk in told if chunk.delta and chunk.delta.content]


async def test_an_answer_comes_in_the_scripted_pieces_and_its_use_is_told(
    model: FakeLanguageModel, plugin: llm.LLM[Any]
) -> None:
    model.replies.play(Reply(pieces=("It is 4", "2 euros."), cached_tokens=3))
    told = await chunks(plugin)
    assert words(told) == ["It is 4", "2 euros."]
    (usage,) = [chunk.usage for chunk in told if chunk.usage]
    (asked,) = model.asked
    assert (usage.prompt_tokens, usage.prompt_cached_tokens) == (asked.prompt_tokens, 3)
    assert usage.completion_tokens == Reply(pieces=("It is 4", "2 euros.")).tokens
    assert asked.texts == ("You are brief.", "What does it cost?")
    assert asked.record.ended == "answered 200"
    assert not asked.closed_early
    assert asked.record.authorization == "Bearer"


async def test_an_answer_keeps_its_pace(model: FakeLanguageModel, plugin: llm.LLM[Any]) -> None:
    model.replies.play(Reply(text=ANSWER, first=0.1, tokens_per_second=100))
    assert "".join(words(await chunks(plugin))) == ANSWER
    (asked,) = model.asked
    said = asked.record.said_of("piece")
    assert said[0].at >= asked.arrived + 0.1
    assert said[-1].at >= asked.arrived + 0.1 + (len(said) - 1) / 100


async def test_tool_calls_come_whole_though_their_arguments_come_in_pieces(
    model: FakeLanguageModel, plugin: llm.LLM[Any]
) -> None:
    @llm.function_tool
    async def get_battlecard(competitor: str) -> str:
        """What is known of a competitor."""
        return competitor

    first = Call(name="get_battlecard", arguments='{"competitor": "Acme"}', call_id="call_a", piece=3)
    second = Call(name="get_battlecard", arguments='{"competitor": "Initech"}', call_id="call_b", piece=100)
    model.replies.play(Reply(calls=(first, second)))
    told = await chunks(plugin, tools=[get_battlecard])
    calls = [call for chunk in told if chunk.delta for call in chunk.delta.tool_calls]
    assert [(call.name, call.arguments, call.call_id) for call in calls] == [
        ("get_battlecard", first.arguments, "call_a"),
        ("get_battlecard", second.arguments, "call_b"),
    ]
    assert model.asked[0].tools == ("get_battlecard",)


async def test_images_arrive_as_they_were(model: FakeLanguageModel, plugin: llm.LLM[Any]) -> None:
    await chunks(plugin, question("Look:", llm.ImageContent(image="data:image/jpeg;base64,/9j/4AA="), "Well?"))
    (asked,) = model.asked
    assert asked.images == (b"\xff\xd8\xff\xe0\x00",)
    assert "Look:" in asked.prompt
    assert "Well?" in asked.prompt


@pytest.mark.parametrize("status", [401, 404, 429, 500, 503])
async def test_a_refusal_is_an_error_with_its_status(
    model: FakeLanguageModel, plugin: llm.LLM[Any], status: int
) -> None:
    model.replies.play(Reply(status=status, code="some_code"))
    with pytest.raises(APIStatusError) as refused:
        await chunks(plugin)
    assert refused.value.status_code == status
    assert isinstance(refused.value.body, dict)
    assert refused.value.body["code"] == "some_code"
    model.script.play(refuse(status))
    with pytest.raises(APIStatusError):
        await chunks(plugin)
    assert [record.ended for record in model.records] == [f"refused {status}"] * 2


async def test_a_wrong_key_is_refused(model: FakeLanguageModel) -> None:
    async with (
        aiohttp.ClientSession(headers={"Authorization": "Bearer sk-another"}) as http,
        http.get(f"{model.base_url}/models") as answer,
    ):
        assert answer.status == 401


async def test_too_many_requests_say_when_to_come_again(model: FakeLanguageModel) -> None:
    model.replies.play(Reply(status=429, retry_after="3"))
    path = "chat/completions" if isinstance(model, FakeOpenAIChat) else "responses"
    message = [{"role": "user", "content": "Hello"}]
    body = {"model": "a-model", "messages": message, "input": message, "stream": True}
    headers = {"Authorization": f"Bearer {KEY}"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.post(f"{model.base_url}/{path}", json=body) as answer,
    ):
        assert (answer.status, answer.headers["Retry-After"]) == (429, "3")


@pytest.mark.parametrize("ending", ["cut", "reset", "garbage", "error"])
async def test_an_answer_that_breaks_off_is_an_error_after_its_words(
    model: FakeLanguageModel, plugin: llm.LLM[Any], ending: Ending
) -> None:
    model.replies.play(Reply(pieces=("It", " is"), ending=ending))
    told: list[llm.ChatChunk] = []
    with pytest.raises(APIError) as broken:
        await listen(plugin, told)
    assert words(told) == ["It", " is"]
    assert isinstance(broken.value, APIConnectionError | APIStatusError)


async def test_whoever_hangs_up_is_noticed_in_the_middle_of_a_silence(
    model: FakeLanguageModel, plugin: llm.LLM[Any]
) -> None:
    model.replies.play(Reply(pieces=("It",), ending="stall"), Reply(text=ANSWER, first=3600.0))
    async with plugin.chat(chat_ctx=question(), conn_options=ONCE) as stream:
        assert (await anext(stream)).delta
    await until(lambda: model.asked[0].closed_early)
    stream = plugin.chat(chat_ctx=question(), conn_options=ONCE)
    await until(lambda: len(model.asked) == 2)
    await stream.aclose()
    await until(lambda: model.asked[1].closed_early)


async def test_replies_may_depend_on_what_is_asked(model: FakeLanguageModel, plugin: llm.LLM[Any]) -> None:
    model.replies.decide(lambda asked: Reply(text="Green.") if "colour" in asked.prompt else None)
    model.replies.play(Reply(text="First."), then=Reply(text="Later."))
    answers = ["".join(words(await chunks(plugin, question(text)))) for text in ("a", "what colour", "b", "c")]
    assert answers == ["First.", "Green.", "Later.", "Later."]


async def test_a_form_that_is_too_free_is_refused_as_the_real_service_does() -> None:
    class Strict(BaseModel):
        silent: bool

    loose = {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": Strict.model_json_schema()}}
    async with FakeOpenAIChat() as model:
        plugin = openai.LLM(model="a-model", api_key=KEY, base_url=model.base_url)
        with pytest.raises(APIStatusError, match="additionalProperties"):
            await chunks(plugin, extra_kwargs={"response_format": loose})
        with pytest.raises(APIStatusError, match="must contain the word 'json'"):
            await chunks(plugin, extra_kwargs={"response_format": {"type": "json_object"}})
        await chunks(plugin, response_format=Strict)
        await plugin.aclose()
    assert schema_fault({"type": "string", "maxLength": 5}) is not None
    assert schema_fault({"type": "string", "description": "default"}) is None


async def test_every_event_is_one_that_the_official_client_knows(model: FakeLanguageModel) -> None:
    """The client itself checks nothing; its types are made from the published description."""
    chat = isinstance(model, FakeOpenAIChat)
    known: TypeAdapter[Any] = TypeAdapter(ChatCompletionChunk if chat else ResponseStreamEvent)
    message = [{"role": "user", "content": "Hello"}]
    body = {"model": "a-model", "stream": True} | ({"messages": message} if chat else {"input": message})
    call = Call(name="get_battlecard", arguments='{"competitor": "Acme"}')
    model.replies.play(Reply(text=ANSWER), Reply(text=ANSWER, calls=(call, call)), Reply(text="x", ending="error"))
    url = f"{model.base_url}/{'chat/completions' if chat else 'responses'}"
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"}) as http:
        for _ in range(3):
            async with http.post(url, json=body | {"stream_options": {"include_usage": True}}) as answer:
                lines = (await answer.text()).split("\n")
            events = [line.removeprefix("data: ") for line in lines if line.startswith("data: {")]
            assert len(events) > 2
            for event in events:
                if '"error": {"message"' not in event:
                    known.validate_json(event)


async def test_two_requests_at_once_are_two_answers(model: FakeLanguageModel, plugin: llm.LLM[Any]) -> None:
    model.replies.decide(lambda asked: Reply(text=json.dumps(asked.texts[-1]), first=0.05))
    answers = await asyncio.gather(*(chunks(plugin, question(text)) for text in ("one", "two")))
    assert ["".join(words(told)) for told in answers] == ['"one"', '"two"']
