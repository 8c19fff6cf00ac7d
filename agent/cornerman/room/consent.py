"""Who may be heard: the rules of consent, per identity.

In: the job's terms, what the rep confirms, what the host application's server sets as attribute, who comes and goes.
Out: the state of each identity and what changed. Deaf until told: an identity nobody spoke for is waiting. `declined`
wins everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cornerman.contract import ConsentTerms, wire


@dataclass(frozen=True, slots=True)
class ConsentChange:
    """An identity's state changed. `purge`: what was heard of it must be forgotten."""

    identity: str
    state: wire.ConsentState
    how: str
    purge: bool


class ConsentLedger:
    """Consent of everybody in one call. Knows no room: the owner subscribes and purges as the changes say."""

    def __init__(self, terms: ConsentTerms, rep: str) -> None:
        self.mode = terms.mode
        self._rep = rep
        self._told: dict[str, wire.ConsentState] = dict.fromkeys(terms.granted, "granted")
        self._how: dict[str, str] = dict.fromkeys(terms.granted, "metadata")
        self._attribute: dict[str, str] = {}

    def state_of(self, identity: str) -> wire.ConsentState:
        """Granted, declined, or waiting for somebody to say."""
        attribute = self._attribute.get(identity, "")
        told = self._told.get(identity)
        if attribute == "declined" or told == "declined":
            return "declined"
        if self.mode == "each_participant":
            return "granted" if attribute == "granted" else "waiting"
        return told or "waiting"

    def how_of(self, identity: str) -> str:
        """What the state rests on: attribute, metadata, rep, restored; empty while waiting."""
        if self._attribute.get(identity) == "declined" or self.mode == "each_participant":
            return "attribute" if identity in self._attribute else ""
        return self._how.get(identity, "")

    def attribute(self, identity: str, value: str) -> list[ConsentChange]:
        """The attribute `cornerman.consent` as the server reports it; empty when it is not set."""
        before = self.state_of(identity)
        if value in ("granted", "declined"):
            self._attribute[identity] = value
        else:
            self._attribute.pop(identity, None)
        return self._changes({identity: before}, "attribute")

    def confirmed_by_rep(self, identities: Iterable[str], granted: bool, how: str = "rep") -> list[ConsentChange]:
        """The rep says whom the disclosure reached, or takes it back.

        Granting counts in the mode `rep_discloses` only, and opens the rep's own microphone and screen with it; in the
        other modes the rep may speak for the rep alone. Taking back counts in every mode and for anybody.
        """
        named = list(dict.fromkeys(identities))
        if granted and self.mode != "rep_discloses":
            named = [identity for identity in named if identity == self._rep and self.mode == "granted"]
        if granted and named and self._told.get(self._rep) != "declined":
            named = list(dict.fromkeys([*named, self._rep]))
        before = {identity: self.state_of(identity) for identity in named}
        for identity in named:
            self._told[identity] = "granted" if granted else "declined"
            self._how[identity] = how
        return self._changes(before, how)

    def restore(self, identity: str, state: wire.ConsentState) -> list[ConsentChange]:
        """What an earlier coach of this call had on record."""
        before = self.state_of(identity)
        if state != "waiting":
            self._told[identity] = state
            self._how[identity] = "restored"
        return self._changes({identity: before}, "restored")

    def _changes(self, before: dict[str, wire.ConsentState], how: str) -> list[ConsentChange]:
        changes = []
        for identity, was in before.items():
            state = self.state_of(identity)
            if state != was:
                changes.append(ConsentChange(identity, state, how, purge=was == "granted"))
        return changes
