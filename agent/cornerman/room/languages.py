"""Which language everybody speaks, and what does not fit together: each misfit is told once.

In: the job's metadata, the settings, the playbook's language, the providers, and what providers say they heard. Out:
the language to hear each participant in, and misfits as sentences for the rep. Languages are BCP 47 tags; only their
first part is compared, for `en-GB` is English.
"""

from __future__ import annotations

from collections.abc import Sequence

from cornerman.contract import JobMetadata
from cornerman.language_tags import base_language
from cornerman.providers.provider import Provider

SURE = 3
"""Utterances in a row in another language before anybody is told: a name or a greeting is not a language."""


class Languages:
    """The languages of one call. `default` is the settings' language."""

    def __init__(self, metadata: JobMetadata, *, default: str, playbook: str, providers: Sequence[Provider]) -> None:
        self._metadata = metadata
        self._default = default
        self._playbook = playbook
        self._providers = tuple(providers)
        self._elsewhere: dict[str, int] = {}
        self._told: set[str] = set()

    def of(self, identity: str) -> str:
        """What somebody speaks: their own language, else the call's, else the settings'."""
        return self._metadata.language_of(identity) or self._default

    def misfits(self) -> list[str]:
        """What does not fit before anybody spoke."""
        spoken = {self._metadata.language or self._default: None}
        spoken |= {listed.language: None for listed in self._metadata.participants.values() if listed.language}
        found = []
        for language in spoken:
            if not any(provider.hears(language) for provider in self._providers):
                found.append(f"language: no speech provider hears {language}; who speaks it is not heard")
            if base_language(language) != base_language(self._playbook):
                found.append(
                    f"language: the playbook is in {self._playbook}, {language} is spoken: few cards will come"
                )
        return found

    def heard(self, identity: str, language: str) -> str | None:
        """A provider heard an utterance in this language; returns a misfit the first time that it is sure."""
        if base_language(language) == base_language(self.of(identity)) or base_language(language) == "multi":
            self._elsewhere[identity] = 0
            return None
        self._elsewhere[identity] = self._elsewhere.get(identity, 0) + 1
        if self._elsewhere[identity] < SURE or identity in self._told:
            return None
        self._told.add(identity)
        name = self._metadata.name_of(identity) or identity
        return f"language: {name} seems to speak {language}, heard as {self.of(identity)}"
