"""What the tests of language models share: settings, a question, and its pieces in short form.

In: a fake's address. Out: models that try again after `RETRY` seconds; the pieces of an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from fakes.language_model import FakeLanguageModel
from fakes.openai_chat import FakeOpenAIChat
from livekit.agents import llm
from pydantic import BaseModel, Field

from cornerman.config import LlmSettings, ModelSettings
from cornerman.providers.llm import Began, ModelError, Models, Piece, Purpose, Text, Used

RETRY = 0.05
Make = Callable[[LlmSettings], Models]
"""Makes models that are closed when the test ends."""
ANSWER = '{"silent":false,"sources":["objections/too-expensive"],"headline":"Ask what it is compared with."}'


class Advice(BaseModel):
    """An answer's form, like the coach's."""

    silent: bool
    sources: list[str]
    headline: str = Field(max_length=80, description="What to say next.")


@dataclass(slots=True)
class Told:
    """The pieces of a question, and why they ended if not well."""

    pieces: list[Piece] = field(default_factory=list)
    error: ModelError | None = None

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces if isinstance(piece, Text))

    @property
    def asked(self) -> list[str]:
        """Who was asked, in order."""
        return [piece.provider for piece in self.pieces if isinstance(piece, Began)]

    @property
    def used(self) -> Used:
        """What it took; LookupError where it was not told."""
        return next(iter([piece for piece in self.pieces if isinstance(piece, Used)]))


def at(fake: FakeLanguageModel, **more: Any) -> ModelSettings:
    """A model at this fake."""
    kind = "openai" if isinstance(fake, FakeOpenAIChat) else "openai_responses"
    return ModelSettings.model_validate({"provider": kind, "model": "a-model", "base_url": fake.base_url} | more)


def settings(first: ModelSettings, *fallback: ModelSettings, **more: Any) -> LlmSettings:
    """A chain."""
    return LlmSettings.model_validate(
        first.model_dump() | {"fallback": [one.model_dump() for one in fallback], "retry": RETRY} | more
    )


def conversation(*parts: llm.ChatContent) -> llm.ChatContext:
    """A system message, then what the user says or shows."""
    chat = llm.ChatContext.empty()
    chat.add_message(role="system", content="You advise a seller.")
    chat.add_message(role="user", content=list(parts or ["prospect: That is too expensive."]))
    return chat


async def ask(
    models: Models,
    chat: llm.ChatContext | None = None,
    *,
    purpose: Purpose = "answer",
    schema: type[BaseModel] | None = Advice,
    tools: Sequence[llm.Tool] = (),
    deadline: float = 5.0,
    told: Told | None = None,
) -> Told:
    """All pieces of one question; in `told` as they come."""
    told = told or Told()
    try:
        async with models.open(
            chat or conversation(), purpose=purpose, schema=schema, tools=tools, deadline=deadline
        ) as answering:
            async for piece in answering:
                told.pieces.append(piece)
    except ModelError as error:
        told.error = error
    return told
