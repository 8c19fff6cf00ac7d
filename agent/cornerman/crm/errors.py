"""What can go wrong with accounts.

    CornermanError
    └── AccountError              the source could not do what was asked
        ├── AccountRefusedError   it does not accept the key, or the key may not do this
        ├── AccountBusyError      too many requests; `retry_after` seconds may be known
        ├── AccountDownError      it did not answer in time, failed, or answered what cannot be read
        ├── AccountUnclearError   several accounts fit; the dispatcher should give `crm_id`
        └── AccountReadOnlyError  it takes no outcomes

The texts are for operators' logs and for the rep: they name the source, never a key, a person or what was written.
A call goes on without its account, so catch `AccountError` as a whole; a write that failed may be tried again under
the same key.
"""

from __future__ import annotations

from cornerman.errors import CornermanError


class AccountError(CornermanError):
    """The source could not do what was asked."""


class AccountRefusedError(AccountError):
    """The source does not accept the key, or the key may not do this."""


class AccountBusyError(AccountError):
    """The source wants fewer requests; `retry_after` is in seconds where it said so."""

    def __init__(self, text: str, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(text)


class AccountDownError(AccountError):
    """The source did not answer in time, failed, or answered what cannot be read."""


class AccountUnclearError(AccountError):
    """Several accounts fit."""


class AccountReadOnlyError(AccountError):
    """The source takes no outcomes."""


def answer_error(source: str, status: int, retry_after: str = "") -> AccountError:
    """What an HTTP status that is no success means, in words. `retry_after` is the header of that name."""
    match status:
        case 401:
            return AccountRefusedError(f"{source} does not accept the key (401): give it a valid one")
        case 403:
            return AccountRefusedError(f"{source} refuses this (403): the key lacks a right that is needed")
        case 404:
            return AccountError(f"{source} has nothing at this address (404): check the address in the settings")
        case 429:
            seconds = _seconds(retry_after)
            wait = f"; it may be asked again in {seconds:g} s" if seconds is not None else ""
            return AccountBusyError(f"{source} was asked too often (429){wait}", seconds)
    if status >= 500:
        return AccountDownError(f"{source} failed ({status}): try again later")
    return AccountError(f"{source} did not take the request ({status})")


def late(source: str, seconds: float) -> AccountDownError:
    """The source took too long."""
    return AccountDownError(f"{source} did not answer within {seconds:.3g} s")


def unreadable(source: str) -> AccountDownError:
    """The source answered something else than it should."""
    return AccountDownError(f"{source} answered what cannot be read: check that the address is the service's own")


def unreachable(source: str) -> AccountDownError:
    """No connection, or one that broke."""
    return AccountDownError(f"{source} cannot be reached: check the address and the network")


def not_written(source: str) -> AccountError:
    """An outcome for an account that the source does not have."""
    return AccountError(f"{source} has no such account: the outcome was not written")


def _seconds(header: str) -> float | None:
    """Seconds of a Retry-After header; its other form, a date, is not read."""
    return float(header) if header.strip().isdecimal() else None
