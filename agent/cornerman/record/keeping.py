"""How what is kept of one call is written: sealed with a key or plain, as it was said or with placeholders.

In: the settings of journals. Out: one value that the journal, the notes and kept frames share.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cornerman.config import JournalSettings
from cornerman.errors import ConfigError
from cornerman.record.redaction import Redactor, redactor_of
from cornerman.record.sealing import NO_KEYS, Keys, journal_keys


@dataclass(frozen=True, slots=True)
class Keeping:
    """For one call. `redactor`: None where words are kept as they were said."""

    keys: Keys = NO_KEYS
    redactor: Redactor | None = field(default=None, repr=False)

    @property
    def redacted(self) -> list[str]:
        """What is taken out, for the journal's header."""
        return sorted(self.redactor.kinds) if self.redactor is not None else []


PLAIN = Keeping()


def keeping_of(settings: JournalSettings) -> Keeping:
    """How the journals of one call are to be kept.

    Raises:
        ConfigError: a key cannot be had, or a library is missing; every fault is listed.
    """
    faults: list[str] = []
    keys, redactor = NO_KEYS, None
    try:
        keys = journal_keys(settings)
    except ConfigError as error:
        faults.extend(error.faults)
    try:
        redactor = redactor_of(settings)
    except ConfigError as error:
        faults.extend(error.faults)
    if faults:
        raise ConfigError("journals cannot be kept as the settings say", faults)
    return Keeping(keys, redactor)
