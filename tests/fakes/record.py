"""What a fake provider saw and said on one connection or request, for a test to read from any thread.

Times are `time.monotonic()` of this process, or seconds of the audio received where it says so. No key is kept: of an
authorization header only its scheme.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fakes.tones import Heard

MOST_REMEMBERED = 20_000
"""Of each kind of thing, the oldest forgotten first: arrivals of 1,000 s in 50 ms pieces."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message of audio: when it came, and seconds of audio received with it."""

    at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Said:
    """A message sent: when, its type, its text if it has one, and seconds of audio received by then."""

    at: float
    kind: str
    text: str
    audio: float


class Record:
    """One connection or request. Written by the server's thread, read by any."""

    def __init__(
        self,
        *,
        path: str,
        query: tuple[tuple[str, str], ...],
        headers: Mapping[str, str],
        authorization: str | None,
    ) -> None:
        self.path = path
        self.query = query
        """Every parameter in order, repeated ones too."""
        self.headers = headers
        self.authorization = authorization
        """The scheme of the authorization header (`Token`, `Bearer`); None if there was none."""
        self.arrived = time.monotonic()
        self._lock = threading.Lock()
        self._seconds = 0.0
        self._arrivals: deque[Arrival] = deque(maxlen=MOST_REMEMBERED)
        self._control: deque[dict[str, Any]] = deque(maxlen=MOST_REMEMBERED)
        self._heard: deque[Heard] = deque(maxlen=MOST_REMEMBERED)
        self._said: deque[Said] = deque(maxlen=MOST_REMEMBERED)
        self._ended: tuple[str, float] | None = None

    @property
    def audio(self) -> float:
        """Seconds of audio received."""
        with self._lock:
            return self._seconds

    @property
    def arrivals(self) -> tuple[Arrival, ...]:
        with self._lock:
            return tuple(self._arrivals)

    @property
    def control(self) -> tuple[dict[str, Any], ...]:
        """Messages that are not audio, whole, in order."""
        with self._lock:
            return tuple(self._control)

    @property
    def heard(self) -> tuple[Heard, ...]:
        """Complete words in the audio, in seconds of this connection's audio, whether or not they were told."""
        with self._lock:
            return tuple(self._heard)

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(word.text for word in self.heard)

    @property
    def said(self) -> tuple[Said, ...]:
        with self._lock:
            return tuple(self._said)

    @property
    def ended(self) -> str | None:
        """How the connection ended ("killed", "closed 1011", "client closed 1000", "refused 503", ...); None: open."""
        with self._lock:
            return self._ended[0] if self._ended else None

    @property
    def ended_at(self) -> float | None:
        with self._lock:
            return self._ended[1] if self._ended else None

    def values(self, name: str) -> tuple[str, ...]:
        """Every value of a query parameter."""
        return tuple(value for key, value in self.query if key == name)

    def value(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        return next(iter(self.values(name)), default)

    def said_of(self, kind: str) -> tuple[Said, ...]:
        return tuple(said for said in self.said if said.kind == kind)

    def note_audio(self, seconds: float) -> None:
        with self._lock:
            self._seconds += seconds
            self._arrivals.append(Arrival(at=time.monotonic(), seconds=self._seconds))

    def note_control(self, message: dict[str, Any]) -> None:
        with self._lock:
            self._control.append(message)

    def note_heard(self, words: list[Heard]) -> None:
        with self._lock:
            self._heard.extend(words)

    def note_said(self, kind: str, text: str) -> None:
        with self._lock:
            self._said.append(Said(at=time.monotonic(), kind=kind, text=text, audio=self._seconds))

    def note_end(self, how: str) -> None:
        """The first reason counts: what came after is its consequence."""
        with self._lock:
            self._ended = self._ended or (how, time.monotonic())
