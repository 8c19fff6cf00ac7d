"""Whose voice is heard from when to when, as far as everybody's is.

In: attendance, consent, voices, words (as signs of life), purges. Out: voices that start and stretches that end, told
to each meter in order. How two sides share a conversation can be told only while both are heard, so nothing is
measured unless the rep, a prospect, and everybody else who is there and counts have consented. `rep`, `prospect` and
`colleague` count; observers and people whose coming was never told do not.

A stop may be told up to `HEARD_LATE` after it happened; times of voices are what their events say, within that bound.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from cornerman.contract import Role
from cornerman.events import Attendance, Consent, Event, Partial, Purge, Speaking, Turn

HEARD_LATE: Final = 1.0
"""Seconds by which a voice's start or stop may lie before the time it is told: a detector waits for some silence before
it calls it one (0.4 s live). What lies further back is taken for a mistake."""
BACKCHANNEL: Final = 1.0
"""Seconds up to which a voice is taken for a "mhm" or "right" that does not ask for the floor. Told by length alone, so
that it holds in every language and needs no words; a short "no" passes for one, too."""
CERTAIN: Final = BACKCHANNEL + HEARD_LATE
"""Seconds after its start when a voice that has not been said to stop is certainly no backchannel."""
TRUSTED: Final = 10.0
"""Seconds after its last sign of life (a start, words) for which a voice is taken to go on."""
LOST: Final = 120.0
"""Seconds without a sign of life after which a voice's stop is taken to be lost, and it to have ended at its last sign.
Longer than anybody speaks without a pause that a detector hears; a stop that is told by then counts in full."""

COUNTED: Final[tuple[Role, ...]] = ("rep", "prospect", "colleague")


@dataclass(slots=True)
class Voice:
    """A voice that is heard; `sign` is its last sign of life."""

    identity: str
    role: Role
    since: float
    sign: float

    def until(self, now: float) -> float:
        """How long it has been heard for certain, by now."""
        return max(min(now, self.sign + TRUSTED), self.since)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A voice that was heard from `start` to `end`."""

    identity: str
    role: Role
    start: float
    end: float

    @property
    def length(self) -> float:
        """Seconds."""
        return self.end - self.start


class Meter(Protocol):
    """What is told of voices."""

    def started(self, voice: Voice) -> None:
        """A voice has started."""

    def stopped(self, stretch: Stretch) -> None:
        """A voice has stopped; it is in `Voices.open` no more."""

    def settle(self, now: float) -> None:
        """Time has passed."""

    def broken(self) -> None:
        """Somebody is not heard: what was under way cannot be told any more. All open voices have stopped before."""

    def forget(self) -> None:
        """Everything measured so far is to be forgotten."""


@dataclass(slots=True)
class _Person:
    role: Role | None = None
    present: bool = False
    heard: bool = False
    voice: Voice | None = None
    ended: float = 0.0

    @property
    def counts(self) -> bool:
        return self.present and self.role in COUNTED


class Voices:
    """All voices of a call. `open` are those heard now, in the order they started; none while nothing is measured."""

    def __init__(self) -> None:
        self.open: dict[str, Voice] = {}
        self.measuring = False
        self._people: dict[str, _Person] = {}
        self._meters: tuple[Meter, ...] = ()

    def tell(self, *meters: Meter) -> None:
        """These hear of everything from now on."""
        self._meters = meters

    def hears(self, identity: str, role: Role) -> bool:
        """Whether what this participant says in this role may be counted."""
        person = self._people.get(identity)
        return person is not None and person.heard and role in COUNTED

    def role_of(self, identity: str) -> Role | None:
        """The role of somebody who has come, of those that count."""
        person = self._people.get(identity)
        return person.role if person is not None and person.role in COUNTED else None

    def identity_of(self, role: Role) -> str:
        """Who has this role: the first who is there; empty where nobody is."""
        found = (name for name, person in self._people.items() if person.present and person.role == role)
        return next(found, "")

    def hear(self, event: Event, now: float) -> None:
        """Takes in one event."""
        self._end_lost(now)
        match event:
            case Attendance():
                self._attendance(event, now)
            case Consent():
                self._consent(event, now)
            case Speaking():
                self._speaking(event, now)
            case Partial() | Turn():
                self._sign(event.identity, now)
            case Purge():
                self._purge(event.identity, now)
        for meter in self._meters:
            meter.settle(now)

    def _attendance(self, event: Attendance, now: float) -> None:
        person = self._people.setdefault(event.identity, _Person())
        # who comes again has a new microphone: what stopped the old one's voice may never be told
        self._stop(person, now)
        person.role, person.present = event.role, event.present
        self._judge(now)

    def _consent(self, event: Consent, now: float) -> None:
        person = self._people.setdefault(event.identity, _Person())
        person.heard = event.state == "granted"
        if not person.heard:
            self._stop(person, now)
        self._judge(now)

    def _speaking(self, event: Speaking, now: float) -> None:
        person = self._people.get(event.identity)
        if person is None or person.role is None or not (person.counts and person.heard):
            return
        # a time that is no number fails every comparison, and passes for now
        earliest = round(now - HEARD_LATE, 4)
        at = event.at if earliest <= event.at <= now else earliest if event.at < now else now
        if not event.active:
            self._stop(person, at)
        elif person.voice is not None:
            person.voice.sign = now
        else:
            person.voice = Voice(event.identity, person.role, max(at, person.ended), now)
            self._open(person.voice)

    def _open(self, voice: Voice) -> None:
        if self.measuring:
            self.open[voice.identity] = voice
            for meter in self._meters:
                meter.started(voice)

    def _stop(self, person: _Person, at: float) -> None:
        voice, person.voice = person.voice, None
        if voice is not None:
            person.ended = max(at, voice.since)
            self._close(voice, person.ended)

    def _close(self, voice: Voice, at: float) -> None:
        if self.open.pop(voice.identity, None) is not None:
            stretch = Stretch(voice.identity, voice.role, voice.since, max(at, voice.since))
            for meter in self._meters:
                meter.stopped(stretch)

    def _sign(self, identity: str, now: float) -> None:
        person = self._people.get(identity)
        if person is not None and person.voice is not None:
            person.voice.sign = now

    def _purge(self, identity: str, now: float) -> None:
        person = self._people.get(identity)
        if person is None or person.role not in COUNTED:
            return
        person.voice = None
        self.open.pop(identity, None)
        for meter in self._meters:
            meter.forget()
        for voice in list(self.open.values()):
            voice.since = now
            self._open(voice)

    def _end_lost(self, now: float) -> None:
        for person in self._people.values():
            if person.voice is not None and now - person.voice.sign > LOST:
                self._stop(person, person.voice.sign)

    def _judge(self, now: float) -> None:
        """Whether everybody is heard, by now."""
        there = [person for person in self._people.values() if person.counts]
        roles = {person.role for person in there}
        measuring = {"rep", "prospect"} <= roles and all(person.heard for person in there)
        if measuring == self.measuring:
            return
        self.measuring = measuring
        voices = [person.voice for person in self._people.values() if person.voice is not None]
        if measuring:
            for voice in voices:
                voice.since = now
                self._open(voice)
        else:
            self._close_all(voices, now)

    def _close_all(self, voices: Iterable[Voice], now: float) -> None:
        for voice in voices:
            self._close(voice, now)
        for meter in self._meters:
            meter.broken()
