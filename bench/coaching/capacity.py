"""How many calls a machine carries, reckoned from what a worker was measured to take.

In: what a worker takes while it waits, and with so many calls. Out: what each further call takes, and how many fit. It
is a reckoning along a straight line: the server, and whatever else runs on the machine, come on top, and a machine is
not planned to be busier than `BUSIEST`.
"""

from __future__ import annotations

from dataclasses import dataclass

from bench.coaching.costs import Cost

BUSIEST = 0.9
"""Share of a machine's cores that calls may take."""
GIGABYTE = 2**30


@dataclass(frozen=True, slots=True)
class PerCall:
    """What each call takes on top of a worker that waits: `idle`."""

    idle: Cost
    cores: float
    bytes: float

    def carried(self, cores: float, gigabytes: float) -> int:
        """Calls that so many cores and so much memory carry, whichever runs out first."""
        by_cores = (cores * BUSIEST - self.idle.cores) / self.cores
        by_memory = (gigabytes * GIGABYTE - self.idle.bytes) / self.bytes
        return max(int(min(by_cores, by_memory)), 0)


def per_call(idle: Cost, busy: Cost, calls: int) -> PerCall:
    """What one of so many calls takes. Nothing is taken off by hand: a worker that waits was read before its calls."""
    cores = max(busy.cores - idle.cores, 1e-6) / calls
    return PerCall(idle, cores, max(busy.bytes - idle.bytes, 1) / calls)
