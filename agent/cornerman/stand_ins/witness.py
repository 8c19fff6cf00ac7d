"""A third participant with a prospect's token that counts everything it receives, in a process of its own.

Run as `python -m cornerman.stand_ins.witness`: url and token come as the first two lines of standard input, "ready" is
printed once the room is joined, and the counts are printed as JSON when standard input ends. The counts must be zero
after any call.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from livekit import rtc

from cornerman.contract import wire

READY = "ready"
EXPECTED_ATTRIBUTES = frozenset({"lk.agent.name", "lk.agent_name"})
"""What server and framework themselves put on every agent."""


@dataclass(slots=True)
class Testimony:
    """What reached the witness from coaches, and what its data channels counted from anybody."""

    messages: int = 0
    bytes: int = 0
    tracks: int = 0
    kinds: dict[str, int] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """Nothing at all was received."""
        return self.messages == 0 and self.bytes == 0 and self.tracks == 0


class _AnyTopic(dict[str, Any]):
    """Stands in for the table of stream handlers: every topic has this handler."""

    def __init__(self, handler: Any) -> None:
        super().__init__()
        self._handler = handler

    def get(self, key: str, default: Any = None) -> Any:
        return self._handler


class Witness:
    """Listens on every channel a participant has. `prefix` tells coaches by their identity."""

    def __init__(self, room: rtc.Room, prefix: str = wire.DEFAULT_IDENTITY_PREFIX) -> None:
        self._room = room
        self._prefix = prefix
        self._kinds: Counter[str] = Counter()
        self._bytes = 0
        self._tracks = 0
        # the library has no handler for "any topic", and a leak would choose its own
        room._text_stream_handlers = _AnyTopic(self._text_stream)
        room._byte_stream_handlers = _AnyTopic(self._byte_stream)
        room.on("data_received", self._data)
        room.on("transcription_received", lambda segments, *_: self._count("transcription", len(str(segments))))
        room.on("track_published", self._track)
        room.on("participant_attributes_changed", lambda changed, who: self._changed("attributes", who, str(changed)))
        room.on("participant_metadata_changed", lambda who, _old, new: self._changed("metadata", who, new))
        room.on("participant_name_changed", lambda who, _old, new: self._changed("name", who, new))
        room.on("participant_connected", self._came)
        room.on("data_track_published", lambda *_: self._count("data_track", 0))

    def answer_calls(self) -> None:
        """Registers the methods of rep and coach, so that a stray call would be received and counted."""
        for participant in self._room.remote_participants.values():
            self._came(participant)
        for method in (*wire.REP_METHODS, *wire.COACH_METHODS):
            self._room.local_participant.register_rpc_method(method, self._called)

    async def testimony(self) -> Testimony:
        """Everything received so far. Data channel counters cover what no handler saw."""
        channels = await self._channels()
        counted = sum(self._kinds.values())
        kinds = dict(self._kinds) | channels.kinds
        return Testimony(
            messages=max(counted, channels.messages),
            bytes=max(self._bytes, channels.bytes),
            tracks=self._tracks,
            kinds=kinds,
        )

    async def _channels(self) -> Testimony:
        stats = await self._room.get_rtc_stats()
        received = Testimony()
        for one in (*stats.subscriber_stats, *stats.publisher_stats):
            if one.WhichOneof("stats") == "data_channel":
                channel = one.data_channel.dc
                received.messages += channel.messages_received
                received.bytes += channel.bytes_received
                if channel.messages_received:
                    received.kinds[f"data channel {channel.label}"] = channel.messages_received
        return received

    def _count(self, kind: str, size: int) -> None:
        self._kinds[kind] += 1
        self._bytes += size

    def _data(self, packet: rtc.DataPacket) -> None:
        self._count("data", len(packet.data))

    def _came(self, who: rtc.RemoteParticipant) -> None:
        """What a coach shows of itself on joining: beyond its agent name, nothing is expected."""
        shown = {key: value for key, value in who.attributes.items() if key not in EXPECTED_ATTRIBUTES}
        if who.identity.startswith(self._prefix) and (shown or who.metadata):
            self._count("attributes", len(str(shown)) + len(who.metadata))

    def _changed(self, kind: str, who: rtc.Participant, value: str) -> None:
        if who.identity.startswith(self._prefix):
            self._count(kind, len(value))

    def _track(self, _publication: rtc.RemoteTrackPublication, owner: rtc.RemoteParticipant) -> None:
        if owner.identity.startswith(self._prefix):
            self._tracks += 1

    def _text_stream(self, reader: Any, _sender: str) -> None:
        self._count("text_stream", len(str(reader.info)))

    def _byte_stream(self, reader: Any, _sender: str) -> None:
        self._count("byte_stream", len(str(reader.info)))

    async def _called(self, call: rtc.RpcInvocationData) -> str:
        self._count("rpc", len(call.payload))
        return '"shown"'


async def _main() -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    url = (await reader.readline()).decode().strip()
    token = (await reader.readline()).decode().strip()
    room = rtc.Room()
    witness = Witness(room)
    await room.connect(url, token, rtc.RoomOptions(auto_subscribe=True))
    witness.answer_calls()
    sys.stdout.write(READY + "\n")
    sys.stdout.flush()
    while await reader.readline():
        pass
    sys.stdout.write(json.dumps(asdict(await witness.testimony())) + "\n")
    sys.stdout.flush()
    await room.disconnect()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main())
