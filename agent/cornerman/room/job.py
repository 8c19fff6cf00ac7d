"""A job's life in the framework: asked for, accepted or refused, warmed up, run, ended.

These functions are what the worker hands to LiveKit Agents; they run in the worker's process (requests) and in job
processes (the rest), and hold no state of their own but what prewarm puts into the process, and the shelf of playbooks.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path

from livekit import api
from livekit.agents import AutoSubscribe, JobContext, JobProcess, JobRequest

from cornerman import log_privacy, metrics
from cornerman.coach import Coach, CoachSettings
from cornerman.coach.moments import Detector
from cornerman.config import Settings, load_settings, with_overrides
from cornerman.contract import JobMetadata, parse_job_metadata
from cornerman.crm import AccountRecord, AccountSource, FileAccounts, NoAccounts
from cornerman.errors import ConfigError, CornermanError
from cornerman.paths import find_project_file
from cornerman.playbook import Playbook, Shelf
from cornerman.providers.breaker import worker_state_folder
from cornerman.providers.speech import Heard, SpeechProviders
from cornerman.record.journal import Journal, call_folder
from cornerman.room.call import Call
from cornerman.room.clock import CallClock
from cornerman.room.meaning import Meaning
from cornerman.room.single import coaches_in, remove

logger = logging.getLogger(__name__)

METADATA_VARIABLE = "CORNERMAN_JOB_METADATA"
"""Metadata for jobs that carry none: the framework's `connect` command has no option for it."""
SHELF = Shelf(worker_state_folder)
"""This process's playbooks: a changed one counts from the next call on, a broken change does not."""
_PREWARMED = "cornerman.prewarmed"
_CALL = "cornerman.call"


@dataclass(frozen=True, slots=True)
class Prewarmed:
    """What every call of a process shares: settings, and the default playbook compiled."""

    settings: Settings
    playbook: Playbook
    detector: Detector
    providers: SpeechProviders
    meaning: Meaning


def playbook_folder(settings: Settings, name: str) -> Path:
    """Where the playbook a job asks for lies; no name: the default one.

    Raises:
        ConfigError: the operator has no playbook of that name.
    """
    if not name:
        return settings.playbook.path or find_project_file("playbook")
    folder = settings.playbook.library.get(name)
    if folder is None:
        known = ", ".join(sorted(settings.playbook.library)) or "none"
        raise ConfigError(
            "the job's metadata cannot be used",
            [f"playbook: no playbook {name!r} in playbook.library (known: {known})"],
        )
    return folder


def heard_of(playbook: Playbook) -> Heard:
    """What a recogniser should listen for in calls with this playbook."""
    return Heard(playbook.terms(), playbook.names())


def prewarm(process: JobProcess) -> None:
    """Loads what takes time before a call comes: settings, playbook, phrase trie, speech engine. The sentence model
    goes on loading in its thread.
    """
    log_privacy.install()
    metrics.share_between_processes()
    settings = load_settings()
    playbook = SHELF.open(playbook_folder(settings, ""))
    meaning = Meaning(settings.meaning, playbook)
    meaning.start()
    detector = _compiled(playbook)
    providers = SpeechProviders(settings.stt, heard_of(playbook))
    providers.prewarm()
    process.userdata[_PREWARMED] = Prewarmed(settings, playbook, detector, providers, meaning)


async def on_request(request: JobRequest) -> None:
    """Accepts a job that can be coached; refuses any other with a reason in the log."""
    where = {"job_id": request.id, "room": request.room.name}
    try:
        settings = load_settings()
        metadata = parse_job_metadata(request.job.metadata)
        with_overrides(settings, metadata.settings)
        await asyncio.to_thread(SHELF.open, playbook_folder(settings, metadata.playbook))
    except CornermanError as error:
        logger.error("job refused: %s", error, extra=where)
        await request.reject()
        return
    if metadata.takeover is None:
        async with api.LiveKitAPI() as livekit:
            living = await coaches_in(livekit, request.room.name, settings.worker.identity_prefix)
        if living:
            logger.warning("job refused: a coach is in the room already", extra=where)
            await request.reject()
            return
    await request.accept(name=settings.worker.display_name, identity=settings.worker.identity_prefix + request.id)


async def entrypoint(context: JobContext) -> None:
    """Joins the room, silent and deaf, and starts the call. Returns at once; the call lives in tasks of its own."""
    prewarmed: Prewarmed = context.proc.userdata[_PREWARMED]
    metadata = parse_job_metadata(context.job.metadata or os.environ.get(METADATA_VARIABLE, ""))
    settings = with_overrides(prewarmed.settings, metadata.settings)
    context.log_context_fields = {"job_id": context.job.id, "room": context.job.room.name}
    account = asyncio.create_task(_look_up(settings, metadata), name="job.account")
    parts = await _parts(prewarmed, settings, metadata)
    await context.connect(auto_subscribe=AutoSubscribe.SUBSCRIBE_NONE)
    if not await _only_coach(context, settings, metadata):
        account.cancel()
        await parts.meaning.aclose()
        context.shutdown("another coach is in the room")
        return
    call = await _open_call(context, metadata, parts)
    context.proc.userdata[_CALL] = call
    call.start()
    call.account_is(account)


async def on_session_end(context: JobContext) -> None:
    """Ends the call while the room is still there for last words."""
    call: Call | None = context.proc.userdata.pop(_CALL, None)
    if call is not None:
        await call.aclose("the room or the job ended")
        context.add_shutdown_callback(call.unguard)


async def _parts(prewarmed: Prewarmed, settings: Settings, metadata: JobMetadata) -> Prewarmed:
    """What this call uses: the prewarmed parts, or others where the job asks for another playbook."""
    playbook = await asyncio.to_thread(SHELF.open, playbook_folder(settings, metadata.playbook))
    same_playbook = playbook.digest == prewarmed.playbook.digest
    meaning = prewarmed.meaning
    if not same_playbook or settings.meaning != prewarmed.settings.meaning:
        await meaning.aclose()
        meaning = Meaning(settings.meaning, playbook)
        meaning.start()
    if same_playbook:
        return replace(prewarmed, settings=settings, meaning=meaning)
    detector = await asyncio.to_thread(_compiled, playbook)
    await prewarmed.providers.aclose()
    return Prewarmed(settings, playbook, detector, SpeechProviders(settings.stt, heard_of(playbook)), meaning)


def _compiled(playbook: Playbook) -> Detector:
    """The playbook's phrases, compiled. A coach on trial compiles those that coaches share among themselves, which
    would hold up the event loop when the call begins.
    """
    detector = Detector(playbook)
    Coach(playbook, CoachSettings(), detector)
    return detector


async def _only_coach(context: JobContext, settings: Settings, metadata: JobMetadata) -> bool:
    """Takes the place of a dead coach; yields to a living one that joined earlier (two jobs may have been accepted at
    once).
    """
    room = context.room.name
    if metadata.takeover is not None:
        await remove(context.api, room, metadata.takeover.of)
        return True
    coaches = await coaches_in(context.api, room, settings.worker.identity_prefix)
    me = context.room.local_participant.identity
    return not coaches or coaches[0].identity == me


async def _open_call(context: JobContext, metadata: JobMetadata, parts: Prewarmed) -> Call:
    """Builds the call's parts round its journal, whose segment number they share."""
    settings, playbook = parts.settings, parts.playbook
    room = context.job.room
    created = room.creation_time_ms / 1000 or float(room.creation_time) or time.time()
    budget = playbook.budget
    interval = settings.budget.interval or budget.interval_s
    burst = settings.budget.burst or budget.burst
    header = {
        "room": room.name,
        "room_sid": room.sid,
        "zero": created,
        "job": context.job.id,
        "rep": metadata.rep,
        "playbook": {
            "name": playbook.name,
            "digest": playbook.digest,
            "folder": str(playbook_folder(settings, metadata.playbook)),
        },
        "budget": {"interval": interval, "burst": burst},
        "stt": list(parts.providers.names),
        "meaning": parts.meaning.facts,
    }
    folder = call_folder(settings.journal.path, room.name, room.sid)
    journal = await asyncio.to_thread(Journal, folder, header)
    coach_settings = CoachSettings(
        interval=interval, burst=burst, segment=journal.segment, by_meaning=parts.meaning.asked_for
    )
    return Call(
        context.room,
        metadata,
        settings,
        playbook=playbook,
        coach=Coach(playbook, coach_settings, parts.detector),
        journal=journal,
        clock=CallClock(created),
        providers=parts.providers,
        meaning=parts.meaning,
    )


async def _look_up(settings: Settings, metadata: JobMetadata) -> AccountRecord | None:
    """The account's record, under a deadline; the call goes on without it."""
    if metadata.account is None:
        return None
    source: AccountSource = FileAccounts(settings.accounts.file) if settings.accounts.file else NoAccounts()
    try:
        async with asyncio.timeout(settings.accounts.timeout):
            return await source.look_up(metadata.account)
    except (TimeoutError, CornermanError) as error:
        logger.warning("account not looked up: %s", error or "it took too long")
        return None
