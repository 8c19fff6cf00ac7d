"""The least a worker can be that does what a reflex does: a bare worker on the same framework.

One job process for each call, the provider's plugin on every microphone, one regular expression on what is heard, one
RPC to the rep. No voice detector, no journal, no playbook, no consent: what the framework and the provider cost.
Registers as `floor`; DEEPGRAM_URL says where the provider is.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import time
from typing import Any

from livekit import rtc
from livekit.agents import AgentServer, AutoSubscribe, JobContext, WorkerPermissions, cli, stt
from livekit.plugins import deepgram

NAME = "floor"
TRIGGER = re.compile(r"too expensive|discount|northstar|how much", re.IGNORECASE)

server = AgentServer(
    permissions=WorkerPermissions(can_publish=False, can_update_metadata=False),
    load_fnc=lambda _: 0.0,
    num_idle_processes=1,
    initialize_process_timeout=60.0,
    host="127.0.0.1",
    port=0,
)


class Floor:
    """One call."""

    def __init__(self, context: JobContext) -> None:
        self._room = context.room
        self._rep: str = json.loads(context.job.metadata)["rep"]
        self._tasks: set[asyncio.Task[None]] = set()
        self._began = time.monotonic()
        self._room.on("track_subscribed", self._subscribed)

    def take(self, participant: rtc.RemoteParticipant) -> None:
        """Subscribes to somebody's microphone."""
        for publication in participant.track_publications.values():
            if publication.source == rtc.TrackSource.SOURCE_MICROPHONE:
                publication.set_subscribed(True)

    def _subscribed(self, track: rtc.Track, *_: Any) -> None:
        self._own(self._hear(track))

    def _own(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hear(self, track: rtc.Track) -> None:
        plugin = deepgram.STT(base_url=os.environ["DEEPGRAM_URL"])
        stream = plugin.stream()
        self._own(self._read(stream))
        frames = rtc.AudioStream.from_track(track=track, sample_rate=16_000, num_channels=1, frame_size_ms=50)
        async for event in frames:
            stream.push_frame(event.frame)

    async def _read(self, stream: stt.RecognizeStream) -> None:
        said = False
        async for event in stream:
            if event.type is stt.SpeechEventType.INTERIM_TRANSCRIPT and not said:
                if TRIGGER.search(event.alternatives[0].text):
                    said = True
                    self._own(self._tell())
            elif event.type is stt.SpeechEventType.FINAL_TRANSCRIPT:
                said = False

    async def _tell(self) -> None:
        card = json.dumps({"headline": "Ask what it is compared with", "timing": {}})
        await self._room.local_participant.perform_rpc(
            destination_identity=self._rep, method="coach_nudge", payload=card, response_timeout=4.0
        )


@server.rtc_session(agent_name=NAME)
async def entrypoint(context: JobContext) -> None:
    """Joins, and hears everybody."""
    floor = Floor(context)
    context.room.on("track_published", lambda _, participant: floor.take(participant))
    await context.connect(auto_subscribe=AutoSubscribe.SUBSCRIBE_NONE)
    for participant in context.room.remote_participants.values():
        floor.take(participant)


if __name__ == "__main__":
    os.environ.setdefault("LIVEKIT_AGENTS_PRELOAD_LOCAL_INFERENCE", "0")
    cli.run_app(server)
