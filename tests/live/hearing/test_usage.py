"""What is sent to a provider is speech, is counted, and is no more than that: silence, mutes and music cost nothing."""

from __future__ import annotations

import asyncio
import socket
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.request import urlopen

import numpy as np
import pytest
from calls import LiveCall, RunningWorker, live_call, planted, subscribed_to, until
from fakes.record import Record
from fakes.tones import Spoken
from hearing_calls import (
    FIRST,
    THEN,
    HearingWorker,
    all_heard,
    come_as,
    granted,
    hearing_worker,
    humming,
    part,
    seconds_received,
    usage_of,
    words_of,
    zero_of,
)
from livekit import api
from numpy.typing import NDArray
from prometheus_client.parser import text_string_to_metric_families
from stage_music import hold_music

from cornerman.events import Word
from cornerman.livekit_server import ServerAddress

PLAYS_MANY_CALLS = True
SILENCE, MUSIC = 10.0, 15.0
"""Seconds of each that are played."""
COUNTED_WITHIN = 0.3
"""Seconds between what the coach says it sent and what the provider received."""
TAIL, PREFIX, VOICE_STOPS = 2.0, 0.5, 0.4
"""Seconds, as the settings are by default: after a voice, before one, and until one is known to have stopped."""
LITTLE = 0.6
"""Seconds for what is neither: a detector's hesitation, frames under way."""
PROVIDER = "deepgram"


@dataclass(frozen=True)
class Paid:
    """A worker with a provider that is paid by the second, and the worker's page of metrics."""

    worker: HearingWorker
    page: str

    def counted(self) -> float:
        """Seconds sent to the provider as the page has them."""
        with urlopen(self.page, timeout=5) as answer:
            families = list(text_string_to_metric_families(answer.read().decode()))
        samples = [sample for family in families for sample in family.samples]
        return sum(
            sample.value
            for sample in samples
            if sample.name == "cornerman_stt_seconds_total" and sample.labels.get("provider") == PROVIDER
        )


@pytest.fixture(scope="module")
def paid(livekit_server: ServerAddress, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paid]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {"CORNERMAN__WORKER__METRICS_PORT": str(port)}
    with hearing_worker(livekit_server, tmp_path_factory.mktemp("usage"), "nova", environment) as running:
        yield Paid(running, f"http://127.0.0.1:{port}/metrics")


@dataclass(frozen=True)
class Played:
    """What was played in two calls side by side, and what came of it: one with the paid provider, one with the
    embedded engine.
    """

    said: dict[str, list[Spoken]]
    usage: dict[str, dict[str, float]]
    records: Sequence[Record]
    counted_before: float
    embedded: list[Word]
    music_until: float

    def received_of(self, identity: str) -> float:
        """Seconds that came over the connections on which this participant's words were heard."""
        words = {word.text for word in self.said[identity]}
        return seconds_received([record for record in self.records if words & set(record.words)])


@pytest.fixture(scope="module")
def played(livekit_server: ServerAddress, paid: Paid, coach_worker: RunningWorker) -> Played:
    """Both calls, once for all tests: they take as long as what is played in them."""
    return asyncio.run(_play(livekit_server, paid, coach_worker))


async def _play(server: ServerAddress, paid: Paid, embedded: RunningWorker) -> Played:
    before, known = paid.counted(), len(paid.worker.fake.records)
    # made before anybody speaks: a busy event loop would delay their words
    telephone, studio = hold_music(MUSIC, rate=8_000), hold_music(MUSIC)
    secret = server.api_secret.get_secret_value()
    rooms = [f"test-{uuid.uuid4().hex[:12]}" for _ in range(2)]
    async with (
        api.LiveKitAPI(server.http_url, server.api_key, secret) as livekit,
        live_call(server, livekit, rooms[0], paid.worker.agent_name, paid.worker.journals) as first,
        live_call(server, livekit, rooms[1], embedded.agent_name, embedded.journals) as second,
    ):
        said, (heard, music_until) = await asyncio.gather(_play_paid(first, telephone), _play_embedded(second, studio))
        return Played(said, usage_of(first), paid.worker.fake.records[known:], before, heard, music_until)


async def _play_paid(call: LiveCall, music: NDArray[np.int16]) -> dict[str, list[Spoken]]:
    """One is silent for long, one is put on hold, one says nothing at all."""
    await call.dispatch(consent=granted("prospect", "phone", "silent"))
    prospect, silent = await call.person("prospect"), await call.person("silent")
    phone = await come_as(call, "phone", "sip", rate=8_000)
    for one in (prospect, silent, phone):
        await subscribed_to(one)

    async def held() -> list[Spoken]:
        before = await part(call, phone, ["how", "much"])
        await phone.play(music)
        return before + await part(call, phone, ["does", "it", "cost"])

    async with humming(silent):
        said = await asyncio.gather(part(call, prospect, FIRST, SILENCE, THEN), held())
    words = {"prospect": said[0], "phone": said[1]}
    await all_heard(call, words, prospect, phone, silent)
    return words


async def _play_embedded(call: LiveCall, music: NDArray[np.int16]) -> tuple[list[Word], float]:
    """Music, then speech. Returns the words that were heard, and when the music was over."""
    await call.dispatch(consent=granted("prospect"))
    prospect = await call.person("prospect")
    await subscribed_to(prospect)
    await prospect.play(music)
    over = time.time() - zero_of(call)
    await prospect.play(planted("price_objection"))
    async with humming(prospect):
        await until(lambda: words_of(call, "prospect"), "what was said after the music")
    await call.end()
    return words_of(call, "prospect"), over


def most_for(*utterances: Sequence[Spoken]) -> float:
    """The most that these utterances may cost, in seconds: each with what goes before it and after it."""
    lengths = [words[-1].end - words[0].start for words in utterances]
    return sum(lengths) + len(lengths) * (PREFIX + VOICE_STOPS + TAIL + LITTLE)


def test_the_journal_says_what_each_provider_was_sent_of_each_participant(played: Played) -> None:
    for identity in ("prospect", "phone"):
        received = pytest.approx(played.received_of(identity), abs=COUNTED_WITHIN)
        assert played.usage[identity] == {PROVIDER: received}
    assert played.usage["silent"].get(PROVIDER, 0.0) == 0.0


async def test_the_worker_s_page_counts_what_the_provider_received(played: Played, paid: Paid) -> None:
    received = seconds_received(played.records)

    def agrees() -> bool:
        return abs(paid.counted() - played.counted_before - received) < COUNTED_WITHIN

    await until(agrees, f"{received:.2f} s more on the page", 10.0)


def test_silence_between_two_utterances_costs_its_tail_and_no_more(played: Played) -> None:
    said = played.said["prospect"]
    assert said[len(FIRST)].start - said[len(FIRST) - 1].end > SILENCE
    assert played.received_of("prospect") <= most_for(said[: len(FIRST)], said[len(FIRST) :])


def test_music_while_somebody_is_on_hold_is_not_sent(played: Played) -> None:
    said = played.said["phone"]
    assert said[2].start - said[1].end > MUSIC
    assert played.received_of("phone") <= most_for(said[:2], said[2:])


def test_the_embedded_engine_hears_no_words_in_music(played: Played) -> None:
    assert played.embedded
    assert min(word.start for word in played.embedded) > played.music_until - 0.5
