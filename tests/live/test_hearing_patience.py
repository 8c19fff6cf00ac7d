"""With settings as they come: a provider that hangs and then dies costs seconds, and no word."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from calls import LiveCall, live_call, subscribed_to, until
from fakes.faults import hang, kill
from hearing_calls import TOLERANCE, HearingWorker, farthest, hearing_worker, say, texts_of, words_of
from livekit import api

from cornerman.livekit_server import ServerAddress

WORDS = [
    "we",
    "need",
    "the",
    "report",
    "next",
    "week",
    "and",
    "that",
    "is",
    "too",
    "expensive",
    "for",
    "us",
    "thanks",
] * 2
GRACE = 60.0


@pytest.fixture(scope="module")
def hearing(livekit_server: ServerAddress, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HearingWorker]:
    with hearing_worker(livekit_server, tmp_path_factory.mktemp("patience"), "nova", {}) as running:
        yield running


@pytest.fixture
async def call(
    livekit_server: ServerAddress, hearing: HearingWorker, server_api: api.LiveKitAPI, room_name: str
) -> AsyncIterator[LiveCall]:
    async with live_call(livekit_server, server_api, room_name, hearing.agent_name, hearing.journals) as opened:
        yield opened


async def test_a_hang_of_five_seconds_and_a_death_lose_no_word(call: LiveCall, hearing: HearingWorker) -> None:
    hearing.fake.script.play(hang(1.2), kill(2.0))
    await call.dispatch(consent={"mode": "granted", "granted": ["prospect"]})
    prospect = await call.person("prospect")
    await subscribed_to(prospect)
    said = await say(call, prospect, WORDS)
    humming = asyncio.create_task(prospect.silence(GRACE))
    try:
        await until(lambda: len(words_of(call, "prospect")) >= len(WORDS), "all words", GRACE)
    finally:
        humming.cancel()
        await asyncio.gather(humming, return_exceptions=True)
    await call.end()
    assert texts_of(call, "prospect") == said.texts
    assert farthest(words_of(call, "prospect"), said.words) < TOLERANCE
    assert [note["kind"] for note in call.segment().notes() if note.get("hearing") == "failed"] == [
        "hang",
        "status_1006",
    ]
