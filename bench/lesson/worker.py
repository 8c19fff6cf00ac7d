"""The textbook worker: one AgentSession for each participant, everything in `on_user_turn_completed`.

`python -m bench.lesson.worker start`. The framework's defaults for an agent that says nothing (`default`), or tuned:
no transcripts published, and turns that the recogniser ends (`stt_turns`: no voice detection at all) or that silence
ends (`local_turns`: voice detection, without the model of turn ends), each with as little preloaded as it needs.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from collections.abc import Coroutine
from typing import Any

from livekit import rtc
from livekit.agents import (
    Agent,
    AgentServer,
    AgentSession,
    AutoSubscribe,
    JobContext,
    JobProcess,
    StopResponse,
    TurnHandlingOptions,
    cli,
    llm,
    room_io,
)
from livekit.agents.types import NOT_GIVEN
from livekit.plugins import deepgram, openai

from bench.lesson.advice import Adviser
from bench.peer_settings import PeerSettings, peer_settings
from cornerman.config import MeaningSettings, RetrievalSettings, Settings
from cornerman.contract import wire
from cornerman.playbook import load_playbook
from cornerman.retrieval import Retriever

logger = logging.getLogger("lesson")

ACK_SECONDS = 4.0
LONGEST_HEADLINE = 80
TURN_SILENCE = 0.5
"""Seconds of silence that end a turn: the framework's default, and Cornerman's."""
PRELOADED = {"default": None, "stt_turns": "0", "local_turns": "0"}
"""Of the framework's local models: None is its default, "0" none; voice detection is then loaded where it is used."""


class Listener(Agent):
    """Hears one participant and never speaks."""

    def __init__(self, call: Call, identity: str) -> None:
        super().__init__(instructions="not needed", stt=call.recogniser())
        self._call = call
        self._identity = identity

    async def on_user_turn_completed(self, turn_ctx: llm.ChatContext, new_message: llm.ChatMessage) -> None:
        """The turn is over: the model is asked, and the rep told."""
        await self._call.turn(self._identity, new_message.text_content or "")
        raise StopResponse


class Call:
    """One room: a session for each person in it."""

    def __init__(self, context: JobContext, settings: PeerSettings, adviser: Adviser) -> None:
        self._context = context
        self._settings = settings
        self._adviser = adviser
        self._rep: str = json.loads(context.job.metadata)["rep"]
        self._sessions: dict[str, AgentSession[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._last_nudge = float("-inf")
        self._count = 0

    def recogniser(self) -> deepgram.STT:
        """A recogniser for one participant."""
        return deepgram.STT(model="nova-3", base_url=self._settings.speech_url, tags=[self._settings.agent])

    def start(self) -> None:
        """Takes up everybody who is there and everybody who comes."""
        room = self._context.room
        room.on("participant_connected", self._came)
        room.on("participant_disconnected", self._left)
        room.on("track_published", self._published)
        room.on("track_subscribed", self._subscribed)
        for participant in room.remote_participants.values():
            self._came(participant)
            for publication in participant.track_publications.values():
                self._published(publication, participant)

    async def turn(self, identity: str, text: str) -> None:
        """Somebody's turn is over; on a prospect's the rep is advised, if it is time for another nudge."""
        spoken = time.monotonic()
        self._adviser.hears("rep" if identity == self._rep else "prospect", text)
        is_early = spoken - self._last_nudge < self._settings.interval
        if identity == self._rep or (is_early and self._settings.variant != "default"):
            return  # tuned: what could not be shown is not paid for
        advice = await self._adviser.advice(text)
        if advice and not is_early:
            self._last_nudge = time.monotonic()
            await self._nudge(identity, text, advice)

    async def aclose(self) -> None:
        """Ends every session."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(session.aclose() for session in self._sessions.values()))

    async def _nudge(self, identity: str, text: str, advice: str) -> None:
        self._count += 1
        nudge = {
            "v": 1,
            "id": f"lesson-{self._count}",
            "rev": 0,
            "final": True,
            "status": "live",
            "kind": "advice",
            "headline": advice[:LONGEST_HEADLINE],
            "detail": "",
            "because": [{"type": "words", "speaker": identity, "role": "prospect", "quote": text}],
        }
        try:
            await self._context.room.local_participant.perform_rpc(
                destination_identity=self._rep,
                method=wire.NUDGE,
                payload=json.dumps(nudge),
                response_timeout=ACK_SECONDS,
            )
        except rtc.RpcError as error:
            logger.warning("a nudge did not arrive", extra={"code": error.code})

    def _came(self, participant: rtc.RemoteParticipant) -> None:
        if participant.identity not in self._sessions:
            session = self._session()
            self._sessions[participant.identity] = session
            self._own(self._listen(session, participant.identity))

    def _left(self, participant: rtc.RemoteParticipant) -> None:
        session = self._sessions.pop(participant.identity, None)
        if session is not None:
            self._own(session.aclose())

    def _session(self) -> AgentSession[None]:
        match self._settings.variant:
            case "stt_turns":
                handling = TurnHandlingOptions(turn_detection="stt", endpointing={"min_delay": TURN_SILENCE})
                return AgentSession(vad=None, turn_handling=handling)
            case "local_turns":
                handling = TurnHandlingOptions(turn_detection="vad", endpointing={"min_delay": TURN_SILENCE})
                return AgentSession(turn_handling=handling)
            case _:
                return AgentSession()

    async def _listen(self, session: AgentSession[None], identity: str) -> None:
        tuned = self._settings.variant != "default"
        await session.start(
            Listener(self, identity),
            room=self._context.room,
            room_options=room_io.RoomOptions(
                audio_input=room_io.AudioInputOptions(pre_connect_audio=False),
                audio_output=False,
                text_input=False,
                text_output=not tuned,
                participant_identity=identity,
            ),
            session_host=False if tuned else NOT_GIVEN,
        )

    def _published(self, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant) -> None:
        if participant.identity == self._rep and publication.source == rtc.TrackSource.SOURCE_SCREENSHARE:
            publication.set_subscribed(True)

    def _subscribed(
        self, track: rtc.Track, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        if participant.identity == self._rep and publication.source == rtc.TrackSource.SOURCE_SCREENSHARE:
            self._own(self._watch(track))

    async def _watch(self, track: rtc.Track) -> None:
        stream = rtc.VideoStream.from_track(track=track, capacity=1)
        try:
            async for event in stream:
                self._adviser.sees(event.frame)
        finally:
            await stream.aclose()

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="lesson.call")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def prewarm(process: JobProcess) -> None:
    """Loads what takes time before a call comes."""
    settings = peer_settings()
    playbook = load_playbook(settings.playbook)
    meaning = RetrievalSettings(meaning="auto" if settings.variant == "default" else "off")
    retriever = Retriever(playbook, meaning, MeaningSettings())
    retriever.start()
    process.userdata["playbook"], process.userdata["retriever"] = playbook, retriever


async def entrypoint(context: JobContext) -> None:
    """Joins, and hears everybody."""
    settings = peer_settings()
    userdata = context.proc.userdata
    model = openai.LLM(model=settings.model, base_url=settings.model_url)
    adviser = Adviser(model, userdata["playbook"], userdata["retriever"], Settings())
    await context.connect(auto_subscribe=AutoSubscribe.AUDIO_ONLY)
    call = Call(context, settings, adviser)
    call.start()

    async def end() -> None:
        await call.aclose()
        await model.aclose()

    context.add_shutdown_callback(end)


def build_server(settings: PeerSettings) -> AgentServer:
    """The worker as told."""
    preloaded = PRELOADED[settings.variant]
    if preloaded is not None:
        os.environ["LIVEKIT_AGENTS_PRELOAD_LOCAL_INFERENCE"] = preloaded
    idle: dict[str, Any] = {} if settings.idle is None else {"num_idle_processes": settings.idle}
    server = AgentServer(
        setup_fnc=prewarm,
        load_fnc=lambda: 0.0,
        initialize_process_timeout=60.0,
        host="127.0.0.1",
        port=0,
        **idle,
    )
    server.rtc_session(entrypoint, agent_name=settings.agent)
    return server


if __name__ == "__main__":
    cli.run_app(build_server(peer_settings()))
