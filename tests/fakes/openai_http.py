"""OpenAI's transcription of a file (`POST /v1/audio/transcriptions`), with an ear for tone-coded words.

In: a multipart form with a WAV file. Out: `json`, `verbose_json` or `text`, or an error body as the real one sends it.
The form's fields stand in the record's `control`, lists as lists.
"""

from __future__ import annotations

import asyncio
import io
import wave
from typing import Any

from aiohttp import BodyPartReader, web

from fakes.faults import Behaviour
from fakes.record import Record
from fakes.server import Answer, FakeProvider
from fakes.tones import Heard, ToneEar

_TYPES = {400: "invalid_request_error", 401: "invalid_request_error", 429: "requests", 500: "server_error"}
_MESSAGES = {
    400: "Invalid file format.",
    401: "Incorrect API key provided.",
    429: "Rate limit reached for requests. Please try again later.",
}
_CODES = {401: "invalid_api_key", 429: "rate_limit_exceeded"}


class FakeOpenAIHttp(FakeProvider):
    """Serves the transcriptions endpoint; give the plugin `base_url=provider.base_url`."""

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    def routes(self) -> list[tuple[str, str, Answer]]:
        return [("POST", "/v1/audio/transcriptions", self._transcribe)]

    def refusal(self, status: int, request_id: str) -> dict[str, Any]:
        return openai_error(status)

    async def _transcribe(self, request: web.Request, record: Record, behaviour: Behaviour) -> web.StreamResponse:
        fields, upload = await _form(request)
        record.note_control(fields)
        try:
            words, seconds = await asyncio.to_thread(_hear, upload)
        except (wave.Error, EOFError):
            return self.refuse(record, 400)
        record.note_audio(seconds)
        record.note_heard(words)
        failed = await self.fail(request, record, behaviour, garbage=b"\x00\xff{not json")
        if failed is not None:
            return failed
        await asyncio.sleep(behaviour.final_delay)
        text = " ".join(word.text for word in words)
        record.note_said("final", text)
        record.note_end("answered 200")
        return _answer(fields, words, text, seconds)


def openai_error(status: int, *, message: str = "", code: str | None = None) -> dict[str, Any]:
    """An error body as the real service sends it."""
    return {
        "error": {
            "message": message or _MESSAGES.get(status, "The server had an error while processing your request."),
            "type": _TYPES.get(status, "server_error"),
            "param": None,
            "code": code or _CODES.get(status),
        }
    }


async def _form(request: web.Request) -> tuple[dict[str, Any], bytes]:
    """The fields, those named `x[]` as lists, and the file."""
    fields: dict[str, Any] = {}
    upload = b""
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        if part.name == "file":
            upload = bytes(await part.read(decode=False))
        elif part.name is not None and part.name.endswith("[]"):
            fields.setdefault(part.name.removesuffix("[]"), []).append(await part.text())
        elif part.name is not None:
            fields[part.name] = await part.text()
    return fields, upload


def _hear(upload: bytes) -> tuple[list[Heard], float]:
    with wave.open(io.BytesIO(upload)) as recording:
        rate, channels, width = recording.getframerate(), recording.getnchannels(), recording.getsampwidth()
        if channels != 1 or width != 2:
            raise wave.Error("this fake hears 16-bit mono only")
        pcm16 = recording.readframes(recording.getnframes())
    ear = ToneEar(rate)
    return [*ear.push(pcm16), *ear.finish()], ear.position


def _answer(fields: dict[str, Any], words: list[Heard], text: str, seconds: float) -> web.Response:
    usage = {"type": "duration", "seconds": round(seconds)}
    match fields.get("response_format", "json"):
        case "text":
            return web.Response(text=text + "\n")
        case "verbose_json":
            timed = [{"word": word.text, "start": round(word.start, 2), "end": round(word.end, 2)} for word in words]
            segment = {"id": 0, "seek": 0, "start": 0.0, "end": round(seconds, 2), "text": text, "tokens": []}
            segment |= {"temperature": 0.0, "avg_logprob": -0.1, "compression_ratio": 1.0, "no_speech_prob": 0.01}
            body = {"task": "transcribe", "language": "english", "duration": round(seconds, 2), "text": text}
            return web.json_response(body | {"segments": [segment], "words": timed, "usage": usage})
        case _:
            return web.json_response({"text": text, "usage": usage})
