"""Language models are chosen by settings; what is missing is said at start, and keys are shown nowhere."""

from __future__ import annotations

import asyncio
import gc
import logging

import pytest
from fakes.hearing import until
from fakes.language_model import FakeLanguageModel
from fakes.openai_chat import FakeOpenAIChat
from fakes.replies import Ending, Reply
from providers.llm.asking import ANSWER, Make, ask, at, conversation, settings
from pydantic import ValidationError

from cornerman.config import LlmSettings, ModelSettings
from cornerman.errors import ProviderError
from cornerman.providers.llm import Models, Text

SECRET = "sk-very-secret"


async def test_models_have_names_of_their_own(make: Make) -> None:
    local = ModelSettings(provider="openai", base_url="http://127.0.0.1:1/v1")
    models = make(
        LlmSettings(
            provider="openai",
            base_url="http://127.0.0.1:1/v1",
            fallback=(local, ModelSettings(provider="plugin", plugin="openai", options={"base_url": "http://x"})),
            questions=local,
        )
    )
    assert models.names == ("openai", "openai-2", "openai-3", "openai-questions")


async def test_a_question_of_the_rep_goes_to_the_larger_model(
    fake: FakeLanguageModel, other: FakeOpenAIChat, make: Make
) -> None:
    models = make(settings(at(fake), questions=at(other, model="a-larger-model").model_dump()))
    await ask(models)
    await ask(models, purpose="question")
    assert [asked.body["model"] for asked in (*fake.asked, *other.asked)] == ["a-model", "a-larger-model"]
    other.replies.play(then=Reply(status=500))
    told = await ask(models, purpose="question")
    assert told.used.provider == models.names[0]


async def test_any_livekit_plugin_may_be_named(
    other: FakeOpenAIChat, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    options = {"temperature": 0.5, "base_url": other.base_url}
    models = make(LlmSettings(provider="plugin", plugin="openai", model="a-model", options=options))
    await models.check()
    other.replies.play(Reply(text=ANSWER))
    assert (await ask(models)).text == ANSWER
    (asked,) = other.asked
    assert asked.body["temperature"] == 0.5
    assert asked.body["response_format"]["type"] == "json_schema"


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (LlmSettings(provider="openai"), "openai cannot be set up"),
        (LlmSettings(provider="openai_responses"), "openai_responses cannot be set up"),
        (LlmSettings(provider="openai", options={"key_variable": "NO_SUCH_KEY"}), "NO_SUCH_KEY is not set"),
        (LlmSettings(provider="openai", base_url="http://x", options={"colour": "red"}), "colour"),
        (LlmSettings(provider="plugin", plugin="no_such_one"), "livekit-plugins-no-such-one"),
        (LlmSettings(provider="plugin", plugin="../x"), "names no LiveKit plugin"),
        (LlmSettings(provider="plugin"), "names no LiveKit plugin"),
    ],
)
async def test_what_is_missing_is_said_at_start(make: Make, chosen: LlmSettings, said: str) -> None:
    models = make(chosen)
    with pytest.raises(ProviderError, match=said):
        await models.check()
    with pytest.raises(ProviderError, match=said):
        models.prewarm()


async def test_a_server_of_ones_own_needs_no_key(fake: FakeLanguageModel, make: Make) -> None:
    models = make(settings(at(fake)))
    await models.check()
    assert (await ask(models)).text == "ok"


async def test_each_server_may_have_a_key_of_its_own(monkeypatch: pytest.MonkeyPatch, make: Make) -> None:
    monkeypatch.setenv("SECOND_KEY", SECRET)
    async with FakeOpenAIChat(key=SECRET) as locked:
        models = make(settings(at(locked, options={"key_variable": "SECOND_KEY"})))
        assert (await ask(models)).text == "ok"
        assert SECRET not in str(locked.asked[0].body)


def test_a_key_among_the_settings_is_refused_without_being_shown() -> None:
    with pytest.raises(ValidationError, match="keys belong in the environment") as refused:
        LlmSettings(questions=ModelSettings(provider="openai", options={"api_key": SECRET}))
    assert SECRET not in str(refused.value.errors(include_input=False))


ENDINGS: tuple[Ending, ...] = ("done", "cut", "reset", "garbage", "error", "unfinished")


async def test_no_log_and_no_error_tells_a_key_or_a_word(
    fake: FakeLanguageModel, make: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    said, answered = "ninepasswords", "sevensecrets"
    caplog.set_level(logging.DEBUG)
    models = make(settings(at(fake), breaker_failures=99, retry=0.0))
    fake.replies.play(
        *(Reply(text=answered, ending=ending) for ending in ENDINGS),
        *(Reply(status=status, message=f"{said} {answered}") for status in (400, 401, 429, 500)),
    )
    chat = conversation(said)
    errors = [(await ask(models, chat, schema=None, deadline=2.0)).error for _ in range(len(ENDINGS) + 4)]
    gc.collect()  # where a task's exception was never looked at, asyncio says so now
    records = [f"{record.getMessage()} {record.exc_text} {record.__dict__}" for record in caplog.records]
    told = "\n".join([*records, *map(repr, errors), repr(models)])
    for word in (SECRET, said, answered):
        assert word not in told


async def test_nothing_of_a_conversation_stays_behind(fake: FakeLanguageModel, make: Make) -> None:
    """A participant who withdraws consent is forgotten everywhere."""
    models = make(settings(at(fake)))
    fake.replies.play(Reply(text=ANSWER), Reply(pieces=("x",), ending="stall"))
    await ask(models)
    async with models.open(conversation(), purpose="answer", schema=None, deadline=9.0) as answering:
        while not isinstance(await anext(answering), Text):
            pass
    plugin = models._chain[0].engine.plugin
    kept = [name for name, value in vars(plugin).items() if "ChatContext" in repr(type(value)) or value == ANSWER]
    assert kept == []


# Opening and closing.


async def test_warming_opens_a_connection_where_none_is_left(fake: FakeLanguageModel, make: Make) -> None:
    models = make(settings(at(fake)))
    fake.replies.play(Reply(text=ANSWER), Reply(pieces=("x",), ending="stall"))

    def warmed() -> int:
        return sum(record.path == "/v1/models" and record.ended == "answered 200" for record in fake.records)

    models.warm()
    models.warm()
    await until(lambda: warmed() == 1)
    await ask(models)
    models.warm()
    async with models.open(conversation(), purpose="answer", schema=None, deadline=9.0) as answering:
        while not isinstance(await anext(answering), Text):
            pass
    assert warmed() == 1
    models.warm()  # the connection was hung up
    await until(lambda: warmed() == 2)
    assert len(fake.records) == 4


async def test_warming_one_that_is_not_there_disturbs_nobody(make: Make) -> None:
    models = make(LlmSettings(provider="openai", base_url="http://127.0.0.1:1/v1"))
    models.warm()
    await models.aclose()
    make(LlmSettings()).warm()


async def test_in_the_end_every_connection_is_closed(fake: FakeLanguageModel) -> None:
    models = Models(settings(at(fake)))
    models.prewarm()
    models.follow_health(lambda _: None)
    await ask(models)
    client = models._chain[0].engine.plugin._client  # type: ignore[attr-defined]
    before = asyncio.all_tasks()
    await models.aclose()
    assert client.is_closed()
    left = [task for task in asyncio.all_tasks() & before if task is not asyncio.current_task()]
    assert left == []
    await models.aclose()


@pytest.mark.parametrize("provider", ["openai", "openai_responses"])
def test_a_rehearsal_goes_through_and_asks_nobody(provider: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="cornerman")
    models = Models(LlmSettings.model_validate({"provider": provider, "base_url": "http://127.0.0.1:1/v1"}))
    models.prewarm()
    assert "no rehearsal" not in caplog.text
