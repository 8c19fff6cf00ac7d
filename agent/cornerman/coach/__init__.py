"""The mind: what was said, what of it matters, and what may be said to the rep.

Synchronous and deterministic. Nothing here reads a clock, sleeps, does I/O, logs, or knows LiveKit: time is a
parameter, events go in, decisions come out, and the same events give the same decisions in any process.
"""

from cornerman.coach.coach import Coach
from cornerman.coach.settings import CoachSettings

__all__ = ["Coach", "CoachSettings"]
