"""When the rep may be interrupted: the token bucket, cool-downs, caps and attention that decide about every draft.

In: drafts and the time. Out: go, wait, or a reason for good. Silence is the default; whatever is refused has a reason
that the journal keeps.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cornerman.coach.floor import Floor
from cornerman.coach.settings import CoachSettings
from cornerman.contract import wire
from cornerman.events import Draft

SLACK = 1e-9
"""Floating-point room when a bucket is refilled by a wake stamped exactly at the refill."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now: why, and the time after which it is worth another look (None: an event will tell)."""

    reason: str
    until: float | None


@dataclass(slots=True)
class Budget:
    """One call's budget. Times in seconds since the call began."""

    settings: CoachSettings
    floor: Floor
    attention: wire.Attention = "live"
    _tokens: float = field(init=False)
    _filled_at: float = 0.0
    _sent: dict[str, list[float]] = field(default_factory=dict)
    _dismissed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._tokens = float(self.settings.burst)

    @property
    def last_sent(self) -> float | None:
        """When the rep was last sent a card that may have reached them; None: never."""
        return max((times[-1] for times in self._sent.values() if times), default=None)

    def refusal(self, draft: Draft, now: float) -> str | None:
        """Why this draft will not be said whatever happens next, or None.

        An answer is refused by `off` alone. Whoever asks wants to be told, even in a quiet hour and even twice; but
        `off` is the one wish that promises an empty screen, to somebody who may be sharing theirs.
        """
        if self.attention == "off":
            return "attention_off"
        if draft.asked:
            return None
        if self.attention == "quiet" and not draft.critical:
            return "attention_quiet"
        if draft.card in self._dismissed:
            return "dismissed_before"
        earlier = self._sent.get(draft.card, [])
        if len(earlier) >= draft.per_call:
            return "per_call_cap"
        if earlier and now < earlier[-1] + draft.cooldown - SLACK:
            return "cool_down"
        return None

    def obstacle(self, draft: Draft, now: float) -> Wait | None:
        """Why this draft has to wait, or None when it may go at once. Critical drafts and answers wait for nothing but
        the rep's presence.
        """
        if not self.floor.rep_present:
            return Wait("rep_absent", None)
        if draft.critical or draft.asked:
            return None
        if self.floor.rep_speaking and not (draft.at_turn_end and self.floor.rep_turn_ended):
            return Wait("rep_speaking", None)
        if draft.at_turn_end and self.floor.mid_turn:
            return Wait("mid_turn", None)
        if self._level(now) < 1.0 - SLACK:
            return Wait("budget", now + (1.0 - self._level(now)) * self.settings.interval)
        return None

    def spend(self, draft: Draft, now: float) -> None:
        """Takes a token (a critical draft may overdraw down to zero) and starts the card's cool-down. An answer
        interrupts nobody and takes none.
        """
        if draft.asked:
            self._sent.setdefault(draft.card, []).append(now)
        else:
            self.spend_card(draft.card, now)

    def spend_card(self, card: str, now: float) -> None:
        """As `spend`, for a card known by id only (an earlier segment's)."""
        self._tokens, self._filled_at = max(self._level(now) - 1.0, 0.0), max(now, self._filled_at)
        self._sent.setdefault(card, []).append(now)

    def refund(self, draft: Draft, sent_at: float, now: float) -> None:
        """Gives back what a nudge cost that is known to have reached nobody."""
        times = self._sent.get(draft.card, [])
        if sent_at not in times:
            return
        times.remove(sent_at)
        if not draft.asked:
            self._tokens = min(self._level(now) + 1.0, float(self.settings.burst))
            self._filled_at = max(now, self._filled_at)

    def dismiss(self, card: str) -> None:
        """The rep does not want this card any more in this call."""
        self._dismissed.add(card)

    def _level(self, now: float) -> float:
        gained = max(now - self._filled_at, 0.0) / self.settings.interval
        return min(self._tokens + gained, float(self.settings.burst))
