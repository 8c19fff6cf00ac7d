"""The language models that settings choose, first choice first, for all questions of this process.

In: settings; questions, each a conversation with a purpose and a deadline. Out: answers as they stream; whether the
coach has a model at all (`engine`). Promises that each question is answered by one provider only, that nobody is asked
who rests after failures, and that everything opened is closed in the end.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Literal

from livekit.agents import llm
from pydantic import BaseModel

from cornerman.config import LlmSettings, ModelSettings
from cornerman.errors import ProviderError
from cornerman.providers.breaker import Breakers, worker_state_folder
from cornerman.providers.llm.answering import Answering
from cornerman.providers.llm.attempt import Question
from cornerman.providers.llm.model import LanguageModel
from cornerman.providers.llm.pieces import URGENT, Purpose
from cornerman.providers.llm.rehearsal import rehearse

LOOK_EVERY = 1.0
"""Seconds between looks at the breakers, which other processes open and close too."""
WARM_FOR = 20.0
"""Seconds for which a connection is taken to stay open after use."""
WARM_SECONDS = 5.0

Health = Literal["full", "rules_only"]


class Models:
    """The chain. `prewarm` may block and belongs before a call; all else belongs to one event loop."""

    def __init__(self, settings: LlmSettings) -> None:
        self._settings = settings
        self._breakers = Breakers(
            worker_state_folder(), threshold=settings.breaker_failures, rest=settings.breaker_rest
        )
        names = Counter[str]()

        def model(one: ModelSettings, ending: str = "") -> LanguageModel:
            kind = one.plugin if one.provider == "plugin" else one.provider
            names[kind + ending] += 1
            number = names[kind + ending]
            return LanguageModel(f"{kind}{ending}-{number}" if number > 1 else kind + ending, one, self._breakers)

        self._chain = tuple(model(one) for one in (settings, *settings.fallback) if one.provider != "none")
        larger = settings.questions
        first = () if larger is None or larger.provider == "none" else (model(larger, "-questions"),)
        self._for_questions = (*first, *self._chain)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the models, as journal and metrics keep them."""
        return tuple(model.name for model in self._all)

    @property
    def members(self) -> tuple[LanguageModel, ...]:
        """The models, each once."""
        return self._all

    @property
    def _all(self) -> tuple[LanguageModel, ...]:
        return tuple(dict.fromkeys((*self._chain, *self._for_questions)))

    async def check(self) -> None:
        """Makes an engine of each model to see whether settings and keys suffice; asks nobody.

        Raises:
            ProviderError: they do not; the plugin's own words say what is missing.
        """
        self._make_engines()

    def _make_engines(self) -> None:
        for model in self._all:
            try:
                _ = model.engine
            except Exception as error:
                if isinstance(error, ProviderError):
                    raise
                raise ProviderError(
                    f"the language model {model.name} cannot be set up: {error}; see llm.* in the settings"
                ) from None

    def prewarm(self) -> None:
        """Loads what takes time, and goes through a whole question with each plugin once, without a network.

        Belongs to the main thread, where alone plugins may be loaded. Raises as `check` does.
        """
        self._make_engines()
        for model in self._all:
            rehearse(model.settings)

    @asynccontextmanager
    async def open(
        self,
        chat: llm.ChatContext,
        *,
        purpose: Purpose,
        schema: type[BaseModel] | None,
        tools: Sequence[llm.Tool] = (),
        deadline: float,
    ) -> AsyncIterator[Answering]:
        """Asks. The request leaves with the first look at the pieces; `deadline` seconds later all must be over.

        Leaving hangs up; whoever iterates must have stopped by then. The conversation is read whenever a request is
        made of it: hand over one that nobody changes meanwhile.
        """
        chain = self._for_questions if purpose == "question" else self._chain
        answering = Answering(
            chain,
            Question(chat, schema, tuple(tools)),
            urgent=purpose in URGENT,
            deadline=deadline,
            retry=self._settings.retry,
        )
        try:
            yield answering
        finally:
            await answering.aclose()

    def warm(self) -> None:
        """Opens a connection to whoever would be asked now, if none was used lately. Returns at once; call it when a
        question becomes likely.
        """
        model = next((one for one in self._chain if not one.is_open and one.rests_for <= 0), None)
        if model is None or model.connected_for < WARM_FOR:
            return
        model.connected(True)
        self._start(_warm(model), f"warm {model.name}")

    @property
    def open_breakers(self) -> tuple[str, ...]:
        """The models that rest after failures."""
        return tuple(model.name for model in self._chain if model.is_open)

    @property
    def resting(self) -> tuple[str, ...]:
        """The models that asked to be left alone for a while."""
        return tuple(model.name for model in self._chain if model.rests_for > 0)

    @property
    def retry_in(self) -> float | None:
        """Seconds until anybody may be asked; 0: now; None: there is nobody."""
        return min((model.retry_in for model in self._chain), default=None)

    @property
    def health(self) -> Health:
        """Whether anybody of the chain may be asked."""
        return "full" if len(self.open_breakers) < len(self._chain) else "rules_only"

    def follow_health(self, changed: Callable[[Health], None]) -> None:
        """Calls `changed` with every change of `health` from now on, within `LOOK_EVERY` seconds, until `aclose`."""
        self._start(self._watch(changed), "watch the models' breakers")

    async def aclose(self) -> None:
        """Ends what is under way and closes all connections. Leave the questions first."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for model in self._all:
            await model.aclose()
        await self._breakers.aclose()

    async def _watch(self, changed: Callable[[Health], None]) -> None:
        known = self.health
        while True:
            await asyncio.sleep(LOOK_EVERY)
            now = self.health
            if now != known:
                known = now
                changed(now)

    def _start(self, work: Coroutine[object, object, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _warm(model: LanguageModel) -> None:
    # what is wrong shows when somebody asks
    with suppress(Exception):
        async with asyncio.timeout(WARM_SECONDS):
            await model.engine.warm()
