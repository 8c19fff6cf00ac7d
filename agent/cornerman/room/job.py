"""A job's life in the framework: asked for, accepted or refused, warmed up, run, ended.

These functions are what the worker hands to LiveKit Agents; they run in the worker's process (requests) and in job
processes (the rest), and hold no state of their own but what prewarm puts into the process, and the shelf of playbooks.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path

from livekit import api
from livekit.agents import AutoSubscribe, JobContext, JobExecutorType, JobProcess, JobRequest

from cornerman import log_privacy, metrics, tracing
from cornerman.advising.advising import Brains
from cornerman.coach import Coach, CoachSettings
from cornerman.coach.moments import Detector
from cornerman.config import Settings, load_settings, with_overrides
from cornerman.contract import JobMetadata, parse_job_metadata
from cornerman.crm import AccountRecord, AccountSource, account_source
from cornerman.errors import ConfigError, CornermanError
from cornerman.paths import find_project_file
from cornerman.playbook import Playbook, Shelf
from cornerman.providers.breaker import worker_state_folder
from cornerman.providers.speech import Heard, SpeechProviders
from cornerman.record.journal import Journal, call_folder
from cornerman.record.keeping import keeping_of
from cornerman.room.call import Call
from cornerman.room.clock import CallClock
from cornerman.room.meaning import Meaning
from cornerman.room.observing import silence_framework
from cornerman.room.room_key import JoinKey, join_key, key_asked_for
from cornerman.room.single import coaches_in, remove
from cornerman.room.stock import compiled, laid_in_for
from cornerman.watch.departures import ANOTHER_COACH, note_departure

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
    brains: Brains


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
    silence_framework()
    settings = load_settings()
    tracing.start(settings.tracing)
    playbook = SHELF.open(playbook_folder(settings, ""))
    meaning = _meaning(settings, playbook)
    detector = _compiled(playbook)
    providers = SpeechProviders(settings.stt, heard_of(playbook))
    providers.prewarm()
    brains = _brains(settings, playbook)
    process.userdata[_PREWARMED] = Prewarmed(settings, playbook, detector, providers, meaning, brains)
    if process.executor_type is JobExecutorType.PROCESS:
        # What is here now stays: a collection that looks at all of it would hold up a call for a tenth of a second, and
        # make a copy of every page that processes share. Beside other calls, theirs would stay for good too.
        gc.freeze()


async def on_request(request: JobRequest) -> None:
    """Accepts a job that can be coached; refuses any other with a reason in the log."""
    where = {"job_id": request.id, "room": request.room.name}
    try:
        settings = load_settings()
        metadata = parse_job_metadata(request.job.metadata)
        with_overrides(settings, metadata.settings)
        await asyncio.to_thread(key_asked_for, settings, metadata)
        await asyncio.to_thread(keeping_of, settings.journal)
        await asyncio.to_thread(SHELF.open, playbook_folder(settings, metadata.playbook))
    except CornermanError as error:
        logger.error("job refused: %s", error, extra=where)
        metrics.job_refused(type(error).__name__)
        await request.reject()
        return
    if metadata.takeover is None:
        async with api.LiveKitAPI() as livekit:
            living = await coaches_in(livekit, request.room.name, settings.worker.identity_prefix)
        if living:
            logger.warning("job refused: a coach is in the room already", extra=where)
            metrics.job_refused("coach_there")
            await request.reject()
            return
    await request.accept(name=settings.worker.display_name, identity=settings.worker.identity_prefix + request.id)


async def entrypoint(context: JobContext) -> None:
    """Joins the room, silent and deaf, and starts the call. Returns at once; the call lives in tasks of its own."""
    try:
        await _coach(context)
    except Exception:
        metrics.call_not_begun("failed")
        raise


async def _coach(context: JobContext) -> None:
    prewarmed: Prewarmed = context.proc.userdata[_PREWARMED]
    metadata = parse_job_metadata(context.job.metadata or os.environ.get(METADATA_VARIABLE, ""))
    settings = with_overrides(_with_models_of_now(prewarmed.settings), metadata.settings)
    context.log_context_fields = _log_fields(context, settings)
    accounts = await asyncio.to_thread(account_source, settings.accounts)
    account = asyncio.create_task(_look_up(accounts, settings, metadata), name="job.account")
    parts = await _parts(prewarmed, settings, metadata)
    key = await join_key(settings, metadata)
    await context.connect(encryption=key.options, auto_subscribe=AutoSubscribe.SUBSCRIBE_NONE)
    note_departure(context)
    if not await _only_coach(context, settings, metadata):
        account.cancel()
        await parts.meaning.aclose()
        await parts.brains.aclose()
        await accounts.aclose()
        metrics.call_not_begun("yielded")
        context.shutdown(ANOTHER_COACH)
        return
    call = await _open_call(context, metadata, parts, accounts, key)
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
        meaning = _meaning(settings, playbook)
    brains = prewarmed.brains
    if not same_playbook or settings.llm != prewarmed.settings.llm:
        await brains.aclose()
        brains = _brains(settings, playbook)  # not in a thread: plugins may be loaded in the main one alone
    if same_playbook:
        return replace(prewarmed, settings=settings, meaning=meaning, brains=brains)
    detector = await asyncio.to_thread(_compiled, playbook)
    await prewarmed.providers.aclose()
    providers = SpeechProviders(settings.stt, heard_of(playbook))
    return Prewarmed(settings, playbook, detector, providers, meaning, brains)


def _compiled(playbook: Playbook) -> Detector:
    """The playbook's phrases, compiled now or before the fork."""
    stock = laid_in_for(playbook)
    return stock.detector if stock is not None else compiled(playbook)


def _meaning(settings: Settings, playbook: Playbook) -> Meaning:
    """Started; ready at once where its examples were laid in."""
    stock = laid_in_for(playbook)
    meaning = Meaning(settings.meaning, playbook, stock.comparison_for(settings.meaning) if stock else None)
    meaning.start()
    return meaning


def _brains(settings: Settings, playbook: Playbook) -> Brains:
    """The models, and the search; ready at once where they were laid in."""
    stock = laid_in_for(playbook)
    if stock is None:
        return Brains.of(settings, playbook)
    index = stock.index_for(settings.retrieval, settings.meaning)
    return Brains.of(settings, playbook, index, stock.forbidden, stock.models_for(settings.llm))


async def _only_coach(context: JobContext, settings: Settings, metadata: JobMetadata) -> bool:
    """Takes the place of a dead coach; yields to a living one that joined earlier (two jobs may have been accepted at
    once, and two watchdogs may have asked for one each).
    """
    room = context.room.name
    dead = metadata.takeover.of if metadata.takeover is not None else None
    if dead is not None:
        await remove(context.api, room, dead)
    coaches = await coaches_in(context.api, room, settings.worker.identity_prefix)
    living = [one.identity for one in coaches if one.identity != dead]
    return not living or living[0] == context.room.local_participant.identity


async def _open_call(
    context: JobContext, metadata: JobMetadata, parts: Prewarmed, accounts: AccountSource, key: JoinKey
) -> Call:
    """Builds the call's parts round its journal, whose segment number they share."""
    settings, playbook = parts.settings, parts.playbook
    room = context.job.room
    created = room.creation_time_ms / 1000 or float(room.creation_time) or time.time()
    budget = playbook.budget
    interval = settings.budget.interval or budget.interval_s
    burst = settings.budget.burst or budget.burst
    early = settings.advising.early and parts.brains.models is not None
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
        "advising": {
            "models": list(parts.brains.models.names) if parts.brains.models is not None else [],
            "early": early,
        },
    }
    folder = call_folder(settings.journal.path, room.name, room.sid)
    keeping = await asyncio.to_thread(keeping_of, settings.journal)
    journal = await asyncio.to_thread(Journal, folder, header, keeping)
    coach_settings = CoachSettings(
        interval=interval,
        burst=burst,
        segment=journal.segment,
        by_meaning=parts.meaning.asked_for,
        advised=True,
        early=early,
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
        brains=parts.brains,
        accounts=accounts,
        join_key=key,
    )


def _log_fields(context: JobContext, settings: Settings) -> dict[str, str]:
    """What stands in every line that this job logs; `call` is the folder of its journal."""
    room = context.job.room
    folder = call_folder(settings.journal.path, room.name, room.sid)
    return {"job_id": context.job.id, "room": room.name, "call": folder.name}


def _with_models_of_now(settings: Settings) -> Settings:
    """The settings the process was warmed up with, and the models as they are configured by now: a changed choice
    counts for new calls. A broken change does not.
    """
    try:
        return settings.model_copy(update={"llm": load_settings().llm})
    except CornermanError as error:
        logger.error("changed settings are not used: %s", error)
        return settings


async def _look_up(source: AccountSource, settings: Settings, metadata: JobMetadata) -> AccountRecord | None:
    """The account's record, under a deadline; the call goes on without it."""
    if metadata.account is None:
        return None
    try:
        async with asyncio.timeout(settings.accounts.timeout):
            return await source.look_up(metadata.account)
    except (TimeoutError, CornermanError) as error:
        logger.warning("account not looked up: %s", error or "it took too long")
        return None
