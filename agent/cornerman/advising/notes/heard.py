"""Who takes part in a call and what they said in completed turns, as far as it may be known.

In: the events a driver hands on, in order. Out: turns in the order they were heard, and people by identity. Words count
with consent only; a purge forgets them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from cornerman.advising.notes.model import Person, Quote
from cornerman.coach.transcript import Utterance
from cornerman.contract import Role
from cornerman.events import Attendance, Consent, Event, Evidence, Purge, Turn

SELLERS: Final = frozenset({"rep", "colleague"})


def side_of(role: Role) -> str:
    """Which side of the table a role sits on."""
    return "seller" if role in SELLERS else "buyer"


@dataclass(slots=True)
class Heard:
    """The completed turns of one call."""

    people: dict[str, Person] = field(default_factory=dict)
    turns: dict[str, Utterance] = field(default_factory=dict)
    _granted: set[str] = field(default_factory=set)

    def follow(self, event: Event) -> Utterance | None:
        """Takes in one event; returns the turn that it completed."""
        match event:
            case Attendance():
                self.people[event.identity] = Person(identity=event.identity, name=event.name, role=event.role)
            case Consent():
                (self._granted.add if event.state == "granted" else self._granted.discard)(event.identity)
            case Purge():
                self.turns = {turn: one for turn, one in self.turns.items() if one.identity != event.identity}
            case Turn():
                return self._turn(event)
        return None

    def name_of(self, identity: str) -> str:
        """What somebody is called; their identity, where they gave no name."""
        person = self.people.get(identity)
        return (person.name if person else "") or identity

    def quote(self, evidence: Evidence) -> Quote:
        """Evidence as it stands in the notes."""
        return Quote(
            identity=evidence.identity,
            name=self.name_of(evidence.identity),
            role=evidence.role,
            turn=evidence.turn,
            start=evidence.start,
            end=evidence.end,
            quote=evidence.quote,
        )

    def _turn(self, event: Turn) -> Utterance | None:
        known = event.turn in self.turns or not event.words
        if known or event.role == "observer" or event.identity not in self._granted:
            return None
        utterance = Utterance(event.turn, event.identity, event.role, event.words, complete=True)
        self.turns[event.turn] = utterance
        return utterance
