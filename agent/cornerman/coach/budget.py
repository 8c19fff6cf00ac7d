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


class Bucket:
    """Holds `burst` tokens at most, and gains one in `interval` seconds. Full at first."""

    def __init__(self, settings: CoachSettings) -> None:
        self._interval = settings.interval
        self._burst = float(settings.burst)
        self._tokens = self._burst
        self._filled_at = 0.0

    def level(self, now: float) -> float:
        """Tokens there are."""
        return min(self._tokens + max(now - self._filled_at, 0.0) / self._interval, self._burst)

    def has_one(self, now: float) -> bool:
        """Whether a token can be taken."""
        return self.level(now) >= 1.0 - SLACK

    def gains_one(self, now: float) -> float:
        """When there will be one."""
        return now + (1.0 - self.level(now)) * self._interval

    def take(self, now: float) -> None:
        """Takes a token, or what is left of one."""
        self._set(max(self.level(now) - 1.0, 0.0), now)

    def give_back(self, now: float) -> None:
        """Gives a token back."""
        self._set(min(self.level(now) + 1.0, self._burst), now)

    def _set(self, tokens: float, now: float) -> None:
        self._tokens, self._filled_at = tokens, max(now, self._filled_at)


@dataclass(slots=True)
class Budget:
    """One call's budget, of what is shown and of what is thought about. Times in seconds since the call began."""

    settings: CoachSettings
    floor: Floor
    attention: wire.Attention = "live"
    _cards: Bucket = field(init=False)
    _thoughts: Bucket = field(init=False)
    _sent: dict[str, list[float]] = field(default_factory=dict)
    _dismissed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._cards = Bucket(self.settings)
        self._thoughts = Bucket(self.settings)

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
        if not self._cards.has_one(now):
            return Wait("budget", self._cards.gains_one(now))
        return None

    def has_room(self, at: float) -> bool:
        """Whether there will be a token at this time if none is spent until then."""
        return self._cards.has_one(at)

    def may_think(self, now: float) -> bool:
        """Whether a turn without a card may be thought about. A model is asked no more often than a rep may be
        interrupted, whatever comes of it.
        """
        return self._thoughts.has_one(now)

    def think(self, now: float) -> None:
        """A model is asked. A card's better words are asked for whatever was asked before."""
        self._thoughts.take(now)

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
        self._cards.take(now)
        self._sent.setdefault(card, []).append(now)

    def refund(self, draft: Draft, sent_at: float, now: float) -> None:
        """Gives back what a nudge cost that is known to have reached nobody."""
        times = self._sent.get(draft.card, [])
        if sent_at not in times:
            return
        times.remove(sent_at)
        if not draft.asked:
            self._cards.give_back(now)

    def dismiss(self, card: str) -> None:
        """The rep does not want this card any more in this call."""
        self._dismissed.add(card)
