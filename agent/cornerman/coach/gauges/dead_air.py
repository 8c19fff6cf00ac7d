"""Dead air: how long nobody has spoken, now and at the longest.

In: voices, and the ends of words, which tell of a voice too soft for the detector. It is measured from the end of the
last voice, so that the time before anybody has spoken is none; a silence that nobody ends is no dead air of the call.
"""

from __future__ import annotations

from collections.abc import Mapping

from cornerman.coach.gauges.voices import Stretch, Voice


class DeadAir:
    """Silence of all. `open_voices` are those heard now."""

    def __init__(self, open_voices: Mapping[str, Voice]) -> None:
        self._open = open_voices
        self._since: float | None = None
        self.longest = 0.0

    def started(self, voice: Voice) -> None:
        """A voice has started."""
        if self._since is not None and len(self._open) == 1:
            self.longest = max(self.longest, voice.since - self._since)

    def stopped(self, stretch: Stretch) -> None:
        """A voice has stopped."""
        self._since = max(self._since or 0.0, stretch.end)
        # told late: somebody else may have begun since
        began = min((voice.since for voice in self._open.values()), default=self._since)
        self.longest = max(self.longest, began - self._since)

    def said(self, end: float, now: float) -> None:
        """Words were heard that ended at `end`."""
        if self._since is not None and self._since < end <= now:
            self._since = end

    def settle(self, now: float) -> None:
        """Time alone changes nothing but the value."""

    def broken(self) -> None:
        """Somebody is not heard: they may be speaking."""
        self._since = None

    def forget(self) -> None:
        """There was none."""
        self._since, self.longest = None, 0.0

    def value(self, now: float) -> float:
        """Seconds of the silence under way."""
        return max(now - self._since, 0.0) if self._since is not None and not self._open else 0.0

    def reaches(self, limit: float) -> float | None:
        """When the silence under way will be longer than `limit`."""
        return self._since + limit if self._since is not None and not self._open else None
