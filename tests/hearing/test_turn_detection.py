"""A turn ends sooner than silence would end it when the provider, or a local model, says that it is over."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from fakes.deepgram_flux import FakeDeepgramFlux
from fakes.deepgram_nova import FakeDeepgramNova
from hearing.rig import Rig
from numpy.typing import NDArray

from cornerman.config import SttSettings, TurnSettings
from cornerman.events import Turn
from cornerman.hearing.end_of_turn import EndOfTurn, Silences

AT_REAL_PACE = True
FIRST = "we need the report"
SECOND = "next week"
FOREVER = 9.0
"""Seconds of silence that no test plays: a turn that ends was ended by something else."""


class Opinion:
    """A model that always thinks the same."""

    def __init__(self, probability: float) -> None:
        self._probability = probability

    def predict(self, _pcm: NDArray[np.int16], /) -> float:
        return self._probability

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
def nova(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeDeepgramNova]:
    monkeypatch.setenv("DEEPGRAM_API_KEY", "a key")
    with FakeDeepgramNova() as fake:
        yield fake


def turns_of(rig: Rig) -> list[str]:
    return [" ".join(word.text for word in event.words) for event in rig.events if isinstance(event, Turn)]


async def test_the_provider_s_end_of_turn_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPGRAM_API_KEY", "a key")
    with FakeDeepgramFlux() as fake:
        settings = SttSettings(provider="deepgram", model="flux-general-en", base_url=fake.listen_url)
        async with Rig(settings, turns=TurnSettings(silence=FOREVER, detection="provider")) as rig:
            await rig.say(FIRST)
            await rig.hears_all(6.0)
            assert turns_of(rig) == [FIRST]


async def test_a_model_that_is_sure_ends_it(nova: FakeDeepgramNova) -> None:
    judge = EndOfTurn(load=lambda: Opinion(0.99))
    silences = Silences(usual=FOREVER, sure=0.2, unsure=FOREVER, threshold=0.5)
    turns = TurnSettings(silence=FOREVER, detection="local")
    settings = SttSettings(provider="deepgram", base_url=nova.listen_url)
    async with Rig(settings, turns=turns, judge=(judge, silences)) as rig:
        await rig.say(FIRST)
        await rig.hears_all(6.0)
        assert turns_of(rig) == [FIRST]
    await judge.aclose()


async def test_a_model_that_is_unsure_lets_somebody_think(nova: FakeDeepgramNova) -> None:
    judge = EndOfTurn(load=lambda: Opinion(0.01))
    silences = Silences(usual=0.5, sure=0.2, unsure=2.5, threshold=0.5)
    settings = SttSettings(provider="deepgram", base_url=nova.listen_url)
    async with Rig(settings, turns=TurnSettings(detection="local"), judge=(judge, silences)) as rig:
        await rig.say(FIRST, tail=1.2)
        await rig.say(SECOND)
        await rig.hears_all(8.0)
        assert turns_of(rig) == [f"{FIRST} {SECOND}"]
    await judge.aclose()


async def test_silence_alone_ends_it_otherwise(nova: FakeDeepgramNova) -> None:
    settings = SttSettings(provider="deepgram", base_url=nova.listen_url)
    async with Rig(settings, turns=TurnSettings(silence=0.5)) as rig:
        await rig.say(FIRST, tail=1.2)
        await rig.say(SECOND)
        await rig.hears_all(8.0)
        assert turns_of(rig) == [FIRST, SECOND]
