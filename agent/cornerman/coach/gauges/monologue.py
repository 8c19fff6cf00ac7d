"""Monologue: how long one side has had the floor without a break, now and at the longest.

In: voices. A monologue is the time from where one side begins to where it last spoke, its own short pauses included.
It ends where anybody of another role speaks for longer than a backchannel (at the start of that), or where the side
itself is silent for longer than `PAUSE`. Who is spoken over begins anew when the other has stopped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cornerman.coach.gauges.voices import BACKCHANNEL, CERTAIN, TRUSTED, Stretch, Voice
from cornerman.contract import Role

PAUSE: Final = 3.0
"""Seconds of one's own silence that end a monologue: others have let the floor go by then (people let about one second
pass, Jefferson 1989)."""


class Monologue:
    """The monologues of one side: everybody with this role. `open_voices` are those heard now."""

    def __init__(self, role: Role, open_voices: Mapping[str, Voice]) -> None:
        self._role = role
        self._open = open_voices
        self._start: float | None = None
        self._end = 0.0
        self._longest = 0.0

    def started(self, voice: Voice) -> None:
        """A voice has started."""
        if voice.role != self._role:
            return
        if self._start is None or (voice.since - self._end > PAUSE and self._only(voice)):
            self._start = voice.since if self._floor_is_free(voice.since) else None

    def stopped(self, stretch: Stretch) -> None:
        """A voice has stopped."""
        if stretch.role == self._role:
            self._end = max(self._end, stretch.end)
        elif stretch.length >= BACKCHANNEL:
            self._break(stretch.start, stretch.end)
        self._note(stretch.end)

    def settle(self, now: float) -> None:
        """A voice of another role that goes on is no backchannel."""
        for voice in self._open.values():
            if voice.role != self._role and now - voice.since >= CERTAIN:
                self._break(voice.since, None)

    def broken(self) -> None:
        """Somebody is not heard."""
        self._start = None

    def forget(self) -> None:
        """There was none."""
        self._start, self._longest = None, 0.0

    def value(self, now: float) -> float:
        """Seconds of the monologue under way; 0 where there is none."""
        if self._start is None:
            return 0.0
        own = [voice.until(now) for voice in self._open.values() if voice.role == self._role]
        if not own and now - self._end > PAUSE:
            return 0.0
        until = min([max([*own, self._end]), *self._others()])
        return max(until - self._start, 0.0)

    def longest(self, now: float) -> float:
        """Seconds of the longest so far."""
        return max(self._longest, self.value(now))

    def reaches(self, limit: float) -> float | None:
        """When the monologue under way will be longer than `limit`; None where another event will tell."""
        signs = [voice.sign for voice in self._open.values() if voice.role == self._role]
        if self._start is None or not signs or self._others():
            return None
        at = self._start + limit
        return at if at < max(signs) + TRUSTED else None

    def _others(self) -> list[float]:
        return [voice.since for voice in self._open.values() if voice.role != self._role]

    def _only(self, voice: Voice) -> bool:
        return not any(one.role == self._role and one is not voice for one in self._open.values())

    def _floor_is_free(self, now: float) -> bool:
        return not any(now - since >= CERTAIN for since in self._others())

    def _break(self, start: float, end: float | None) -> None:
        if self._start is not None and (end is None or end > self._start):
            speaking = any(voice.role == self._role and voice.since <= start for voice in self._open.values())
            until = start if speaking else min(start, self._end)
            self._longest = max(self._longest, until - self._start)
            self._start = None
        if end is not None and self._start is None and self._floor_is_free(end):
            own = [max(voice.since, end) for voice in self._open.values() if voice.role == self._role]
            self._start = min(own, default=None)

    def _note(self, now: float) -> None:
        self._longest = max(self._longest, self.value(now))
