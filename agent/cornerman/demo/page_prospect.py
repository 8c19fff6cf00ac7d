"""The prospect of the demo page when nobody plays it: joins the call and speaks the recorded voice when told to."""

from __future__ import annotations

import asyncio

from cornerman.demo_call import SAMPLE_RATE, samples
from cornerman.errors import CornermanError
from cornerman.stand_ins.voice import Voice, joined

HUM = 0.1
"""Seconds of silence at a time: how late the recording may begin after it was asked for."""
BEGINS_WITHIN = 20.0
"""Seconds for joining, publishing and decoding."""


class RecordedProspect:
    """Somebody with a microphone that is silent until `play`."""

    def __init__(self) -> None:
        self._asked = asyncio.Event()
        self._began: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    async def attend(self, url: str, token: str) -> None:
        """Stays in the call until cancelled."""
        track = await asyncio.to_thread(samples, "prospect")
        async with joined(url, token) as room:
            voice = Voice(room, rate=SAMPLE_RATE)
            try:
                await voice.publish()
                while not self._asked.is_set():
                    await voice.silence(HUM)
                self._began.set_result(asyncio.get_running_loop().time())
                await voice.play(track)
                while True:
                    await voice.silence(1.0)
            finally:
                await voice.aclose()

    async def play(self) -> float:
        """Begins the recording, unless it has begun; gives the loop's time at its zero.

        Raises:
            CornermanError: the voice is not in the call.
        """
        self._asked.set()
        try:
            async with asyncio.timeout(BEGINS_WITHIN):
                return await asyncio.shield(self._began)
        except TimeoutError:
            raise CornermanError("the recorded prospect did not come into the call: start another one") from None
