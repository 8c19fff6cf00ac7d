"""Pieces of audio to OpenAI's transcription endpoint, or any server that speaks it, through livekit's plugin.

In: 16 kHz mono audio. Out: text without word times, which is all the plugin hands on. One WAV upload a piece, one
try: whoever asks decides about another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from livekit import rtc
from livekit.agents import APIConnectOptions

from cornerman.providers.transcriber import SAMPLE_RATE, Transcript

if TYPE_CHECKING:
    from livekit.plugins import openai

SHORTEST_SECONDS = 0.25
"""Shorter pieces are filled up with silence: the endpoint refuses what is under 0.1 s."""


class OpenAITranscriber:
    """`engine` was made with `use_realtime=False`; closing this closes it. `connect_timeout` in seconds."""

    def __init__(self, engine: openai.STT, *, connect_timeout: float = 5.0) -> None:
        self._engine = engine
        self._options = APIConnectOptions(max_retry=0, timeout=connect_timeout)

    async def transcribe(self, pcm: bytes, *, final: bool) -> Transcript:
        """Raises livekit's APIError as the plugin does: a refusal has its status, all else that goes wrong is an
        APIConnectionError."""
        pcm = pcm.ljust(round(SHORTEST_SECONDS * SAMPLE_RATE) * 2, b"\0")
        frame = rtc.AudioFrame(pcm, SAMPLE_RATE, 1, len(pcm) // 2)
        event = await self._engine.recognize(frame, conn_options=self._options)
        said = event.alternatives[0]
        return Transcript(said.text.strip(), language=str(said.language), confidence=said.confidence)

    async def aclose(self) -> None:
        await self._engine.aclose()
        # the plugin closes its websockets only; this is the HTTP client it made
        await self._engine._client.close()
