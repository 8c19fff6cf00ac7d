"""What an operator is told of one call: counts, times and traces, made of the call's events as they pass.

In: every input of the coach and what it decided, when the call began and ended. Out: metrics and spans. Nothing here
changes a call, waits, or keeps a word; what it remembers is bounded.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Final

from livekit import rtc
from livekit.agents import telemetry
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

from cornerman import metrics, tracing
from cornerman.config import Settings
from cornerman.events import (
    AdviceRequest,
    Decision,
    Delivery,
    Event,
    Evidence,
    Held,
    Nudge,
    Partial,
    Turn,
)
from cornerman.metrics.lateness import LoopLateness
from cornerman.record.journal import Journal

Follow = Callable[[Event, float, Sequence[Decision]], None]

MOST_TURNS: Final = 64
MOST_NUDGES: Final = 64
"""Of the last so many, something may still come."""
FLUSH_SECONDS: Final = 2.0
ANSWERED: Final = frozenset({"shown", "hidden", "dropped"})


def silence_framework() -> None:
    """Has LiveKit Agents trace nothing, whoever set up tracing in this process: its spans hold prompts, answers and the
    payloads of RPC calls. A provider that samples nothing is kept where one that does nothing would be replaced.
    """
    telemetry.gen_ai.set_capture_content(False)
    telemetry.set_tracer_provider(TracerProvider(sampler=ALWAYS_OFF, shutdown_on_exit=False), allow_pii=False)


class Observer:
    """Watches one call. `now` gives seconds since the call began."""

    def __init__(self, *, job: str, room: str, segment: int, now: Callable[[], float]) -> None:
        self._job = job
        self._room = room
        self._segment = segment
        self._zero = time.time() - now()
        self._now = now
        self._lateness = LoopLateness("call")
        self._call: tracing.Span | None = None
        self._turns: OrderedDict[str, tracing.Span] = OrderedDict()
        self._open: set[str] = set()
        self._nudges: OrderedDict[tuple[str, int], Nudge] = OrderedDict()
        self._delivered: deque[str] = deque(maxlen=MOST_NUDGES)

    @classmethod
    def of(cls, room: rtc.Room, journal: Journal, settings: Settings, now: Callable[[], float]) -> Observer:
        """The observer of the call that this journal records."""
        job = room.local_participant.identity.removeprefix(settings.worker.identity_prefix)
        return cls(job=job, room=journal.folder.name.rpartition("-")[2], segment=journal.segment, now=now)

    def start(self) -> None:
        """The call begins."""
        metrics.call_began()
        self._lateness.start()
        at = self._epoch(self._now())
        self._call = tracing.begin("call", at=at, job=self._job, room=self._room, segment=self._segment)

    def follow(self, event: Event, now: float, made: Sequence[Decision], then: Follow) -> None:
        """Takes in one input of the coach and what it decided. What `then` begins because of it belongs to the turn
        that caused it, else to the call.
        """
        self._count(event, now, made)
        with self._about(event, made):
            then(event, now, made)

    def _count(self, event: Event, now: float, made: Sequence[Decision]) -> None:
        match event:
            case Partial() | Turn() if event.words:
                self._heard(event)
            case Delivery():
                self._answered(event, now)
        if isinstance(event, Turn):
            self._turn_over(event, now)
        for decision in made:
            match decision:
                case Nudge():
                    self._nudges[decision.id, decision.rev] = decision
                    while len(self._nudges) > MOST_NUDGES:
                        self._nudges.popitem(last=False)
                case Held():
                    metrics.nudge_held(decision.reason)

    def _about(self, event: Event, made: Sequence[Decision]) -> AbstractContextManager[None]:
        asked = next((one for one in made if isinstance(one, AdviceRequest)), None)
        turn = event.turn if isinstance(event, Partial | Turn) else ""
        if asked is not None and isinstance(asked.cause, Evidence):
            turn = asked.cause.turn
        return tracing.below(self._turns.get(turn, self._call))

    async def aclose(self, *, strangers: int, refused: int) -> None:
        """The call is over; `strangers` called its methods, `refused` attempts to send were stopped."""
        if self._call is None:
            return
        self._lateness.stop()
        metrics.strangers_refused(strangers)
        metrics.sending_refused(refused)
        metrics.call_over("ended")
        at = self._epoch(self._now())
        for turn in self._open:
            tracing.end(self._turns[turn], at=at)
        self._open.clear()
        tracing.end(self._call, at=at)
        self._call = None
        with suppress(TimeoutError):
            async with asyncio.timeout(2 * FLUSH_SECONDS):
                await asyncio.to_thread(tracing.flush, FLUSH_SECONDS)

    def _heard(self, event: Partial | Turn) -> None:
        if event.turn in self._turns:
            return
        began = self._epoch(event.words[0].start)
        self._turns[event.turn] = tracing.begin("turn", parent=self._call, at=began, turn=event.turn, role=event.role)
        self._open.add(event.turn)
        while len(self._turns) > MOST_TURNS:
            oldest, span = self._turns.popitem(last=False)
            if oldest in self._open:
                self._open.discard(oldest)
                tracing.end(span)

    def _turn_over(self, event: Turn, now: float) -> None:
        if event.turn in self._open:
            self._open.discard(event.turn)
            tracing.end(self._turns[event.turn], at=self._epoch(now), speech_seconds=round(event.end - event.start, 3))

    def _answered(self, event: Delivery, now: float) -> None:
        nudge = self._nudges.pop((event.nudge, event.rev), None)
        if nudge is None:
            return
        stages = _stages(nudge, event, now)
        if nudge.status != "withdrawn" and event.sent is not None and nudge.id not in self._delivered:
            self._delivered.append(nudge.id)
            for stage, seconds in stages.items():
                metrics.nudge_stage(stage, seconds)
        cause = nudge.because[0]
        parent = self._turns.get(cause.turn) if isinstance(cause, Evidence) else None
        span = tracing.begin(
            "nudge",
            parent=parent or self._call,
            at=self._epoch(nudge.decided),
            nudge=nudge.id,
            rev=nudge.rev,
            kind=nudge.kind,
            status=nudge.status,
        )
        at = self._epoch(now)
        tracing.tell(span, **{stage: round(seconds, 4) for stage, seconds in stages.items()})
        tracing.end(span, at=at, outcome=event.outcome, code=event.code, painted=event.painted)

    def _epoch(self, at: float) -> float:
        return self._zero + at


def _stages(nudge: Nudge, delivery: Delivery, now: float) -> dict[metrics.Stage, float]:
    """How long each stage of a revision took, of those it went through."""
    stages: dict[metrics.Stage, float] = {}
    if nudge.rev == 0:
        if isinstance(nudge.because[0], Evidence):
            stages["spoken_to_heard"] = nudge.heard - nudge.spoken
        stages["heard_to_decided"] = nudge.decided - nudge.heard
    if delivery.sent is not None:
        stages["decided_to_sent"] = delivery.sent - nudge.decided
        if delivery.outcome in ANSWERED:
            stages["sent_to_acked"] = now - delivery.sent
    return stages
