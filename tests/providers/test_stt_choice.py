"""The provider is chosen by settings; the real plugins fit in the same slot; what is missing is said at start."""

from __future__ import annotations

import pytest
from livekit.plugins import deepgram, openai

from cornerman.config import SttSettings
from cornerman.errors import ProviderError
from cornerman.providers.offline.stt import OfflineSTT
from cornerman.providers.stt import speech_engines


async def test_the_embedded_engine_is_the_default() -> None:
    engines = speech_engines(SttSettings(), {})
    engine = engines.new()
    assert isinstance(engine, OfflineSTT)
    assert engine.capabilities.streaming
    assert engine.capabilities.interim_results
    await engine.aclose()
    await engines.aclose()


async def test_deepgram_and_openai_take_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPGRAM_API_KEY", "a key")
    monkeypatch.setenv("OPENAI_API_KEY", "a key")
    first = speech_engines(SttSettings(provider="deepgram", model="nova-3", base_url="http://127.0.0.1:1"), {}).new()
    second = speech_engines(SttSettings(provider="openai", base_url="http://127.0.0.1:1/v1"), {}).new()
    assert isinstance(first, deepgram.STT)
    assert isinstance(second, openai.STT)
    assert first.capabilities.interim_results
    assert second.capabilities.streaming
    await first.aclose()
    await second.aclose()


def test_a_missing_key_is_said_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEEPGRAM_API_KEY", raising=False)
    with pytest.raises(ProviderError, match="cannot be set up"):
        speech_engines(SttSettings(provider="deepgram"), {}).check()
