"""What a watchdog counts, as Prometheus metrics in a registry of its own.

In: calls of the methods. Out: the text of the metrics page. Labels are words of this module, never names of rooms.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

Outcome = Literal["asked for", "did not come", "refused"]

_RECOVERY = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0)
_GAUGES = {
    "workers": "Workers that are alive.",
    "silent_workers": "Workers that fell silent.",
    "coached_calls": "Calls that living workers coach.",
    "free_places": "Calls that living workers could take more.",
    "rooms_without_coach": "Rooms that are being looked at, for want of a coach or of news.",
}


class Counts:
    """The counts of one watchdog."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._gauges = {
            name: Gauge(f"cornerman_watch_{name}", means, registry=self._registry) for name, means in _GAUGES.items()
        }
        self._beats = Counter(
            "cornerman_watch_heartbeats", "Heartbeats that came in.", ["outcome"], registry=self._registry
        )
        self._takeovers = Counter(
            "cornerman_watch_takeovers",
            "Coaches asked for in a dead one's place.",
            ["outcome"],
            registry=self._registry,
        )
        self._recovery = Histogram(
            "cornerman_watch_recovery_seconds",
            "From a dead worker's last heartbeat to the new coach's first.",
            registry=self._registry,
            buckets=_RECOVERY,
        )

    def beat(self, taken: bool) -> None:
        """A heartbeat came in, and was new or was not."""
        self._beats.labels("taken" if taken else "repeated").inc()

    def refused_beat(self) -> None:
        """A heartbeat came in that was not signed, or cannot be read."""
        self._beats.labels("refused").inc()

    def took_over(self, outcome: Outcome) -> None:
        """A coach was asked for, or did not come."""
        self._takeovers.labels(outcome.replace(" ", "_")).inc()

    def recovered(self, seconds: float) -> None:
        """A call has a coach again."""
        self._recovery.observe(seconds)

    def now(self, facts: Mapping[str, int]) -> None:
        """How things are now."""
        for name, value in facts.items():
            self._gauges[name].set(value)

    def page(self) -> bytes:
        """The text of the metrics page."""
        return generate_latest(self._registry)
