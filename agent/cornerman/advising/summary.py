"""The running summary of a call: what was said before the turns that a request shows word for word.

In: the picture of the call, after each completed turn. Out: a few sentences, made in the background by a model out of
those before and what was said since; none where there is no model, or it fails. It is material for a model and never
shown. Nothing is asserted by it: no number may be taken from it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from cornerman.advising.instructions import summary_rules
from cornerman.advising.picture import Picture, SaidTurn
from cornerman.advising.prompt import said_turn, so_far_of
from cornerman.advising.whole_answer import chat_of, whole_answer
from cornerman.plain import plain
from cornerman.providers.llm import ModelError, Models, Used

logger = logging.getLogger(__name__)

LONGEST = 600
SAID_LIMIT = 12_000
"""Characters of what was said since the summary before, the newest; about a quarter of an hour."""


class Summary:
    """One call's summary. `every`: so many turns that no longer stand word for word bring a new one."""

    def __init__(
        self,
        models: Models,
        picture: Picture,
        *,
        verbatim: float,
        every: int,
        deadline: float,
        used: Callable[[Used], None],
    ) -> None:
        self.text = ""
        self._models = models
        self._picture = picture
        self._verbatim = verbatim
        self._every = every
        self._deadline = deadline
        self._used = used
        self._told: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    def turn_completed(self, now: float) -> None:
        """Begins a new summary if enough was said since the last, and none is being made."""
        earlier = [turn for turn in self._picture.turns if turn.complete and turn.end < now - self._verbatim]
        untold = [turn for turn in earlier if turn.turn not in self._told]
        if len(untold) < self._every or (self._task is not None and not self._task.done()):
            return
        self._task = asyncio.create_task(self._make(untold), name="advising.summary")
        self._task.add_done_callback(self._over)

    def forget(self) -> None:
        """Somebody's words are to be forgotten: the summary is made anew without them."""
        if self._task is not None:
            self._task.cancel()
        self.text = ""
        self._told.clear()

    async def aclose(self) -> None:
        """Gives up a summary under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _over(self, task: asyncio.Task[None]) -> None:
        """One that was given up would keep what it was made of, in the trace of where it was."""
        if self._task is task:
            self._task = None

    async def _make(self, turns: list[SaidTurn]) -> None:
        try:
            chat = chat_of(summary_rules(), _material(self.text, turns))
            written = await whole_answer(self._models, chat, "summary", None, self._deadline, self._used)
        except ModelError as error:
            logger.info("no summary: %s", error)
            return
        except Exception as error:
            # the message might quote what was said
            logger.error("a summary went wrong: %s", type(error).__name__)
            return
        self.text = plain(written, LONGEST)
        self._told.update(turn.turn for turn in turns)


def _material(before: str, turns: list[SaidTurn]) -> str:
    """The summary before, and the newest of the turns since, in order, as far as there is room."""
    room = SAID_LIMIT
    said: list[str] = []
    for turn in reversed(turns):
        room -= len(turn.text)
        if room < 0:
            break
        said.append(said_turn(turn))
    so_far = [so_far_of(before)] if before else []
    return "\n".join([*so_far, *reversed(said)])
