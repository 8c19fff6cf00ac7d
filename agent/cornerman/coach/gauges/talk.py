"""Talk ratio: the rep's share of all speaking, lately and over the whole call.

In: voices. The share is the rep's own voice over everybody's: a colleague's speaking is in the whole and not in the
rep's part, because the nudge goes to one person and is about what that person can change. Voices that overlap count
for each who speaks; silence counts for nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cornerman.coach.gauges.recent import Spoken
from cornerman.coach.gauges.voices import COUNTED, Stretch, Voice
from cornerman.contract import Role

WARM_UP: Final = 60.0
"""Seconds of speech before there is a ratio to speak of, as video-db/sales-copilot has it."""


class TalkRatio:
    """The ratio over the last `window` seconds. `open_voices` are those heard now."""

    def __init__(self, window: float, open_voices: Mapping[str, Voice]) -> None:
        self.window = window
        self._open = open_voices
        self._spoken: dict[str, tuple[Role, Spoken]] = {}
        self._since: float | None = None

    def started(self, voice: Voice) -> None:
        """A voice has started."""
        if self._since is None:
            self._since = voice.since

    def stopped(self, stretch: Stretch) -> None:
        """A voice has stopped."""
        _, spoken = self._spoken.setdefault(stretch.identity, (stretch.role, Spoken(self.window)))
        spoken.add(stretch.start, stretch.end)

    def settle(self, now: float) -> None:
        """Lets go of what is no longer in the window."""
        for identity in list(self._spoken):
            spoken = self._spoken[identity][1]
            spoken.settle(now)
            if spoken.empty:
                del self._spoken[identity]

    def broken(self) -> None:
        """Somebody is not heard: the next whole window begins with the next voice."""
        self._since = None

    def forget(self) -> None:
        """Nothing was said."""
        self._spoken.clear()
        self._since = None

    def value(self, now: float) -> float | None:
        """The rep's share, 0 to 1; None before the window holds `WARM_UP` seconds of speech."""
        rep = others = 0.0
        for role, spoken in self._spoken.values():
            seconds = spoken.seconds(now)
            rep, others = (rep + seconds, others) if role == "rep" else (rep, others + seconds)
        for voice in self._open.values():
            seconds = max(voice.until(now) - max(voice.since, now - self.window), 0.0)
            rep, others = (rep + seconds, others) if voice.role == "rep" else (rep, others + seconds)
        return rep / (rep + others) if rep + others >= WARM_UP else None

    def whole(self, now: float) -> bool:
        """Whether everybody has been heard for a whole window: before, an opening would count as a call."""
        return self._since is not None and now - self._since >= self.window


class TalkTime:
    """Seconds each role has spoken in the whole call."""

    def __init__(self, open_voices: Mapping[str, Voice]) -> None:
        self._open = open_voices
        self._seconds: dict[Role, float] = dict.fromkeys(COUNTED, 0.0)

    def started(self, voice: Voice) -> None:
        """Nothing to do before it stops."""

    def stopped(self, stretch: Stretch) -> None:
        """A voice has stopped."""
        self._seconds[stretch.role] += stretch.length

    def settle(self, now: float) -> None:
        """Time alone changes nothing."""

    def broken(self) -> None:
        """What was heard was said."""

    def forget(self) -> None:
        """Nothing was said."""
        self._seconds = dict.fromkeys(COUNTED, 0.0)

    def shares(self, now: float) -> dict[Role, float]:
        """Each role's share of all speaking, 0 to 1; empty where nobody spoke."""
        seconds = dict(self._seconds)
        for voice in self._open.values():
            seconds[voice.role] += voice.until(now) - voice.since
        whole = sum(seconds.values())
        return {role: spoken / whole for role, spoken in seconds.items()} if whole > 0 else {}
