"""A language model's server in a process of its own: 0.35 s to its first token, then 80 tokens a second, to everybody.

In: chat completions. Out: for Cornerman's request for advice an answer in its form, a headline of about sixty
characters and a detail of three hundred; for the textbook build the one line that it asks for; for anything else an
empty object. Asked with `start` it answers its `url`; with `since`, what was asked after, by the model's name.
"""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import ExitStack
from itertools import cycle
from typing import Any

from fakes.openai_chat import FakeOpenAIChat
from fakes.replies import CHARACTERS_PER_TOKEN, Asked, Reply

from bench.advising_samples import DETAIL
from bench.coaching.image_tokens import image_tokens
from bench.coaching.said import HEADLINES
from bench.model_process import ANSWER_FORM, SOURCE, form_of
from bench.processes import answer_questions

FIRST_SECONDS, TOKENS_PER_SECOND = 0.35, 80.0
LESSON = "model-lesson"
"""How the names of the models begin that the textbook build asks for."""


class Answers:
    """What each request is answered."""

    def __init__(self) -> None:
        self._headlines = cycle(HEADLINES)

    def to(self, asked: Asked) -> Reply:
        """The answer, at the pace of every answer."""
        return Reply(text=self._text(asked), first=FIRST_SECONDS, tokens_per_second=TOKENS_PER_SECOND)

    def _text(self, asked: Asked) -> str:
        if asked.body["model"].startswith(LESSON):
            return next(self._headlines)
        if form_of(asked) != ANSWER_FORM:
            return "{}"
        answer = {
            "sources": SOURCE.findall(asked.prompt)[-1:],
            "headline": next(self._headlines),
            "detail": DETAIL,
            "action": None,
        }
        return json.dumps(answer, separators=(",", ":"))


def told(asked: Asked) -> dict[str, Any]:
    """What is to be known of a request."""
    sent = "".join(said.text for said in asked.record.said)
    return {
        "model": asked.body["model"],
        "advises": asked.body["model"].startswith(LESSON) or form_of(asked) == ANSWER_FORM,
        "arrived": asked.arrived,
        "prompt_tokens": asked.prompt_tokens - 85 * len(asked.images) + _described(asked),
        "completion_tokens": -(-len(sent) // CHARACTERS_PER_TOKEN),
        "image_tokens": image_tokens(asked),
        "closed_early": asked.closed_early,
    }


def _described(asked: Asked) -> int:
    """Tokens of what a request says of functions that may be called and of the answer's form."""
    described = [asked.body.get(name) for name in ("tools", "response_format")]
    return sum(-(-len(json.dumps(one, separators=(",", ":"))) // CHARACTERS_PER_TOKEN) for one in described if one)


async def main() -> None:
    """Serves until the bench asks no more."""
    with ExitStack() as stack:
        model = FakeOpenAIChat()
        model.replies.decide(Answers().to)

        async def answer(question: dict[str, Any]) -> dict[str, Any]:
            if "start" in question:
                stack.enter_context(model)
                return {"url": model.base_url, "pid": os.getpid()}
            return {"requests": [told(one) for one in model.asked if one.arrived >= question["since"]]}

        await answer_questions(answer)


if __name__ == "__main__":
    asyncio.run(main())
