"""The watchdog: where workers report to, and when a coach counts as dead."""

from __future__ import annotations

from pydantic import Field, field_validator

from cornerman.config.section import Section


class WatchSettings(Section):
    """The heartbeats of workers, and what a watchdog makes of them. Times in seconds."""

    watchdogs: tuple[str, ...] = ()
    """Where a worker reports to: one address for each watchdog, such as `http://watch-1:8089`."""
    beat_every: float = Field(1.0, ge=0.1, le=60)
    dead_after: float = Field(4.0, ge=0.5, le=600)
    """Silence after which a worker is taken for dead; at least three heartbeats."""
    grace: float = Field(15.0, ge=1, le=600)
    """After a watchdog's start nothing is done for so long; and a coach nobody reports counts as gone after it."""
    sweep_every: float = Field(15.0, ge=1, le=3600)
    """How often all rooms are looked at, for coaches no worker reports."""
    arrives_within: float = Field(8.0, ge=1, le=120)
    """What a new coach gets to arrive before another is asked for; doubled with each try."""
    longest_wait: float = Field(60.0, ge=1, le=3600)
    at_once: int = Field(10, ge=1)
    """Coaches asked for at the same time; other rooms wait for their turn."""
    host: str = "127.0.0.1"
    port: int = Field(8089, ge=0, le=65535)

    @field_validator("watchdogs")
    @classmethod
    def _are_addresses(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for one in given:
            if not one.startswith(("http://", "https://")):
                raise ValueError("each must begin with http:// or https://")
        return tuple(one.rstrip("/") for one in given)
