"""Drives the coach's mind live: one queue, one clock, the journal before everything.

Every input is stamped once, written to the journal, applied to the coach, and its decisions are written and handed on,
all in one synchronous step. Nothing here waits where words are heard.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import ParamSpec

from cornerman import metrics
from cornerman.coach import Coach
from cornerman.events import Decision, Delivery, Event, Held, MeaningRequest, MeaningResult, Nudge, Partial, Turn, Wake
from cornerman.record.journal import Journal
from cornerman.room.clock import CallClock

P = ParamSpec("P")
UNHURRIED = (Partial, Turn, MeaningResult, Wake)
"""Events that may be followed once their cards are on the way. All others at once: nothing of somebody who withdrew is
worked on a moment longer.
"""
logger = logging.getLogger(__name__)


class Driver:
    """The live driver of one coach. `nudge` carries a nudge out, `ask` a question about what a sentence means, whose
    answer is fed as an event; `decided` is called when anything was decided, `followed` after every event.
    """

    def __init__(
        self,
        coach: Coach,
        journal: Journal,
        clock: CallClock,
        *,
        nudge: Callable[[Nudge], None],
        ask: Callable[[MeaningRequest], None],
        decided: Callable[[], None],
        followed: Callable[[Event, float, Sequence[Decision]], None],
    ) -> None:
        self.coach = coach
        self.trouble: dict[str, None] = {}
        """What the rep should know that does not go well, in the order it came up."""
        self._journal = journal
        self._clock = clock
        self._nudge = nudge
        self._ask = ask
        self._decided = decided
        self._followed = followed
        self._inbox: deque[Event] = deque()
        self._stepping = False
        self._last = 0.0
        self._wake_at: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False
        self._unfollowed: Callable[[], None] | None = None

    def feed(self, event: Event) -> None:
        """The one way into the coach: stamped here, in the order of arrival."""
        self._inbox.append(event)
        if self._stepping:
            return
        self._stepping = True
        try:
            while self._inbox:
                now = max(self._clock.now(), self._last)
                self._wake_if_due(now)
                self._step(self._inbox.popleft(), now)
        finally:
            self._stepping = False
        self._set_timer()

    def note(self, **fields: object) -> None:
        """Writes something for readers that is neither input nor decision."""
        self._write(self._journal.note, fields)

    def keep_text(self, saw: tuple[str, ...], fields: Mapping[str, object]) -> None:
        """Writes what a model made of these participants' words; it goes with the words of any of them."""
        self._write(self._journal.text, saw, fields)

    def purge(self, identity: str) -> None:
        """Deletes this participant's words from the journal."""
        self._write(self._journal.purge, identity)

    def close(self) -> None:
        """No more wakes, and the journal is closed."""
        self._closed = True
        self._catch_up()
        if self._timer is not None:
            self._timer.cancel()
        self._journal.close()

    def _step(self, event: Event, now: float) -> None:
        self._catch_up()
        if isinstance(event, Delivery):
            metrics.nudge(event.outcome)
        self._last = now
        self._write(self._journal.hear, event, now)
        decisions = self.coach.hear(event, now)
        self._wake_at = decisions.wake_at
        for decision in decisions.made:
            self._write(self._journal.decide, decision)
            if isinstance(decision, Nudge):
                self._nudge(decision)
            elif isinstance(decision, MeaningRequest):
                self._ask(decision)
            elif isinstance(decision, Held):
                metrics.nudge("held")
        if decisions.made:
            self._decided()
        self._unfollowed = partial(self._followed, event, now, decisions.made)
        if isinstance(event, UNHURRIED) and any(isinstance(decision, Nudge) for decision in decisions.made):
            # whoever follows takes milliseconds: the card, whose sending was woken by now, leaves before that
            asyncio.get_running_loop().call_soon(self._catch_up)
        else:
            self._catch_up()

    def _catch_up(self) -> None:
        """Whoever follows learns of the last event, once, and before the next one."""
        follow, self._unfollowed = self._unfollowed, None
        if follow is not None:
            follow()

    def _wake_if_due(self, now: float) -> None:
        if self._wake_at is not None and self._wake_at <= now:
            self._step(Wake(), max(self._wake_at, self._last))

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._wake_at is not None and not self._closed:
            delay = max(self._wake_at - self._clock.now(), 0.0)
            self._timer = asyncio.get_running_loop().call_later(delay, self._wake)

    def _wake(self) -> None:
        self._stepping = True
        try:
            self._wake_if_due(max(self._clock.now(), self._last))
        finally:
            self._stepping = False
        self._set_timer()

    def _write(self, append: Callable[P, None], *arguments: P.args, **options: P.kwargs) -> None:
        """A full disk must not silence the coach: the rep is told that nothing is recorded, and coaching goes on."""
        try:
            append(*arguments, **options)
            if "journal" in self.trouble:
                del self.trouble["journal"]
                logger.info("journal is written again")
                self._decided()
        except OSError as error:
            metrics.journal_failed()
            if "journal" not in self.trouble:
                logger.error("journal cannot be written", extra={"error": error.strerror})
                self.trouble["journal"] = None
                self._decided()
