"""One request to one language model: from sending it to the last word, or to what went wrong.

In: an engine, what to ask, moments of the loop's clock by which words must come. Out: pieces, then what it used; a
`Failed` with the failure where there is one. Promises that closing it hangs up at the provider.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from livekit.agents import llm
from pydantic import BaseModel

from cornerman import metrics, tracing
from cornerman.providers.llm.failures import Failure, failure_of
from cornerman.providers.llm.model import LanguageModel
from cornerman.providers.llm.pieces import Text, ToolCalls, Used

CHARACTERS_PER_TOKEN = 4
CLOSE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of whichever model answers."""

    chat: llm.ChatContext
    schema: type[BaseModel] | None
    tools: tuple[llm.Tool, ...]


class Failed(Exception):  # noqa: N818  flows between two modules here, and is never seen outside
    """The attempt is over; `after_words`: part of the answer had been told."""

    def __init__(self, failure: Failure, after_words: bool) -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.after_words = after_words


class Attempt:
    """A request on its way. Read with `next` until it gives None; `aclose` in any case."""

    def __init__(self, model: LanguageModel, question: Question, timeout: float) -> None:
        """Raises Failed: the plugin could make no request of it."""
        self._model = model
        self._question = question
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._first_at: float | None = None
        self._last_at = self._began
        self._characters = 0
        self._usage: llm.CompletionUsage | None = None
        self._told = False
        self._reader = None
        try:
            engine = model.engine
            self._reader = engine.reader(question.schema)
            self._stream = engine.ask(question.chat, question.schema, question.tools, timeout)
        except Exception as error:
            raise Failed(failure_of(error), after_words=False) from None
        self._span = tracing.begin("model", provider=model.name)

    @property
    def has_words(self) -> bool:
        return self._first_at is not None

    @property
    def seconds(self) -> float:
        """Since the request."""
        return self._loop.time() - self._began

    async def next(self, first_by: float, all_by: float) -> Text | ToolCalls | None:
        """The next piece; None: the answer is whole.

        Raises:
            Failed: something went wrong; of the kind `silent` where no word came by `first_by`.
            TimeoutError: `all_by` passed.
        """
        while True:
            by = all_by if self.has_words else min(first_by, all_by)
            try:
                async with asyncio.timeout_at(by):
                    chunk = await anext(self._stream, None)
            except TimeoutError:
                if by < all_by:
                    raise Failed(Failure("silent"), after_words=False) from None
                raise
            except Exception as error:
                raise Failed(self._failure(error), self.has_words) from None
            if chunk is None:
                if not self.has_words:
                    raise Failed(Failure("empty"), after_words=False)
                return None
            piece = self._piece(chunk)
            if piece is not None:
                return piece

    def _failure(self, error: Exception) -> Failure:
        failure = failure_of(error)
        if self.has_words and failure.kind in ("connection", "silent"):
            return replace(failure, kind="cut")
        return failure

    def _piece(self, chunk: llm.ChatChunk) -> Text | ToolCalls | None:
        if chunk.usage is not None:
            self._usage = chunk.usage
        delta = chunk.delta
        if delta is None or not (delta.content or delta.tool_calls):
            return None
        self._last_at = self._loop.time()
        if self._first_at is None:
            self._first_at = self._last_at
        if delta.tool_calls:
            # a chunk with words too is none that any provider sends; words beside calls are commentary
            self._characters += sum(len(call.arguments) for call in delta.tool_calls)
            return ToolCalls(tuple(delta.tool_calls))
        text = delta.content or ""
        self._characters += len(text)
        if self._reader is not None:
            text = self._reader.feed(text)
        return Text(text) if text else None

    def used(self) -> Used:
        """What it took, so far or in the end."""
        images = sum(isinstance(part, llm.ImageContent) for part in _contents(self._question.chat))
        first = None if self._first_at is None else self._first_at - self._began
        spent = self._last_at - self._began
        if self._usage is not None:
            usage = self._usage
            counted = (usage.prompt_tokens, usage.prompt_cached_tokens, usage.completion_tokens)
            return Used(self._model.name, *counted, images, spent, first)
        asked = sum(len(part) for part in _contents(self._question.chat) if isinstance(part, str))
        guessed = (_tokens(asked), 0, _tokens(self._characters))
        return Used(self._model.name, *guessed, images, spent, first, estimated=True)

    def count(self) -> Used:
        """What it took, told to the metrics."""
        used = self.used()
        metrics.llm_tokens(used.provider, "prompt", used.prompt_tokens)
        metrics.llm_tokens(used.provider, "cached", used.cached_tokens)
        metrics.llm_tokens(used.provider, "completion", used.completion_tokens)
        metrics.llm_images(used.provider, used.images)
        metrics.llm_seconds(used.provider, used.seconds)
        if used.first_token_seconds is not None:
            metrics.llm_first_token(used.provider, used.first_token_seconds)
        return used

    async def aclose(self) -> None:
        """Hangs up, if the answer is not whole."""
        self._trace()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._stream.aclose()
        self._model.engine.forget()

    def _trace(self) -> None:
        used = self.used() if self.has_words else None
        if used is None:
            tracing.end(self._span, outcome="no_words")
            return
        tracing.end(
            self._span,
            outcome="words",
            first_token_seconds=used.first_token_seconds,
            prompt_tokens=used.prompt_tokens,
            cached_tokens=used.cached_tokens,
            completion_tokens=used.completion_tokens,
            images=used.images,
        )


def _contents(chat: llm.ChatContext) -> Sequence[llm.ChatContent]:
    return [part for item in chat.items if isinstance(item, llm.ChatMessage) for part in item.content]


def _tokens(characters: int) -> int:
    return -(-characters // CHARACTERS_PER_TOKEN)
