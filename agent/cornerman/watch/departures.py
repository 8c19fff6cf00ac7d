"""Whether a coach left its call on purpose: the note its process leaves behind, which the worker's heartbeat tells of.

In: a job that ends in order. Out: a note in the folder the worker's processes share, and, where the room goes on, the
end of the job's dispatch at the server, so that a watchdog that knows nothing of this worker sees it too. A process
that was killed, or that lost its room, leaves neither.
"""

from __future__ import annotations

import asyncio
import logging
import re
from pathlib import Path

import aiohttp
from livekit import api, rtc
from livekit.agents import JobContext

from cornerman.providers.breaker import worker_state_folder
from cornerman.watch.beat import How

logger = logging.getLogger(__name__)

ANOTHER_COACH = "another coach is in the room"
"""Why a job ends that yields to another."""
DEADLINE = 3.0
_CRASHED = "job crashed"
_DISCONNECTED = "room disconnected"
"""The framework's words for a job that raised, and for a room that was lost or closed."""
_ROOM_GONE = frozenset({rtc.DisconnectReason.ROOM_DELETED, rtc.DisconnectReason.ROOM_CLOSED})
_SENT_AWAY = frozenset({rtc.DisconnectReason.PARTICIPANT_REMOVED, rtc.DisconnectReason.DUPLICATE_IDENTITY})
_SAFE = re.compile(r"[^A-Za-z0-9_-]")


def note_departure(context: JobContext) -> None:
    """Sees to it that this job's end is noted. Call it once the room is joined."""
    reasons: list[int] = []
    context.room.on("disconnected", lambda *given: reasons.extend(given[:1]))

    async def note(why: str) -> None:
        how = _how(why, reasons)
        if how is None:
            return
        await asyncio.to_thread(_write, context.job.id, how)
        if not reasons or reasons[0] not in _ROOM_GONE:
            await _end_dispatch(context)

    context.add_shutdown_callback(note)


def departed(folder: Path, job: str) -> How:
    """How a job ended that is no longer there; its note is taken away."""
    note = _note(folder, job)
    try:
        written = note.read_text(encoding="ascii")
        note.unlink()
    except OSError:
        return "crashed"
    return "yielded" if written == "yielded" else "left"


def _how(why: str, reasons: list[int]) -> How | None:
    if why == _CRASHED:
        return None
    if why == _DISCONNECTED and not (reasons and reasons[0] in _ROOM_GONE | _SENT_AWAY):
        return None
    return "yielded" if why == ANOTHER_COACH else "left"


def _note(folder: Path, job: str) -> Path:
    return folder / "departed" / _SAFE.sub("-", job)


def _write(job: str, how: How) -> None:
    folder = worker_state_folder()
    if folder is None:
        return
    note = _note(folder, job)
    try:
        note.parent.mkdir(mode=0o700, exist_ok=True)
        note.write_text(how, encoding="ascii")
    except OSError as error:
        logger.warning("a coach's leaving could not be noted: %s", error.strerror)


async def _end_dispatch(context: JobContext) -> None:
    """A job without a dispatch was not asked for by the server: there is nothing to end."""
    if not context.job.dispatch_id:
        return
    try:
        async with asyncio.timeout(DEADLINE):
            await context.api.agent_dispatch.delete_dispatch(context.job.dispatch_id, context.job.room.name)
    except (TimeoutError, aiohttp.ClientError, api.TwirpError):
        logger.info("the dispatch of this job could not be ended; it may be gone already")
