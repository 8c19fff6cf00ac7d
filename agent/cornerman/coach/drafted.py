"""What a card is at a time: a draft that waits, or a nudge that was sent; and how two of them compare."""

from __future__ import annotations

from dataclasses import dataclass

from cornerman.coach.drafting import is_compliance
from cornerman.events import Advice, Cause, Draft, Nudge, Reading

Origin = tuple[str, int, str]
"""What brings the same nudge back: turn, definition and name. A draft that was not noticed in words has none."""


@dataclass(slots=True)
class Waiting:
    """A draft that waits for its chance. `advice`: better words for it; `settled`: no more of them will come."""

    draft: Draft
    origin: Origin | None
    reason: str = ""
    advice: Advice | None = None
    settled: bool = False


@dataclass(slots=True)
class Shown:
    """A nudge that was sent, and the draft it stands for. `acting`: an action of it that the rep confirmed."""

    nudge: Nudge
    draft: Draft
    origin: Origin | None
    sent_at: float
    reached: bool = False
    closed: bool = False
    acting: str = ""

    @property
    def is_live(self) -> bool:
        """Whether it was neither withdrawn nor closed by the rep."""
        return self.nudge.status != "withdrawn" and not self.closed

    def is_before_rep(self, now: float) -> bool:
        """Whether the rep still sees it."""
        return self.is_live and now < self.nudge.expires


def pressing(one: Waiting) -> tuple[bool, bool, bool, int]:
    """What must or must not be said goes first, then what is critical, what was asked for, and what matters most."""
    draft = one.draft
    return (not is_compliance(draft), not draft.critical, not draft.asked, -draft.priority)


def place_of(one: Waiting | Shown) -> tuple[str, str]:
    """The turn and kind that it may be the only card of. What must or must not be said takes no such place, and neither
    does what was not noticed in words.
    """
    alone = one.origin is not None and not is_compliance(one.draft)
    return (one.draft.moment.turn if alone else ""), one.draft.moment.kind


def stands(shown: Shown, card: str, now: float) -> bool:
    """Whether this card is before the rep now."""
    return shown.nudge.card == card and shown.is_before_rep(now)


def is_reading_of(cause: Cause, identity: str) -> bool:
    """Whether it tells how this person speaks."""
    return isinstance(cause, Reading) and cause.identity == identity


def reads(cause: Cause, gauge: str) -> bool:
    """Whether it is a reading of this gauge."""
    return isinstance(cause, Reading) and cause.gauge == gauge
