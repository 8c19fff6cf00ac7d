"""Providers are chosen by settings, one after the other; the real plugins fit in; what is missing is said at start."""

from __future__ import annotations

import pytest
from livekit.plugins import deepgram, openai
from pydantic import ValidationError

from cornerman.config import ProviderSettings, SttSettings
from cornerman.contract import faults_of
from cornerman.errors import ProviderError
from cornerman.providers.offline.stt import OfflineSTT
from cornerman.providers.segmented import SegmentedSTT
from cornerman.providers.speech import Heard, SpeechProviders


async def test_the_embedded_engine_is_the_default() -> None:
    providers = SpeechProviders(SttSettings(), Heard())
    (only,) = providers.chain()
    engine = only.new("en-US")
    assert isinstance(engine.recogniser, OfflineSTT)
    assert engine.recogniser.capabilities.interim_results
    assert only.hears("en-GB")
    assert not only.hears("de")
    await engine.aclose()
    await providers.aclose()


async def test_deepgram_and_openai_take_its_place_and_it_may_stand_behind_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPGRAM_API_KEY", "a key")
    monkeypatch.setenv("OPENAI_API_KEY", "a key")
    settings = SttSettings(
        provider="deepgram",
        fallback=(
            ProviderSettings(provider="deepgram", model="flux-general-en"),
            ProviderSettings(provider="openai", base_url="http://127.0.0.1:1/v1"),
            ProviderSettings(provider="openai_http", base_url="http://127.0.0.1:1/v1", model="tiny"),
            ProviderSettings(),
        ),
    )
    providers = SpeechProviders(settings, Heard())
    chain = providers.chain()
    assert [one.name for one in chain] == ["deepgram", "deepgram-2", "openai", "openai_http", "offline"]
    assert providers.names == tuple(one.name for one in chain)
    engines = [one.new("en-US") for one in chain]
    kinds = (deepgram.STT, deepgram.STTv2, openai.STT, SegmentedSTT, OfflineSTT)
    for engine, kind in zip(engines, kinds, strict=True):
        assert isinstance(engine.recogniser, kind)
        assert engine.recogniser.capabilities.streaming
        await engine.aclose()
    await providers.aclose()


def test_a_key_among_the_settings_is_refused_without_being_shown() -> None:
    with pytest.raises(ValidationError, match="keys belong in the environment") as refused:
        SttSettings(fallback=(ProviderSettings(provider="openai", options={"api_key": "sk-very-secret"}),))
    assert "keys belong" in str(faults_of(refused.value))
    assert "sk-very-secret" not in str(faults_of(refused.value))


async def test_a_missing_key_is_said_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEEPGRAM_API_KEY", raising=False)
    providers = SpeechProviders(SttSettings(fallback=(ProviderSettings(provider="deepgram"),)), Heard())
    with pytest.raises(ProviderError, match="deepgram cannot be set up"):
        await providers.check()
    await providers.aclose()
