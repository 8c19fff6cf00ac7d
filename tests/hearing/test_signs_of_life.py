"""Only what a provider says in its own protocol is an answer; an engine lets go of everything it holds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from aiohttp import ClientSession
from fakes import faults
from fakes.deepgram_flux import FakeDeepgramFlux
from fakes.deepgram_nova import FakeDeepgramNova
from fakes.hearing import ONCE, Outcome, feed, listening, until
from fakes.openai_realtime import FakeOpenAIRealtime
from fakes.server import FakeProvider
from fakes.tones import speak
from hypothesis import given
from hypothesis import strategies as st
from livekit.agents import stt

from cornerman.config import SttSettings
from cornerman.providers import engine as engines
from cornerman.providers.deepgram import FLUX_SAYS, NOVA_SAYS
from cornerman.providers.engine import COMPLAINT, Engine, SignsOfLife
from cornerman.providers.openai import SAYS
from cornerman.providers.speech import Heard, SpeechProviders

SILENCE = np.zeros(2 * 16_000, dtype=np.int16)


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPGRAM_API_KEY", "a key")
    monkeypatch.setenv("OPENAI_API_KEY", "a key")


class Watch:
    """Counts answers."""

    def __init__(self, signs: SignsOfLife) -> None:
        self.count = 0
        signs.answered = self.one

    def one(self) -> None:
        self.count += 1


def engine_for(settings: SttSettings) -> Engine:
    return SpeechProviders(settings, Heard()).chain()[0].new("en-US")


PROVIDERS = {
    "nova": (FakeDeepgramNova, "/v1/listen", {"provider": "deepgram"}),
    "flux": (FakeDeepgramFlux, "/v2/listen", {"provider": "deepgram", "model": "flux-general-en"}),
    "realtime": (FakeOpenAIRealtime, "/v1", {"provider": "openai"}),
}


def settings_for(name: str, fake: FakeProvider) -> SttSettings:
    _, path, named = PROVIDERS[name]
    return SttSettings.model_validate({**named, "base_url": fake.url + path})


@pytest.mark.parametrize(
    ("kinds", "text", "answers"),
    [
        (NOVA_SAYS, '{"type": "Results", "channel": {"alternatives": []}}', 1),
        (NOVA_SAYS, '{"type": "Metadata"}', 1),
        (NOVA_SAYS, '{"type": "Error", "description": "no"}', 0),
        (FLUX_SAYS, '{"type": "TurnInfo", "event": "Update"}', 1),
        (FLUX_SAYS, '{"type": "Error"}', 0),
        (SAYS, '{"type": "input_audio_buffer.speech_started"}', 1),
        (SAYS, '{"type": "conversation.item.input_audio_transcription.delta", "delta": "we"}', 1),
        (SAYS, '{"type": "session.updated"}', 0),
        (SAYS, '{"type": "error", "error": {}}', 0),
        *[(NOVA_SAYS, text, 0) for text in faults.GARBAGE if isinstance(text, str)],
        (NOVA_SAYS, '{"type": ["Results"]}', 0),
        (NOVA_SAYS, '{"type": null}', 0),
        (NOVA_SAYS, "", 0),
    ],
)
def test_an_answer_is_a_message_of_a_kind_that_shows_hearing(kinds: tuple[str, ...], text: str, answers: int) -> None:
    signs = SignsOfLife(kinds)
    watch = Watch(signs)
    signs.saw(text)
    assert watch.count == answers


@pytest.mark.parametrize(
    ("kinds", "text"),
    [
        (FLUX_SAYS, '{"type": "Error", "code": "INTERNAL"}'),
        (SAYS, '{"type": "conversation.item.input_audio_transcription.failed", "error": {}}'),
    ],
)
def test_a_complaint_that_plugins_pass_over_is_told(kinds: tuple[str, ...], text: str) -> None:
    signs = SignsOfLife(kinds)
    told: list[str] = []
    signs.complained = told.append
    signs.saw(text)
    signs.forget()
    signs.saw(text)
    assert told == [COMPLAINT]


@given(st.text())
def test_nothing_that_comes_upsets_it(text: str) -> None:
    SignsOfLife(NOVA_SAYS).saw(text)


@dataclass(frozen=True)
class Watched:
    """An engine at work on a fake provider, what is said to it, and how often it answered."""

    fake: FakeProvider
    stream: stt.RecognizeStream
    outcome: Outcome
    watch: Watch


@asynccontextmanager
async def watched(name: str, *behaviours: faults.Behaviour) -> AsyncIterator[Watched]:
    """An engine of this provider whose first connections do this. The engine is closed when the block ends."""
    async with PROVIDERS[name][0]() as fake:
        fake.script.play(*behaviours)
        engine = engine_for(settings_for(name, fake))
        assert engine.signs is not None
        watch = Watch(engine.signs)
        stream = engine.recogniser.stream(conn_options=ONCE)
        async with listening(stream) as outcome:
            yield Watched(fake, stream, outcome, watch)
        await engine.aclose()


@pytest.mark.parametrize("name", ["nova", "flux"])
async def test_nothing_heard_yet_is_an_answer_too(name: str) -> None:
    async with watched(name) as at_work:
        await feed(at_work.stream, SILENCE)
        await until(lambda: at_work.watch.count >= 2, "silence is answered")
        assert at_work.outcome.interims == []


@pytest.mark.parametrize("name", list(PROVIDERS))
async def test_a_connection_that_only_babbles_is_not_answering(name: str) -> None:
    async with watched(name, faults.garbage()) as at_work:
        await until(lambda: at_work.fake.records)
        before = at_work.watch.count
        await feed(at_work.stream, SILENCE)
        await until(lambda: len(at_work.fake.records[0].said_of("garbage")) >= 2)
    assert before <= 1
    assert at_work.watch.count <= 1


@pytest.mark.parametrize("name", list(PROVIDERS))
async def test_voice_and_words_are_answers(name: str) -> None:
    samples, _ = speak("we need the report", tail=1.0)
    async with watched(name) as at_work:
        await feed(at_work.stream, samples)
        at_work.stream.flush()
        await until(lambda: at_work.outcome.interims or at_work.outcome.finals)
    assert at_work.watch.count >= 2


@pytest.mark.parametrize("name", list(PROVIDERS))
async def test_a_closed_engine_leaves_no_connection_and_no_session(name: str) -> None:
    async with PROVIDERS[name][0]() as fake:
        engine = engine_for(settings_for(name, fake))
        session = vars(engine.recogniser)["_session"]
        assert isinstance(session, ClientSession)
        stream = engine.recogniser.stream(conn_options=ONCE)
        async with listening(stream):
            await feed(stream, SILENCE)
            await until(lambda: fake.records and fake.records[0].audio > 1)
        await engine.aclose()
        assert session.closed
        await until(lambda: fake.records[0].ended is not None, "the fake sees the connection end")
        assert len(fake.records) == 1


class StuckEngine:
    """A plugin that never finishes closing."""

    async def aclose(self) -> None:
        await asyncio.Event().wait()


class Client:
    """What it made for itself."""

    closed = False

    async def close(self) -> None:
        self.closed = True


async def test_a_plugin_that_will_not_close_does_not_keep_the_engine_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CLOSE_SECONDS", 0.01)
    session, client = ClientSession(), Client()
    stuck: Any = StuckEngine()
    await Engine(stuck, session=session, client=client).aclose()
    assert session.closed
    assert client.closed
