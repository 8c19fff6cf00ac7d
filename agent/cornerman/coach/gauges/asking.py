"""Questions asked: how many lately, how many in the whole call, and since when none.

In: completed turns as a count of questions and seconds of speech. A rep who listens needs no question, so that their
absence counts only where the rep has spoken for a `SHARE` of the window.
"""

from __future__ import annotations

from typing import Final

from cornerman.coach.gauges.recent import Recent

SHARE: Final = 0.5


class Asking:
    """Questions over the last `window` seconds of the call."""

    def __init__(self, window: float) -> None:
        self.window = window
        self.count = 0
        """Questions in the whole call."""
        self._asked = Recent(window)
        self._spoken = Recent(window)
        self._since: float | None = None
        self._last: float | None = None

    def said(self, at: float, questions: int, seconds: float) -> None:
        """A turn that ended at `at` is complete."""
        if self._since is None:
            self._since = max(at - seconds, 0.0)
        self._spoken.add(at, seconds)
        if questions:
            self.count += questions
            self._asked.add(at, questions)
            self._last = at

    def settle(self, now: float) -> None:
        """Lets go of what is no longer in the window."""
        self._asked.settle(now)
        self._spoken.settle(now)

    def value(self, now: float) -> float | None:
        """Questions in the window, as of the last `settle`; None before a whole one, or while others mostly speak."""
        if self._since is None or now - self._since < self.window or self._spoken.total < SHARE * self.window:
            return None
        return self._asked.total

    def since_last(self, now: float) -> float | None:
        """Seconds since the last question, or since the first turn where none was asked; None before any turn."""
        since = self._since if self._last is None else self._last
        return None if since is None else max(now - since, 0.0)
