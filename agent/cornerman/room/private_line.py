"""The private line: the one place in Cornerman that sends, and the one person it sends to.

In: nudges and state as they are decided. Out: RPC calls to the rep's identity, one nudge in flight (a critical one may
overtake in a slot of its own), one state in flight; what became of each is reported as a Delivery, with when it left
and how long its painting took. While a nudge waits,
only the latest revision of each id is kept. Bounded by the ids of one call; drops what expired.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from livekit import rtc

from cornerman import metrics
from cornerman.contract import wire
from cornerman.events import Delivery, DeliveryOutcome, Evidence, Nudge
from cornerman.room.clock import RESOLUTION
from cornerman.room.outbox import Outbox, wire_nudge
from cornerman_client.privacy import ACQUAINTANCE_SECONDS

logger = logging.getLogger(__name__)

MAX_RESPONSE_TIMEOUT = 4.0
ROUND_TRIP_LATENCY = 2.0
"""Seconds for the rep's acknowledgement that a call arrived; the library's default of 7 s would block the slot."""
RETRY_DELAYS = (0.5, 1.0, 2.0, 4.0)
STATE_INTERVAL = 1.0
HEARTBEAT = 15.0
UNSUPPORTED_METHOD = rtc.RpcError.ErrorCode.UNSUPPORTED_METHOD
RECIPIENT_NOT_FOUND = rtc.RpcError.ErrorCode.RECIPIENT_NOT_FOUND
RECIPIENT_DISCONNECTED = rtc.RpcError.ErrorCode.RECIPIENT_DISCONNECTED
CONNECTION_TIMEOUT = rtc.RpcError.ErrorCode.CONNECTION_TIMEOUT


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one call to the rep ended; `sent` and `painted` as in Delivery."""

    outcome: DeliveryOutcome
    code: int = 0
    sent: float | None = None
    painted: float | None = None


class _Readiness:
    """Whether the rep's client can be called, and news of that for whoever waits."""

    def __init__(self) -> None:
        self.no_client = False
        self.takes_states = True
        self.not_before = 0.0
        self._failures = 0
        self._news = asyncio.Event()

    def fails(self) -> None:
        """The client has no method registered: wait longer each time."""
        self.no_client = True
        self._failures += 1

    def recovers(self) -> None:
        """The rep came or said hello."""
        self.takes_states = True
        self.answers()
        self.tell()

    def answers(self) -> None:
        """The client answered a nudge, so it has the method by now, whether or not it ever says hello."""
        self.no_client = False
        self._failures = 0

    def tell(self) -> None:
        """Wakes everybody who waits for news."""
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def wait(self, seconds: float | None) -> None:
        """Waits for news, at most so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return

    def pause(self) -> float:
        """Seconds to wait before the client is tried again."""
        return RETRY_DELAYS[min(max(self._failures, 1), len(RETRY_DELAYS)) - 1]


class PrivateLine:
    """Speaks to `rep` through `participant`. `rep_sid` tells the rep's present sid, None while the rep is away."""

    def __init__(
        self,
        participant: rtc.LocalParticipant,
        rep: str,
        *,
        rep_sid: Callable[[], str | None],
        now: Callable[[], float],
        delivered: Callable[[Delivery], None],
        state: Callable[[], wire.State],
    ) -> None:
        self._participant = participant
        self._rep = rep
        self._rep_sid = rep_sid
        self._now = now
        self._delivered = delivered
        self._state = state
        self._outbox = Outbox()
        self._seen: set[str] = set()
        self._ready = _Readiness()
        self._state_dirty = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Starts the slots."""
        self._tasks = [
            asyncio.create_task(self._nudges(critical=False), name="private_line.nudges"),
            asyncio.create_task(self._nudges(critical=True), name="private_line.critical"),
            asyncio.create_task(self._states(), name="private_line.state"),
        ]

    def nudge(self, nudge: Nudge) -> None:
        """Hands over the newest revision of a nudge."""
        self._outbox.put(nudge)
        self._ready.tell()

    def remember(self, nudge: Nudge) -> None:
        """A card an earlier coach of this call sent: it goes out again when the rep says hello."""
        self._outbox.remember(nudge)

    def state_changed(self) -> None:
        """The state differs from what the rep was told last."""
        self._state_dirty.set()

    def rep_is_ready(self) -> None:
        """The rep's client said hello: unexpired cards go out again at their latest revision."""
        self._ready.not_before = 0.0
        self._outbox.put_again(self._now())
        self._ready.recovers()
        self.state_changed()

    def rep_came(self) -> None:
        """The rep (re)joined: held cards may go, whether or not the client says hello, once it must have been told of
        us.
        """
        self._ready.not_before = self._now() + ACQUAINTANCE_SECONDS
        self._ready.recovers()
        self.state_changed()

    async def aclose(self, last_words: float = 1.0) -> None:
        """Sends what still waits (withdrawals, the last state) for at most `last_words` seconds, then stops."""
        try:
            async with asyncio.timeout(last_words):
                if self._may_call() and self._ready.takes_states:
                    await self._call(wire.STATE, self._state().to_json(), last_words)
        except TimeoutError:
            pass
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    async def _nudges(self, *, critical: bool) -> None:
        while True:
            nudge = self._outbox.take(critical=critical)
            if nudge is None:
                await self._ready.wait(None)
                continue
            try:
                await self._deliver(nudge)
            except Exception as error:  # one card that cannot be sent must not silence those after it
                logger.error("a nudge could not be sent", extra={"error": type(error).__name__, "nudge": nudge.id})
                self._delivered(Delivery(nudge.id, nudge.rev, "unknown"))
            finally:
                self._outbox.release(nudge.id)

    async def _deliver(self, nudge: Nudge) -> None:
        """Keeps at one revision until it is answered, replaced, expired, or its fate is unknown."""
        tried = paused = False
        while True:
            nudge = self._outbox.latest(nudge)
            if not self._worth_sending(nudge):
                self._delivered(Delivery(nudge.id, nudge.rev, "unknown" if tried else "expired"))
                return
            sid = self._rep_sid()
            if sid is None:
                await self._ready.wait(self._time_left(nudge))
                continue
            if self._acquaintance() > 0:
                await self._ready.wait(min(self._acquaintance(), self._time_left(nudge)))
                continue
            if self._ready.no_client and not paused:
                paused = True
                await self._ready.wait(min(self._ready.pause(), self._time_left(nudge)))
                continue
            paused = False
            attempt = await self._send(nudge)
            if attempt.outcome == "no_client":
                self._ready.fails()
            elif attempt.outcome == "absent":
                tried = tried or attempt.code == RECIPIENT_DISCONNECTED
                await self._ready.wait(min(RETRY_DELAYS[0], self._time_left(nudge)))
            elif attempt.code == CONNECTION_TIMEOUT and not tried:
                tried = True  # nothing came back at all: once more, the client drops what it has by id and revision
            else:
                if attempt.code == 0:
                    self._ready.answers()
                if self._rep_sid() != sid:
                    attempt = replace(attempt, outcome="unknown", painted=None)
                self._answered(nudge, attempt)
                return

    async def _send(self, nudge: Nudge) -> Attempt:
        timeout = min(max(self._time_left(nudge), 1.0), MAX_RESPONSE_TIMEOUT)
        sent = self._now()
        attempt = replace(await self._call(wire.NUDGE, wire_nudge(nudge, sent), timeout), sent=sent)
        if attempt.painted is not None:  # a client may say anything; it cannot have taken longer than we waited
            attempt = replace(attempt, painted=round(min(attempt.painted, self._now() - sent), RESOLUTION))
        if attempt.outcome != "no_client" and attempt.code != RECIPIENT_NOT_FOUND:
            self._outbox.mark_attempted(nudge.id)
        return attempt

    def _answered(self, nudge: Nudge, attempt: Attempt) -> None:
        """Reports what became of a revision, and how long it took until the rep could read it."""
        delivery = Delivery(nudge.id, nudge.rev, attempt.outcome, attempt.code, attempt.sent, attempt.painted)
        self._delivered(delivery)
        if delivery.painted is not None:
            metrics.nudge_painted(delivery.painted)
        seen = delivery.seen(self._now())
        if seen is not None and nudge.status != "withdrawn" and nudge.id not in self._seen:
            self._seen.add(nudge.id)
            if isinstance(nudge.because[0], Evidence):
                metrics.spoken_to_seen(seen - nudge.spoken)

    async def _call(self, method: str, payload: str, timeout: float) -> Attempt:
        """One RPC to the rep, under a deadline, its end told in our words."""
        if len(payload.encode()) > wire.MAX_PAYLOAD_BYTES:
            logger.error("message over the payload limit, not sent", extra={"method": method})
            return Attempt("dropped", rtc.RpcError.ErrorCode.REQUEST_PAYLOAD_TOO_LARGE)
        try:
            async with asyncio.timeout(timeout + ROUND_TRIP_LATENCY + 1.0):
                answer = await self._participant.perform_rpc(
                    destination_identity=self._rep,
                    method=method,
                    payload=payload,
                    response_timeout=timeout,
                    max_round_trip_latency=ROUND_TRIP_LATENCY,
                )
        except TimeoutError:
            return Attempt("unknown", CONNECTION_TIMEOUT)
        except rtc.RpcError as error:
            return _attempt_of(error)
        if method != wire.NUDGE:
            return Attempt("shown")
        try:
            ack = wire.parse_ack(answer)
        except ValueError:
            logger.warning("the rep's client answered a nudge with something unknown", extra={"method": method})
            return Attempt("unknown")
        painted = ack.painted_ms / 1000 if ack.painted_ms is not None and ack.status == "shown" else None
        return Attempt(ack.status, painted=painted)

    async def _states(self) -> None:
        """Tells the rep the state when it changed, at most once a second, at least every heartbeat. A client without
        the method is asked again by heartbeats only.
        """
        while True:
            heartbeat = False
            try:
                async with asyncio.timeout(HEARTBEAT):
                    await self._state_dirty.wait()
            except TimeoutError:
                heartbeat = True
            self._state_dirty.clear()
            if self._acquaintance() > 0:
                await self._ready.wait(self._acquaintance())
            if self._may_call() and (self._ready.takes_states or heartbeat):
                attempt = await self._call(wire.STATE, self._state().to_json(), MAX_RESPONSE_TIMEOUT)
                self._ready.takes_states = attempt.outcome != "no_client"
                if attempt.outcome not in ("shown", "no_client"):
                    logger.info("state not delivered", extra={"code": attempt.code})
            await asyncio.sleep(STATE_INTERVAL)

    def _may_call(self) -> bool:
        return self._rep_sid() is not None and not self._ready.no_client and self._acquaintance() <= 0

    def _acquaintance(self) -> float:
        """Seconds until the rep's client has surely been told of the coach, so that its answers reach the coach
        alone.
        """
        return self._ready.not_before - self._now()

    def _time_left(self, nudge: Nudge) -> float:
        return max(nudge.expires - self._now(), 0.05)

    def _worth_sending(self, nudge: Nudge) -> bool:
        """Withdrawals go to whoever may have seen the card; live cards until they expire."""
        if nudge.status == "withdrawn":
            return self._outbox.attempted(nudge.id)
        return self._now() < nudge.expires


def _attempt_of(error: rtc.RpcError) -> Attempt:
    """An RPC error in our words. A failed call may still have been shown: unknown unless certain."""
    outcomes: dict[int, DeliveryOutcome] = {
        UNSUPPORTED_METHOD: "no_client",
        RECIPIENT_NOT_FOUND: "absent",
        RECIPIENT_DISCONNECTED: "absent",
    }
    code = int(error.code)
    return Attempt(outcomes.get(code, "unknown"), code)
