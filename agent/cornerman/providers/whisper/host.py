"""The neural engine's processes, shared by all streams of a job process.

In: pieces of audio from any number of streams. Out: transcripts. A piece waits until a process is free: finals before
interims, each in order of arrival. What waits is bounded: an interim that does not get its turn soon is given up, a
final too many is refused. Promises that the event loop never waits for a model; that a process that dies or is stuck
fails the piece it was working on and is started again meanwhile; that nothing it started outlives this process.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
from pathlib import Path
from typing import Any

from livekit.agents import APIConnectionError, APITimeoutError

from cornerman.errors import ProviderError
from cornerman.language_tags import base_language
from cornerman.providers.transcriber import Transcript
from cornerman.providers.whisper.exchange import Question, transcript_from_json
from cornerman.providers.whisper.loaded import LoadedModel
from cornerman.providers.whisper.settings import WhisperSettings
from cornerman.providers.whisper.weights import check_weights, is_multilingual

logger = logging.getLogger(__name__)


class WhisperHost:
    """Owns the processes. `start` and `close` may be called from any thread, all else from one event loop.

    `folder` holds the weights. Raises ProviderError when it does not, or when the extra is not installed."""

    def __init__(self, folder: Path, *, settings: WhisperSettings | None = None) -> None:
        if importlib.util.find_spec("faster_whisper") is None:
            raise ProviderError('the neural engine is not installed: pip install "cornerman[whisper]"')
        check_weights(folder)
        self.folder = folder
        self.settings = settings or WhisperSettings()
        self._models = [LoadedModel(folder, self.settings) for _ in range(self.settings.workers)]
        self._unstarted = list(self._models)
        self._idle: list[LoadedModel] = []
        self._finals: list[asyncio.Future[LoadedModel]] = []
        self._interims: list[asyncio.Future[LoadedModel]] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._working = 0
        self._closed = False

    @property
    def working(self) -> int:
        """Pieces that processes are working on now."""
        return self._working

    @property
    def waiting(self) -> int:
        """Pieces that wait for a process now."""
        return len(self._finals) + len(self._interims)

    @property
    def pids(self) -> tuple[int, ...]:
        """Of the processes that live."""
        return tuple(model.pid for model in self._models if model.pid is not None)

    def hears(self, language: str) -> bool:
        """Whether the model may hear a language, given as a tag such as `de-AT`. Before the start it is known only
        whether the model hears more than English."""
        code = base_language(language)
        known = self._models[0].languages
        if known:
            return code in known
        return code == "en" or is_multilingual(self.folder)

    def start(self) -> None:
        """Start the processes that were not started yet and load the model into each, one after the other. Blocks for
        seconds: call it before the call, off the event loop. Raises ProviderError when one does not come up, or after
        `close`."""
        while self._unstarted:
            self._unstarted[0].start()
            self._idle.append(self._unstarted.pop(0))

    async def transcribe(self, question: Question) -> Transcript | None:
        """None for an interim that did not get its turn in time. When this is cancelled, a question that waits is
        dropped, and one that is being worked on is worked on to its end.

        Raises APIConnectionError when the process died or too much is waiting, APITimeoutError when it was stuck.
        """
        model = await self._turn(final=question.final)
        if model is None:
            return None
        working = self._own(self._work(model, question), "whisper: transcribe")
        return await asyncio.shield(working)

    def close(self) -> None:
        """End the processes. Takes milliseconds, at most some seconds."""
        self._closed = True
        for model in self._models:
            model.close()

    async def aclose(self) -> None:
        self._closed = True
        self._refuse_all("the neural engine was closed")
        # first who reads from a process, then the process: a line closed under its reader would leave it waiting
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self.close)

    # -- whose turn it is --

    async def _turn(self, *, final: bool) -> LoadedModel | None:
        if self._closed:
            raise APIConnectionError("the neural engine was closed", retryable=False)
        self._start_what_is_down()
        if self._idle:
            return self._idle.pop()
        waiting = self._finals if final else self._interims
        if final and len(waiting) >= self.settings.most_waiting:
            raise APIConnectionError(f"{len(waiting)} utterances wait for the neural engine already; it cannot keep up")
        turn: asyncio.Future[LoadedModel] = asyncio.get_running_loop().create_future()
        waiting.append(turn)
        try:
            if final:
                return await turn
            async with asyncio.timeout(self.settings.interim_patience):
                return await turn
        except TimeoutError:
            return None
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                # the turn came in the very moment in which nobody wanted it any more
                self._release(turn.result())
            raise
        finally:
            if turn in waiting:
                waiting.remove(turn)

    def _release(self, model: LoadedModel) -> None:
        while self._finals or self._interims:
            turn = (self._finals or self._interims).pop(0)
            if not turn.done():
                turn.set_result(model)
                return
        self._idle.append(model)

    def _refuse_all(self, why: str) -> None:
        for turn in (*self._finals, *self._interims):
            if not turn.done():
                turn.set_exception(APIConnectionError(why))
        self._finals.clear()
        self._interims.clear()

    # -- work --

    async def _work(self, model: LoadedModel, question: Question) -> Transcript:
        self._working += 1
        try:
            async with asyncio.timeout(self.settings.deadline):
                answer = await model.ask(question)
        except TimeoutError:
            self._restart(model)
            raise APITimeoutError(
                f"the neural engine was stuck for {self.settings.deadline:g} s and is started again"
            ) from None
        except (OSError, ValueError) as failure:
            self._restart(model)
            raise APIConnectionError("the neural engine's process ended unexpectedly") from failure
        except BaseException:
            self._restart(model)
            raise
        finally:
            self._working -= 1
        self._release(model)
        if "failed" in answer:
            raise APIConnectionError(f"the neural engine refused a piece of audio: {answer['failed']}", retryable=False)
        return transcript_from_json(answer)

    # -- processes --

    def _start_what_is_down(self) -> None:
        """What died idle, what could not be started when it last was tried, and what nobody started yet."""
        dead = [model for model in self._idle if model.pid is None]
        self._idle = [model for model in self._idle if model.pid is not None]
        down, self._unstarted = [*dead, *self._unstarted], []
        for model in down:
            self._restart(model)

    def _restart(self, model: LoadedModel) -> None:
        if not self._closed:
            self._own(self._start(model), "whisper: start a process")

    async def _start(self, model: LoadedModel) -> None:
        try:
            await asyncio.to_thread(model.start)
        except ProviderError as failure:
            self._unstarted.append(model)
            if self._closed:
                return
            logger.warning("a process of the neural engine could not be started", extra={"error": str(failure)})
            if len(self._unstarted) == len(self._models):
                self._refuse_all(str(failure))
        else:
            self._release(model)

    def _own(self, work: Any, name: str) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._disown)
        return task

    def _disown(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            # whoever asked may have left: then nobody else looks at it
            task.exception()
