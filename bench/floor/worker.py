"""The bare worker: each microphone's frames go into the recogniser's stream as they come, one regular expression reads
what comes out, and the rep is called.

`python -m bench.floor.worker start`. It knows no turns, no playbook, no consent, keeps nothing and survives nothing:
what is left is what recogniser, room and RPC take by themselves.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Coroutine
from typing import Any

from livekit import rtc
from livekit.agents import AgentServer, AutoSubscribe, JobContext, cli, stt
from livekit.plugins import deepgram

from bench.coaching.said import EXPRESSION
from bench.peer_settings import PeerSettings, peer_settings
from cornerman.contract import wire

SAMPLE_RATE = 16_000
FRAME_MS = 20
ACK_SECONDS = 4.0


class Call:
    """One room."""

    def __init__(self, context: JobContext, settings: PeerSettings) -> None:
        self._context = context
        self._settings = settings
        self._rep: str = json.loads(context.job.metadata)["rep"]
        self._tasks: set[asyncio.Task[None]] = set()
        self._count = 0

    def start(self) -> None:
        """Hears every microphone that is there or comes."""
        self._context.room.on("track_subscribed", self._subscribed)
        for participant in self._context.room.remote_participants.values():
            for publication in participant.track_publications.values():
                if publication.track is not None:
                    self._subscribed(publication.track, publication, participant)

    async def aclose(self) -> None:
        """Ends every stream."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _subscribed(
        self, track: rtc.Track, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        if publication.source == rtc.TrackSource.SOURCE_MICROPHONE:
            self._own(self._hear(track, participant.identity))

    async def _hear(self, track: rtc.Track, identity: str) -> None:
        recogniser = deepgram.STT(model="nova-3", base_url=self._settings.speech_url, tags=[self._settings.agent])
        stream = recogniser.stream()
        reading = asyncio.create_task(self._read(stream, identity), name="floor.read")
        audio = rtc.AudioStream.from_track(
            track=track, sample_rate=SAMPLE_RATE, num_channels=1, frame_size_ms=FRAME_MS, capacity=100
        )
        try:
            async for event in audio:
                stream.push_frame(event.frame)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await stream.aclose()
            await audio.aclose()

    async def _read(self, stream: stt.RecognizeStream, identity: str) -> None:
        told = 0
        async for event in stream:
            if event.type not in (stt.SpeechEventType.INTERIM_TRANSCRIPT, stt.SpeechEventType.FINAL_TRANSCRIPT):
                continue
            found = [match.group() for match in EXPRESSION.finditer(event.alternatives[0].text.lower())]
            for words in found[told:]:
                self._own(self._nudge(identity, words))
            told = 0 if event.type is stt.SpeechEventType.FINAL_TRANSCRIPT else len(found)

    async def _nudge(self, identity: str, words: str) -> None:
        self._count += 1
        nudge = {
            "v": 1,
            "id": f"floor-{self._count}",
            "rev": 0,
            "final": True,
            "status": "live",
            "kind": "words",
            "headline": words,
            "detail": "",
            "because": [{"type": "words", "speaker": identity, "role": "prospect", "quote": words}],
        }
        await self._context.room.local_participant.perform_rpc(
            destination_identity=self._rep,
            method=wire.NUDGE,
            payload=json.dumps(nudge),
            response_timeout=ACK_SECONDS,
        )

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="floor.call")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def entrypoint(context: JobContext) -> None:
    """Joins, and hears everybody."""
    await context.connect(auto_subscribe=AutoSubscribe.AUDIO_ONLY)
    call = Call(context, peer_settings())
    call.start()
    context.add_shutdown_callback(call.aclose)


def build_server(settings: PeerSettings) -> AgentServer:
    """The worker as told, with nothing preloaded."""
    os.environ["LIVEKIT_AGENTS_PRELOAD_LOCAL_INFERENCE"] = "0"
    server = AgentServer(load_fnc=lambda: 0.0, num_idle_processes=settings.idle or 1, host="127.0.0.1", port=0)
    server.rtc_session(entrypoint, agent_name=settings.agent)
    return server


if __name__ == "__main__":
    cli.run_app(build_server(peer_settings()))
