"""What a provider does to the next connections: answers, or fails in one of the ways that real ones do.

In: a test's script, one behaviour for each connection or request in order of arrival. Out: the behaviour of the one
that just arrived. Promise: may be set from any thread, also while the server runs.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from fakes.record import Record

Fault = Literal["none", "refuse", "throttle", "kill", "close", "complain", "hang", "garbage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What happens to one connection or request. Delays are seconds, `after_audio` seconds of audio received."""

    fault: Fault = "none"
    status: int = 503
    """HTTP status of `refuse`."""
    code: int = 1011
    """Close code of `close`."""
    reason: str = ""
    after_audio: float = 0.0
    reads: bool = True
    """Whether a hanging connection still reads what it is sent and answers pings."""
    retry_after: int = 1
    connect_delay: float = 0.0
    """Before the connection is taken (a websocket's upgrade) or the request is read."""
    interim_delay: float = 0.0
    final_delay: float = 0.0
    revise: Mapping[str, str] = field(default_factory=dict)
    """True word to the word that its first interim says instead."""


def healthy(**timing: Any) -> Behaviour:
    """Answers as it should; `timing` is any delay, or `revise`."""
    return Behaviour(**timing)


def refuse(status: int, **timing: Any) -> Behaviour:
    """Turns the connection or request away with an HTTP status: 401, 429, 503 ..."""
    return Behaviour(fault="refuse", status=status, **timing)


def throttle(retry_after: int = 1, **timing: Any) -> Behaviour:
    """Says that there were too many requests: 429 with Retry-After; an `error` event where that is how it is said."""
    return Behaviour(fault="throttle", status=429, retry_after=retry_after, **timing)


def kill(after_audio: float = 0.0, **timing: Any) -> Behaviour:
    """Resets the TCP connection once so much audio has come."""
    return Behaviour(fault="kill", after_audio=after_audio, **timing)


def close(code: int = 1011, after_audio: float = 0.0, reason: str = "", **timing: Any) -> Behaviour:
    """Closes the websocket properly once so much audio has come."""
    return Behaviour(fault="close", code=code, reason=reason, after_audio=after_audio, **timing)


def complain(after_audio: float = 0.0, **timing: Any) -> Behaviour:
    """Sends the protocol's own error message once so much audio has come, leaves the connection open and goes on."""
    return Behaviour(fault="complain", after_audio=after_audio, **timing)


def hang(after_audio: float = 0.0, *, reads: bool = True, **timing: Any) -> Behaviour:
    """Keeps the connection open and says nothing more; with `reads` false it stops reading too."""
    return Behaviour(fault="hang", after_audio=after_audio, reads=reads, **timing)


def garbage(after_audio: float = 0.0, **timing: Any) -> Behaviour:
    """Sends what is no message of the protocol from then on: binary, broken JSON, JSON of an unknown type."""
    return Behaviour(fault="garbage", after_audio=after_audio, **timing)


GARBAGE: tuple[bytes | str, ...] = (
    b"\x00\xff\x13\x37",
    '{"type": "Results", "channel": {"alternat',
    '{"type": "Weather", "forecast": "rain"}',
    "[]",
    '{"no": "type"}',
)


class Script:
    """The behaviours of connections to come, in order of arrival."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: deque[Behaviour] = deque()
        self._afterwards = healthy()
        self._decide: Callable[[Record], Behaviour | None] | None = None

    def play(self, *behaviours: Behaviour, then: Behaviour | None = None) -> None:
        """Forget what was planned: the next connections do this, all later ones `then` (default: healthy)."""
        with self._lock:
            self._next = deque(behaviours)
            self._afterwards = then or healthy()

    def decide(self, choice: Callable[[Record], Behaviour | None] | None) -> None:
        """Ask `choice` first, with what is known when a connection arrives (query, headers); None leaves it to order.

        It is called in the server's thread and must be quick.
        """
        with self._lock:
            self._decide = choice

    def behaviour_for(self, record: Record) -> Behaviour:
        with self._lock:
            chosen = self._decide(record) if self._decide is not None else None
            if chosen is not None:
                return chosen
            return self._next.popleft() if self._next else self._afterwards
