"""A speech provider in a process of its own that tells each word 0.3 s after it ended, to everybody alike.

In: audio with tone-coded words over Deepgram's protocol. Out: an interim as soon as a word is over, a final at the end
of an utterance, each `LATENCY` seconds after its last word ended in the audio that came; what each connection
was sent. Asked with `start` it answers its `url`; with `since` it tells of connections that came after.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import ExitStack
from typing import Any

from aiohttp import web
from fakes.deepgram_nova import FakeDeepgramNova, NovaSession, describes_audio
from fakes.faults import Behaviour
from fakes.record import Record
from fakes.wire import Shown

from bench.processes import answer_questions

LATENCY = 0.3


class PromptNova(FakeDeepgramNova):
    """Tells of words one by one."""

    async def _listen(self, request: web.Request, record: Record, behaviour: Behaviour) -> web.StreamResponse:
        if not describes_audio(record):
            return self.refuse(record, 400)
        return await PromptSession(request, record, behaviour, provider=self).serve()


class PromptSession(NovaSession):
    """One connection."""

    _told = 0

    async def _interim(self) -> None:
        if len(self._segment) > self._told or self.ear.position - self._told_until >= self._EMPTY_EVERY:
            await self._results(self.shown(self._segment, final=False), is_final=False, delay=0.0)

    async def _results(self, words: list[Shown], *, is_final: bool, delay: float, **how: bool) -> None:
        self._told = 0 if is_final else len(words)
        if words:
            delay = max(delay, LATENCY - (self.ear.position - words[-1].end))
        await super()._results(words, is_final=is_final, delay=delay, **how)


def told(record: Record) -> dict[str, Any]:
    """What is to be known of a connection: when it told its first word, and how many seconds of audio came."""
    first = next((said.at for said in record.said if said.text), None)
    return {
        "tag": record.value("tag"),
        "arrived": record.arrived,
        "first_word": first,
        "audio": record.audio,
        "words": len(record.heard),
    }


async def main() -> None:
    """Serves until the bench asks no more."""
    with ExitStack() as stack:
        provider = PromptNova()

        async def answer(question: dict[str, Any]) -> dict[str, Any]:
            if "start" in question:
                stack.enter_context(provider)
                return {"url": provider.listen_url, "pid": os.getpid()}
            return {"connections": [told(one) for one in provider.records if one.arrived >= question["since"]]}

        await answer_questions(answer)


if __name__ == "__main__":
    asyncio.run(main())
