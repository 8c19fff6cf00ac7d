"""Many come, say two words and leave: each is heard as themselves, and nothing of them stays behind in the coach.

`CHURN=500 python -m pytest tests/live/hearing/test_churn.py --timeout 900` does it with as many as one likes. What was
measured is printed.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from calls import LiveCall, Subscriptions, subscribed_to, until
from fakes.tones import VOCABULARY
from hearing_calls import HURRIED, HearingWorker, events_of, hearing_worker, say, token_as

from cornerman.contract import wire
from cornerman.events import Turn
from cornerman.livekit_server import ServerAddress
from cornerman.stand_ins.voice import Voice, joined

CENSUS = Path(__file__).parents[2] / "census"
COUNT = int(os.environ.get("CHURN", "60"))
FIRST = 10
"""How many come before anything is measured: what is loaded and kept once is there then."""
AT_ONCE = 5
MOST_GROWTH = 0.02 if COUNT >= 200 else 0.04
"""Share by which memory may grow over the second half; few leave more of what a process takes once."""
IDLE_THREADS = 2
"""Threads that pools may keep for a moment; one for each who came would be many more."""
MOST_OF_IT = 0.9
"""Share of what was said that has to survive the way through the room, so that something is shown here."""
SETTLES_WITHIN = 40.0
LOOK_EVERY = 0.5
LISTENING_TASKS = ("hearing.", "ears.")
LISTENING_OBJECTS = (
    "cornerman.hearing.listener.",
    "cornerman.hearing.attempt.",
    "cornerman.hearing.kept_audio.",
    "cornerman.hearing.voice.",
    "livekit.rtc.audio_stream.",
    "livekit.plugins.",
    "aiohttp.client_ws.",
)


@dataclass(frozen=True)
class Held:
    """What the coach's process holds while none of them is there."""

    megabytes: float
    files: int
    threads: int
    tasks: dict[str, int]
    objects: dict[str, int]

    @property
    def listens(self) -> list[str]:
        """What listens to somebody, or does not yet know that they left."""
        objects = [name for name in self.objects if name.startswith(LISTENING_OBJECTS)]
        return objects + [name for name in self.tasks if name.startswith(LISTENING_TASKS)]

    def __str__(self) -> str:
        return f"{self.megabytes:.1f} MB, {self.files} files, {self.threads} threads, {sum(self.tasks.values())} tasks"


@pytest.fixture(scope="module")
def census(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("census")


@pytest.fixture(scope="module")
def hearing(
    livekit_server: ServerAddress, tmp_path_factory: pytest.TempPathFactory, census: Path
) -> Iterator[HearingWorker]:
    path = [str(CENSUS), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**HURRIED, "CORNERMAN_CENSUS": str(census), "PYTHONPATH": os.pathsep.join(path)}
    with hearing_worker(livekit_server, tmp_path_factory.mktemp("churn"), "nova", environment) as running:
        yield running


def words_for(number: int) -> list[str]:
    """Two words of each one's own; no two who are there at the same time say the same."""
    return [VOCABULARY[number % len(VOCABULARY)], VOCABULARY[(number * 7 + 20) % len(VOCABULARY)]]


def number_of(guest: str) -> int:
    return int(guest.removeprefix("guest-"))


async def visit(call: LiveCall, number: int) -> None:
    """Somebody comes with consent, speaks as soon as somebody listens, and leaves."""
    token = token_as(call, f"guest-{number}", attributes={wire.CONSENT_ATTRIBUTE: "granted"})
    async with joined(call.server.url, token) as room:
        voice = Voice(room)
        await voice.publish()
        await subscribed_to(voice)
        await say(call, voice, words_for(number))
        await voice.aclose()


async def visits(call: LiveCall, numbers: range) -> None:
    """So many, a few at a time."""
    left = iter(numbers)

    async def one_after_the_other() -> None:
        for number in left:
            await visit(call, number)

    await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))


def coach_of(call: LiveCall, worker: HearingWorker) -> psutil.Process:
    """The process that coaches this call: the one that writes its journal."""
    journal = str(call.folder())
    processes = psutil.Process(worker.pid).children(recursive=True)
    (found,) = [one for one in processes if any(file.path.startswith(journal) for file in one.open_files())]
    return found


async def held_by(coach: psutil.Process, census: Path) -> Held:
    """Asks the process what it holds."""
    answer = census / f"{coach.pid}.json"
    answer.unlink(missing_ok=True)
    coach.send_signal(signal.SIGUSR2)
    await until(answer.exists, "the census", 10.0)
    counted = json.loads(answer.read_text())
    return Held(
        coach.memory_info().rss / 1e6, coach.num_fds(), coach.num_threads(), counted["tasks"], counted["objects"]
    )


async def settled(coach: psutil.Process, census: Path, hearing: HearingWorker, subscriptions: Subscriptions) -> Held:
    """What the process holds once nothing of those who left is under way any more."""
    await subscriptions.become(0)
    await until(lambda: all(record.ended for record in hearing.fake.records), "every connection ended")
    held = await held_by(coach, census)
    async with asyncio.timeout(SETTLES_WITHIN):
        while held.listens:
            await asyncio.sleep(LOOK_EVERY)
            held = await held_by(coach, census)
    return held


async def test_nothing_stays_behind_of_many_who_come_and_go_and_each_is_heard_as_themselves(
    livekit_server: ServerAddress,
    call: LiveCall,
    hearing: HearingWorker,
    census: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    subscriptions = Subscriptions(livekit_server)
    await call.dispatch(consent={"mode": "each_participant"})
    await call.coach_is_there(await call.rep())
    coach = coach_of(call, hearing)
    half = FIRST + (COUNT - FIRST) // 2
    measured: list[Held] = []
    for numbers in (range(FIRST), range(FIRST, half), range(half, COUNT)):
        await visits(call, numbers)
        measured.append(await settled(coach, census, hearing, subscriptions))
    await call.end()
    start, middle, end = measured
    with capsys.disabled():
        for number, held in zip((FIRST, half, COUNT), measured, strict=True):
            sys.stdout.write(f"\n  after {number} came and went: {held}")
    heard: dict[str, list[str]] = {}
    for event in events_of(call):
        if isinstance(event, Turn) and event.words:
            heard.setdefault(event.identity, []).extend(word.text for word in event.words)
    assert not [guest for guest, words in heard.items() if not set(words) <= set(words_for(number_of(guest)))]
    # Word for word as the provider heard it: WebRTC on a busy machine tears holes into what is said, and words in two.
    told = Counter(record.words for record in hearing.fake.records if record.words)
    assert Counter(tuple(words) for words in heard.values()) == told
    assert sum(map(len, heard.values())) >= MOST_OF_IT * 2 * COUNT
    assert end.files <= start.files
    assert end.threads <= start.threads + IDLE_THREADS
    assert end.tasks == start.tasks
    assert end.megabytes <= middle.megabytes * (1 + MOST_GROWTH)
