"""A provider of language models that runs, and real models that ask it; calls at real pace get another try."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from advising.notes.noting import at_fake
from fakes.openai_chat import FakeOpenAIChat

from cornerman.providers.breaker import WORKER_STATE_VARIABLE
from cornerman.providers.llm import Models

_HERE = Path(__file__).parent


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A wait that ran out (`Rig.until`) is tried up to twice more, and pytest's summary says so: a machine that is busy
    with something else is late. What a test found is never tried again.
    """
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.flaky(reruns=2, only_rerun=["never came"]))


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenAIChat]:
    async with FakeOpenAIChat() as running:
        yield running


@pytest.fixture
async def models(fake: FakeOpenAIChat, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Models]:
    for variable in (WORKER_STATE_VARIABLE, "OPENAI_API_KEY"):
        monkeypatch.delenv(variable, raising=False)
    made = Models(at_fake(fake))
    yield made
    await made.aclose()


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key for the plugins; the fake takes any."""
    monkeypatch.setenv("OPENAI_API_KEY", "a key")


@pytest.fixture
def model(key: None) -> Iterator[FakeOpenAIChat]:
    """A provider for whole calls, which find its key in the environment."""
    with FakeOpenAIChat() as running:
        yield running
