"""The calls of one run: in each a prospect who talks and a rep who answers every call at once, by the light callers.

In: a server and rooms. Out: what prospects said and what reps were told, by this machine's monotonic clock. A word ends
where it ends in what was sent, counted from when its line's first packet was. The callers are one process for all
calls; `bench.load` tells how they work.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bench.coaching.said import GAP, PAUSE, SMALL_TALK, TRIGGERS, WORD, Utterance, utterances
from bench.load import SILENCE, Caller, Fact, Line, Running, Word, callers, encoded, silence
from bench.load.lines import LEAD, RATE, TAIL, TESTS
from cornerman.livekit_server import ServerAddress

PROSPECT, REP = "prospect", "rep"
JOIN_SECONDS = 40.0
SAID_SECONDS = 30.0
SMALL_TALK_PAUSE = 1.0

Noted = dict[str, Any]


def name_of(words: tuple[str, ...]) -> str:
    """The name of the line with these words."""
    return "-".join(words)


def lines_in(folder: Path) -> Mapping[str, Line]:
    """Everything that is said, encoded once."""
    if str(TESTS) not in sys.path:  # a bench run by its name has not the tests' fakes on its path
        sys.path.append(str(TESTS))
    from fakes.tones import speak

    found = {SILENCE: silence(folder)}
    script = utterances(0)
    wanted = {tuple(SMALL_TALK.split())} | {next(script).words for _ in range(2 * len(TRIGGERS))}
    for number, words in enumerate(sorted(wanted)):
        samples, spoken = speak(list(words), rate=RATE, word=WORD, gap=GAP, lead=LEAD, tail=TAIL)
        timed = [Word(one.text, one.start, one.end) for one in spoken]
        found[name_of(words)] = encoded(f"said-{number}", samples, RATE, folder, words=timed)
    return found


class Talking:
    """Calls under way."""

    def __init__(self, running: Running, rooms: list[str]) -> None:
        self.running = running
        self._rooms = rooms
        self._began = asyncio.Event()
        self._over = asyncio.Event()
        self._said: list[Noted] = []
        self._behind = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def pid(self) -> int:
        """The process of all callers."""
        return self.running.pid

    async def start(self) -> None:
        """All join, and prospects make small talk.

        Raises:
            TimeoutError: somebody could not join.
        """
        for room in self._rooms:
            self.running.join(room, Caller(REP), rep=True, hello=False)
            self.running.join(room, Caller(PROSPECT))
        wanted = 2 * len(self._rooms)
        await self.running.until(lambda _: len(self.running.of("joined")) >= wanted, JOIN_SECONDS)
        for call, room in enumerate(self._rooms):
            talk = self._talk(call, room, stagger=call * PAUSE / len(self._rooms))
            self._tasks.append(asyncio.create_task(talk, name=f"bench.talk.{room}"))

    def begin(self) -> None:
        """From now on prospects say what counts."""
        self._began.set()

    def said(self) -> list[Noted]:
        """Prospects begin no more utterances; all whole ones so far."""
        self._over.set()
        return list(self._said)

    def told(self) -> list[Noted]:
        """Every call of a rep so far."""
        return [self._of_nudge(fact) for fact in self.running.of("nudge") if fact.message]

    @property
    def behind(self) -> float:
        """Seconds by which the latest packet of what counts was late: the callers' own fault."""
        return self._behind

    async def aclose(self) -> None:
        """Nobody speaks any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _talk(self, call: int, room: str, stagger: float) -> None:
        while not self._began.is_set():
            await self._say(room, tuple(SMALL_TALK.split()))
            await asyncio.sleep(SMALL_TALK_PAUSE)
        await asyncio.sleep(PAUSE - SMALL_TALK_PAUSE + stagger)
        for utterance in utterances(call):
            if self._over.is_set():
                return
            self._note(call, utterance, await self._say(room, utterance.words))
            await asyncio.sleep(PAUSE)

    async def _say(self, room: str, words: tuple[str, ...]) -> Fact:
        number = self.running.say(room, PROSPECT, name_of(words))
        return await self.running.until(lambda fact: fact.kind == "said" and fact.get("number") == number, SAID_SECONDS)

    def _note(self, call: int, utterance: Utterance, fact: Fact) -> None:
        line = self.running.lines[name_of(utterance.words)]
        start = monotonic(fact["start"])
        self._behind = max(self._behind, float(fact["behind"]))
        self._said.append(
            {
                "call": call,
                "words": utterance.trigger.words,
                "inside": utterance.inside,
                "due": start + line.words[utterance.due].end,
                "over": start + line.words[-1].end,
            }
        )

    def _of_nudge(self, fact: Fact) -> Noted:
        nudge = fact.message
        quotes = [one["quote"] for one in nudge["because"] if one["type"] == "words"]
        kept = {name: nudge.get(name) for name in ("id", "rev", "final", "status", "kind", "headline", "detail")}
        return {"call": self._rooms.index(fact.call), "at": monotonic(fact.at), "quotes": quotes, **kept}


def monotonic(epoch: float) -> float:
    """A time of the epoch by the monotonic clock."""
    return epoch - time.time() + time.monotonic()


@asynccontextmanager
async def talking(server: ServerAddress, rooms: list[str], lines: Mapping[str, Line]) -> AsyncIterator[Talking]:
    """Calls without a coach, from here to the end of the block."""
    async with callers(server, [], lines) as running:
        calls = Talking(running, rooms)
        try:
            await calls.start()
            yield calls
        finally:
            await calls.aclose()
