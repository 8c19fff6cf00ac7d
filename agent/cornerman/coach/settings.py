"""What an operator or a job may set about the coach's mind."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CoachSettings:
    """Times in seconds.

    `interval` and `burst` are the token bucket's: one nudge in `interval`, `burst` in a row after a quiet spell. A
    published peer allows one nudge in 120 s; 20 s with per-card cool-downs is what a three-minute recorded call needs
    and still leaves nine minutes in ten silent.

    `fade_after`: so often a rep does without a card what it says before the card stays away for the call. Once may be
    chance; twice in one call is a habit.

    `quiet_after` and `offer_every`: what the playbook has ready is offered unasked when nobody has spoken for
    `quiet_after`, and nothing was shown for `offer_every`. Between turns people pause for a fraction of a second;
    quality forms of call centres ask why where nobody explains 15 s of silence (Genesys). 20 s leave a dead-air card
    of the playbook its turn. 120 s is a peer's published interval between any two nudges, here between an unasked
    offer and whatever came before it.

    `by_meaning`: sentences are compared by what they mean as well; whoever drives the coach answers its requests.

    `advised`: there is a reasoning lane that answers requests for advice. `early`: advice is asked for as soon as a
    turn seems to be over, and thrown away if it was not.
    """

    interval: float = 20.0
    burst: int = 2
    segment: int = 1
    fade_after: int = 2
    quiet_after: float = 20.0
    offer_every: float = 120.0
    by_meaning: bool = False
    advised: bool = False
    early: bool = True

    def __post_init__(self) -> None:
        if self.interval <= 0 or self.burst < 1 or self.segment < 1:
            raise ValueError("interval must be above 0 s, burst and segment at least 1")
        if self.fade_after < 1 or self.quiet_after <= 0 or self.offer_every <= 0:
            raise ValueError("fade_after must be at least 1, quiet_after and offer_every above 0 s")
