"""Heartbeats: signed, refused where they are not, and told by a worker as a watchdog hears them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Literal

import aiohttp
import pytest
from calls import until
from hypothesis import given
from hypothesis import strategies as st
from livekit import api
from livekit.agents.job import JobAcceptArguments, RunningJobInfo
from livekit.protocol import agent, models
from pydantic import SecretStr
from watched_rooms import beat, job

from cornerman.config import LiveKitSettings, Settings
from cornerman.config.watching import WatchSettings
from cornerman.errors import ConfigError
from cornerman.livekit_server import ServerAddress
from cornerman.watch.beat import PATH, BeatError, signed, verified
from cornerman.watch.beating import beating
from cornerman.watch.counts import Counts
from cornerman.watch.page import Page, served
from cornerman.watch.rooms import Rooms
from cornerman.watch.run import address_of
from cornerman.watch.standing import Standing
from cornerman.watch.watchdog import Watchdog

SERVER = ServerAddress("ws://127.0.0.1:1", "APIkey", SecretStr("a-secret-of-at-least-thirty-two-characters"))
OTHER = ServerAddress(SERVER.url, "APIkey", SecretStr("another-secret-of-at-least-thirty-two-chars"))


def test_a_signed_beat_is_read_as_it_was_told() -> None:
    told = beat(3, job(1), ended=[(job(2), "crashed")])
    assert verified(*signed(told, SERVER), SERVER) == told


def test_a_beat_signed_with_another_secret_or_for_another_text_is_refused() -> None:
    body, token = signed(beat(1, job(1)), SERVER)
    with pytest.raises(BeatError, match="not signed"):
        verified(body, signed(beat(1, job(1)), OTHER)[1], SERVER)
    with pytest.raises(BeatError, match="not what was signed"):
        verified(body.replace(b"AJ_1", b"AJ_2"), token, SERVER)


def test_a_token_of_a_participant_is_no_signature() -> None:
    grants = api.VideoGrants(room_join=True, room="call")
    token = api.AccessToken(SERVER.api_key, SERVER.api_secret.get_secret_value()).with_identity("rep")
    with pytest.raises(BeatError):
        verified(signed(beat(1), SERVER)[0], token.with_grants(grants).to_jwt(), SERVER)


@given(st.binary(max_size=200), st.text(max_size=200))
def test_whatever_comes_is_refused_with_a_sentence_and_no_secret(body: bytes, token: str) -> None:
    with pytest.raises(BeatError) as refused:
        verified(body, token, SERVER)
    assert SERVER.api_secret.get_secret_value() not in str(refused.value)


@dataclass
class Running:
    """A worker as far as heartbeats are concerned."""

    active_jobs: list[RunningJobInfo] = field(default_factory=list)
    draining: bool = False

    def on(self, event: Literal["worker_registered"], callback: Callable[..., None]) -> object:
        callback("AW_1", None)
        return event

    def take(self, number: int) -> None:
        one = job(number)
        taken = agent.Job(id=one.job, dispatch_id=one.dispatch, room=models.Room(name=one.room), metadata="secret")
        accepted = JobAcceptArguments(identity=one.identity, name="", metadata="")
        self.active_jobs = [*self.active_jobs, RunningJobInfo(accepted, taken, "", "", "AW_1", False)]

    def lose(self, number: int) -> None:
        self.active_jobs = [info for info in self.active_jobs if info.job.id != job(number).job]


def stands(dog: Watchdog, job: str, standing: Standing) -> bool:
    return dog.standings.of(job, time.monotonic()) == standing


async def test_a_worker_tells_every_watchdog_of_its_calls_and_of_how_they_ended(tmp_path: Path) -> None:
    running = Running()
    (tmp_path / "departed").mkdir()
    async with (
        api.LiveKitAPI(SERVER.http_url, SERVER.api_key, SERVER.api_secret.get_secret_value()) as livekit,
    ):
        dogs = [
            Watchdog(WatchSettings(), Rooms(livekit, "cornerman", "cornerman-"), "cornerman", Counts()) for _ in "ab"
        ]
        async with (
            served(Page(dogs[0], SERVER), "127.0.0.1", 0) as one,
            served(Page(dogs[1], SERVER), "127.0.0.1", 0) as two,
        ):
            settings = Settings(
                livekit=LiveKitSettings(url=SERVER.url, api_key=SERVER.api_key, api_secret=SERVER.api_secret),
                watch=WatchSettings(watchdogs=(one, two), beat_every=0.1),
            )
            telling = beating(running, settings, tmp_path)
            await asyncio.to_thread(telling.__enter__)
            try:
                running.take(1)
                running.take(2)
                for dog in dogs:
                    await until(partial(stands, dog, "AJ_2", "alive"), "the call is told of")
                (tmp_path / "departed" / "AJ_1").write_text("left")
                running.lose(1)
                running.lose(2)
                for dog in dogs:
                    await until(partial(stands, dog, "AJ_1", "left"), "one left on purpose")
                    await until(partial(stands, dog, "AJ_2", "dead"), "one crashed")
            finally:
                await asyncio.to_thread(telling.__exit__, None, None, None)
            assert [dog.standings.workers(time.monotonic()) for dog in dogs] == [(0, 0), (0, 0)]


async def test_the_page_refuses_what_is_not_signed_and_shows_its_health(tmp_path: Path) -> None:
    async with api.LiveKitAPI(SERVER.http_url, SERVER.api_key, SERVER.api_secret.get_secret_value()) as livekit:
        dog = Watchdog(WatchSettings(), Rooms(livekit, "cornerman", "cornerman-"), "cornerman", Counts())
        async with served(Page(dog, SERVER), "127.0.0.1", 0) as at, aiohttp.ClientSession() as session:
            body, token = signed(beat(1, job(1)), SERVER)
            _, stranger = signed(beat(1, job(1)), OTHER)
            statuses = []
            for headers in ({}, {"Authorization": f"Bearer {stranger}"}, {"Authorization": f"Bearer {token}"}):
                async with session.post(at + PATH, data=body, headers=headers) as answer:
                    statuses.append(answer.status)
            assert statuses == [401, 401, 204]
            async with session.get(at) as answer:
                facts = await answer.json()
            assert (facts["workers"], facts["coached_calls"]) == (1, 1)
            async with session.get(f"{at}/ready") as answer:
                assert answer.status == 200
            async with session.get(f"{at}/metrics") as answer:
                text = await answer.text()
            assert 'cornerman_watch_heartbeats_total{outcome="refused"} 2.0' in text
            assert "AJ_1" not in text


async def test_a_port_that_is_taken_is_told_with_what_to_set() -> None:
    async with api.LiveKitAPI(SERVER.http_url, SERVER.api_key, SERVER.api_secret.get_secret_value()) as livekit:
        dog = Watchdog(WatchSettings(), Rooms(livekit, "cornerman", "cornerman-"), "cornerman", Counts())
        async with served(Page(dog, SERVER), "127.0.0.1", 0) as at:
            with pytest.raises(ConfigError, match=r"watch\.port"):
                async with served(Page(dog, SERVER), "127.0.0.1", int(at.rsplit(":", 1)[1])):
                    pass


def test_a_server_that_is_not_named_whole_is_told_of_at_the_start() -> None:
    with pytest.raises(ConfigError) as refused:
        address_of(Settings(livekit=LiveKitSettings(url="ws://127.0.0.1:1")))
    assert len(refused.value.faults) == 2


@pytest.mark.parametrize("watchdogs", [("watch-1:8089",), ("ftp://watch-1",)])
def test_an_address_of_a_watchdog_that_cannot_be_used_is_refused(watchdogs: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="http://"):
        WatchSettings(watchdogs=watchdogs)


def test_a_clock_that_is_wrong_by_hours_does_not_make_a_worker_look_dead() -> None:
    body, _ = signed(beat(1), SERVER)
    digest = api.TokenVerifier(SERVER.api_key, SERVER.api_secret.get_secret_value()).verify(signed(beat(1), SERVER)[1])
    late = api.AccessToken(SERVER.api_key, SERVER.api_secret.get_secret_value()).with_sha256(digest.sha256 or "")
    assert verified(body, late.with_ttl(timedelta(hours=-5)).to_jwt(), SERVER).count == 1
