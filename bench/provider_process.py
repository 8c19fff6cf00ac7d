"""A speech provider that hears, in a process of its own: tells what each connection received and said, and when.

Asked with `provider` ("nova" or "flux") it starts and answers its `url`; asked with `tags`, the connections that gave
one of these as a term to listen for. Times are of the machine's monotonic clock, which all processes share.
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import Any

from fakes.deepgram_flux import FakeDeepgramFlux
from fakes.deepgram_nova import FakeDeepgramNova
from fakes.record import Record

from bench.processes import answer_questions


def told(record: Record) -> dict[str, Any]:
    """What is to be known of a connection."""
    return {
        "tag": record.value("keyterm"),
        "arrivals": [(arrival.at, arrival.seconds) for arrival in record.arrivals],
        "said": [(said.at, said.kind, said.text) for said in record.said if said.text],
        "heard": [(word.start, word.end) for word in record.heard],
    }


async def main() -> None:
    """Serves until the bench asks no more."""
    with ExitStack() as stack:
        provider: FakeDeepgramNova | FakeDeepgramFlux | None = None

        async def answer(question: dict[str, Any]) -> dict[str, Any]:
            nonlocal provider
            if provider is None:
                provider = FakeDeepgramFlux() if question["provider"] == "flux" else FakeDeepgramNova()
                stack.enter_context(provider)
                return {"url": provider.listen_url}
            tags = set(question["tags"])
            return {"records": [told(record) for record in provider.records if record.value("keyterm") in tags]}

        await answer_questions(answer)


if __name__ == "__main__":
    asyncio.run(main())
