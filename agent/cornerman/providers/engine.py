"""One participant's speech engine at one provider, and the signs of life of its connection.

A plugin tells recognised words and errors, but not that a provider answered "nothing yet", nor that what came was no
sense at all. `SignsOfLife` sees both at the websocket itself: only an answer in the provider's own protocol counts.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, Protocol

import aiohttp
from livekit.agents import stt

CLOSE_SECONDS = 3.0
COMPLAINT = "provider_error"
COMPLAINTS = frozenset({"Error", "conversation.item.input_audio_transcription.failed"})
"""Messages in which providers say that they could not recognise something."""

SpeechEngine = stt.STT[Any]


class Closable(Protocol):
    """What a plugin makes for itself and leaves to others to close."""

    async def close(self) -> None: ...


class SignsOfLife:
    """Calls `answered` for every message whose type begins with one of `kinds`, and `complained` with a short word for
    one of `COMPLAINTS`, which plugins pass over.
    """

    def __init__(self, kinds: tuple[str, ...]) -> None:
        self._kinds = kinds
        self.forget()

    def forget(self) -> None:
        """Nobody is interested any more."""
        self.answered: Callable[[], None] = _nobody
        self.complained: Callable[[str], None] = _nobody

    def saw(self, text: str) -> None:
        """A message came."""
        try:
            kind = json.loads(text).get("type", "")
        except (ValueError, AttributeError):
            return
        if not isinstance(kind, str):
            return
        if kind in COMPLAINTS:
            self.complained(COMPLAINT)
        elif kind.startswith(self._kinds):
            self.answered()


class _WatchedWebSocket(aiohttp.ClientWebSocketResponse):
    signs: SignsOfLife

    async def receive(self, timeout: float | None = None) -> aiohttp.WSMessage:
        message = await super().receive(timeout)
        if message.type is aiohttp.WSMsgType.TEXT:
            self.signs.saw(message.data)
        return message


class Engine:
    """A plugin's object for one participant. `signs` is None where the engine itself says when it hangs."""

    def __init__(
        self,
        recogniser: SpeechEngine,
        *,
        signs: SignsOfLife | None = None,
        session: aiohttp.ClientSession | None = None,
        client: Closable | None = None,
    ) -> None:
        self.recogniser = recogniser
        self.signs = signs
        self._session = session
        self._client = client

    async def aclose(self) -> None:
        """Releases plugin and connection."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.recogniser.aclose()
        except TimeoutError:
            pass
        finally:
            if self._session is not None:
                await self._session.close()
            if self._client is not None:
                await self._client.close()


def watched_engine(recogniser: SpeechEngine, kinds: tuple[str, ...], client: Closable | None = None) -> Engine:
    """An engine whose websockets are watched for messages of these kinds. Needs a running event loop."""
    signs = SignsOfLife(kinds)
    watched = type("WatchedWebSocket", (_WatchedWebSocket,), {"signs": signs})
    session = aiohttp.ClientSession(trust_env=True, ws_response_class=watched)
    # one plugin takes no session at all, the other takes it where a missing key would leave it open behind
    vars(recogniser)["_session"] = session
    return Engine(recogniser, signs=signs, session=session, client=client)


def _nobody(*_: str) -> None:
    """No attempt is under way: what comes interests nobody."""
