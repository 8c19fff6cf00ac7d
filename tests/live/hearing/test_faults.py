"""Whatever a speech provider does, every word it would have recognised is in the journal: once, in order, on time.

A call with each provider, all at the same time; in each, somebody comes for every fault, is heard through it and
leaves. What each of them said is judged by itself.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass

import pytest
from calls import LiveCall, live_call, subscribed_to, until
from fakes.faults import Behaviour, close, complain, garbage, hang, kill, refuse, throttle
from hearing_calls import (
    HEARD_WITHIN,
    HURRIED,
    SENTENCE,
    TOLERANCE,
    HearingWorker,
    Said,
    ever_shown,
    farthest,
    granted,
    hearing_worker,
    humming,
    say,
    texts_of,
    token_as,
    words_of,
)
from livekit import api

from cornerman.events import Word
from cornerman.livekit_server import ServerAddress
from cornerman.stand_ins.voice import Voice, joined

PLAYS_MANY_CALLS = True
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
PROVIDERS = ("nova", "flux", "realtime", "http")
TIMED = frozenset({"nova", "flux"})
"""Providers that say when each word was spoken; for the others it is estimated."""


@dataclass(frozen=True)
class Visit:
    """What somebody said through a fault, and how often the provider was turned to meanwhile."""

    said: Said
    connections: int


@dataclass(frozen=True)
class Heard:
    """A visit, and what the journal of the finished call has of who came."""

    visit: Visit
    words: Sequence[Word]
    texts: Sequence[str]
    shown: set[str]


Found = Heard | BaseException


class FaultTable:
    """What becomes of each fault with each provider. All that will be asked for is played at once, when first asked."""

    def __init__(
        self, server: ServerAddress, workers: Mapping[str, HearingWorker], wanted: Iterable[tuple[str, str]]
    ) -> None:
        self._server = server
        self._workers = workers
        self._wanted = set(wanted)
        self._found: dict[tuple[str, str], Found] = {}

    def heard(self, provider: str, fault: str) -> Heard:
        """What was heard. It is given once: who asks again, as a test that is tried again, has it played again."""
        cell = (provider, fault)
        if cell not in self._found:
            playing, self._wanted = self._wanted | {cell}, set()
            self._found |= asyncio.run(self._play(playing))
        found = self._found.pop(cell)
        if isinstance(found, BaseException):
            raise found
        return found

    async def _play(self, cells: set[tuple[str, str]]) -> dict[tuple[str, str], Found]:
        """A call with each provider, side by side. What ends one of them is found in all of its cells."""
        faults = {provider: [fault for fault in FAULTS if (provider, fault) in cells] for provider, _ in cells}
        calls = [self._call_through(self._workers[provider], these) for provider, these in faults.items()]
        found: dict[tuple[str, str], Found] = {}
        for provider, heard in zip(faults, await asyncio.gather(*calls, return_exceptions=True), strict=True):
            for fault in faults[provider]:
                found[provider, fault] = heard if isinstance(heard, BaseException) else heard[fault]
        return found

    async def _call_through(self, hearing: HearingWorker, faults: Sequence[str]) -> dict[str, Found]:
        """One call, and in it a guest for each of these faults, one after the other."""
        guests = {fault: fault.replace(" ", "-") for fault in faults}
        server, room = self._server, f"test-{uuid.uuid4().hex[:12]}"
        async with (
            api.LiveKitAPI(server.http_url, server.api_key, server.api_secret.get_secret_value()) as livekit,
            live_call(server, livekit, room, hearing.agent_name, hearing.journals) as call,
        ):
            await call.dispatch(consent=granted(*guests.values()))
            await call.coach_is_there(await call.rep())
            visits: dict[str, Visit | BaseException] = {}
            for fault, guest in guests.items():
                coming = come_through(call, hearing, guest, FAULTS[fault])
                (visits[fault],) = await asyncio.gather(coming, return_exceptions=True)
            await call.end()
            return {
                fault: visit if isinstance(visit, BaseException) else heard_of(call, guests[fault], visit)
                for fault, visit in visits.items()
            }


async def come_through(call: LiveCall, hearing: HearingWorker, guest: str, behaviours: Sequence[Behaviour]) -> Visit:
    """Somebody comes whose first connections do this, speaks, and leaves when they are heard or it is too late."""
    fake = hearing.fake
    await until(lambda: not fake.records or fake.records[-1].ended, "the end of the connection of the guest before")
    before = len(fake.records)
    fake.script.play(*behaviours)
    async with joined(call.server.url, token_as(call, guest)) as room:
        voice = Voice(room)
        await voice.publish()
        await subscribed_to(voice)
        said = await say(call, voice, SENTENCE)
        async with humming(voice):
            with suppress(AssertionError):  # whoever judges sees what is missing
                await until(lambda: len(words_of(call, guest)) >= len(SENTENCE), "all words", HEARD_WITHIN)
        await voice.aclose()
    return Visit(said, len(fake.records) - before)


def heard_of(call: LiveCall, guest: str, visit: Visit) -> Heard:
    return Heard(visit, words_of(call, guest), texts_of(call, guest), ever_shown(call, guest))


@pytest.fixture(scope="module")
def table(
    request: pytest.FixtureRequest, livekit_server: ServerAddress, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FaultTable]:
    """The table, of those faults that this run asks for, with a worker for each of their providers."""
    asked = [
        item.callspec.params
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.path == request.path
    ]
    wanted = [(str(one["provider"]), str(one["fault"])) for one in asked]
    folders = {provider: tmp_path_factory.mktemp(provider) for provider in {provider for provider, _ in wanted}}
    with ExitStack() as stack, ThreadPoolExecutor(len(folders)) as threads:

        def start(provider: str) -> HearingWorker:
            return stack.enter_context(hearing_worker(livekit_server, folders[provider], provider, HURRIED))

        workers = dict(zip(folders, threads.map(start, folders), strict=True))
        yield FaultTable(livekit_server, workers, wanted)


@pytest.mark.timeout(600)  # the first to ask has everything played
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_word_is_in_the_journal_once_on_time(table: FaultTable, provider: str, fault: str) -> None:
    heard = table.heard(provider, fault)
    said = heard.visit.said
    assert heard.texts == said.texts
    assert heard.shown <= set(said.texts)
    if provider in TIMED:
        assert farthest(heard.words, said.words) < TOLERANCE
    assert heard.visit.connections >= max(1, len(FAULTS[fault])), "the provider never did what it was told to do"
