"""Whatever a speech provider does, every word it would have recognised is in the journal: once, in order, on time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from calls import LiveCall, live_call, subscribed_to, until
from fakes.faults import Behaviour, close, complain, garbage, hang, kill, refuse, throttle
from hearing_calls import HURRIED, TOLERANCE, HearingWorker, farthest, hearing_worker, say, texts_of, words_of
from livekit import api

from cornerman.livekit_server import ServerAddress

WORDS = ["we", "need", "the", "report", "next", "week", "and", "that", "is", "too", "expensive", "for", "us", "thanks"]
LISTENING = {"mode": "granted", "granted": ["prospect", "second"]}
GRACE = 25.0
"""Seconds in which what was kept over a fault has to be recognised."""

FAULTS: dict[str, tuple[Behaviour, ...]] = {
    "nothing": (),
    "killed in the middle of an utterance": (kill(2.0),),
    "refused": (refuse(503), refuse(503)),
    "refused for its key": (refuse(401),),
    "throttled": (throttle(), throttle()),
    "garbage": (garbage(1.2),),
    "complaining": (complain(1.2),),
    "hanging": (hang(1.2),),
    "hanging deaf": (hang(1.2, reads=False),),
    "closed with 1011": (close(1011, 1.5),),
    "killed and killed again": (kill(1.0), kill(1.5)),
}
TIMED = frozenset({"nova", "flux"})
"""Providers that say when each word was spoken; for the others it is estimated."""


@pytest.fixture(scope="module", params=["nova", "flux", "realtime", "http"])
def hearing(
    request: pytest.FixtureRequest, livekit_server: ServerAddress, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[HearingWorker]:
    folder = tmp_path_factory.mktemp(request.param)
    with hearing_worker(livekit_server, folder, request.param, HURRIED) as running:
        yield running


@pytest.fixture
async def call(
    livekit_server: ServerAddress, hearing: HearingWorker, server_api: api.LiveKitAPI, room_name: str
) -> AsyncIterator[LiveCall]:
    async with live_call(livekit_server, server_api, room_name, hearing.agent_name, hearing.journals) as opened:
        yield opened
    hearing.fake.script.play()


@pytest.mark.parametrize("fault", FAULTS)
async def test_every_word_is_in_the_journal_once_on_time(call: LiveCall, hearing: HearingWorker, fault: str) -> None:
    hearing.fake.script.play(*FAULTS[fault])
    await call.dispatch(consent=LISTENING)
    prospect = await call.person("prospect")
    await subscribed_to(prospect)
    said = await say(call, prospect, WORDS)
    humming = asyncio.create_task(prospect.silence(GRACE))
    try:
        await until(lambda: len(words_of(call, "prospect")) >= len(WORDS), f"all words, after: {fault}", GRACE)
    finally:
        humming.cancel()
        await asyncio.gather(humming, return_exceptions=True)
    await call.end()
    assert texts_of(call, "prospect") == said.texts
    if hearing.provider in TIMED:
        assert farthest(words_of(call, "prospect"), said.words) < TOLERANCE
