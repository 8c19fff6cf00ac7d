"""What waits for the rep: the latest revision of each nudge, most pressing first, and what may have to be sent again.

In: revisions as they are decided. Out: one revision at a time to each slot. Holds one entry for each nudge of the call.
"""

from __future__ import annotations

from cornerman.contract import wire
from cornerman.events import Cause, Evidence, Nudge, Reading, Seen


class Outbox:
    """Waiting revisions of one call."""

    def __init__(self) -> None:
        self._waiting: dict[str, Nudge] = {}
        self._latest: dict[str, Nudge] = {}
        self._in_flight: set[str] = set()
        self._attempted: set[str] = set()

    def put(self, nudge: Nudge) -> None:
        """The newest revision; an older one that still waits is replaced."""
        self._waiting[nudge.id] = nudge
        self._latest[nudge.id] = nudge

    def remember(self, nudge: Nudge) -> None:
        """A revision that an earlier coach sent: known, and maybe before the rep, but not waiting."""
        self._latest[nudge.id] = nudge
        self._attempted.add(nudge.id)

    def put_again(self, now: float) -> None:
        """The rep's client starts afresh: what is still live goes out again."""
        for nudge in self._latest.values():
            if nudge.status != "withdrawn" and now < nudge.expires:
                self._waiting.setdefault(nudge.id, nudge)

    def take(self, *, critical: bool) -> Nudge | None:
        """The most pressing revision for a slot; its id is in flight until `release`."""
        ready = [n for n in self._waiting.values() if n.critical == critical and n.id not in self._in_flight]
        if not ready:
            return None
        nudge = min(ready, key=lambda one: (one.status != "withdrawn", -one.priority))
        self._in_flight.add(nudge.id)
        return self._waiting.pop(nudge.id)

    def latest(self, nudge: Nudge) -> Nudge:
        """The revision to send in place of this one: a newer one that came meanwhile, or itself."""
        return self._waiting.pop(nudge.id, nudge)

    def release(self, nudge_id: str) -> None:
        """The slot is done with this id."""
        self._in_flight.discard(nudge_id)

    def attempted(self, nudge_id: str) -> bool:
        """True when some revision of this id may have reached the rep."""
        return nudge_id in self._attempted

    def mark_attempted(self, nudge_id: str) -> None:
        """A revision may have reached the rep."""
        self._attempted.add(nudge_id)


def wire_nudge(nudge: Nudge, now: float) -> str:
    """A nudge as the contract's message; `now` is when it is sent."""
    return wire.Nudge(
        id=nudge.id,
        rev=nudge.rev,
        status=nudge.status,
        kind=nudge.kind,
        headline=nudge.headline,
        detail=nudge.detail,
        priority=nudge.priority,
        ttl_ms=max(round((nudge.expires - now) * 1000), 0),
        because=tuple(_because(cause) for cause in nudge.because),
        sources=nudge.sources,
        final=nudge.final,
        action=nudge.action,
        timing=wire.Timing(spoken=nudge.spoken, heard=nudge.heard, decided=nudge.decided, sent=now),
    ).to_json()


def _because(cause: Cause) -> wire.Because:
    match cause:
        case Evidence():
            return wire.WordsBecause(
                speaker=cause.identity, role=cause.role, start=cause.start, end=cause.end, quote=cause.quote
            )
        case Reading():
            return wire.GaugeBecause(name=cause.gauge, value=cause.value, window=cause.window)
        case Seen():
            return wire.FrameBecause(at=cause.at, hash=cause.hash)
        case _:
            return wire.QuestionBecause(ask_id=cause.ask)
