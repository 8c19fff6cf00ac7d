"""Every error the rep's client raises on purpose.

    CornermanClientError
    ├── CoachUnavailable   no coach yet, no answer in time, or the connection is gone; asking again later may work
    ├── CoachRefused       the coach answered, and the answer was no; asking the same again will not help
    ├── AnswerUnreadable   the coach answered something that is not in the contract
    └── ClientClosed       the client was closed, or its room was disconnected for good

Catch `CornermanClientError` to tell the rep and carry on; no error of this tree ends the call itself.
"""

# ruff: noqa: N818  (named for what happened, as one reads them in an except clause)
from __future__ import annotations


class CornermanClientError(Exception):
    """Base of all errors of the rep's client; its text says what was wrong and what to do."""


class CoachUnavailable(CornermanClientError):
    """No coach could be reached. `code` is the RPC error's, 0 where no call was made."""

    def __init__(self, message: str, code: int = 0) -> None:
        self.code = code
        super().__init__(message)


class CoachRefused(CornermanClientError):
    """The coach said no; `code` and `message` are its own."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(f"the coach refused ({code}): {message}")


class AnswerUnreadable(CornermanClientError):
    """The coach's answer is not in the contract; its version and this client's may differ too much."""


class ClientClosed(CornermanClientError):
    """The client is closed. `reason` is the room's (for example `duplicate_identity`), or `closed`."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the client is closed ({reason}); make a new one on a new connection")
