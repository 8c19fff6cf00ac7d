"""The end-of-turn model has opinions of real audio, and whatever becomes of it, hearing does not wait or fail."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from livekit.local_inference import EOT, EOT_MAX_SAMPLES
from numpy.typing import NDArray

from cornerman.demo_call import SAMPLE_RATE, SPEAKERS, load_recording, samples
from cornerman.hearing.end_of_turn import (
    LOAD_SECONDS,
    PAUSE,
    EndOfTurn,
    Model,
    RecentAudio,
    Silences,
    silence_for,
    threshold_for,
)

AT_REAL_PACE = True
FRAME = SAMPLE_RATE // 50
SOUND = np.full(EOT_MAX_SAMPLES, 7, dtype=np.int16)


class Gated:
    """A model that answers when it is let; `asked` is set once it is at it."""

    def __init__(self, answer: Callable[[], float] = lambda: 0.5) -> None:
        self.open = threading.Event()
        self.asked = threading.Event()
        self.answers = 0
        self.closed = False
        self._answer = answer

    def predict(self, pcm: NDArray[np.int16], /) -> float:
        self.asked.set()
        assert self.open.wait(60)
        self.answers += 1
        return self._answer()

    def close(self) -> None:
        self.closed = True


def model_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("end_of_turn")]


def ends_of_lines() -> list[NDArray[np.int16]]:
    """What a microphone gave by the time each line of the demo call has been over for the pause asked after."""
    tracks = {speaker: samples(speaker) for speaker in SPEAKERS}
    heard = []
    for line in load_recording().lines:
        until = round((line.end + PAUSE) * SAMPLE_RATE)
        heard.append(tracks[line.speaker][until - EOT_MAX_SAMPLES : until])
    return heard


async def at_work(model: Gated) -> None:
    while not model.asked.is_set():
        await asyncio.sleep(0)


@pytest.fixture
async def real() -> AsyncIterator[EndOfTurn]:
    end_of_turn = EndOfTurn(deadline=LOAD_SECONDS)
    assert await end_of_turn.load()
    yield end_of_turn
    await end_of_turn.aclose()


# -- the real model --


async def test_every_line_of_the_demo_call_gets_a_probability(real: EndOfTurn) -> None:
    opinions = [await real.probability(heard) for heard in ends_of_lines()]
    given = [opinion for opinion in opinions if opinion is not None]
    assert len(given) == len(opinions)
    assert all(0.0 <= opinion <= 1.0 for opinion in given)
    assert max(given) - min(given) > 0.1, "the model says the same of everything: it does not hear the audio"
    assert not real.no_opinion


async def test_audio_collected_in_frames_is_judged_like_the_recording(real: EndOfTurn) -> None:
    track = samples("prospect")[9 * SAMPLE_RATE : 14 * SAMPLE_RATE]
    recent = RecentAudio()
    for start in range(0, len(track), FRAME):
        recent.append(track[start : start + FRAME])
    with EOT() as model:
        expected = model.predict(np.ascontiguousarray(track[-EOT_MAX_SAMPLES:]))
    assert await real.probability(recent.samples()) == pytest.approx(expected)
    assert await real.probability(track) == pytest.approx(expected), "of too much audio the newest counts"


@pytest.mark.parametrize("count", [1, FRAME, SAMPLE_RATE, EOT_MAX_SAMPLES])
async def test_a_turn_shorter_than_the_model_takes_has_an_opinion_too(real: EndOfTurn, count: int) -> None:
    opinion = await real.probability(ends_of_lines()[0][-count:])
    assert opinion is not None
    assert 0.0 <= opinion <= 1.0


async def test_no_audio_has_no_opinion(real: EndOfTurn) -> None:
    assert await real.probability(SOUND[:0]) is None


async def test_many_listeners_share_one_model_and_one_thread() -> None:
    loads = []

    def load() -> Model:
        loads.append(threading.current_thread().name)
        return EOT()

    end_of_turn = EndOfTurn(load=load, waiting=7, deadline=60.0)
    assert not model_threads(), "nothing runs before the first question"
    opinions = await asyncio.gather(*(end_of_turn.probability(heard) for heard in ends_of_lines()[:8]))
    assert all(opinion is not None for opinion in opinions)
    assert loads == model_threads() == ["end_of_turn_0"]
    await end_of_turn.aclose()
    assert not model_threads()


async def test_the_event_loop_goes_on_while_the_model_thinks() -> None:
    """The loop's turns are counted in the thread, just before and just after. A model that kept the interpreter would
    let some ten pass, where the thread is interrupted between counting and asking; this one lets thousands pass.
    """
    turns = 0
    meanwhile: list[int] = []

    class Watched:
        def __init__(self) -> None:
            self._model = EOT()

        def predict(self, pcm: NDArray[np.int16], /) -> float:
            before = turns
            probability = self._model.predict(pcm)
            meanwhile.append(turns - before)
            return probability

        def close(self) -> None:
            self._model.close()

    end_of_turn = EndOfTurn(load=Watched, deadline=60.0)
    await end_of_turn.load()
    meanwhile.clear()
    for heard in ends_of_lines()[:10]:
        question = asyncio.create_task(end_of_turn.probability(heard))
        while not question.done():
            turns += 1
            await asyncio.sleep(0)
        assert await question is not None
    await end_of_turn.aclose()
    assert median(meanwhile) > 500


# -- when it is busy, late or broken --


async def test_more_questions_than_may_wait_have_no_opinion_at_once() -> None:
    model = Gated()
    end_of_turn = EndOfTurn(load=lambda: model, waiting=2, deadline=60.0)
    waiting = [asyncio.create_task(end_of_turn.probability(SOUND)) for _ in range(3)]
    await at_work(model)
    assert [await end_of_turn.probability(SOUND) for _ in range(20)] == [None] * 20
    assert end_of_turn.no_opinion == {"busy": 20}
    model.open.set()
    assert await asyncio.gather(*waiting) == [0.5] * 3
    assert await end_of_turn.probability(SOUND) == 0.5
    await end_of_turn.aclose()


async def test_a_stuck_model_is_waited_for_no_longer_than_the_deadline_and_may_recover() -> None:
    model = Gated()
    end_of_turn = EndOfTurn(load=lambda: model, waiting=2, deadline=0.01)
    assert [await end_of_turn.probability(SOUND) for _ in range(50)] == [None] * 50
    assert end_of_turn.no_opinion == {"late": 3, "busy": 47}, "what waits for a stuck model must not pile up"
    model.open.set()
    while await end_of_turn.probability(SOUND) is None:
        await asyncio.sleep(0)
    await end_of_turn.aclose()
    assert model.closed


async def test_questions_nobody_waits_for_any_more_cost_nothing() -> None:
    model = Gated()
    end_of_turn = EndOfTurn(load=lambda: model, deadline=60.0)
    first = asyncio.create_task(end_of_turn.probability(SOUND))
    await at_work(model)
    given_up = [asyncio.create_task(end_of_turn.probability(SOUND)) for _ in range(3)]
    await asyncio.sleep(0)
    for question in given_up:
        question.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up[0]
    model.open.set()
    assert await first == 0.5
    assert await end_of_turn.probability(SOUND) == 0.5
    assert model.answers == 2
    await end_of_turn.aclose()


async def test_a_model_that_cannot_be_loaded_is_tried_and_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    tries = []

    def load() -> Model:
        tries.append(1)
        raise MemoryError("no room")

    end_of_turn = EndOfTurn(load=load, deadline=60.0)
    with caplog.at_level(logging.WARNING):
        assert not await end_of_turn.load()
        assert [await end_of_turn.probability(SOUND) for _ in range(5)] == [None] * 5
    assert len(tries) == len(caplog.records) == 1
    assert vars(caplog.records[0])["kind"] == "MemoryError"
    assert end_of_turn.no_opinion == {"failed": 6}
    await end_of_turn.aclose()
    assert not model_threads()


@pytest.mark.parametrize("nonsense", [float("nan"), -0.1, 1.1, float("inf")])
async def test_what_is_no_probability_is_no_opinion(nonsense: float) -> None:
    model = Gated(lambda: nonsense)
    model.open.set()
    end_of_turn = EndOfTurn(load=lambda: model, deadline=60.0)
    assert await end_of_turn.probability(SOUND) is None
    await end_of_turn.aclose()


async def test_a_model_that_fails_at_times_has_an_opinion_at_others(caplog: pytest.LogCaptureFixture) -> None:
    answers = iter([1, 0, 0, 2])
    model = Gated(lambda: 1 / next(answers))
    model.open.set()
    end_of_turn = EndOfTurn(load=lambda: model, deadline=60.0)
    with caplog.at_level(logging.WARNING):
        assert [await end_of_turn.probability(SOUND) for _ in range(4)] == [1.0, None, None, 0.5]
    assert [vars(record)["kind"] for record in caplog.records] == ["ZeroDivisionError"]
    await end_of_turn.aclose()


# -- the end --


async def test_closing_leaves_no_thread_and_no_task() -> None:
    before = asyncio.all_tasks()
    model = Gated()
    end_of_turn = EndOfTurn(load=lambda: model, deadline=60.0)
    asked = [asyncio.create_task(end_of_turn.probability(SOUND)) for _ in range(3)]
    await at_work(model)
    closing = asyncio.create_task(end_of_turn.aclose())
    await asyncio.sleep(0)
    model.open.set()
    await closing
    assert await asyncio.gather(*asked) == [0.5, None, None], "what was being judged is answered, the rest is not begun"
    assert model.closed
    assert not model_threads()
    assert asyncio.all_tasks() == before
    assert await end_of_turn.probability(SOUND) is None
    assert not await end_of_turn.load()
    await end_of_turn.aclose()


async def test_closing_what_was_never_asked() -> None:
    await EndOfTurn().aclose()
    assert not model_threads()


# -- the newest audio of a track --


@given(
    st.integers(1, 50),
    st.lists(
        st.lists(st.integers(-32768, 32767), max_size=120).map(lambda part: np.array(part, np.int16)), max_size=12
    ),
)
def test_recent_audio_is_the_end_of_what_came(capacity: int, parts: list[NDArray[np.int16]]) -> None:
    recent = RecentAudio(capacity)
    came = np.zeros(0, dtype=np.int16)
    for part in parts:
        recent.append(part)
        came = np.concatenate((came, part))
        assert recent.samples().tolist() == came[-capacity:].tolist()


def test_recent_audio_is_a_copy_and_can_be_forgotten() -> None:
    recent = RecentAudio(4)
    recent.append(np.array([1, 2, 3], np.int16))
    earlier = recent.samples()
    recent.append(np.array([4, 5], np.int16))
    assert earlier.tolist() == [1, 2, 3]
    assert recent.samples().tolist() == [2, 3, 4, 5]
    recent.clear()
    assert recent.samples().tolist() == []
    recent.append(np.array([6], np.int16))
    assert recent.samples().tolist() == [6]


# -- the decision --

SILENCES = Silences(usual=0.5, sure=0.2, unsure=1.5, threshold=0.36)


@pytest.mark.parametrize(("probability", "seconds"), [(None, 0.5), (0.0, 1.5), (0.359, 1.5), (0.36, 0.2), (1.0, 0.2)])
def test_the_surer_the_shorter_and_without_an_opinion_the_usual(probability: float | None, seconds: float) -> None:
    assert silence_for(probability, SILENCES) == seconds


@given(st.lists(st.floats(0, 1), min_size=2))
def test_a_surer_model_never_waits_longer(probabilities: list[float]) -> None:
    silences = [silence_for(probability, SILENCES) for probability in sorted(probabilities)]
    assert all(earlier >= later for earlier, later in pairwise(silences))


def test_thresholds_are_those_of_the_models_makers() -> None:
    assert threshold_for("en") == threshold_for("en-US") == 0.36
    assert threshold_for("de-DE") == 0.245
    assert threshold_for("sv") is None
    assert threshold_for("multi") is None
