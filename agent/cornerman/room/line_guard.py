"""The last gate before LiveKit's native library: counts what the coach sends, refuses what is not for the rep.

Every way out of a room is a request to that library. The guard sees them all: a call of the rep's methods passes and is
counted, the coach's own housekeeping passes, anything else that would leave from the coach's participant raises
LineError. What it does not know it refuses.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from livekit import rtc
from livekit.rtc._ffi_client import FfiClient

from cornerman.contract import wire
from cornerman.errors import LineError

HOUSEKEEPING = frozenset({"register_rpc_method", "unregister_rpc_method", "rpc_method_invocation_response"})
"""Requests of a local participant that carry nothing to others unasked; answers go to the caller they belong to."""


class LineGuard:
    """Watches one local participant. `sent` counts by request and method, `refused` by request."""

    def __init__(self, participant: rtc.LocalParticipant, rep: str) -> None:
        self._handle = participant._ffi_handle.handle
        self._rep = rep
        self.sent: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self._client = FfiClient.instance
        self._inner = self._client.request

    def install(self) -> None:
        """Puts the guard in front of the library, for as long as `remove` is not called."""
        self._inner = self._client.request
        setattr(self._client, "request", self._request)  # noqa: B010 - an instance attribute shadows the method

    def remove(self) -> None:
        """Takes the guard away, after the room is left."""
        setattr(self._client, "request", self._inner)  # noqa: B010

    def _request(self, request: Any) -> Any:
        kind = request.WhichOneof("message")
        message = getattr(request, kind)
        if getattr(message, "local_participant_handle", None) == self._handle and kind not in HOUSEKEEPING:
            self._judge(kind, message)
        return self._inner(request)

    def _judge(self, kind: str, message: Any) -> None:
        if kind == "perform_rpc" and message.destination_identity == self._rep and message.method in wire.REP_METHODS:
            self.sent[message.method] += 1
            return
        self.refused[kind] += 1
        raise LineError(
            f"refused {kind}: the coach speaks to the rep only, and only by {' and '.join(wire.REP_METHODS)}"
        )
