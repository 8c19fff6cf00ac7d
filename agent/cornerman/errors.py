"""Every error Cornerman raises on purpose.

    CornermanError
    ├── ConfigError        settings, environment or job metadata that cannot be used; lists every fault
    ├── PlaybookError      a playbook folder that cannot be used; lists every fault with file and line
    ├── ServerError        no LiveKit server could be found, built or started
    ├── ProviderError      a speech, model or account provider could not be set up
    ├── JournalError       a journal cannot be written or read
    ├── AccountError       an account source did not answer, or did not take an outcome (cornerman.crm)
    ├── ModelError         a language model gave no answer, or only part of one (cornerman.providers.llm)
    ├── ToolError          what a model asked to look up cannot be looked up (cornerman.tools)
    ├── SeeingError        there is no frame of the screen to be had (cornerman.seeing)
    ├── NotesError         notes cannot be written (cornerman.advising.notes)
    └── LineError          an attempt to send anything to anybody but the rep

Catch `CornermanError` to show a message and stop; catch a branch when you can do something about it.
"""

from __future__ import annotations

from collections.abc import Sequence


class CornermanError(Exception):
    """Base of all errors raised on purpose; its text says what was wrong, where, and what to do."""


class FaultListError(CornermanError):
    """Several faults found in one go, so that one run of a check shows them all.

    `faults` holds one finished sentence each, in the order found.
    """

    def __init__(self, what: str, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join([f"{what}:", *(f"  - {fault}" for fault in self.faults)]))


class ConfigError(FaultListError):
    """Settings, environment or job metadata that cannot be used."""


class PlaybookError(FaultListError):
    """A playbook folder that cannot be used."""


class ServerError(CornermanError):
    """No LiveKit server could be found, built or started."""


class ProviderError(CornermanError):
    """A speech, model or account provider could not be set up."""


class JournalError(CornermanError):
    """A journal cannot be written or read."""


class LineError(CornermanError):
    """Something tried to send to anybody but the rep, or by a way that reaches others."""
