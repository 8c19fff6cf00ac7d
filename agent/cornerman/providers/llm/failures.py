"""What a plugin's exception means for the next step: whose fault it was, and whether and when to ask again.

In: exceptions of LiveKit plugins, which differ in what they keep of an answer's status and headers. Out: a `Failure`
of one of a few kinds. Promises that nothing of the provider's message is kept but a short code of plain letters.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from livekit.agents import APIConnectionError, APIError, APIStatusError, APITimeoutError, llm

Kind = Literal["refused", "throttled", "server", "connection", "silent", "empty", "cut"]
"""Turned away; too many requests; the server's own fault; no connection; nothing came in time; an answer without
words; an answer that ended in the middle."""

PASSING = frozenset({408, 409, 425, 499})
"""Statuses below 500 that say nothing about the request itself."""
CLOSED_TO_US = frozenset({401, 402, 403, 404})
"""Statuses that every request will get: the key, the account, the address or the model's name is wrong."""

_WAIT = "cornerman_retry_after"
_CODE = re.compile(r"[a-z][a-z0-9_.]{2,39}")


@dataclass(frozen=True, slots=True)
class Failure:
    """`retry_after`: seconds the provider asks to wait, None: it did not say. `code`: its short word, may be empty."""

    kind: Kind
    status: int = 0
    code: str = ""
    retry_after: float | None = None

    @property
    def counts(self) -> bool:
        """Whether it speaks against the provider, not against this one request."""
        return self.kind != "refused" or self.status in CLOSED_TO_US

    @property
    def passing(self) -> bool:
        """Whether the same request may do better in a moment."""
        return self.kind in ("server", "connection", "empty") or (self.kind == "throttled" and not self.retry_after)

    def __str__(self) -> str:
        told = {
            "refused": "refused the request",
            "throttled": "has had too many requests",
            "server": "failed",
            "connection": "could not be reached, or sent no sense",
            "silent": "said nothing in time",
            "empty": "answered without a word",
            "cut": "stopped in the middle of its answer",
        }[self.kind]
        details = ", ".join(filter(None, (f"status {self.status}" if self.status > 0 else "", self.code)))
        return f"{told} ({details})" if details else told


def failure_of(error: Exception) -> Failure:
    """What the exception of a plugin's stream says."""
    if isinstance(error, APIStatusError):
        status, code = error.status_code, _code(error.body)
        if status == 429:
            return Failure("throttled", status, code, getattr(error, _WAIT, None))
        if 400 <= status < 500 and status not in PASSING:
            return Failure("refused", status, code)
        return Failure("server", status, code)
    if isinstance(error, APITimeoutError):
        return Failure("silent")
    if isinstance(error, APIConnectionError | APIError):
        return Failure("connection")
    # what a plugin could not make sense of before it asked anybody: the request is at fault
    return Failure("refused", 0, type(error).__name__.lower())


def keep_wait(event: llm.LLMError) -> None:
    """For a plugin's `error` event: notes on the exception how long the provider asks to wait. What is raised later
    has lost the answer's headers.
    """
    for error in _chain(event.error):
        headers = getattr(getattr(error, "response", None), "headers", None)
        wait = _wait(headers) if isinstance(headers, Mapping) else None
        if wait is not None:
            setattr(event.error, _WAIT, wait)
            return


def _chain(error: BaseException) -> Iterator[BaseException]:
    one: BaseException | None = error
    for _ in range(10):
        if one is None:
            return
        yield one
        one = one.__cause__ or one.__context__


def _wait(headers: Mapping[str, str]) -> float | None:
    """Seconds, of any of the forms in use: milliseconds, seconds, a date."""
    try:
        if exact := headers.get("retry-after-ms"):
            return max(0.0, float(exact) / 1000)
        told = headers.get("retry-after")
        if not told:
            return None
        if re.fullmatch(r"[0-9.]+", told):
            return float(told)
        return max(0.0, parsedate_to_datetime(told).timestamp() - time.time())
    except (ValueError, TypeError):
        return None


def _code(body: Any) -> str:
    if not isinstance(body, dict):
        return ""
    inner = body.get("error")
    for one in (body, inner if isinstance(inner, dict) else {}):
        for key in ("code", "type"):
            code = one.get(key)
            if isinstance(code, str) and _CODE.fullmatch(code):
                return code
    return ""
