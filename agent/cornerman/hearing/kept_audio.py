"""Keeps a participant's newest audio until its words are final, and says what of it a provider is sent.

In: frames with their call time, the voice starting and stopping, and until when words are final. Out: frames to send,
each once unless `rewind` asks for them again. Frames without a voice are sent only where silence is paid for anyway;
those just before a voice starts go with it, so that no word loses its beginning.

Bounded in seconds of audio; what is dropped with a voice in it and unsent is counted. A voice that a provider heard
and gave no words for is dropped without a word.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from livekit import rtc


@dataclass(slots=True)
class Piece:
    """One frame. `voiced`: a voice sounds in it, or close before or after it. `speech`: it sounds in this very one."""

    frame: rtc.AudioFrame
    start: float
    end: float
    speech: bool
    voiced: bool


class KeptAudio:
    """`capacity`, `prefix` and `tail` in seconds; `only_speech`: silence beyond the tail is not sent."""

    def __init__(self, *, capacity: float, prefix: float, tail: float) -> None:
        self.prefix = prefix
        self.only_speech = True
        self._capacity = capacity
        self._tail = tail
        self._pieces: deque[Piece] = deque()
        self._first = 0
        self._next = 0
        self._replayed_until = 0
        self._voice_until = -1.0
        self.settled = -1.0
        self.withheld = 0.0
        """Seconds of silence that were not sent."""
        self.dropped = 0.0
        """Seconds with a voice in them that no provider ever heard."""

    @property
    def open(self) -> bool:
        """True while what arrives is sent: a voice sounds, or did less than the tail ago."""
        return bool(self._pieces) and self._pieces[-1].voiced

    @property
    def replaying(self) -> bool:
        """True while audio is sent again that was kept over a failure."""
        return self._next < self._replayed_until

    @property
    def lag(self) -> float:
        """Seconds from the next frame to send to the newest."""
        unsent = self._next - self._first
        return self._pieces[-1].end - self._pieces[unsent].start if unsent < len(self._pieces) else 0.0

    @property
    def behind(self) -> float:
        """Seconds with a voice in them that wait to be sent."""
        return sum(piece.end - piece.start for piece in self._unsent() if piece.voiced)

    @property
    def oldest(self) -> float:
        """Call time at which what is kept begins."""
        return self._pieces[0].start if self._pieces else self.settled

    @property
    def unsettled(self) -> bool:
        """True while a voice is kept whose words are not final."""
        return any(piece.voiced and piece.end > self.settled for piece in self._pieces)

    def append(self, frame: rtc.AudioFrame, start: float, *, voice: bool, speech: bool) -> None:
        """Takes in the newest frame. `voice`: somebody is speaking, `speech`: and not just drawing breath."""
        end = start + frame.duration
        if voice:
            self._voice_until = end + self._tail
            self._voice_began(end)
        self._pieces.append(Piece(frame, start, end, speech, voice or end <= self._voice_until))
        self._trim()

    def muted(self, at: float) -> None:
        """The microphone is off: no tail of silence is sent after `at`."""
        self._voice_until = min(self._voice_until, at)

    def take(self) -> Piece | None:
        """The next frame to send, or None while there is none."""
        while self._next < self._first + len(self._pieces):
            piece = self._pieces[self._next - self._first]
            if piece.voiced or not (self.only_speech or self.replaying):
                self._next += 1
                return piece
            if self._pieces[-1].end - piece.end < self.prefix:
                return None  # a voice may start yet that wants this beginning
            if not self.replaying:
                self.withheld += piece.end - piece.start
            self._next += 1
        return None

    def between(self, start: float, end: float) -> list[Piece]:
        """What is kept of this stretch of call time, without silence before the first voice and after the last."""
        found = [piece for piece in self._pieces if piece.end > start and piece.start < end]
        spoken = [index for index, piece in enumerate(found) if piece.speech]
        return found[spoken[0] : spoken[-1] + 1] if spoken else []

    def settle(self, until: float) -> None:
        """Words up to this call time are final."""
        if until > self.settled:
            self.settled = until
            self._trim()

    def rewind(self) -> float:
        """What is kept and not final is to be sent again. Returns from where, in call time."""
        self._replayed_until = self._first + len(self._pieces)
        final = sum(1 for piece in self._pieces if piece.end <= self.settled)
        self._next = self._first + final
        return self.settled

    def forget(self) -> None:
        """Drops everything, as if it had never been heard."""
        self._first += len(self._pieces)
        self._next = self._first
        self._pieces.clear()

    def _unsent(self) -> Iterator[Piece]:
        return islice(self._pieces, self._next - self._first, None)

    def _voice_began(self, end: float) -> None:
        for piece in reversed(self._pieces):
            if piece.voiced or end - piece.end > self.prefix:
                return
            piece.voiced = True

    def _trim(self) -> None:
        while self._pieces:
            oldest = self._pieces[0]
            sent = self._first < self._next
            final = oldest.end <= self.settled
            too_old = self._pieces[-1].end - oldest.start > self._capacity
            silent = not oldest.voiced and self._pieces[-1].end - oldest.end >= self.prefix  # no voice begins here
            if not (sent and (final or silent)) and not too_old:
                return
            if not sent and oldest.voiced and not final:
                self.dropped += oldest.end - oldest.start
            self._pieces.popleft()
            self._first += 1
            self._next = max(self._next, self._first)
