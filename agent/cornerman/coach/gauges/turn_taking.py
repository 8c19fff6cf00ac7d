"""How one side takes its turns: whether it breaks in on the other, and how long it waits after the other stopped.

In: voices. Each start of the side's voice is judged once it is certain what became of it and of those around it, so
that a stop told late changes nothing:

- a backchannel takes no turn;
- an **interruption** is a start while somebody of the other side speaks who began `EDGE` earlier at least and goes on
  for more than `EDGE`;
- a **wait** is the time from the end of the other side's voice, or 0 where the start fell into its last `EDGE`. It
  counts where the other side had said something longer than a backchannel since this side's last turn, where no third
  side spoke in between, and up to `LONGEST_WAIT`: beyond, it is a pause of the call.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from cornerman.coach.gauges.voices import BACKCHANNEL, CERTAIN, Stretch, Voice
from cornerman.contract import Role

EDGE: Final = 0.5
"""Seconds at either end of somebody's voice in which a start interrupts nobody: people overlap there without noticing
(CuePitch draws the line at 0.5 s)."""
APART: Final = 5.0
"""Seconds within which a second interruption is the same one."""
LONGEST_WAIT: Final = 10.0
REMEMBERED: Final = 200
"""Stretches of others that are kept, at most; older ones than a longest wait count no more anyway."""
PENDING: Final = 50
"""Starts that wait to be judged, at most: they are `CERTAIN` seconds apart from their judgement, so that more are no
speech; the oldest is dropped."""


@dataclass(slots=True)
class _Start:
    at: float
    identity: str
    end: float | None = None


class TurnTaking:
    """The turns `role` takes from `other`. `open_voices` are those heard now; what is found goes to the callbacks."""

    def __init__(
        self,
        role: Role,
        other: Role,
        open_voices: Mapping[str, Voice],
        *,
        interrupted: Callable[[float], None],
        waited: Callable[[float, float], None],
    ) -> None:
        self._role = role
        self._other = other
        self._open = open_voices
        self._interrupted = interrupted
        self._waited = waited
        self._starts: deque[_Start] = deque(maxlen=PENDING)
        self._heard: deque[Stretch] = deque(maxlen=REMEMBERED)
        self._last_end = 0.0
        self._last_interruption: float | None = None

    def started(self, voice: Voice) -> None:
        """A voice has started."""
        if voice.role == self._role:
            self._starts.append(_Start(voice.since, voice.identity))

    def stopped(self, stretch: Stretch) -> None:
        """A voice has stopped."""
        if stretch.role != self._role:
            self._heard.append(stretch)
            return
        for start in self._starts:
            if start.identity == stretch.identity and start.end is None:
                start.end = stretch.end
        if stretch.length >= BACKCHANNEL and not self._waiting(stretch):
            self._last_end = max(self._last_end, stretch.end)

    def settle(self, now: float) -> None:
        """Judges what is certain by now."""
        while self._starts and now >= self._starts[0].at + CERTAIN:
            start = self._starts.popleft()
            if start.end is None or start.end - start.at >= BACKCHANNEL:
                self._judge(start.at)
                self._last_end = max(self._last_end, start.end or start.at)
        while self._heard and self._heard[0].end < now - LONGEST_WAIT - CERTAIN:
            self._heard.popleft()

    def broken(self) -> None:
        """Somebody is not heard: nobody knows whose turn it was."""
        self._starts.clear()
        self._heard.clear()

    def forget(self) -> None:
        """Nothing was said."""
        self.broken()
        self._last_end, self._last_interruption = 0.0, None

    def next_judgement(self) -> float | None:
        """When a start that waits to be judged will be certain."""
        return self._starts[0].at + CERTAIN if self._starts else None

    def _waiting(self, stretch: Stretch) -> bool:
        return any(start.identity == stretch.identity and start.end == stretch.end for start in self._starts)

    def _judge(self, at: float) -> None:
        spans = self._spans(at)
        theirs = [(start, end) for role, start, end in spans if role == self._other]
        if any(start <= at - EDGE and end > at + EDGE for start, end in theirs):
            if self._last_interruption is None or at - self._last_interruption > APART:
                self._interrupted(at)
            self._last_interruption = at
            return
        ended = max((end for _, end in theirs), default=None)
        if ended is None or ended > at + EDGE:
            return
        since = self._last_end - EDGE
        answered = any(end - start >= BACKCHANNEL and end >= since for start, end in theirs)
        third = any(role != self._other and end > ended for role, _, end in spans)
        wait = max(at - ended, 0.0)
        if answered and ended >= since and not third and wait <= LONGEST_WAIT:
            self._waited(at, wait)

    def _spans(self, at: float) -> list[tuple[Role, float, float]]:
        """Voices of others that started before `at`; those still heard end in the unknown future."""
        spans = [(one.role, one.start, one.end) for one in self._heard if one.start < at]
        spans += [
            (one.role, one.since, float("inf"))
            for one in self._open.values()
            if one.role != self._role and one.since < at
        ]
        return spans
