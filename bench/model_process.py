"""A model's server in a process of its own: answers in ways that a bench needs, and tells when each request was there.

Asked with `start` it answers its `url`. The model's name says how it answers: `instant`, after a tenth of a second and
with a headline in one piece; `paced`, a token at a time; `hangs`, never. Asked with `turns` it tells of every request
for advice on turns whose ids begin with this. Times are of the machine's monotonic clock, which all processes share.
"""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import ExitStack
from typing import Any

from fakes.openai_chat import FakeOpenAIChat
from fakes.replies import Asked, Reply

from bench.advising_samples import DETAIL, HEADLINE
from bench.processes import answer_questions

FIRST_SECONDS, TOKENS_PER_SECOND = 0.35, 80.0
INSTANT_SECONDS, REST_SECONDS = 0.1, 0.05
ANSWER_FORM = "AdviceAnswer"
ADVISED = re.compile(r"Advise on \[turn:([\w-]+)\]")
SOURCE = re.compile(r'<data kind="source" id="([^"]+)"')
RESULT = re.compile(r'<data kind="source" id="tool:([^"]+)" title="([^"]+)"')


def form_of(asked: Asked) -> str:
    """The name of the form the answer is to have."""
    form: dict[str, Any] = asked.body.get("response_format") or {}
    name: str = form.get("json_schema", {}).get("name", "")
    return name


def reply_to(asked: Asked) -> Reply:
    """What this request is answered."""
    if form_of(asked) != ANSWER_FORM:
        return Reply(text="{}")
    sources = SOURCE.findall(asked.prompt)[-1:]
    # compact, as services write it that hold a model to a form
    head = json.dumps({"sources": sources, "headline": HEADLINE}, separators=(",", ":"))[:-1]
    tail = json.dumps({"detail": DETAIL, "action": None}, separators=(",", ":"))[1:]
    match asked.body["model"]:
        case "hangs":
            return Reply(ending="stall", first=3600.0)
        case "paced":
            return Reply(text=f"{head},{tail}", first=FIRST_SECONDS, tokens_per_second=TOKENS_PER_SECOND)
        case _:
            return Reply(pieces=(f"{head},", tail), first=INSTANT_SECONDS, tokens_per_second=1 / REST_SECONDS)


def headline_sent(asked: Asked) -> float | None:
    """When the piece was sent with which the headline was whole."""
    written = ""
    for said in asked.record.said:
        written += said.text
        if f'{HEADLINE}"' in written:
            return said.at
    return None


def told(asked: Asked, turn: str) -> dict[str, Any]:
    """What is to be known of a request for advice on a turn."""
    return {
        "turn": turn,
        "arrived": asked.arrived,
        "ended": asked.record.ended_at,
        "closed_early": asked.closed_early,
        "first_sent": asked.record.said[0].at if asked.record.said else None,
        "headline_sent": headline_sent(asked),
        "all_sent": asked.record.said[-1].at if asked.record.said else None,
        "images": [len(image) for image in asked.images],
        "sections": [one for one in SOURCE.findall(asked.prompt) if not one.startswith("tool:")],
        "results": RESULT.findall(asked.prompt),
        "prompt_tokens": asked.prompt_tokens,
    }


async def main() -> None:
    """Serves until the bench asks no more."""
    with ExitStack() as stack:
        model = FakeOpenAIChat()
        model.replies.decide(reply_to)

        async def answer(question: dict[str, Any]) -> dict[str, Any]:
            if "turns" not in question:
                stack.enter_context(model)
                return {"url": model.base_url}
            found = [(one, match[1]) for one in model.asked if (match := ADVISED.search(one.prompt))]
            return {"requests": [told(one, turn) for one, turn in found if turn.startswith(question["turns"])]}

        await answer_questions(answer)


if __name__ == "__main__":
    asyncio.run(main())
