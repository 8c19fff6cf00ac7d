"""A search beside a call: it waits for no model, holds up no event loop, ends, and keeps nothing of what was said."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from cornerman.config import MeaningSettings, RetrievalSettings
from cornerman.errors import ProviderError
from cornerman.playbook import Playbook, Section
from cornerman.providers.embedding import Embedder
from cornerman.providers.embedding.embedder import Vectors
from cornerman.retrieval import Index, Query, Retriever
from cornerman.retrieval.index import FOLDER
from cornerman.retrieval.retriever import LOADING_THREAD, THREAD, WAITING

MUST_HAVE = Query("They listed a must-have, how do I handle that?")
TAKE_IT_UP = "plays/requirement#how-to-take-it-up"

Make = Callable[..., Retriever]


@pytest.fixture
async def make(sample: Playbook, by_meaning: Index, cache: Path) -> AsyncIterator[Make]:
    """Retrievers that end with the test; `by_meaning` has worked the sample's vectors out."""
    made: list[Retriever] = []

    def make_one(
        settings: RetrievalSettings | None = None,
        embedder: Callable[[], Embedder] | None = None,
        playbook: Playbook = sample,
    ) -> Retriever:
        one = Retriever(
            playbook, settings or RetrievalSettings(), MeaningSettings(), embedder=embedder, folder=cache / FOLDER
        )
        made.append(one)
        return one

    yield make_one
    for one in made:
        await one.aclose()
    assert [one.name for one in threading.enumerate() if one.name in (THREAD, LOADING_THREAD)] == []


async def test_words_answer_until_meaning_is_there(make: Make, embedder: Embedder) -> None:
    loads = threading.Event()

    def late() -> Embedder:
        loads.wait(60)
        return embedder

    retriever = make(embedder=late)
    retriever.start()
    meanwhile = await retriever.search(MUST_HAVE)
    assert (retriever.progress, retriever.why_not) == ("loading", "")
    assert all(hit.likeness is None for hit in meanwhile)
    assert TAKE_IT_UP not in [hit.section.id for hit in meanwhile]
    loads.set()
    await retriever.settled()
    assert (retriever.progress, retriever.why_not) == ("ready", "")
    assert (await retriever.search(MUST_HAVE))[0].section.id == TAKE_IT_UP


async def test_a_search_before_the_start_is_answered_after_it(make: Make) -> None:
    retriever = make(RetrievalSettings(meaning="off"))
    early = asyncio.create_task(retriever.search(Query("What does Northstar cost?")))
    await asyncio.sleep(0)
    retriever.start()
    assert await early


async def test_switched_off_words_alone_decide(make: Make) -> None:
    retriever = make(RetrievalSettings(meaning="off"))
    retriever.start()
    await retriever.settled()
    assert (retriever.progress, retriever.why_not) == ("words", "switched off by retrieval.meaning")
    assert await retriever.search(Query("Northstar"))


async def test_a_language_the_model_does_not_know_is_searched_by_words(make: Make, sample: Playbook) -> None:
    answer = Section("objections/preis#antwort", "Zu teuer", "Fragen Sie, womit sie die Preise vergleichen.", "x.md")
    german = replace(sample, language="de", sections={answer.id: answer}, moments=())
    retriever = make(playbook=german)
    retriever.start()
    assert "the playbook is in de" in retriever.why_not
    (hit,) = await retriever.search(Query("Der Preis ist uns zu hoch"))
    assert hit.section == answer


@pytest.mark.parametrize("error", [ProviderError("no sentence model is installed"), ValueError("broken")])
async def test_a_model_that_cannot_be_loaded_leaves_words(make: Make, error: Exception) -> None:
    def fails() -> Embedder:
        raise error

    retriever = make(embedder=fails)
    retriever.start()
    await retriever.settled()
    assert retriever.progress == "failed"
    assert retriever.why_not in ("no sentence model is installed", "ValueError while the model was loaded")
    assert await retriever.search(Query("Northstar"))


async def test_a_model_that_fails_in_a_search_finds_nothing_and_says_no_words(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    class Breaks(Embedder):
        def encode(self, texts: Sequence[str]) -> Vectors:
            if texts == ["our secret plan"]:
                raise ValueError(texts[0])
            return super().encode(texts)

    retriever = make(embedder=Breaks)
    retriever.start()
    await retriever.settled()
    with caplog.at_level(logging.DEBUG):
        assert await retriever.search(Query("our secret plan")) == ()
        assert (await retriever.search(MUST_HAVE))[0].section.id == TAKE_IT_UP
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text
    assert "must-have" not in caplog.text


async def test_of_too_many_the_oldest_give_way(make: Make) -> None:
    retriever = make(RetrievalSettings(meaning="off"))
    searches = [asyncio.create_task(retriever.search(Query("Northstar"))) for _ in range(WAITING + 3)]
    await asyncio.sleep(0)  # nothing is taken yet: the thread has not begun
    retriever.start()
    found = await asyncio.gather(*searches)
    assert [bool(hits) for hits in found] == [False] * 3 + [True] * WAITING


async def test_a_search_that_was_given_up_disturbs_no_other(make: Make) -> None:
    retriever = make(RetrievalSettings(meaning="off"))
    first, second = (asyncio.create_task(retriever.search(Query("Northstar"))) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    retriever.start()
    assert await second
    assert first.cancelled()


async def test_the_loop_goes_on_while_sections_are_searched(make: Make) -> None:
    retriever = make()
    retriever.start()
    await retriever.settled()
    searches = asyncio.gather(*(retriever.search(Query(f"price {number} " * 20)) for number in range(8)))
    turns = 0
    while not searches.done():
        turns += 1
        await asyncio.sleep(0)
    assert all(await searches)
    assert turns > 100


async def test_at_the_end_whoever_waits_is_told_and_threads_are_gone(make: Make) -> None:
    retriever = make(RetrievalSettings(meaning="off"))
    waiting = asyncio.create_task(retriever.search(Query("Northstar")))
    await asyncio.sleep(0)
    await retriever.aclose()
    assert await waiting == ()
    assert await retriever.search(Query("Northstar")) == ()
    await retriever.settled()


async def test_loading_ends_with_the_process(make: Make, sample: Playbook) -> None:
    began = threading.Event()

    class Slow(Embedder):
        def encode(self, texts: Sequence[str]) -> Vectors:
            began.set()
            return super().encode(texts)

    several = {
        f"plays/{number}#{name}": replace(section, text=f"{section.text} {number}")
        for number in range(20)
        for name, section in sample.sections.items()
    }
    retriever = make(embedder=Slow, playbook=replace(sample, sections=several))
    retriever.start()
    await asyncio.to_thread(began.wait, 60)
    await retriever.aclose()
    assert retriever.progress == "loading"
    assert not {THREAD, LOADING_THREAD} & {one.name for one in threading.enumerate()}
