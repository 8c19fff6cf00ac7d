"""A question to the language models of a chain, while it is being answered.

In: the chain, the question, a deadline in seconds. Out: pieces as they come. Who is left alone, asked once more or
passed over is decided here, always before the first word: an answer that has begun is never begun again.

- A provider whose breaker is open, or that asked to be left alone, is passed over.
- What may pass (5xx, no connection, an empty answer) is tried once more after a pause.
- One that asks to wait (429) is waited for if that ends before the deadline and nobody else can be asked meanwhile.
- While somebody else can be asked, a provider has `FIRST_SHARE` of the time that is left for its first word.

Promises that leaving hangs up at the provider and frees the place at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress

from cornerman import metrics
from cornerman.providers.breaker import Breaker
from cornerman.providers.llm.attempt import Attempt, Failed, Question
from cornerman.providers.llm.errors import (
    ModelBrokenError,
    ModelError,
    ModelLateError,
    ModelRefusedError,
    ModelUnavailableError,
)
from cornerman.providers.llm.failures import Failure
from cornerman.providers.llm.model import LanguageModel
from cornerman.providers.llm.pieces import Began, Piece, Queued, Used

FIRST_SHARE = 0.5
PATIENCE = 0.5
"""Share of a deadline that a provider must have had before its silence speaks against it: some of it was waiting."""

SLACK = 5.0
"""Seconds after the deadline at which the plugin gives up by itself: it is hung up on before."""


class Answering:
    """The pieces, to iterate once. `used` is what the answer took, also where it was left or broke; None: nothing
    was sent, or nobody said a word.
    """

    def __init__(
        self, chain: Sequence[LanguageModel], question: Question, *, urgent: bool, deadline: float, retry: float
    ) -> None:
        self.used: Used | None = None
        self._chain = tuple(chain)
        self._question = question
        self._urgent = urgent
        self._deadline = deadline
        self._ends = asyncio.get_running_loop().time() + deadline
        self._retry = retry
        self._queued = False
        self._done = False
        self._last: tuple[LanguageModel, Failure] | None = None
        self._pieces = self._run()

    def __aiter__(self) -> Answering:
        return self

    async def __anext__(self) -> Piece:
        """Raises: ModelError: there is no answer, or no more of it."""
        return await anext(self._pieces)

    async def drain(self, patience: float) -> None:
        """Reads on to the end without telling, for at most `patience` seconds: what an answer took comes behind its
        last word, and a connection that was hung up on cannot be used again.
        """
        with suppress(TimeoutError, ModelError):
            async with asyncio.timeout(patience):
                async for _ in self:
                    pass

    async def aclose(self) -> None:
        """Leaves the question; hangs up where it is being answered."""
        await self._pieces.aclose()

    async def _run(self) -> AsyncGenerator[Piece]:
        try:
            for number, model in enumerate(self._chain):
                async with aclosing(self._ask(model, self._chain[number + 1 :])) as pieces:
                    async for piece in pieces:
                        yield piece
                if self._done:
                    return
        except TimeoutError:
            raise ModelLateError(f"no whole answer within {self._deadline:g} s") from None
        raise self._reason()

    async def _ask(self, model: LanguageModel, others: Sequence[LanguageModel]) -> AsyncGenerator[Piece]:
        """One provider, as often as it makes sense. Ends with or without an answer."""
        breaker = model.breaker()
        failures = 0
        try:
            while not self._done and await self._may_ask(model, breaker, others):
                try:
                    async with aclosing(self._attempt(model, breaker, others)) as pieces:
                        async for piece in pieces:
                            yield piece
                except Failed as failed:
                    failures += 1
                    if not await self._goes_on(model, failed.failure, failures):
                        return
        finally:
            breaker.close()

    async def _may_ask(self, model: LanguageModel, breaker: Breaker, others: Sequence[LanguageModel]) -> bool:
        """Whether to send this provider a request now, having waited where it asked for that."""
        rest = model.rests_for
        if rest > 0:
            if rest >= self._left or _any_free(others):
                return False
            await asyncio.sleep(rest)
        return breaker.may_try()

    async def _goes_on(self, model: LanguageModel, failure: Failure, failures: int) -> bool:
        """Whether to look at the same provider again after this failure, and the pause before that."""
        self._last = (model, failure)
        if failure.kind == "throttled" and failure.retry_after:
            return True
        if not failure.passing or failures > 1 or self._retry >= self._left:
            return False
        await asyncio.sleep(self._retry)
        return True

    async def _attempt(
        self, model: LanguageModel, breaker: Breaker, others: Sequence[LanguageModel]
    ) -> AsyncGenerator[Piece]:
        place = model.places.take(urgent=self._urgent)
        try:
            if not place.held:
                if not self._queued:
                    self._queued = True
                    yield Queued()
                async with asyncio.timeout_at(self._ends):
                    if not await place.wait():
                        raise ModelUnavailableError(f"too many questions wait for {model.name}", 0.0)
                if model.rests_for > 0 or not breaker.may_try():
                    return  # it failed others meanwhile
            async with aclosing(self._answer(model, breaker, others)) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            place.give_back()

    async def _answer(
        self, model: LanguageModel, breaker: Breaker, others: Sequence[LanguageModel]
    ) -> AsyncGenerator[Piece]:
        """Sends the request and tells its answer.

        Raises:
            Failed: before the first word; the breaker knows.
            ModelBrokenError: after it.
        """
        first_by = self._ends - (1 - FIRST_SHARE) * self._left if _any_free(others) else self._ends
        try:
            attempt = Attempt(model, self._question, self._left + SLACK)
        except Failed as failed:
            self._failed(model, breaker, failed.failure)
            raise
        whole = False
        try:
            yield Began(model.name)
            while (piece := await attempt.next(first_by, self._ends)) is not None:
                yield piece
            whole = True
            breaker.succeeded()
        except Failed as failed:
            self._failed(model, breaker, failed.failure)
            if failed.after_words:
                self._last = (model, failed.failure)
                raise self._reason() from None
            raise
        except TimeoutError:
            metrics.llm_failure(model.name, "late")
            if attempt.seconds >= PATIENCE * self._deadline and breaker.failed():
                metrics.llm_breaker_opened(model.name)
            raise
        except (GeneratorExit, asyncio.CancelledError):
            if attempt.has_words:
                breaker.succeeded()
            raise
        finally:
            if attempt.has_words:
                self.used = attempt.count()
            model.connected(whole)
            await attempt.aclose()
        if whole and self.used is not None:
            self._done = True
            yield self.used

    def _failed(self, model: LanguageModel, breaker: Breaker, failure: Failure) -> None:
        metrics.llm_failure(model.name, failure.kind)
        waits = failure.retry_after if failure.kind == "throttled" else None
        if waits:
            model.rest(waits)
            if waits < self._left:
                return
        if failure.counts and breaker.failed():
            metrics.llm_breaker_opened(model.name)

    @property
    def _left(self) -> float:
        return max(0.0, self._ends - asyncio.get_running_loop().time())

    def _reason(self) -> ModelError:
        """Why nobody answered."""
        if not self._chain:
            return ModelUnavailableError("no language model is configured; see llm.provider in the settings", None)
        if self._last is None:
            soonest = min(model.retry_in for model in self._chain)
            names = ", ".join(model.name for model in self._chain)
            return ModelUnavailableError(f"every language model rests after failures ({names})", soonest)
        model, failure = self._last
        message = f"the language model {model.name} {failure}"
        if failure.kind in ("refused", "throttled"):
            return ModelRefusedError(message, failure.status, failure.code)
        return ModelBrokenError(message)


def _any_free(models: Sequence[LanguageModel]) -> bool:
    return any(not model.is_open and model.rests_for <= 0 for model in models)
