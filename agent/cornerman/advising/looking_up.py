"""Finds the playbook's sections for a turn while it is still being said, so that its end finds them there.

In: the words of a turn, growing. Out: its sections. One search is under way at a time; of the words that come meanwhile
the newest are searched for next. What was found for nearly the same words is not searched for again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from cornerman.retrieval import Hit

logger = logging.getLogger(__name__)

LEAST_WORDS: Final = 4
"""Words with which a search may find anything."""
NEARLY: Final = 0.75
"""Share of a turn's words that must have been searched for; the last words of a long turn seldom change its subject."""

Find = Callable[[str], Awaitable[tuple[Hit, ...]]]


class LookingUp:
    """The searches of one call. `find` searches, and knows stage, account and what was shown."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._found: tuple[str, tuple[Hit, ...]] = ("", ())
        self._wanted = ""
        self._task: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def ahead(self, text: str) -> None:
        """Looks up what is being said. Returns at once."""
        if len(text.split()) < LEAST_WORDS or _covers(self._found[0], text):
            return
        self._wanted = text
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._search(), name="advising.looking_up")
            self._tasks.add(self._task)
            self._task.add_done_callback(self._tasks.discard)

    async def hits(self, text: str) -> tuple[Hit, ...]:
        """The sections for this text, best first."""
        if not _covers(self._found[0], text):
            self._found = (text, await self._find(text))
        return self._found[1]

    def forget(self) -> None:
        """Drops what was searched for, and what is."""
        self._found = ("", ())
        self._wanted = ""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def aclose(self) -> None:
        """Ends a search that is under way."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _search(self) -> None:
        while self._wanted:
            text, self._wanted = self._wanted, ""
            try:
                found = await self._find(text)
            except Exception as error:
                # a turn's end searches anew; the message might quote what was said
                logger.error("a search went wrong: %s", type(error).__name__)
                return
            self._found = (text, found)


def _covers(searched: str, text: str) -> bool:
    """Whether a search for some words serves for a text that begins with them."""
    before, now = _words(searched), _words(text)
    return bool(before) and now[: len(before)] == before and len(before) >= NEARLY * len(now)


def _words(text: str) -> list[str]:
    return [word.strip(".,;:!?\"'").casefold() for word in text.split()]
