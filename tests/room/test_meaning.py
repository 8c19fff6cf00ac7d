"""Meaning beside a call: a thread that ends, a bounded queue, nothing of whoever withdrew; without it, words alone."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from meaning_playbook import PRICE, meaning_playbook
from scenes import spoken

from cornerman.coach import Coach, CoachSettings
from cornerman.config import MeaningSettings
from cornerman.events import (
    Attendance,
    CallEnd,
    Consent,
    Event,
    Evidence,
    MeaningRequest,
    MeaningResult,
    Moment,
    Purge,
    Turn,
)
from cornerman.playbook import Playbook
from cornerman.record.journal import Journal
from cornerman.replay import replay_call
from cornerman.room import meaning as meaning_module
from cornerman.room.clock import CallClock
from cornerman.room.driver import Driver
from cornerman.room.meaning import LATEST, THREAD, WAITING, Meaning

AFFORD = "we cannot afford it"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORNERMAN_CACHE", str(tmp_path / "cache"))


def request(number: int, text: str = AFFORD, identity: str = "tom") -> MeaningRequest:
    return MeaningRequest(f"s{number}", Evidence(f"t{number}", identity, "prospect", 0, 1, 0.0, 1.0, text))


def threads() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == THREAD]


class Served:
    """A meaning that is being listened to."""

    def __init__(self, settings: MeaningSettings | None = None, playbook: Playbook | None = None) -> None:
        self.meaning = Meaning(settings or MeaningSettings(), playbook or meaning_playbook())
        self.results: list[MeaningResult] = []
        self.told: list[dict[str, str]] = []
        self._news = asyncio.Event()
        self.meaning.serve(self._result, self._changed)

    def _result(self, result: MeaningResult) -> None:
        self.results.append(result)
        self._news.set()

    def _changed(self) -> None:
        self.told.append(self.meaning.facts)
        self._news.set()

    async def until(self, results: int = 0, state: str = "ready") -> None:
        async with asyncio.timeout(60):
            while len(self.results) < results or self.told[-1]["state"] != state:
                self._news.clear()
                await self._news.wait()


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    one = Served()
    one.meaning.start()
    yield one
    await one.meaning.aclose()
    assert threads() == []


async def test_a_sentence_is_answered_on_the_event_loop(served: Served) -> None:
    served.meaning.ask(request(1))
    await served.until(results=1)
    (result,) = served.results
    assert result.request == "s1"
    assert {one.definition: one.like > 0.4 for one in result.likeness} == {"price": True, "security": False}


async def test_answers_come_in_the_order_of_the_questions(served: Served) -> None:
    for number in range(WAITING):
        served.meaning.ask(request(number))
    await served.until(results=WAITING)
    assert [one.request for one in served.results] == [f"s{number}" for number in range(WAITING)]


async def test_the_journal_can_say_how_it_stands(served: Served) -> None:
    await served.until()
    assert served.told == [
        {"model": "all-MiniLM-L6-v2", "state": "loading"},
        {"model": "all-MiniLM-L6-v2", "state": "ready"},
    ]


async def test_asking_and_starting_do_not_wait(served: Served) -> None:
    """While the model loads, and while a sentence is compared, the loop goes on."""
    for number in range(5):
        served.meaning.ask(request(number, "word " * 200))
    turns = 0
    while len(served.results) < 5:
        turns += 1
        await asyncio.sleep(0)
    assert turns > 100


async def test_of_too_many_the_oldest_give_way() -> None:
    one = Served()
    for number in range(WAITING + 5):
        one.meaning.ask(request(number))  # nothing is taken yet: the thread has not begun
    one.meaning.start()
    await one.until(results=WAITING)
    await one.meaning.aclose()
    assert [result.request for result in one.results] == [f"s{number}" for number in range(5, WAITING + 5)]


async def test_what_waited_too_long_is_not_answered_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Served()
    one.meaning.ask(request(1))
    now = meaning_module.time.monotonic()
    monkeypatch.setattr(meaning_module.time, "monotonic", lambda: now + LATEST + 1)
    one.meaning.ask(request(2))
    one.meaning.start()
    await one.until(results=1)
    await one.meaning.aclose()
    assert [result.request for result in one.results] == ["s2"]


async def test_nothing_of_whoever_took_consent_back_is_answered() -> None:
    one = Served()
    for number, identity in enumerate(("tom", "ines", "tom", "ines")):
        one.meaning.ask(request(number, identity=identity))
    one.meaning.forget("tom")
    one.meaning.start()
    await one.until(results=2)
    await one.meaning.aclose(1.0)
    assert [result.request for result in one.results] == ["s1", "s3"]


async def test_a_result_under_way_counts_for_nothing_once_consent_is_taken_back(served: Served) -> None:
    """Its words are with the thread when they are taken back."""
    await served.until()
    served.meaning.ask(request(1, "word " * 200))
    await asyncio.to_thread(taken, served.meaning)
    served.meaning.forget("tom")
    served.meaning.ask(request(2, identity="ines"))
    await served.until(results=1)
    assert [result.request for result in served.results] == ["s2"]


def taken(meaning: Meaning) -> None:
    """Waits until the thread has taken all requests."""
    while meaning._queue:
        pass


async def test_the_end_waits_for_the_last_sentence(served: Served) -> None:
    await served.until()
    served.meaning.ask(request(1))
    await served.meaning.aclose(patience=30.0)
    assert [result.request for result in served.results] == ["s1"]
    assert threads() == []


async def test_after_the_end_nothing_is_taken_or_answered(served: Served) -> None:
    served.meaning.ask(request(1))
    await served.meaning.aclose()
    served.meaning.ask(request(2))
    served.meaning.forget("tom")
    assert (served.results, threads()) == ([], [])
    await served.meaning.aclose()  # a second end is none


async def test_a_call_that_ends_while_examples_are_worked_out_does_not_wait_for_them() -> None:
    """Thousands of examples would take a minute; the thread looks after each whether it is needed."""
    many = tuple(f"{sentence} number {number}" for sentence in PRICE for number in range(2000))
    one = Served(playbook=meaning_playbook(examples=many))
    one.meaning.start()
    await one.meaning.aclose(patience=60.0)
    assert threads() == []
    assert one.meaning.progress == "loading"


async def test_many_calls_leave_no_thread_behind() -> None:
    before = set(threading.enumerate())
    for _ in range(5):
        one = Served()
        one.meaning.start()
        one.meaning.ask(request(1))
        await one.meaning.aclose()
    left = [one.name for one in set(threading.enumerate()) - before]
    assert [name for name in left if not name.startswith("asyncio_")] == []  # the loop's own helpers, which it ends


# -- words alone --


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (MeaningSettings(enabled="off"), "switched off by meaning.enabled"),
        (MeaningSettings(model=Path("/nowhere")), "the sentence model is not in /nowhere"),
    ],
)
async def test_without_a_model_words_alone_decide_and_the_log_says_why(
    settings: MeaningSettings, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    one = Served(settings)
    one.meaning.start()
    one.meaning.ask(request(1))
    assert not one.meaning.asked_for
    assert one.meaning.facts["state"] == "off"
    assert why in one.meaning.facts["why"]
    assert "model" not in one.meaning.facts
    assert [why in record.getMessage() for record in caplog.records] == [True]
    await one.meaning.aclose(1.0)
    assert (one.results, threads()) == ([], [])


async def test_a_damaged_model_is_told_once_and_the_call_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("model.safetensors", "tokenizer.json"):
        (tmp_path / name).write_bytes(b"damaged")
    one = Served(MeaningSettings(model=tmp_path))
    one.meaning.ask(request(1))
    one.meaning.start()
    await one.until(state="failed")
    one.meaning.ask(request(2))
    await one.meaning.aclose(1.0)
    assert "is not all-MiniLM-L6-v2 as published" in one.told[-1]["why"]
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 1
    assert (one.results, threads()) == ([], [])


async def test_no_spoken_word_is_logged(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    served.meaning.ask(request(1, "xylophone " * 40))
    await served.until(results=1)
    served.meaning.forget("tom")
    assert "xylophone" not in caplog.text


# -- with driver, coach and journal --


class Driven:
    """A coach driven live, with everything but a room."""

    def __init__(self, folder: Path) -> None:
        self.meaning = Meaning(MeaningSettings(), PLAYBOOK)
        self.ready = asyncio.Event()
        header = {
            "playbook": {"digest": PLAYBOOK.digest},
            "budget": {"interval": 20.0, "burst": 2},
            "meaning": self.meaning.facts,
        }
        self.folder = folder
        journal = Journal(folder, header)
        settings = CoachSettings(20.0, 2, journal.segment, by_meaning=self.meaning.asked_for)
        self.nudged: list[str] = []
        self.driver = Driver(
            Coach(PLAYBOOK, settings),
            journal,
            CallClock(time.time()),
            nudge=lambda nudge: self.nudged.append(f"{nudge.card} {nudge.status}"),
            ask=self.meaning.ask,
            decided=lambda: None,
            followed=lambda _event, _now, _made: None,
        )
        self.meaning.serve(self.driver.feed, self._changed)
        self.meaning.start()
        for identity, role in (("rep", "rep"), ("tom", "prospect"), ("ines", "prospect")):
            self.driver.feed(Attendance(identity, identity.title(), role, True))  # type: ignore[arg-type]
            self.driver.feed(Consent(identity, "granted", "test"))

    def _changed(self) -> None:
        if self.meaning.progress == "ready":
            self.ready.set()

    def turn(self, name: str, text: str, identity: str = "tom", start: float = 1.0) -> Event:
        words = spoken(text, start)
        return Turn(name, identity, "prospect", words, words[0].start, words[-1].end, 0.9)

    async def end(self) -> None:
        await self.meaning.aclose(30.0)
        self.driver.feed(CallEnd("over"))
        self.driver.close()


PLAYBOOK = replace(meaning_playbook(), digest="2" * 64)


async def test_what_was_noticed_by_meaning_is_replayed_without_a_model(tmp_path: Path) -> None:
    driven = Driven(tmp_path / "call")
    async with asyncio.timeout(60):
        await driven.ready.wait()
    driven.driver.feed(driven.turn("t1", AFFORD))
    driven.driver.feed(driven.turn("t2", "the weather is nice", start=9.0))
    await driven.end()
    assert driven.nudged == ["price live"]
    (replayed,) = replay_call(driven.folder, PLAYBOOK)
    assert (replayed.difference, replayed.shown) == (None, 1)
    assert [type(made.decision) for made in replayed.made].count(Moment) == 1
    lines = (driven.folder / "events-1.jsonl").read_text()
    assert '"in":"meaningresult"' in lines
    assert '"out":"meaningrequest"' in lines
    assert "afford" not in lines


async def test_a_purge_leaves_no_answer_behind(tmp_path: Path) -> None:
    """Asked before, and answered never: nothing of what was said reaches the journal again."""
    driven = Driven(tmp_path / "call")
    driven.driver.feed(driven.turn("t1", AFFORD))
    driven.driver.feed(driven.turn("t2", AFFORD, identity="ines", start=9.0))
    driven.driver.feed(Purge("tom"))
    driven.meaning.forget("tom")
    async with asyncio.timeout(60):
        await driven.ready.wait()
    await driven.end()
    lines = (driven.folder / "events-1.jsonl").read_text().splitlines()
    assert [line for line in lines if '"in":"meaningresult"' in line and '"request":"s1"' in line] == []
    assert len([line for line in lines if '"in":"meaningresult"' in line]) == 1
    assert driven.nudged == ["price live"]
