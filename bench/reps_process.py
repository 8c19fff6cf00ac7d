"""Reps with the Python client, in a process of their own: what reached each of them, and when.

Asked with `join` (`url`, `token`, and `shares` where a screen is to be shared) a rep joins that room; asked with
`painted`, tells every revision of a card that this rep was shown. Each also echoes what it is called with by `ECHO`,
with an answer as long as one to a card: the peer of all that is measured here.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from contextlib import AsyncExitStack
from typing import Any

from livekit import rtc
from seeing.screens import frame, slide

from bench.advising_samples import ECHO
from bench.processes import answer_questions
from cornerman.stand_ins.voice import joined
from cornerman_client import CoachClient, Nudge

ECHOED = '{"v":1,"status":"shown","painted_ms":0}'
FRAMES_PER_SECOND = 2.0
LINES = 12


class Rep:
    """One rep, and what they saw."""

    def __init__(self) -> None:
        self.painted: list[dict[str, Any]] = []

    async def paint(self, nudge: Nudge) -> None:
        """A card is on the screen."""
        self.painted.append(
            {
                "at": time.monotonic(),
                "id": nudge.id,
                "rev": nudge.rev,
                "final": nudge.final,
                "status": nudge.status,
                "kind": nudge.kind,
                "headline": nudge.headline,
                "detail": nudge.detail,
                "bytes": len(nudge.to_json().encode()),
            }
        )


async def share(room: rtc.Room) -> None:
    """Shares a screen on which a slide stands, as a browser sends one that does not move."""
    source = rtc.VideoSource(1280, 720)
    shown = frame(slide(1, lines=LINES, width=1280, height=720))
    track = rtc.LocalVideoTrack.create_video_track("screen", source)
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_SCREENSHARE, simulcast=False)
    await room.local_participant.publish_track(track, options)
    for _ in itertools.count():
        source.capture_frame(shown)
        await asyncio.sleep(1 / FRAMES_PER_SECOND)


async def echo(_call: rtc.RpcInvocationData) -> str:
    """Answers at once."""
    return ECHOED


async def main() -> None:
    """Serves until the bench asks no more."""
    reps: dict[str, Rep] = {}
    sharing: list[asyncio.Task[None]] = []
    async with AsyncExitStack() as stack:

        async def answer(question: dict[str, Any]) -> dict[str, Any]:
            if "painted" in question:
                return {"painted": reps[question["painted"]].painted}
            room = await stack.enter_async_context(joined(question["url"], question["token"]))
            rep = reps[question["join"]] = Rep()
            await stack.enter_async_context(CoachClient(room, paint=rep.paint))
            room.local_participant.register_rpc_method(ECHO, echo)
            if question["shares"]:
                sharing.append(asyncio.create_task(share(room), name="bench.share"))
            return {"joined": question["join"]}

        try:
            await answer_questions(answer)
        finally:
            for task in sharing:
                task.cancel()
            await asyncio.gather(*sharing, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main())
