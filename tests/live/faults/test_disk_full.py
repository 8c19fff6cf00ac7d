"""The disk fills up in the middle of a call: coaching goes on, the rep is told, and the journal can be read and
replayed, with what was written before and after. The limit is the kernel's own, on the size of a file: a write that
meets it takes what fits and no more, as on a full disk.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from advising_calls import replays_the_same
from calls import LiveCall, live_call, until
from fault_calls import DISCOUNT, INNOCENT, OBJECTION, api_of, fault_call, figure, heard_in, one_coach
from hearing_calls import HURRIED, hearing_worker
from own_server import OwnServer

from cornerman.record.reading import segments_of

PLAYS_MANY_CALLS = True
ROOM_FOR = 40
"""Bytes that still fit: less than any line."""
BEFORE, AFTER = ["the", "report", "and", "the", "team"], ["hello", "team", "yes", "good"]


@contextmanager
def full(process: psutil.Process, file: Path) -> Iterator[None]:
    """No file of this process may become longer than this one is now, and a bit."""
    before = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (file.stat().st_size + ROOM_FOR, before[1]))
    try:
        yield
    finally:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("first", ["events", "words"])
async def test_coaching_goes_on_and_the_journal_stays_whole(
    own_server: OwnServer, room_name: str, tmp_path: Path, first: str
) -> None:
    """`first`: which of the journal's files has no room any more; where it is the words', neither has the events'."""
    server = own_server.address
    with hearing_worker(server, tmp_path, "nova", HURRIED) as worker:
        async with (
            api_of(server) as livekit,
            live_call(server, livekit, room_name, worker.agent_name, worker.journals) as call,
        ):
            async with fault_call(call) as them:

                def troubles() -> tuple[str, ...]:
                    return them.client.state.trouble if them.client.state else ()

                await them.say("prospect", BEFORE)
                await them.say("prospect", OBJECTION)
                await them.say("rep", INNOCENT)
                await them.all_in_the_journal()
                await call.nudge("price_objection")
                until_then = {who: list(words) for who, words in them.said.items()}

                with full(journalling(worker.pid, call), longest(call, first)):
                    await them.say("prospect", DISCOUNT)
                    async with them.humming():
                        await call.nudge("discount_request")
                        await until(lambda: "journal" in troubles(), "the rep being told")
                figure("journal was full for cards", len([one for one in call.nudges if one.rev == 0]) - 1, "")

                async with them.humming():
                    await until(lambda: "journal" not in troubles(), "the rep being told that it is written again")
                await them.say("prospect", AFTER)
                await them.say("rep", AFTER)
                async with them.humming():
                    await until(lambda: all(heard_in(call)[who][-4:] == AFTER for who in them.voices), "the words")
                await one_coach(call, them.client)

            folder = await call.end()
            for who, words in heard_in(call).items():
                kept = until_then[who]
                assert words[: len(kept)] == kept
                assert words[-len(AFTER) :] == AFTER
                between = words[len(kept) : -len(AFTER)]
                assert between == (DISCOUNT[: len(between)] if who == "prospect" else [])
            (segment,) = segments_of(folder)
            assert any("lost" in line for line in segment.lines), "nothing was lost: the disk was not full"
            assert replays_the_same(folder) > 0


def journalling(worker: int, call: LiveCall) -> psutil.Process:
    """The process that writes this call's journal."""
    for process in psutil.Process(worker).children(recursive=True):
        if any(call.room in opened.path for opened in process.open_files()):
            return process
    raise AssertionError("no process writes the journal of this call")


def longest(call: LiveCall, kind: str) -> Path:
    """The longest of the call's files of a kind."""
    return max(call.folder().glob(f"{kind}-*.jsonl"), key=lambda path: path.stat().st_size)
