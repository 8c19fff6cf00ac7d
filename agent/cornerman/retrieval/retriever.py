"""Searches a playbook for a call, in threads of the job process; the event loop never waits for it.

In: a playbook's sections when the process is warmed up, then queries. Out: hits. One thread reads the sections' words,
which takes some milliseconds, and then searches; another one loads the sentence model and the sections' vectors, which
takes part of a second, or on a machine's first call with this playbook some milliseconds a section. Until then, and
wherever the model is missing or damaged, words alone decide. Of more than `WAITING` queries the oldest gives way and
finds nothing. Nothing of a query is kept or logged.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from cornerman.config import MeaningSettings, RetrievalSettings
from cornerman.errors import CornermanError
from cornerman.language_tags import base_language
from cornerman.paths import cache_folder
from cornerman.playbook import Playbook
from cornerman.providers.embedding import MODEL, Embedder, why_no_model
from cornerman.providers.embedding.presence import LANGUAGES
from cornerman.retrieval.index import FOLDER, Index, said_of
from cornerman.retrieval.query import Hit, Query

logger = logging.getLogger(__name__)

WAITING: Final = 16
"""Queries: a turn makes a few, and the newest are about what is said now."""
ENDS_WITHIN: Final = 5.0
"""Seconds the threads are waited for at the end; they look whether they are needed after every text."""
THREAD: Final = "retrieval"
LOADING_THREAD: Final = "retrieval-loading"

Progress = Literal["words", "loading", "ready", "failed"]


def why_words_alone(settings: RetrievalSettings, meaning: MeaningSettings, language: str) -> str:
    """Why meaning cannot be had for a playbook in this language; empty where nothing speaks against it."""
    if settings.meaning == "off":
        return "switched off by retrieval.meaning"
    if base_language(language) not in LANGUAGES:
        return f"{MODEL} knows English, the playbook is in {language}"
    return why_no_model(meaning)


@dataclass(frozen=True, slots=True)
class _Asked:
    query: Query
    loop: asyncio.AbstractEventLoop
    found: asyncio.Future[tuple[Hit, ...]]

    def answer(self, hits: tuple[Hit, ...]) -> None:
        """On the event loop."""
        if not self.found.done():
            self.found.set_result(hits)


class Retriever:
    """One playbook's sections, for all calls of the process that use it. `start` needs no event loop."""

    def __init__(
        self,
        playbook: Playbook,
        settings: RetrievalSettings,
        meaning: MeaningSettings,
        *,
        embedder: Callable[[], Embedder] | None = None,
        folder: Path | None = None,
        index: Index | None = None,
    ) -> None:
        """`index`: the playbook's sections, where they are read already. `embedder` gives the sentence model, in the
        loading thread; default: one of its own, from `meaning.model`. `folder` is where vectors are kept; default: in
        the user's cache folder.
        """
        self.why_not = why_words_alone(settings, meaning, playbook.language)
        """Why words alone decide; empty where meaning is on, or is being loaded."""
        self.progress: Progress = "words" if self.why_not else "ready" if index is not None else "loading"
        self._read = index is not None
        self._playbook = playbook
        self._embedder = embedder or (lambda: Embedder(meaning.model))
        self._folder = folder or cache_folder() / FOLDER
        self._queue: deque[_Asked] = deque()
        self._news = threading.Condition()
        self._closed = False
        self._index = index or Index((), playbook.language)
        self._settled = threading.Event()
        self._searching = threading.Thread(target=self._run, name=THREAD, daemon=True)
        self._loading = threading.Thread(target=self._load, name=LOADING_THREAD, daemon=True)

    def start(self) -> None:
        """Begins to load, in the threads. Returns at once."""
        if self.why_not:
            logger.info("sections are found by words alone: %s", self.why_not)
        self._searching.start()

    async def search(self, query: Query) -> tuple[Hit, ...]:
        """The sections that fit, best first. Waits for the sections' words if they are not read yet, never for
        meaning. Empty when it gave way to newer queries, or after the end.
        """
        loop = asyncio.get_running_loop()
        asked = _Asked(query, loop, loop.create_future())
        with self._news:
            if self._closed:
                return ()
            given_up = self._queue.popleft() if len(self._queue) >= WAITING else None
            self._queue.append(asked)
            self._news.notify()
        if given_up is not None:
            _hand_over(given_up, ())
        return await asked.found

    async def settled(self) -> None:
        """Returns once meaning is there, or it is certain that it will not be, or at the end."""
        await asyncio.to_thread(self._settled.wait)

    async def aclose(self) -> None:
        """Ends the threads; whoever still waits finds nothing."""
        with self._news:
            self._closed = True
            waiting = list(self._queue)
            self._queue.clear()
            self._news.notify_all()
        self._settled.set()
        for asked in waiting:
            _hand_over(asked, ())
        for thread in (self._searching, self._loading):
            if thread.is_alive():
                await asyncio.to_thread(thread.join, ENDS_WITHIN)

    # -- in the searching thread --

    def _run(self) -> None:
        if not self._read:
            self._index = self._words()
        if self.progress == "loading":
            with self._news:
                if not self._closed:
                    self._loading.start()
        else:
            self._settled.set()
        while self._answer_next():
            pass

    def _answer_next(self) -> bool:
        """Answers a query, once there is one, and holds on to nothing of it; False at the end."""
        asked = self._next()
        if asked is not None and not asked.found.cancelled():
            _hand_over(asked, _found(self._index, asked.query))
        return asked is not None

    def _words(self) -> Index:
        language = self._playbook.language
        try:
            return Index(tuple(self._playbook.sections.values()), language, said=said_of(self._playbook))
        except Exception as error:
            # a call without sections is better than one that waits for them
            logger.exception("no sections can be found")
            self.progress, self.why_not = "failed", f"{type(error).__name__} while the sections were read"
            return Index((), language)

    def _next(self) -> _Asked | None:
        """The next query, once there is one; None at the end."""
        with self._news:
            self._news.wait_for(lambda: self._queue or self._closed)
            return None if self._closed else self._queue.popleft()

    # -- in the loading thread --

    def _load(self) -> None:
        began = time.monotonic()
        try:
            self._index = self._index.with_meaning(self._embedder(), self._folder, lambda: self._closed)
            self._is_now("ready")
            logger.info("sections are found by meaning too", extra={"seconds": round(time.monotonic() - began, 2)})
        except InterruptedError:
            return
        except CornermanError as error:
            logger.error("sections are found by words alone: %s", error)
            self._is_now("failed", str(error))
        except Exception as error:
            # whatever the model does, the call goes on by words
            logger.exception("sections are found by words alone")
            self._is_now("failed", f"{type(error).__name__} while the model was loaded")

    def _is_now(self, progress: Progress, why: str = "") -> None:
        self.progress, self.why_not = progress, why
        self._settled.set()


def _hand_over(asked: _Asked, hits: tuple[Hit, ...]) -> None:
    try:
        asked.loop.call_soon_threadsafe(asked.answer, hits)
    except RuntimeError:
        return  # the loop is closed, nobody waits


def _found(index: Index, query: Query) -> tuple[Hit, ...]:
    try:
        return index.search(query)
    except Exception as error:
        # the message might quote the query
        logger.error("a search failed: %s", type(error).__name__)
        return ()
