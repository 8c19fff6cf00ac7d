"""A coach's call in a process of its own, fed word for word: all of a real call but that nobody's voice is recognised.

Asked with `open` it joins a room and takes up the call, with `turn` somebody says a turn, with `peer` the rep is called
by nothing but LiveKit, with `acks` it tells when the rep's answers to cards were there. Room, journal, retrieval,
meaning, tools, models, screen and private line are those of calls; of the playbook only the times between cards are
others, so that one call gives as many samples as are wanted. Times are of the machine's monotonic clock.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from livekit import rtc

from bench.advising_samples import ECHO, PROSPECT
from bench.processes import answer_questions
from cornerman import metrics
from cornerman.advising.advising import Brains
from cornerman.coach import Coach, CoachSettings
from cornerman.coach.moments import Detector
from cornerman.config import Settings
from cornerman.contract import parse_job_metadata
from cornerman.crm import account_source
from cornerman.events import Attendance, Delivery, Event, Partial, Speaking, Turn, Word
from cornerman.paths import find_project_file
from cornerman.playbook import Playbook, load_playbook
from cornerman.providers.breaker import create_worker_state
from cornerman.providers.speech import Heard, SpeechProviders
from cornerman.record.journal import Journal, call_folder
from cornerman.room.call import Call
from cornerman.room.clock import CallClock
from cornerman.room.meaning import Meaning
from cornerman.room.room_key import JoinKey
from cornerman.stand_ins.voice import joined

BEGAN = 3600.0
"""Seconds since the call began."""
RETURNS = 3.4
"""Seconds after which a card may return, and for which it stands."""
SAID_BEFORE = (
    ("prospect", "we have about forty people who answer tickets and most of them work from home these days"),
    ("rep", "and how do they know today who takes which ticket when two of them look at the same one"),
    ("prospect", "they mostly write to each other in a chat and sometimes both of them answer the customer"),
    ("rep", "so what happens on the customer's side when that goes wrong and they get two different answers"),
)


class TimedCall(Call):
    """A call that notes when the rep's answers come."""

    acks: list[dict[str, Any]]

    def feed(self, event: Event) -> None:
        if isinstance(event, Delivery):
            acked = {"at": time.monotonic(), "id": event.nudge, "rev": event.rev, "outcome": event.outcome}
            self.acks.append(acked)
        super().feed(event)


@dataclass(frozen=True, slots=True)
class Opened:
    """A call under way, and its peer: a participant of the same process that can do no more than call the rep."""

    call: TimedCall
    clock: CallClock
    rep: str
    peer: rtc.LocalParticipant


def unhurried(playbook: Playbook) -> Playbook:
    """The playbook with cards that return after `RETURNS` seconds, as often as they are wanted."""
    times: dict[str, Any] = {"cooldown_s": RETURNS, "per_call": 1_000_000, "ttl_s": RETURNS}
    return replace(
        playbook,
        moments=tuple(replace(one, **times) for one in playbook.moments),
        gauges=(),
        budget=replace(playbook.budget, **times, interval_s=0.1, burst=10, offers=False),
    )


async def open_call(stack: AsyncExitStack, folder: Path, question: Mapping[str, Any]) -> Opened:
    """Joins and takes up the call; what was said before is heard at once."""
    settings = Settings(**question["settings"], journal={"path": str(folder)})
    metadata = parse_job_metadata(question["metadata"])
    playbook = unhurried(load_playbook(find_project_file("playbook")))
    detector = Detector(playbook)
    brains = Brains.of(settings, playbook)
    meaning = Meaning(settings.meaning, playbook)
    meaning.start()
    await brains.retriever.settled()
    room = await stack.enter_async_context(joined(question["url"], question["token"]))
    peer = await stack.enter_async_context(joined(question["url"], question["peer_token"]))
    clock = CallClock(time.time() - BEGAN)
    early = settings.advising.early and brains.models is not None
    header = {"room": room.name, "playbook": {"digest": playbook.digest}, "budget": {"interval": 0.1, "burst": 10}}
    journal = Journal(call_folder(folder, room.name, question["token"][-8:]), header | {"advising": {"early": early}})
    coach_settings = CoachSettings(
        interval=0.1, burst=10, segment=journal.segment, by_meaning=meaning.asked_for, advised=True, early=early
    )
    accounts = account_source(settings.accounts)
    call = TimedCall(
        room,
        metadata,
        settings,
        playbook=playbook,
        coach=Coach(playbook, coach_settings, detector),
        journal=journal,
        clock=clock,
        providers=SpeechProviders(settings.stt, Heard(playbook.terms(), playbook.names())),
        meaning=meaning,
        brains=brains,
        accounts=accounts,
        join_key=JoinKey(),
    )
    call.acks = []
    call.start()
    stack.push_async_callback(call.unguard, "")
    stack.push_async_callback(call.aclose, "the bench is over")
    if metadata.account is not None:
        call.account_is(asyncio.create_task(accounts.look_up(metadata.account), name="bench.account"))
    call.feed(Attendance(PROSPECT, "Pat", "prospect", True))
    opened = Opened(call, clock, metadata.rep, peer.local_participant)
    for number in range(question["earlier"]):
        role, text = SAID_BEFORE[number % len(SAID_BEFORE)]
        identity = metadata.rep if role == "rep" else PROSPECT
        words = words_of(text, BEGAN - 12.0 * (question["earlier"] - number))
        call.feed(Turn(f"before-{number}", identity, role, words, words[0].start, words[-1].end, 0.9))  # type: ignore[arg-type]
        await asyncio.sleep(0)
    return opened


def words_of(text: str, end: float) -> tuple[Word, ...]:
    """The words, as said until then."""
    spoken = text.split()
    start = end - 0.3 * len(spoken)
    return tuple(
        Word(word, round(start + 0.3 * at, 3), round(start + 0.3 * (at + 1), 3)) for at, word in enumerate(spoken)
    )


async def say(opened: Opened, turn: str, script: list[list[Any]]) -> dict[str, Any]:
    """A turn of the prospect's, by steps: `["heard", text]`, `["silent"]`, `["wait", seconds]`, `["over"]`.

    Returns when the last partial was fed, when the voice last fell silent, and when the turn was over.
    """
    call, clock = opened.call, opened.clock
    fed: dict[str, Any] = {"turn": turn}
    speaking, text = False, ""
    for step, *given in script:
        match step:
            case "heard":
                text = given[0]
                if not speaking:
                    speaking = True
                    call.feed(Speaking(PROSPECT, True, clock.now()))
                heard = Partial(turn, PROSPECT, "prospect", words_of(text, clock.now()))
                fed["partial"] = time.monotonic()
                call.feed(heard)
                fed["partial_took"] = time.monotonic() - fed["partial"]
            case "silent":
                speaking = False
                fed["silent"] = time.monotonic()
                call.feed(Speaking(PROSPECT, False, clock.now()))
            case "wait":
                await asyncio.sleep(given[0])
            case "over":
                words = words_of(text, clock.now())
                over = Turn(turn, PROSPECT, "prospect", words, words[0].start, words[-1].end, 0.9)
                fed["over"] = time.monotonic()
                call.feed(over)
                fed["over_took"] = time.monotonic() - fed["over"]
    return fed


async def call_rep(opened: Opened, size: int) -> dict[str, Any]:
    """One bare call of the rep, with a payload of so many bytes."""
    began = time.monotonic()
    await opened.peer.perform_rpc(destination_identity=opened.rep, method=ECHO, payload="x" * size)
    return {"took": time.monotonic() - began}


async def main() -> None:
    """Coaches until the bench asks no more."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    opened: Opened | None = None
    async with AsyncExitStack() as stack:
        stack.enter_context(create_worker_state())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-coach-")))
        metrics.share_between_processes(folder / "metrics")

        async def answer(question: dict[str, Any]) -> dict[str, Any]:
            nonlocal opened
            if "url" in question:
                opened = await open_call(stack, folder / "calls", question)
                gc.collect()
                return {"meaning": opened.call.state().engine}
            assert opened is not None
            if "turn" in question:
                return await say(opened, question["turn"], question["script"])
            if "peer" in question:
                return await call_rep(opened, question["peer"])
            screen = opened.call.state().screen
            return {"acks": opened.call.acks, "screen": screen.model_dump() if screen is not None else None}

        await answer_questions(answer)


if __name__ == "__main__":
    asyncio.run(main())
