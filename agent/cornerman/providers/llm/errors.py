"""Why a language model gave no answer, or only part of one.

    ModelError
    ├── ModelUnavailableError   nobody was asked: no model is configured, or all rest after failures
    ├── ModelLateError          the deadline passed, waiting for a place included
    ├── ModelRefusedError       the provider turned the request away (4xx), and no other one took it
    └── ModelBrokenError        every attempt failed, or the answer ended in the middle

Messages name providers, statuses and the short codes that providers publish, never what was asked or answered.
"""

from __future__ import annotations

from cornerman.errors import CornermanError


class ModelError(CornermanError):
    """Base of these; the call goes on without the model's words."""


class ModelUnavailableError(ModelError):
    """Nobody was asked. `retry_in`: seconds until somebody may be; None: never with these settings."""

    def __init__(self, message: str, retry_in: float | None) -> None:
        super().__init__(message)
        self.retry_in = retry_in


class ModelLateError(ModelError):
    """The deadline passed before the answer was whole."""


class ModelRefusedError(ModelError):
    """The request was turned away with this HTTP `status`; `code` is the provider's short word for why, if any."""

    def __init__(self, message: str, status: int, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class ModelBrokenError(ModelError):
    """No provider answered, or one stopped in the middle of its answer."""
