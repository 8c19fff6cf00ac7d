"""Keeps what people said out of the logs, whoever writes them.

The speech plugins log what a provider sent when they did not expect it: as attributes of the record named
`lk.pii.<name>`, and in the texts of exceptions, which quote response bodies, close reasons and error messages. In:
every log record of the process. Out: the same record without those attributes, with the class of a provider's
exception, its status and where it was raised, but not its text. Promises that this happens before any handler sees
the record, those of the framework's worker and job processes included, and that a record that cannot be cleaned is
withheld, not let through.

What a program writes into its own message stays: nothing of Cornerman's logs words that were said.
"""

from __future__ import annotations

import functools
import logging
import re
import traceback
from collections.abc import Iterator
from typing import TypeGuard

PLUGINS = "livekit.plugins"
FRAMEWORK = "livekit"
PROVIDER_MODULES = (
    PLUGINS,
    "livekit.agents._exceptions",
    "openai",
    "httpx",
    "httpx2",
    "hubspot",
    "simple_salesforce",
    "requests",
    "urllib3",
    "redis",
    "mcp",
    "anyio",
)
"""Exceptions of these, or raised through these, may quote what a provider sent."""
PERSONAL = "pii"
WITHHELD = "(text withheld)"
MOST_LINKS = 10
"""An exception's causes that are told; a chain may be long, or closed to a ring."""

_RETRYING = re.compile(r"(failed to recognize speech: ).*(, retrying in [0-9.]+s)", re.DOTALL)
"""The framework writes a provider's exception into this message before anybody can see the exception itself."""
_OWN_ATTRIBUTES = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}


class PrivacyFilter(logging.Filter):
    """Cleans each record in place and lets it pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            self._clean(record)
        except Exception as error:  # a fault here must neither reach who logged nor let words through
            _withhold(record, error)
        return True

    def _clean(self, record: logging.LogRecord) -> None:
        by_plugin = _is_of(record.name, PLUGINS)
        for name, value in list(record.__dict__.items()):
            if PERSONAL in name.split("."):
                del record.__dict__[name]
            elif name not in _OWN_ATTRIBUTES and _is_quoting(value, by_plugin):
                record.__dict__[name] = _told(value)
        if _is_of(record.name, FRAMEWORK) and isinstance(record.msg, str):
            record.msg = _RETRYING.sub(rf"\g<1>{WITHHELD}\g<2>", record.msg)
        if _is_quoting(record.msg, by_plugin):
            record.msg = _told(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(_told(each) if _is_quoting(each, by_plugin) else each for each in record.args)
        if isinstance(record.exc_info, tuple) and _is_quoting(error := record.exc_info[1], by_plugin):
            _clean_message(record, error)
            record.exc_text = "\n".join(_trace(error))
            record.exc_info = None


def install() -> None:
    """Cleans every record of this process from now on; calling it again changes nothing.

    It sits where a logger hands a record to handlers, since a filter on a logger sees nothing of its children's
    records, one on a handler nothing of the handlers added later, and a record factory no attributes.
    """
    hand_over = logging.Logger.callHandlers
    if hasattr(hand_over, "privacy"):
        return
    privacy = PrivacyFilter()

    @functools.wraps(hand_over)
    def hand_over_cleaned(logger: logging.Logger, record: logging.LogRecord) -> None:
        privacy.filter(record)
        hand_over(logger, record)

    hand_over_cleaned.privacy = privacy  # type: ignore[attr-defined]
    logging.Logger.callHandlers = hand_over_cleaned  # type: ignore[assignment, method-assign]


def _is_of(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def _is_quoting(value: object, by_plugin: bool) -> TypeGuard[BaseException]:
    """Whether `value` is an exception that may quote a provider."""
    return isinstance(value, BaseException) and (by_plugin or any(map(_is_providers, _chain(value))))


def _is_providers(error: BaseException) -> bool:
    raised_in = (frame.f_globals.get("__name__", "") for frame, _ in traceback.walk_tb(error.__traceback__))
    defined_in = (each.__module__ for each in type(error).__mro__)
    return any(_is_of(str(name), module) for name in (*defined_in, *raised_in) for module in PROVIDER_MODULES)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception, those it groups, and what led to them."""
    waiting, seen = [error], set[int]()
    while waiting and len(seen) < MOST_LINKS:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += one.exceptions if isinstance(one, BaseExceptionGroup) else ()
        waiting += [each for each in (one.__cause__, one.__context__) if each is not None]


def _told(error: BaseException) -> str:
    """What may be told of an exception: its class, and its status where it has one."""
    status = getattr(error, "status_code", None)
    told = f" with status {status}" if isinstance(status, int) and status > 0 else ""
    return f"{type(error).__name__}{told} {WITHHELD}"


def _trace(error: BaseException) -> Iterator[str]:
    for one in _chain(error):
        where = "".join(traceback.format_tb(one.__traceback__)).rstrip()
        yield f"Traceback (most recent call last):\n{where}\n{_told(one)}" if where else _told(one)


def _clean_message(record: logging.LogRecord, error: BaseException) -> None:
    """asyncio's report of a task nobody awaited quotes the exception in its message too."""
    message = record.getMessage()
    for one in _chain(error):
        for text in filter(None, (repr(one), str(one))):
            message = message.replace(text, _told(one))
    record.msg, record.args = message, None


def _withhold(record: logging.LogRecord, error: Exception) -> None:
    kept = {name: value for name, value in record.__dict__.items() if name in _OWN_ATTRIBUTES}
    record.__dict__.clear()
    record.__dict__.update(kept)
    record.msg = f"a message was withheld: it could not be cleaned ({type(error).__name__})"
    record.args = record.exc_info = record.exc_text = record.stack_info = None
