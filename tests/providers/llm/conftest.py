"""Fake language models that run, and models made for them that are closed in the end."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from fakes.language_model import FakeLanguageModel
from fakes.openai_chat import FakeOpenAIChat
from fakes.openai_responses import FakeOpenAIResponses
from providers.llm.asking import Make

from cornerman.config import LlmSettings
from cornerman.providers.breaker import WORKER_STATE_VARIABLE
from cornerman.providers.llm import Models


@pytest.fixture(params=[FakeOpenAIChat, FakeOpenAIResponses], ids=["chat", "responses"])
async def fake(request: pytest.FixtureRequest) -> AsyncIterator[FakeLanguageModel]:
    """A provider, of each protocol in turn."""
    async with request.param() as running:
        yield running


@pytest.fixture
async def other() -> AsyncIterator[FakeOpenAIChat]:
    """Another provider."""
    async with FakeOpenAIChat() as running:
        yield running


@pytest.fixture
async def make(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Make]:
    """Makes models; their breakers count within this process."""
    for variable in (WORKER_STATE_VARIABLE, "OPENAI_API_KEY"):
        monkeypatch.delenv(variable, raising=False)
    made: list[Models] = []

    def one(settings: LlmSettings) -> Models:
        made.append(Models(settings))
        return made[-1]

    yield one
    for models in made:
        await models.aclose()
