"""With settings as they come: a provider that hangs and then dies costs seconds, and no word."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from calls import LiveCall, subscribed_to, until
from fakes.faults import hang, kill
from hearing_calls import (
    SENTENCE,
    TOLERANCE,
    HearingWorker,
    farthest,
    granted,
    hearing_worker,
    humming,
    say,
    texts_of,
    words_of,
)

from cornerman.livekit_server import ServerAddress

WORDS = SENTENCE * 2
GRACE = 60.0


@pytest.fixture(scope="module")
def hearing(livekit_server: ServerAddress, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HearingWorker]:
    with hearing_worker(livekit_server, tmp_path_factory.mktemp("patience"), "nova", {}) as running:
        yield running


async def test_a_hang_of_five_seconds_and_a_death_lose_no_word(call: LiveCall, hearing: HearingWorker) -> None:
    hearing.fake.script.play(hang(1.2), kill(2.0))
    await call.dispatch(consent=granted("prospect"))
    prospect = await call.person("prospect")
    await subscribed_to(prospect)
    said = await say(call, prospect, WORDS)
    async with humming(prospect):
        await until(lambda: len(words_of(call, "prospect")) >= len(WORDS), "all words", GRACE)
    await call.end()
    assert texts_of(call, "prospect") == said.texts
    assert farthest(words_of(call, "prospect"), said.words) < TOLERANCE
    assert [note["kind"] for note in call.segment().notes() if note.get("hearing") == "failed"] == [
        "hang",
        "status_1006",
    ]
