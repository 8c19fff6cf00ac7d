"""Deepgram's live transcription (`/v1/listen`) as the nova models speak it, with an ear for tone-coded words.

In: linear16 audio and the control messages KeepAlive, Finalize and CloseStream. Out: Results (interim, final,
speech_final, from_finalize), SpeechStarted, UtteranceEnd, Metadata, and the documented close codes.
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from fakes.faults import Behaviour
from fakes.record import Record
from fakes.server import Answer, FakeProvider
from fakes.tones import Heard
from fakes.wire import Shown, WireSession

NO_AUDIO_REASON = (
    "Deepgram did not receive audio data or a text message within the timeout window. See https://dpgr.am/net0001"
)
MODEL_UUID = "40bd3654-e622-47c4-a111-63a61b23bfe8"
_REFUSALS = {
    400: ("Bad Request", "Bad Request: the query parameters do not describe the audio"),
    401: ("INVALID_AUTH", "Invalid credentials."),
    402: ("ASR_PAYMENT_REQUIRED", "Project does not have enough credits for an ASR request."),
    429: ("TOO_MANY_REQUESTS", "Too many requests. Please try again later"),
}


class FakeDeepgramNova(FakeProvider):
    """Serves `/v1/listen`; give the plugin `base_url=provider.listen_url`."""

    def __init__(
        self,
        *,
        key: str | None = None,
        idle_limit: float = 10.0,
        interim_every: float = 0.3,
        longest_segment: float = 5.0,
    ) -> None:
        """Seconds: without a message until it closes; of audio between interims; of audio until a final comes."""
        super().__init__(key=key)
        self.idle_limit = idle_limit
        self.interim_every = interim_every
        self.longest_segment = longest_segment

    @property
    def listen_url(self) -> str:
        return f"{self.url}/v1/listen"

    def routes(self) -> list[tuple[str, str, Answer]]:
        return [("GET", "/v1/listen", self._listen)]

    def refusal(self, status: int, request_id: str) -> dict[str, Any]:
        return deepgram_refusal(status, request_id)

    async def _listen(self, request: web.Request, record: Record, behaviour: Behaviour) -> web.StreamResponse:
        if behaviour.fault == "throttle":
            return self.refuse(record, 429, {"Retry-After": str(behaviour.retry_after)})
        if not describes_audio(record):
            return self.refuse(record, 400)
        return await NovaSession(request, record, behaviour, provider=self).serve()


def deepgram_refusal(status: int, request_id: str) -> dict[str, Any]:
    code, text = _REFUSALS.get(status, ("SERVICE_UNAVAILABLE", "The service is unavailable."))
    return {"err_code": code, "err_msg": text, "request_id": request_id}


def describes_audio(record: Record) -> bool:
    """Whether the query says what raw audio needs said, in a form this fake can hear."""
    rate = record.value("sample_rate")
    one_channel = record.value("channels", "1") == "1"
    return record.value("encoding") == "linear16" and rate.isdigit() and int(rate) >= 8_000 and one_channel


class NovaSession(WireSession):
    """One live transcription."""

    _EMPTY_EVERY = 1.0

    def __init__(
        self, request: web.Request, record: Record, behaviour: Behaviour, *, provider: FakeDeepgramNova
    ) -> None:
        super().__init__(request, record, behaviour, rate=int(record.value("sample_rate")))
        self.idle_limit = provider.idle_limit
        self._interim_every = provider.interim_every
        self._longest = provider.longest_segment
        endpointing = record.value("endpointing", "10")
        self._endpointing = None if endpointing in ("false", "0") else int(endpointing) / 1000
        self._utterance_end = int(record.value("utterance_end_ms", "0")) / 1000
        self._interims = record.value("interim_results") == "true"
        self._speech_events = record.value("vad_events") == "true"
        self._request_id = str(uuid.uuid4())
        self._model = record.value("model", "base")
        self._segment: list[Heard] = []
        self._segment_start = 0.0
        self._told_until = 0.0
        self._in_speech = False
        self._last_word_end: float | None = None

    async def idle(self) -> None:
        await self.close(1011, NO_AUDIO_REASON)

    async def complain(self) -> None:
        await self.say({"type": "Error", "description": "The request failed.", "message": "", "variant": "UNKNOWN"})

    async def message(self, data: str) -> None:
        try:
            message = json.loads(data)
            kind = message["type"]
        except (ValueError, KeyError, TypeError):
            await self.close(1008, "DATA-0000")
            return
        self.record.note_control(message)
        if kind == "Finalize":
            await self._flush(from_finalize=True)
        elif kind == "Configure":
            success = {"type": "ConfigureSuccess", "request_id": self._request_id}
            await self.say(success | {key: value for key, value in message.items() if key == "keyterms"})
        elif kind == "CloseStream":
            await self._flush(from_finalize=False)
            await self.say(self._metadata(), delay=self.behaviour.final_delay)
            await self.all_said()
            await self.close(1000)

    async def listened(self, words: list[Heard]) -> None:
        self._segment += words
        await self._speech_started()
        position = self.ear.position
        silent_enough = self._endpointing is not None and self.ear.silence >= self._endpointing
        if self._segment and not self.ear.busy and silent_enough:
            await self._final(speech_final=True)
        elif self._segment and not self.ear.busy and position - self._segment_start >= self._longest:
            await self._final(speech_final=False)
        elif self._interims:
            await self._interim()
        await self._utterance_ended()

    async def _speech_started(self) -> None:
        if self.ear.voiced and not self._in_speech:
            self._in_speech = True
            if self._speech_events:
                started = self.ear.voiced_since or 0.0
                await self.say({"type": "SpeechStarted", "channel": [0, 1], "timestamp": round(started, 3)})
        elif self._in_speech and self.ear.silence >= max(self._endpointing or 0.0, 0.2):
            self._in_speech = False

    async def _interim(self) -> None:
        under_way = self.ear.under_way
        words = [*self._segment, under_way] if under_way is not None else self._segment
        since = self.ear.position - self._told_until
        if since >= (self._interim_every if words else self._EMPTY_EVERY):
            shown = self.shown(words, final=False)
            await self._results(shown, is_final=False, delay=self.behaviour.interim_delay)

    async def _final(self, *, speech_final: bool, from_finalize: bool = False) -> None:
        words, self._segment = self._segment, []
        await self._results(
            self.shown(words, final=True),
            is_final=True,
            speech_final=speech_final,
            from_finalize=from_finalize,
            delay=self.behaviour.final_delay,
        )
        self._segment_start = self.ear.position
        if words:
            self._last_word_end = words[-1].end

    async def _flush(self, *, from_finalize: bool) -> None:
        rest = self.ear.finish()
        self.record.note_heard(rest)
        self._segment += rest
        if self.ear.position > self._segment_start:
            await self._final(speech_final=from_finalize, from_finalize=from_finalize)

    async def _utterance_ended(self) -> None:
        last = self._last_word_end
        if not self._utterance_end or last is None or self._segment or self.ear.busy:
            return
        if self.ear.position - last >= self._utterance_end:
            self._last_word_end = None
            await self.say(
                {"type": "UtteranceEnd", "channel": [0, 1], "last_word_end": round(last, 3)},
                delay=self.behaviour.final_delay,
            )

    async def _results(
        self,
        words: list[Shown],
        *,
        is_final: bool,
        speech_final: bool = False,
        from_finalize: bool = False,
        delay: float,
    ) -> None:
        self._told_until = self.ear.position
        text = " ".join(word.text for word in words)
        message = {
            "type": "Results",
            "channel_index": [0, 1],
            "duration": round(self.ear.position - self._segment_start, 3),
            "start": round(self._segment_start, 3),
            "is_final": is_final,
            "speech_final": speech_final,
            "channel": {
                "alternatives": [
                    {
                        "transcript": text,
                        "confidence": 0.98 if words else 0.0,
                        "words": [deepgram_word(word) for word in words],
                    }
                ]
            },
            "metadata": {
                "request_id": self._request_id,
                "model_info": {"name": f"general-{self._model}", "version": "2026-01-01.0", "arch": self._model},
                "model_uuid": MODEL_UUID,
            },
            "from_finalize": from_finalize,
        }
        await self.say(message, text=text, kind="final" if is_final else "interim", delay=delay)

    def _metadata(self) -> dict[str, Any]:
        return {
            "type": "Metadata",
            "transaction_key": "deprecated",
            "request_id": self._request_id,
            "sha256": "0" * 64,
            "created": datetime.now(UTC).isoformat(),
            "duration": round(self.ear.position, 3),
            "channels": 1,
            "models": [MODEL_UUID],
        }


def deepgram_word(word: Shown) -> dict[str, Any]:
    return {
        "word": word.text,
        "start": round(word.start, 3),
        "end": round(word.end, 3),
        "confidence": 0.98,
        "punctuated_word": word.text,
    }
