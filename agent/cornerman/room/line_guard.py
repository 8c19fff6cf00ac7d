"""The last gate before LiveKit's native library: counts what the coach sends, refuses what is not for the rep.

Every way out of a room is a request to that library. The guard sees them all: a call of the rep's methods passes and is
counted, the coach's own housekeeping passes, anything else that would leave from the coach's participant raises
LineError. What it does not know it refuses.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from livekit import rtc
from livekit.rtc._ffi_client import FfiClient

from cornerman.contract import wire
from cornerman.errors import LineError

HOUSEKEEPING = frozenset({"register_rpc_method", "unregister_rpc_method", "rpc_method_invocation_response"})
"""Requests of a local participant that carry nothing to others unasked; answers go to the caller they belong to."""


_LOCK = threading.Lock()
_GUARDS: dict[int, LineGuard] = {}
"""The guards of this process's calls, by their participants' handles; replaced whole, never changed."""


class LineGuard:
    """Watches one local participant. `sent` counts by request and method, `refused` by request. Where several calls
    share a process each has a guard of its own, and none looks at, or ends with, another's.
    """

    def __init__(self, participant: rtc.LocalParticipant, rep: str) -> None:
        self._handle = participant._ffi_handle.handle
        self._rep = rep
        self._methods: tuple[str, ...] = wire.REP_METHODS
        self.sent: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def install(self) -> None:
        """Puts the guard in front of the library, for as long as `remove` is not called."""
        global _GUARDS
        client: Any = FfiClient.instance
        with _LOCK:
            _GUARDS = {**_GUARDS, self._handle: self}
            if "request" not in vars(client):
                client.request = partial(_guarded, client.request)  # an instance attribute shadows the method

    def only_state(self) -> None:
        """From now on not even a nudge may leave: the coach has no key of its encrypted room, and says only that."""
        self._methods = (wire.STATE,)

    def remove(self) -> None:
        """Takes the guard away, after the room is left; those of other calls stay."""
        global _GUARDS
        with _LOCK:
            _GUARDS = {handle: guard for handle, guard in _GUARDS.items() if guard is not self}
            if not _GUARDS:
                vars(FfiClient.instance).pop("request", None)

    def judge(self, kind: str, message: Any) -> None:
        """Counts a request of this guard's participant.

        Raises:
            LineError: it would reach somebody else than the rep.
        """
        if kind in HOUSEKEEPING:
            return
        if kind == "perform_rpc" and message.destination_identity == self._rep and message.method in self._methods:
            self.sent[message.method] += 1
            return
        self.refused[kind] += 1
        raise LineError(f"refused {kind}: the coach speaks to the rep only, and only by {' and '.join(self._methods)}")


def _guarded(inner: Callable[[Any], Any], request: Any) -> Any:
    """The library's request, once the guard of the participant that it leaves from has let it pass."""
    kind = request.WhichOneof("message")
    message = getattr(request, kind)
    guard = _GUARDS.get(getattr(message, "local_participant_handle", None) or 0)
    if guard is not None:
        guard.judge(kind, message)
    return inner(request)
