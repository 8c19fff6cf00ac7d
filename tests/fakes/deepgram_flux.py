"""Deepgram's conversational transcription (`/v2/listen`) as the flux models speak it, with an ear for tone-coded words.

In: linear16 audio and the control messages Configure, ForceEndTurn and CloseStream. Out: Connected, TurnInfo
(StartOfTurn, Update, EagerEndOfTurn, TurnResumed, EndOfTurn), ConfigureSuccess or ConfigureFailure, Error.

As the real one: CloseStream ends no turn (the last words stay an Update) and is answered by a close without a code; any
other message, KeepAlive too, is an error that ends the connection; a ping keeps it open.
"""

from __future__ import annotations

import json
import math
import uuid
from typing import Any

from aiohttp import web

from fakes.deepgram_nova import deepgram_refusal, describes_audio
from fakes.faults import Behaviour
from fakes.record import Record
from fakes.server import Answer, FakeProvider
from fakes.tones import Heard
from fakes.wire import Shown, WireSession

UPDATE_EVERY = 0.24
"""Seconds of audio between updates: the documented quarter of a second, in whole pieces."""
CERTAINTY = 0.3
"""Seconds of silence in which the doubt that a turn is over shrinks to a third."""


class FakeDeepgramFlux(FakeProvider):
    """Serves `/v2/listen`; give the plugin `base_url=provider.listen_url`."""

    def __init__(self, *, key: str | None = None, idle_limit: float = 60.0) -> None:
        """`idle_limit`: seconds without audio or ping until it closes."""
        super().__init__(key=key)
        self.idle_limit = idle_limit

    @property
    def listen_url(self) -> str:
        return f"{self.url}/v2/listen"

    def routes(self) -> list[tuple[str, str, Answer]]:
        return [("GET", "/v2/listen", self._listen)]

    def refusal(self, status: int, request_id: str) -> dict[str, Any]:
        return deepgram_refusal(status, request_id)

    async def _listen(self, request: web.Request, record: Record, behaviour: Behaviour) -> web.StreamResponse:
        if behaviour.fault == "throttle":
            return self.refuse(record, 429, {"Retry-After": str(behaviour.retry_after)})
        if not describes_audio(record) or not record.value("model").startswith("flux-"):
            return self.refuse(record, 400)
        return await FluxSession(request, record, behaviour, idle_limit=self.idle_limit).serve()


class FluxSession(WireSession):
    """One conversation."""

    pings_count = True

    def __init__(self, request: web.Request, record: Record, behaviour: Behaviour, *, idle_limit: float) -> None:
        super().__init__(request, record, behaviour, rate=int(record.value("sample_rate")))
        self.idle_limit = idle_limit
        self._thresholds: dict[str, float | None] = {
            "eot_threshold": float(record.value("eot_threshold", "0.7")),
            "eager_eot_threshold": float(eager) if (eager := record.value("eager_eot_threshold")) else None,
            "eot_timeout_ms": float(record.value("eot_timeout_ms", "5000")),
        }
        self._keyterms = list(record.values("keyterm"))
        self._request_id = str(uuid.uuid4())
        self._sequence = 0
        self._turn = 0
        self._turn_start = 0.0
        self._words: list[Heard] = []
        self._speaking = False
        self._eager = False
        self._last_update = 0.0

    async def opened(self) -> None:
        await self._numbered({"type": "Connected", "request_id": self._request_id})

    async def idle(self) -> None:
        await self._failed("NET-0001", "No audio or ping came within the timeout window.")

    async def complain(self) -> None:
        await self._numbered(
            {"type": "Error", "code": "INTERNAL_SERVER_ERROR", "description": "An internal server error occurred."}
        )

    async def last_words(self) -> None:
        await self.complain()

    async def message(self, data: str) -> None:
        try:
            message = json.loads(data)
            kind = message["type"]
        except (ValueError, KeyError, TypeError):
            await self._failed("UNPARSABLE_CLIENT_MESSAGE", "The message is no JSON object with a type.")
            return
        self.record.note_control(message)
        match kind:
            case "Configure":
                await self._configure(message)
            case "ForceEndTurn":
                if self._speaking:
                    await self._end_of_turn("manual")
            case "CloseStream":
                rest = self.ear.finish()
                self.record.note_heard(rest)
                self._words += rest
                await self._turn_info("Update")
                await self.all_said()
                await self.close_without_code()
            case _:
                await self._failed("UNPARSABLE_CLIENT_MESSAGE", f"There is no message of type {kind}.")

    async def listened(self, words: list[Heard]) -> None:
        self._words += words
        if not self._speaking and self._present_words():
            self._speaking = True
            await self._turn_info("StartOfTurn")
        elif self._speaking and self._eager and (self.ear.busy or self.ear.silence < 0.05):
            self._eager = False
            await self._turn_info("TurnResumed")
        elif self._speaking and not self.ear.busy and await self._ended_or_nearly():
            return
        if self.ear.position - self._last_update >= UPDATE_EVERY - 1e-9:
            await self._turn_info("Update")

    async def _ended_or_nearly(self) -> bool:
        eager, threshold = self._thresholds["eager_eot_threshold"], self._thresholds["eot_threshold"]
        timeout = self._thresholds["eot_timeout_ms"]
        assert threshold is not None
        assert timeout is not None
        if self._confidence() >= threshold:
            await self._end_of_turn("model")
        elif self.ear.silence >= timeout / 1000:
            await self._end_of_turn("timeout")
        elif eager is not None and not self._eager and self._confidence() >= eager:
            self._eager = True
            await self._turn_info("EagerEndOfTurn")
        else:
            return False
        return True

    async def _end_of_turn(self, trigger: str) -> None:
        if self._thresholds["eager_eot_threshold"] is not None and not self._eager:
            await self._turn_info("EagerEndOfTurn")
        await self._turn_info("EndOfTurn", trigger=trigger)
        self._words = []
        self._speaking = self._eager = False
        self._turn += 1
        self._turn_start = self.ear.position

    def _confidence(self) -> float:
        """That the turn is over: nothing but silence makes it surer, and never quite sure."""
        return 1 - math.exp(-self.ear.silence / CERTAINTY)

    def _present_words(self) -> list[Heard]:
        under_way = self.ear.under_way
        return [*self._words, under_way] if under_way is not None else self._words

    async def _turn_info(self, event: str, **more: Any) -> None:
        final = event == "EndOfTurn"
        words = self.shown(self._present_words(), final=final)
        text = " ".join(word.text for word in words)
        self._last_update = self.ear.position
        message = {
            "type": "TurnInfo",
            "request_id": self._request_id,
            "event": event,
            "turn_index": self._turn,
            "audio_window_start": round(self._turn_start, 3),
            "audio_window_end": round(self.ear.position, 3),
            "transcript": text,
            "words": [_flux_word(word) for word in words],
            "end_of_turn_confidence": round(self._confidence(), 3) if self._speaking else 0.0,
            **more,
        }
        delay = self.behaviour.final_delay if final else self.behaviour.interim_delay
        await self._numbered(message, text=text, kind=event, delay=delay)

    async def _configure(self, message: dict[str, Any]) -> None:
        wanted = message.get("thresholds", {})
        if not isinstance(wanted, dict) or not set(wanted) <= set(self._thresholds):
            await self._numbered(
                {"type": "ConfigureFailure", "request_id": self._request_id}
                | {"code": "INVALID_THRESHOLD", "description": "Threshold configuration is invalid."}
            )
            return
        self._thresholds |= wanted
        self._keyterms = message.get("keyterms", self._keyterms)
        await self._numbered(
            {"type": "ConfigureSuccess", "request_id": self._request_id}
            | {"thresholds": self._thresholds, "keyterms": self._keyterms}
            | {"language_hints": message.get("language_hints", [])}
        )

    async def _failed(self, code: str, description: str) -> None:
        await self._numbered({"type": "Error", "code": code, "description": description})
        await self.all_said()
        await self.close_without_code()

    async def _numbered(self, message: dict[str, Any], *, text: str = "", kind: str = "", delay: float = 0.0) -> None:
        numbered = message | {"sequence_id": self._sequence}
        self._sequence += 1
        await self.say(numbered, text=text, kind=kind, delay=delay)


def _flux_word(word: Shown) -> dict[str, Any]:
    return {"word": word.text, "confidence": 0.98, "start": round(word.start, 3), "end": round(word.end, 3)}
