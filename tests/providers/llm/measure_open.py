"""How long a question takes from `Models.open` to its arrival at a provider, on a connection that is open already.

Run it: `PYTHONPATH=tests python -m providers.llm.measure_open`. It prints milliseconds, median and 95th percentile, for
a short prompt, one as long as the coach's, one with tools and one with an image too; the provider is a process of its
own, and the clock is the same for both.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import sys
import time
from multiprocessing.connection import Connection

from fakes.openai_chat import FakeOpenAIChat
from fakes.replies import Reply
from livekit.agents import llm
from pydantic import BaseModel

from cornerman.config import LlmSettings
from cornerman.providers.llm import Models, Text

ROUNDS = 200


class Advice(BaseModel):
    """An answer's form, like the coach's."""

    silent: bool
    sources: list[str]
    headline: str
    detail: str


@llm.function_tool
async def get_battlecard(competitor: str) -> str:
    """What is known of a competitor. Do not call it for companies that nobody named.

    Args:
        competitor: The name as it was said.
    """
    return competitor


@llm.function_tool
async def check_discount(percent: float, months: int | None = None, seats: int | None = None) -> str:
    """Whether a discount may be given.

    Args:
        percent: Of the list price.
        months: Length of the contract.
        seats: How many are bought.
    """
    return f"{percent} {months} {seats}"


@llm.function_tool
async def search_playbook(query: str) -> str:
    """What the playbook says about something.

    Args:
        query: In words.
    """
    return query


TOOLS = (get_battlecard, check_discount, search_playbook)


def prompt(*, turns: int, image: bool = False) -> llm.ChatContext:
    """A conversation of about 30 tokens a turn."""
    chat = llm.ChatContext.empty()
    chat.add_message(role="system", content="You advise a seller during a call. " * 10)
    turn = "that is more than we have set aside for it this year, I think"
    said = "\n".join(f"prospect: {number} {turn}" for number in range(turns))
    parts: list[llm.ChatContent] = [said]
    if image:
        parts.append(llm.ImageContent(image="data:image/jpeg;base64," + "A" * 200_000))
    chat.add_message(role="user", content=parts)
    return chat


def provide(pipe: Connection) -> None:
    """The provider's process: its answers are the times at which questions arrived."""
    with FakeOpenAIChat() as fake:
        fake.replies.decide(lambda asked: Reply(text=repr(asked.arrived)))
        pipe.send(fake.base_url)
        pipe.recv()


async def measure(models: Models, chat: llm.ChatContext, tools: tuple[llm.Tool, ...]) -> list[float]:
    """Milliseconds of each round."""
    taken = []
    for _ in range(ROUNDS):
        began = time.monotonic()
        said = ""
        async with models.open(chat, purpose="answer", schema=Advice, tools=tools, deadline=5.0) as answering:
            async for piece in answering:
                if isinstance(piece, Text):
                    said += piece.text
        taken.append((float(said) - began) * 1000)
    return taken


async def main(base_url: str) -> None:
    """Prints the table."""
    models = Models(LlmSettings(provider="openai", base_url=base_url, model="a-model"))
    models.prewarm()
    for name, chat, tools in (
        ("short", prompt(turns=1), ()),
        ("1200 tokens", prompt(turns=55), ()),
        ("and tools", prompt(turns=55), TOOLS),
        ("and an image", prompt(turns=55, image=True), TOOLS),
    ):
        taken = await measure(models, chat, tools)
        first, *rest = taken
        p95 = statistics.quantiles(rest, n=20)[18]
        sys.stdout.write(f"{name:14} first {first:6.1f}  median {statistics.median(rest):5.2f}  p95 {p95:5.2f} ms\n")
    await models.aclose()


if __name__ == "__main__":
    ours, theirs = multiprocessing.Pipe()
    provider = multiprocessing.get_context("spawn").Process(target=provide, args=(theirs,))
    provider.start()
    try:
        asyncio.run(main(ours.recv()))
    finally:
        ours.send("end")
        provider.join()
