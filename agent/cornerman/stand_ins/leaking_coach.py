"""A coach that leaks on purpose: proves that a witness would notice. Used by doctor and tests, never by the coach."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Mapping

from livekit import rtc

from cornerman.contract import wire

SECRET = "offer them ten percent"

Leak = Callable[[rtc.Room, str], Awaitable[object]]


async def _data(room: rtc.Room, _victim: str) -> None:
    await room.local_participant.publish_data(SECRET)


async def _text(room: rtc.Room, _victim: str) -> None:
    await room.local_participant.send_text(SECRET, topic="coach")


async def _bytes(room: rtc.Room, _victim: str) -> None:
    writer = await room.local_participant.stream_bytes("coach")
    await writer.write(SECRET.encode())
    await writer.aclose()


async def _call(room: rtc.Room, victim: str) -> None:
    # a prospect may not send data, so its answer never comes: what it received counts
    with contextlib.suppress(rtc.RpcError):
        await room.local_participant.perform_rpc(
            destination_identity=victim,
            method=wire.NUDGE,
            payload=SECRET,
            response_timeout=1.0,
            max_round_trip_latency=1.0,
        )


async def _attribute(room: rtc.Room, _victim: str) -> None:
    await room.local_participant.set_attributes({"hint": SECRET})


async def _track(room: rtc.Room, _victim: str) -> None:
    track = rtc.LocalAudioTrack.create_audio_track("coach", rtc.AudioSource(16_000, 1))
    await room.local_participant.publish_track(track)


LEAKS: Mapping[str, Leak] = {
    "data": _data,
    "text_stream": _text,
    "byte_stream": _bytes,
    "rpc": _call,
    "attributes": _attribute,
    "track": _track,
}
"""Every way a coach could reach somebody else, by name. Arguments: the leaking coach's room, the identity it leaks
to.
"""
