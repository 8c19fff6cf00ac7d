"""What stands in where nothing is opened and no time passes by itself: a clock, and a provider that makes no engine."""

from __future__ import annotations

from typing import Any

from cornerman.providers.engine import Engine
from cornerman.providers.provider import Provider


class Clock:
    """A clock that stands until its `now` is moved, in seconds."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def standing_provider(name: str, **traits: Any) -> Provider:
    """A provider to choose and to judge; `traits` are those of `Provider`. Making an engine of it fails."""
    return Provider(name, _no_engine, lambda _: True, **traits)


def _no_engine(_language: str) -> Engine:
    raise AssertionError("nothing is opened here")
