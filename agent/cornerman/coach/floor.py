"""Who has the floor: whose voice is heard, whose turn has just ended, and since when nobody has spoken.

In: voices, words and departures. Out: answers for whoever has to know when it costs least to interrupt. Times are
seconds since the call began.
"""

from __future__ import annotations

from cornerman.events import Attendance, Consent, Event, Partial, Speaking, Turn

LOST = 45.0
"""Seconds without a start or a word after which a voice's stop is taken to be lost: longer than a turn may last. A
voice that never falls silent would hold back everything.
"""


class Floor:
    """The floor of one call."""

    def __init__(self) -> None:
        self.rep = ""
        self.rep_present = False
        self.first_words: float | None = None
        """When the first words were heard; None before."""
        self.quiet_since = 0.0
        """When the last sign of a voice was heard."""
        self._speaking: dict[str, float] = {}
        self._ended = ""

    @property
    def rep_speaking(self) -> bool:
        """Whether the rep's voice is heard."""
        return self.rep in self._speaking

    def is_speaking(self, identity: str) -> bool:
        """Whether this voice is heard."""
        return identity in self._speaking

    @property
    def anyone_speaking(self) -> bool:
        """Whether anybody's voice is heard."""
        return bool(self._speaking)

    @property
    def rep_turn_ended(self) -> bool:
        """Whether the rep's own turn has ended in this very instant. Their voice may still sound: a long turn is cut
        where it reaches its cap.
        """
        return bool(self.rep) and self._ended == self.rep

    @property
    def mid_turn(self) -> bool:
        """Whether somebody is in the middle of saying something."""
        return bool(self._speaking) and not self._ended

    def move_on(self, now: float) -> None:
        """Time has passed: the instant in which a turn ended is over."""
        self._ended = ""
        for identity in [who for who, sign in self._speaking.items() if now - sign > LOST]:
            del self._speaking[identity]

    def hear(self, event: Event, now: float) -> None:
        """Takes in one event; words only if they may be heard."""
        match event:
            case Attendance():
                self._attendance(event)
            case Speaking():
                self._voice(event, now)
            case Partial() | Turn():
                self.quiet_since = now
                if event.identity in self._speaking:
                    self._speaking[event.identity] = now
                if self.first_words is None and event.words:
                    self.first_words = now
                if isinstance(event, Turn):
                    self._ended = event.identity
            case Consent() if event.state != "granted":
                self._speaking.pop(event.identity, None)

    def _attendance(self, event: Attendance) -> None:
        if event.role == "rep":
            self.rep, self.rep_present = event.identity, event.present
        if event.role == "rep" or not event.present:
            self._speaking.pop(event.identity, None)

    def _voice(self, event: Speaking, now: float) -> None:
        self.quiet_since = now
        if event.active:
            self._speaking[event.identity] = now
        else:
            self._speaking.pop(event.identity, None)
