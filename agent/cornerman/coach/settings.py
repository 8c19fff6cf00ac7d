"""What an operator or a job may set about the coach's mind."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CoachSettings:
    """Times in seconds.

    `interval` and `burst` are the token bucket's: one nudge in `interval`, `burst` in a row after a quiet spell. A
    published peer allows one nudge in 120 s; 20 s with per-card cool-downs is what a three-minute recorded call needs
    and still leaves nine minutes in ten silent.
    """

    interval: float = 20.0
    burst: int = 2
    segment: int = 1

    def __post_init__(self) -> None:
        if self.interval <= 0 or self.burst < 1 or self.segment < 1:
            raise ValueError("interval must be above 0 s, burst and segment at least 1")
