"""OpenAI's realtime transcription (`/v1/realtime?intent=transcription`), with an ear for tone-coded words.

In: session.update, input_audio_buffer.append (24 kHz PCM in base64), .commit and .clear. Out: session.created and
.updated, speech_started and speech_stopped by energy, committed, a delta for each word as it is heard, completed, and
error events. Deltas are never taken back: a revised word is wrong in its delta and right in the completed text.
"""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from typing import Any

from aiohttp import web

from fakes.faults import Behaviour
from fakes.openai_http import openai_error
from fakes.record import Record
from fakes.server import Answer, FakeProvider
from fakes.tones import Heard
from fakes.wire import WireSession

RATE = 24_000
LEAST_COMMIT = 0.1
"""Seconds of audio that a commit needs, as with the real one."""
_TRANSCRIPTION = "conversation.item.input_audio_transcription"


class FakeOpenAIRealtime(FakeProvider):
    """Serves the realtime endpoint; give the plugin `base_url=provider.base_url` and `use_realtime=True`."""

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    def routes(self) -> list[tuple[str, str, Answer]]:
        return [("GET", "/v1/realtime", self._listen)]

    def refusal(self, status: int, request_id: str) -> dict[str, Any]:
        return openai_error(status)

    async def _listen(self, request: web.Request, record: Record, behaviour: Behaviour) -> web.StreamResponse:
        if record.value("intent") != "transcription":
            return self.refuse(record, 400)
        return await RealtimeSession(request, record, behaviour).serve()


class RealtimeSession(WireSession):
    """One session; audio between two commits is an item."""

    def __init__(self, request: web.Request, record: Record, behaviour: Behaviour) -> None:
        super().__init__(request, record, behaviour, rate=RATE)
        self._session: dict[str, Any] = {
            "object": "realtime.transcription_session",
            "id": f"sess_{uuid.uuid4().hex}",
            "type": "transcription",
            "audio": {"input": {"format": {"type": "audio/pcm", "rate": RATE}, "turn_detection": None}},
        }
        self._item = _new_item()
        self._item_before: str | None = None
        self._item_start = 0.0
        self._words: list[Heard] = []
        self._speaking = False

    async def opened(self) -> None:
        await self._event("session.created", session=self._session)

    async def complain(self) -> None:
        status = 429 if self.behaviour.fault == "throttle" else 500
        await self._error(openai_error(status)["error"])

    async def message(self, data: str) -> None:
        try:
            message = json.loads(data)
            kind = message["type"]
        except (ValueError, KeyError, TypeError):
            await self._invalid("The message is no JSON object with a type.")
            return
        if kind == "input_audio_buffer.append":
            await self._append(message)
            return
        self.record.note_control(message)
        match kind:
            case "session.update":
                self._session["audio"]["input"] |= message["session"].get("audio", {}).get("input", {})
                await self._event("session.updated", session=self._session)
            case "input_audio_buffer.commit":
                await self._commit_by_client()
            case "input_audio_buffer.clear":
                self._words = []
                self._item_start = self.ear.position
                await self._event("input_audio_buffer.cleared")
            case _:
                await self._invalid(f"Invalid value: '{kind}'.", event_id=message.get("event_id"))

    def unanswered(self, data: str) -> None:
        """Count what is appended to a session that hangs; keep the rest."""
        message = json.loads(data)
        if message.get("type") == "input_audio_buffer.append":
            self.record.note_audio(len(base64.b64decode(message["audio"])) / 2 / RATE)
        else:
            self.record.note_control(message)

    async def listened(self, words: list[Heard]) -> None:
        detection = self._session["audio"]["input"].get("turn_detection")
        if detection is not None and self.ear.voiced and not self._speaking:
            self._speaking = True
            padding = detection.get("prefix_padding_ms", 300) / 1000
            self._item_start = max(self._item_start, (self.ear.voiced_since or 0.0) - padding)
            await self._event(
                "input_audio_buffer.speech_started", audio_start_ms=round(self._item_start * 1000), item_id=self._item
            )
        for word in words:
            await self._delta(word)
        silence = (detection or {}).get("silence_duration_ms", 500) / 1000
        if self._speaking and not self.ear.busy and self.ear.silence >= silence:
            self._speaking = False
            await self._event(
                "input_audio_buffer.speech_stopped",
                audio_end_ms=round(self.ear.position * 1000),
                item_id=self._item,
            )
            await self._commit()

    async def _append(self, message: dict[str, Any]) -> None:
        try:
            pcm16 = base64.b64decode(message.get("audio", ""), validate=True)
        except binascii.Error:
            await self._invalid("Invalid 'audio'. Expected base64-encoded audio bytes.")
            return
        await self.audio(pcm16)

    async def _delta(self, word: Heard) -> None:
        self._words.append(word)
        text = self.shown(self._words, final=False)[-1].text
        delta = text if len(self._words) == 1 else f" {text}"
        await self._event(
            f"{_TRANSCRIPTION}.delta",
            told=text,
            kind="interim",
            delay=self.behaviour.interim_delay,
            item_id=self._item,
            content_index=0,
            delta=delta,
        )

    async def _commit_by_client(self) -> None:
        rest = self.ear.finish()
        self.record.note_heard(rest)
        for word in rest:
            await self._delta(word)
        held = self.ear.position - self._item_start
        if held < LEAST_COMMIT:
            await self._error(
                openai_error(
                    400,
                    code="input_audio_buffer_commit_empty",
                    message=f"Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, "
                    f"but buffer only has {held * 1000:.2f}ms of audio.",
                )["error"]
            )
            return
        self._speaking = False
        await self._commit()

    async def _commit(self) -> None:
        words, item = self._words, self._item
        await self._event("input_audio_buffer.committed", previous_item_id=self._item_before, item_id=item)
        added = {"id": item, "type": "message", "object": "realtime.item", "status": "completed", "role": "user"}
        added["content"] = [{"type": "input_audio", "transcript": None}]  # type: ignore[assignment]
        await self._event("conversation.item.added", previous_item_id=self._item_before, item=added)
        text = " ".join(word.text for word in self.shown(words, final=True))
        await self._event(
            f"{_TRANSCRIPTION}.completed",
            told=text,
            kind="final",
            delay=self.behaviour.final_delay,
            item_id=item,
            content_index=0,
            transcript=text,
            usage={"type": "duration", "seconds": round(self.ear.position - self._item_start, 2)},
        )
        self._words, self._item, self._item_before = [], _new_item(), item
        self._item_start = self.ear.position

    async def _invalid(self, message: str, event_id: str | None = None) -> None:
        await self._error(openai_error(400, message=message)["error"], event_id=event_id)

    async def _error(self, error: dict[str, Any], event_id: str | None = None) -> None:
        await self._event("error", error=error | {"event_id": event_id})

    async def _event(self, event: str, *, told: str = "", kind: str = "", delay: float = 0.0, **fields: Any) -> None:
        message = {"type": event, "event_id": f"event_{uuid.uuid4().hex}", **fields}
        await self.say(message, text=told, kind=kind, delay=delay)


def _new_item() -> str:
    return f"item_{uuid.uuid4().hex}"
