"""What sentences mean, worked out in one thread of the job process; the event loop never waits for it.

In: the coach's requests. Out: their results, handed over on the event loop. The thread first loads the model and the
playbook's examples, which takes part of a second, or on a machine's first call with this playbook some seconds; until
then, and wherever the model is missing or damaged, words alone decide. At most `WAITING` requests wait, the oldest
gives way; one that has waited longer than `LATEST` is not answered any more. What a participant said is dropped with
their consent. No words are logged.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVarTuple, Unpack

from cornerman import metrics
from cornerman.config import MeaningSettings
from cornerman.errors import CornermanError
from cornerman.events import MeaningRequest, MeaningResult
from cornerman.playbook import Playbook
from cornerman.providers.embedding import MODEL, Compares, Comparison, Embedder, why_not

logger = logging.getLogger(__name__)

WAITING = 32
"""Sentences: more than are said in `LATEST`, whoever speaks."""
LATEST = 2.0
"""Seconds after which an answer would be about something said before."""
ENDS_WITHIN = 5.0
"""Seconds the thread is waited for at the end; it looks whether it is needed after every sentence."""
THREAD = "meaning"

Given = TypeVarTuple("Given")
Progress = Literal["off", "loading", "ready", "failed"]


@dataclass(slots=True)
class _Asked:
    """A request under way; `wanted` until its words are taken back. Changed on the event loop alone."""

    request: MeaningRequest
    at: float
    wanted: bool = True


class Meaning:
    """One call's understanding of sentences. Made and started before the call, when the process is warmed up."""

    def __init__(self, settings: MeaningSettings, playbook: Playbook, comparison: Compares | None = None) -> None:
        """`comparison`: the playbook's examples, where they are loaded already."""
        self.why_not = why_not(settings, playbook)
        """Why words alone decide; empty where meaning is on, or is being loaded."""
        self._loaded = comparison
        self.progress: Progress = "off" if self.why_not else "ready" if comparison is not None else "loading"
        self.asked_for = not self.why_not
        """Whether the coach is to ask what sentences mean; stands for the whole call, as its journal says."""
        self._settings = settings
        self._playbook = playbook
        self._queue: deque[_Asked] = deque()
        self._news = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=THREAD, daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._answer: Callable[[MeaningResult], None] | None = None
        self._changed: Callable[[], None] | None = None
        self._under_way: dict[str, _Asked] = {}
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def facts(self) -> dict[str, str]:
        """How it stands, for the journal: `model` where the coach asks, `why` where words alone decide."""
        facts = {"model": MODEL} if self.asked_for else {}
        return {**facts, "state": self.progress, **({"why": self.why_not} if self.why_not else {})}

    def start(self) -> None:
        """Begins to load, in the thread. Returns at once."""
        if not self.asked_for:
            logger.info("meaning is off, words alone decide: %s", self.why_not)
        else:
            self._thread.start()

    def serve(self, answer: Callable[[MeaningResult], None], changed: Callable[[], None]) -> None:
        """From now on results go to `answer`; `changed` is called now and when `progress` changes. Both on this event
        loop.
        """
        with self._news:
            self._loop = asyncio.get_running_loop()
        self._answer, self._changed = answer, changed
        changed()

    def ask(self, request: MeaningRequest) -> None:
        """Has a sentence compared. Does not wait."""
        if self._closed or self.progress in ("off", "failed"):
            return
        asked = _Asked(request, time.monotonic())
        self._under_way[request.id] = asked
        self._idle.clear()
        with self._news:
            given_up = self._queue.popleft() if len(self._queue) >= WAITING else None
            self._queue.append(asked)
            self._news.notify()
        if given_up is not None:
            self._over(given_up, "full")

    def forget(self, identity: str) -> None:
        """Drops what was asked about a participant's words; a result that is under way counts for nothing."""
        for asked in [one for one in self._under_way.values() if one.request.evidence.identity == identity]:
            asked.wanted = False
            with self._news:
                if asked in self._queue:
                    self._queue.remove(asked)
            self._over(asked, "purged")

    async def aclose(self, patience: float = 0.0) -> None:
        """Ends the thread. What is asked already is waited for, at most `patience` seconds, if the model is there."""
        if self.progress == "ready" and patience:
            try:
                async with asyncio.timeout(patience):
                    await self._idle.wait()
            except TimeoutError:
                logger.warning("the last sentences were not understood in time")
        with self._news:
            self._closed = True
            self._queue.clear()
            self._news.notify()
        self._under_way.clear()
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join, ENDS_WITHIN)

    # -- on the event loop, called by the thread --

    def _hand_over(self, asked: _Asked, result: MeaningResult | None, outcome: str) -> None:
        if self._closed or not asked.wanted:
            return
        self._over(asked, outcome)
        if result is not None and self._answer is not None:
            metrics.meaning_seconds(time.monotonic() - asked.at)
            self._answer(result)

    def _over(self, asked: _Asked, outcome: str) -> None:
        self._under_way.pop(asked.request.id, None)
        metrics.meaning_asked(outcome)
        if not self._under_way:
            self._idle.set()

    def _has_changed(self) -> None:
        if self.progress == "failed":
            for asked in list(self._under_way.values()):
                self._over(asked, "failed")
        if self._changed is not None and not self._closed:
            self._changed()

    # -- in the thread --

    def _run(self) -> None:
        comparison = self._loaded or self._load()
        while comparison is not None and (asked := self._next()) is not None:
            if time.monotonic() - asked.at > LATEST:
                self._on_loop(self._hand_over, asked, None, "late")
                continue
            result = _compared(comparison, asked.request)
            self._on_loop(self._hand_over, asked, result, "failed" if result is None else "answered")

    def _load(self) -> Compares | None:
        began = time.monotonic()
        try:
            comparison = Comparison(Embedder(self._settings.model), self._playbook, stopped=lambda: self._closed)
        except InterruptedError:
            return None
        except CornermanError as error:
            logger.error("meaning is off, words alone decide: %s", error)
            self._is_now("failed", str(error))
            return None
        except Exception as error:
            # whatever the model does, the call goes on by words
            logger.exception("meaning is off, words alone decide")
            self._is_now("failed", f"{type(error).__name__} while the model was loaded")
            return None
        logger.info("meaning is ready", extra={"seconds": round(time.monotonic() - began, 2)})
        self._is_now("ready")
        return comparison

    def _next(self) -> _Asked | None:
        """The next request, once there is one; None at the end."""
        with self._news:
            self._news.wait_for(lambda: self._queue or self._closed)
            return None if self._closed else self._queue.popleft()

    def _is_now(self, progress: Progress, why: str = "") -> None:
        self.progress, self.why_not = progress, why
        self._on_loop(self._has_changed)

    def _on_loop(self, do: Callable[[Unpack[Given]], object], *given: *Given) -> None:
        # under the lock: once closed, the loop may be gone too
        with self._news:
            if self._loop is not None and not self._closed:
                self._loop.call_soon_threadsafe(do, *given)


def _compared(comparison: Compares, request: MeaningRequest) -> MeaningResult | None:
    said = request.evidence
    try:
        return MeaningResult(request.id, comparison.compare(said.quote, said.role))
    except Exception as error:
        # the message might quote the sentence
        logger.error("a sentence was not compared: %s", type(error).__name__)
        return None
