"""Whether a pause is the end of a turn: a local model's opinion of how the last second sounded. Off by default.

In: the newest samples of a track (`RecentAudio`), asked about in a pause. Out: a probability, or None for no opinion,
and from it how long the silence must last that ends the turn (`silence_for`). The model is LiveKit's
turn-detector-v1-mini, which may be used with LiveKit Agents only; it is inside the `livekit-local-inference` package
and downloads nothing.

Promises that hearing never waits for it longer than the deadline and never fails for it. The model thinks in a thread:
of some 35 ms for an answer it holds the interpreter, and so the event loop, for about 10 ms. Loading holds it for
longer, see `EndOfTurn.load`.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from livekit.agents.inference.eot.languages import LOCAL_LANGUAGES
from livekit.agents.language import LanguageCode
from livekit.local_inference import EOT, EOT_MAX_SAMPLES
from numpy.typing import NDArray

logger = logging.getLogger(__name__)

WAITING = 4
"""Questions that may wait while one is answered. An answer takes about 40 ms of a core, so the last is in time."""
DEADLINE = 0.3
LOAD_SECONDS = 10.0
CLOSE_SECONDS = 2.0
PAUSE = 0.2
"""Seconds of silence after which to ask: the model was made for this much at the end of what it is given."""

NoOpinion = Literal["busy", "late", "failed"]


class Model(Protocol):
    """What judges audio: at most `EOT_MAX_SAMPLES` samples at 16 kHz, fewer count as preceded by silence."""

    def predict(self, pcm: NDArray[np.int16], /) -> float:
        """The probability that the turn has ended."""
        ...

    def close(self) -> None:
        """Ends its use."""
        ...


@dataclass(frozen=True, slots=True)
class Silences:
    """How long a silence ends a turn, in seconds: `usual` without an opinion, `sure` from `threshold` up, `unsure`
    below it."""

    usual: float
    sure: float
    unsure: float
    threshold: float


def silence_for(probability: float | None, silences: Silences) -> float:
    """Seconds of silence that end a turn, given what the model says of it."""
    if probability is None:
        return silences.usual
    return silences.sure if probability >= silences.threshold else silences.unsure


def threshold_for(language: str) -> float | None:
    """The probability from which on the model's makers take a turn for ended; None: it does not know the language."""
    return LOCAL_LANGUAGES.get(LanguageCode(language).language)


class RecentAudio:
    """The newest samples of one track, 16 kHz: as much as the model takes."""

    def __init__(self, capacity: int = EOT_MAX_SAMPLES) -> None:
        self._ring = np.zeros(capacity, dtype=np.int16)
        self._next = 0
        self._filled = 0

    def append(self, samples: NDArray[np.int16]) -> None:
        """Takes in what just arrived; the oldest makes room."""
        capacity = len(self._ring)
        newest = samples[-capacity:]
        before_end = min(len(newest), capacity - self._next)
        self._ring[self._next : self._next + before_end] = newest[:before_end]
        self._ring[: len(newest) - before_end] = newest[before_end:]
        self._next = (self._next + len(newest)) % capacity
        self._filled = min(self._filled + len(newest), capacity)

    def samples(self) -> NDArray[np.int16]:
        """A copy, oldest first."""
        if self._filled < len(self._ring):
            return self._ring[: self._filled].copy()
        return np.concatenate((self._ring[self._next :], self._ring[: self._next]))

    def clear(self) -> None:
        """Forgets all: a turn ended, or the speaker is not to be heard any more."""
        self._ring[:] = 0
        self._next = self._filled = 0


@dataclass(slots=True)
class _Question:
    samples: NDArray[np.int16]
    wanted: bool = True


class EndOfTurn:
    """The model of one process, for all its listeners; one thread, from the first question to `aclose`.

    `waiting`: how many questions may wait while one is answered; one more has no opinion at once. `deadline`: seconds
    after which a question has no opinion.
    """

    def __init__(self, *, load: Callable[[], Model] = EOT, waiting: int = WAITING, deadline: float = DEADLINE) -> None:
        self._load = load
        self._most = waiting + 1
        self._deadline = deadline
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="end_of_turn")
        self._model: Model | None = None
        self._unusable = False
        self._closed = False
        self._complained = False
        self._questions: dict[asyncio.Future[float | None], _Question] = {}
        self.no_opinion: Counter[NoOpinion] = Counter()
        """How often there was no opinion, and why."""

    async def load(self) -> bool:
        """Loads the model ahead of the first question; returns whether it can be used.

        Loading takes some 260 MB, once per process, and holds the interpreter: the event loop stands still for about
        0.2 s. Await this before a call. Where the framework preloaded the model
        (LIVEKIT_AGENTS_PRELOAD_LOCAL_INFERENCE=1), the worker's processes share most of it, and only the first answer
        is waited for here, which takes longer than later ones.
        """
        await self._ask(np.zeros(EOT_MAX_SAMPLES, dtype=np.int16), LOAD_SECONDS)
        return self._model is not None

    async def probability(self, samples: NDArray[np.int16]) -> float | None:
        """How probable it is that a turn ends with these samples (16 kHz); of more than the model takes, the newest.

        None: no opinion, since the model is busy, late or not usable. Nothing but cancellation is raised.
        """
        return await self._ask(samples[-EOT_MAX_SAMPLES:].copy(), self._deadline)

    async def aclose(self) -> None:
        """Ends the thread; questions under way have no opinion."""
        self._closed = True
        for question in self._questions.values():
            question.wanted = False
        if self._questions:
            await asyncio.wait(set(self._questions), timeout=CLOSE_SECONDS)
        stuck = bool(self._questions)
        self._thread.shutdown(wait=not stuck)
        if stuck:
            logger.warning("the end-of-turn model does not come back from a question")
        elif self._model is not None:
            self._model.close()
            self._model = None

    async def _ask(self, samples: NDArray[np.int16], deadline: float) -> float | None:
        if self._closed or not len(samples):
            return None
        if self._unusable:
            return self._no_opinion("failed")
        if len(self._questions) >= self._most:
            return self._no_opinion("busy")
        question = _Question(samples)
        try:
            answer = asyncio.wrap_future(self._thread.submit(self._judge, question))
        except RuntimeError:  # no thread to be had
            return self._no_opinion("failed")
        self._questions[answer] = question
        answer.add_done_callback(self._questions.pop)
        try:
            await asyncio.wait({answer}, timeout=deadline)
        finally:
            # Not cancelled but unwanted: what waits for the thread stays counted, so that a stuck model cannot make
            # the questions before it grow without bound.
            question.wanted = False
        if not answer.done():
            return self._no_opinion("late")
        probability = answer.result()
        return self._no_opinion("failed") if probability is None else probability

    def _no_opinion(self, why: NoOpinion) -> float | None:
        self.no_opinion[why] += 1
        return None

    def _judge(self, question: _Question) -> float | None:
        """In the thread."""
        if not question.wanted:
            return None
        try:
            probability = self._loaded().predict(question.samples)
        except Exception as failure:
            self._complain(type(failure).__name__)
            return None
        return probability if 0.0 <= probability <= 1.0 else None

    def _loaded(self) -> Model:
        if self._model is None:
            try:
                self._model = self._load()
            except Exception:
                self._unusable = True  # what cannot be loaded is not tried again at each pause
                raise
        return self._model

    def _complain(self, kind: str) -> None:
        """Once: it may fail at each pause of each participant."""
        if not self._complained:
            self._complained = True
            logger.warning("end-of-turn detection failed; turns end on the usual silence", extra={"kind": kind})
