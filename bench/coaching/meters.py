"""What an hour of coaching has to be paid for: seconds of recognition, tokens of models, minutes in rooms; and what a
worker takes of a machine for it.

In: a worker at the pace that the sample playbook asks for, in calls in which rep and prospect take turns, each silent
56 % of the time, and the rep shares a screen that does not change. Out: what the providers counted, scaled to an hour
of one call, and processor and memory of a call beyond a worker that waits. A token is four characters.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bench.coaching.capacity import PerCall, per_call
from bench.coaching.contenders import Contender
from bench.coaching.costs import cost, reading, waiting
from bench.coaching.play import ANSWER_SECONDS, HEARD_SECONDS, LOOK_EVERY, Parties, close, coached
from bench.coaching.said import TURN
from bench.coaching.talking import PROSPECT, REP
from bench.processes import Child, child
from cornerman.stand_ins.tokens import prospect_token, rep_token

Noted = dict[str, Any]

HOUR = 3600.0
TOKENS = ("prompt_tokens", "completion_tokens", "image_tokens")
JOIN_SECONDS = 60.0
SETTLED = 56.0
"""Seconds of conversation that do not count: in its first minute a budget has more to give than later."""
CALLS = 2
"""At once: each has its callers in Python, which take more than a coach does."""
PEOPLE = 2


@dataclass(frozen=True, slots=True)
class Meters:
    """Of an hour with one call. Seconds of audio, tokens, requests to models, minutes. `advice_tokens`: of all kinds,
    for advice on what was just said; the rest is for what the textbook build has not: insights, notes, a summary.
    `taken`: processor and memory.
    """

    speech_seconds: float
    prompt_tokens: float
    completion_tokens: float
    image_tokens: float
    requests: float
    advice_tokens: float
    taken: PerCall
    participant_minutes: float = 60.0 * PEOPLE
    agent_minutes: float = 60.0

    @property
    def tokens(self) -> float:
        """All of them."""
        return self.prompt_tokens + self.completion_tokens + self.image_tokens


def meters_of(
    before: Sequence[Noted],
    after: Sequence[Noted],
    requests: Sequence[Noted],
    seconds: float,
    taken: PerCall,
    calls: int = CALLS,
) -> Meters:
    """From the seconds of audio each of a worker's connections had had before and after so many seconds of so many
    calls, and from the requests that came in these.
    """
    times = HOUR / seconds / calls
    heard = sum(one["audio"] for one in after) - sum(one["audio"] for one in before)
    return Meters(
        speech_seconds=heard * times,
        prompt_tokens=sum(one["prompt_tokens"] for one in requests) * times,
        completion_tokens=sum(one["completion_tokens"] for one in requests) * times,
        image_tokens=sum(one["image_tokens"] for one in requests) * times,
        requests=len(requests) * times,
        advice_tokens=sum(one[kind] for one in requests if one["advises"] for kind in TOKENS) * times,
        taken=taken,
    )


async def metered(parties: Parties, worker: Contender, seconds: float) -> Meters:
    """Plays the calls and reads what was counted."""
    idle = await waiting(worker.pid)
    rooms = [f"bench-meters-{worker.who}-{uuid.uuid4().hex[:8]}" for _ in range(CALLS)]
    async with _people(parties, rooms) as (speakers, reps):
        began = time.monotonic()
        await coached(parties, worker, rooms, began)
        await _heard(parties, worker, began)
        begins = time.monotonic() + 1.0
        await speakers.ask(ANSWER_SECONDS, converse=begins)
        await reps.ask(ANSWER_SECONDS, converse=begins)
        await asyncio.sleep(SETTLED + 1.0)
        since = time.monotonic()
        read = reading([worker.pid], since)
        before = await _connections(parties, began)
        whole = round(seconds / (2 * TURN)) * 2 * TURN
        await asyncio.sleep(since + whole - time.monotonic())
        until = time.monotonic()
        busy = cost(read, reading([worker.pid], until, memory=True))
        after = await _connections(parties, began)
        # what was asked just now has still to be answered
        await asyncio.sleep(2.0)
        requests = (await parties.model.ask(ANSWER_SECONDS, since=since))["requests"]
    await close(parties, rooms)
    return meters_of(
        [one for one in before if one["tag"] == worker.agent],
        [one for one in after if one["tag"] == worker.agent],
        [one for one in requests if one["arrived"] < until and one["model"] == f"model-{worker.who}"],
        until - since,
        per_call(idle, busy, CALLS),
    )


@asynccontextmanager
async def _people(parties: Parties, rooms: Sequence[str]) -> AsyncIterator[tuple[Child, Child]]:
    """A prospect and a rep in each room, from here to the end of the block."""
    server, folder = parties.stage.server, parties.stage.folder
    async with (
        child("bench.coaching.speakers", folder / "speakers.log", {}) as speakers,
        child("bench.coaching.reps", folder / "reps.log", {}) as reps,
    ):
        await reps.ask(JOIN_SECONDS, join=[(server.url, rep_token(server, room, REP)) for room in rooms])
        await speakers.ask(JOIN_SECONDS, join=[(server.url, prospect_token(server, room, PROSPECT)) for room in rooms])
        yield speakers, reps
        await speakers.ask(ANSWER_SECONDS, leave=True)
        await reps.ask(ANSWER_SECONDS, leave=True)


async def _connections(parties: Parties, since: float) -> list[Noted]:
    answer = await parties.speech.ask(ANSWER_SECONDS, since=since)
    found: list[Noted] = answer["connections"]
    return found


async def _heard(parties: Parties, worker: Contender, since: float) -> None:
    async with asyncio.timeout(HEARD_SECONDS):
        while True:
            found = await _connections(parties, since)
            if sum(one["tag"] == worker.agent and one["first_word"] is not None for one in found) >= CALLS:
                return
            await asyncio.sleep(LOOK_EVERY)
